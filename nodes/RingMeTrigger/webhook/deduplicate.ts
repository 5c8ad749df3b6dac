import { createHash } from 'crypto';

import type { Fields } from '../events';

/** How long a delivery is remembered. */
const TEN_MINUTES = 600_000;
/** Of a node, and nodes in this process: what is more than that is forgotten, the oldest first. */
const MOST_DELIVERIES = 20_000;
const MOST_NODES = 1_000;

/** By node: fingerprints of deliveries with the time of arrival, oldest first. */
const nodes = new Map<string, Map<string, number>>();

/**
 * Whether the same event of the same leg with the same time came before; remembers it if not.
 *
 * Within one process this is certain, however many deliveries arrive at once: nothing here waits.
 * Another webhook process, or this one after a restart, knows nothing of it. Static data would be no
 * help: n8n does not save what changes in it while a webhook starts a workflow (seen in 2.41.1), and
 * where it saves, it writes back all of it, over what has changed meanwhile.
 *
 * Events without a time (messages, agents) cannot be told from a second one of the same kind and are
 * never repeats.
 *
 * @param node identity of the trigger node
 * @param now milliseconds
 */
export function isRepeat(node: string, event: string, fields: Fields, now = Date.now()): boolean {
	const print = fingerprint(event, fields);
	if (!print) return false;
	const times = nodes.get(node) ?? new Map<string, number>();
	// The node last heard of comes last.
	nodes.delete(node);
	nodes.set(node, times);
	dropFirst(nodes, MOST_NODES);
	for (const [known, time] of times) {
		if (now - time < TEN_MINUTES) break;
		times.delete(known);
	}
	if (times.has(print)) return true;
	times.set(print, now);
	dropFirst(times, MOST_DELIVERIES);
	return false;
}

function fingerprint(event: string, { SubCallID, CallID, EventTime }: Fields) {
	const leg = SubCallID || CallID;
	if (!leg || !EventTime) return undefined;
	const identity = JSON.stringify([event, leg, EventTime]);
	return createHash('sha256').update(identity).digest('base64url').slice(0, 22);
}

function dropFirst(map: Map<string, unknown>, most: number) {
	for (const key of map.keys()) {
		if (map.size <= most) break;
		map.delete(key);
	}
}
