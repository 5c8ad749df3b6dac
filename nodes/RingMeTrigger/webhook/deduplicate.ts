import { createHash } from 'crypto';

import type { Fields } from '../events/events';

/** How long an event is remembered. */
const DEDUPE_WINDOW_MS = 600_000;
/** Limits of memory: events per node, and nodes per process. The oldest are evicted first. */
const MAX_EVENTS = 20_000;
const MAX_NODES = 1_000;

/** By node: fingerprints of events with their time of arrival, oldest first. */
const nodes = new Map<string, Map<string, number>>();

/**
 * Whether the same event of the same call leg with the same time arrived before; remembers it if not.
 *
 * Within one process this is certain, however many requests arrive at once: nothing here waits.
 * Another webhook process, or this one after a restart, does not know of it. Static data would not
 * help: n8n does not save changes that a webhook makes while it starts a workflow (seen in 2.41.1), and
 * where it saves static data, it overwrites all of it, including concurrent changes.
 *
 * Events without a time (messages, agents) cannot be distinguished from a second event of the same
 * kind and are never duplicates.
 *
 * @param node identity of the trigger node
 * @param now time of arrival in milliseconds
 */
export function isDuplicate(
	node: string,
	event: string,
	fields: Fields,
	now = Date.now(),
): boolean {
	const fingerprint = fingerprintOf(event, fields);
	if (!fingerprint) return false;
	const arrivals = nodes.get(node) ?? new Map<string, number>();
	// The node with the latest event comes last.
	nodes.delete(node);
	nodes.set(node, arrivals);
	evictOldest(nodes, MAX_NODES);
	for (const [known, time] of arrivals) {
		if (now - time < DEDUPE_WINDOW_MS) break;
		arrivals.delete(known);
	}
	if (arrivals.has(fingerprint)) return true;
	arrivals.set(fingerprint, now);
	evictOldest(arrivals, MAX_EVENTS);
	return false;
}

function fingerprintOf(event: string, { SubCallID, CallID, EventTime }: Fields) {
	const leg = SubCallID || CallID;
	if (!leg || !EventTime) return undefined;
	const identity = JSON.stringify([event, leg, EventTime]);
	return createHash('sha256').update(identity).digest('base64url').slice(0, 22);
}

function evictOldest(map: Map<string, unknown>, maxSize: number) {
	for (const key of map.keys()) {
		if (map.size <= maxSize) break;
		map.delete(key);
	}
}
