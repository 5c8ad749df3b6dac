import { createHash } from 'crypto';

import type { Fields } from '../../shared/webhook/fields';
import { evictOldest, RecentKeys } from '../../shared/webhook/recentKeys';

/** How long an event is remembered. */
const EVENT_WINDOW_MS = 600_000;
/** The signature of a task's report is its own for each task, so it can be remembered for longer. */
const REPORT_WINDOW_MS = 24 * 3_600_000;
/** Limits memory: nodes per process. The oldest are evicted first. */
const MAX_NODES = 1_000;

interface Memory {
	windowMs: number;
	/** Fingerprints by node. */
	byNode: Map<string, RecentKeys>;
}

const createMemory = (windowMs: number): Memory => ({ windowMs, byNode: new Map() });

const events = createMemory(EVENT_WINDOW_MS);
const reports = createMemory(REPORT_WINDOW_MS);

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
	return !isFirst(events, node, fingerprint, now);
}

/**
 * Whether a report of a task started the workflow before; remembers it if not. For the same reasons, only
 * one process knows of it.
 *
 * @param report what identifies it
 */
export const isDuplicateReport = (node: string, report: string) =>
	!isFirst(reports, node, report, Date.now());

/** The same without remembering it. */
export const wasReported = (node: string, report: string) =>
	reports.byNode.get(node)?.has(report) ?? false;

function isFirst(memory: Memory, node: string, fingerprint: string, now: number): boolean {
	const keys = memory.byNode.get(node) ?? new RecentKeys(memory.windowMs);
	// The node with the latest event comes last.
	memory.byNode.delete(node);
	memory.byNode.set(node, keys);
	evictOldest(memory.byNode, MAX_NODES);
	return keys.isFirst(fingerprint, now);
}

function fingerprintOf(event: string, { SubCallID, CallID, EventTime }: Fields) {
	const leg = SubCallID || CallID;
	if (!leg || !EventTime) return undefined;
	const identity = JSON.stringify([event, leg, EventTime]);
	return createHash('sha256').update(identity).digest('base64url').slice(0, 22);
}
