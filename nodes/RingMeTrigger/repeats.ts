import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';

import type { Fields } from './events';

/** How long a delivery is remembered. */
const TEN_MINUTES = 600_000;
/** Bounds: nodes of this process, deliveries of a node here, deliveries of a node in static data. */
const MOST_NODES = 1_000;
const MOST_HERE = 20_000;
const MOST_SAVED = 200;
/** n8n writes static data as a whole with each change, so it is changed once a second at the most. */
const SAVE_EVERY = 1_000;

/** Deliveries by their fingerprint, with the time of arrival, oldest first. */
type Times = Map<string, number>;

interface Known {
	times: Times;
	savedAt: number;
}

const nodes = new Map<string, Known>();

/**
 * Whether the same event of the same leg with the same time came before; remembers it if not.
 *
 * Within one process this is certain, however many deliveries arrive at once: nothing here waits. A
 * second webhook process, or this one after a restart, knows what static data told it: deliveries up
 * to a second before the last save, up to the newest 200. The same delivery to two processes at the
 * same moment may start two workflows.
 *
 * Events without a time (messages, agents) cannot be told from a second one of the same kind and are
 * never repeats.
 *
 * @param node identity of the trigger node
 * @param saved its static data
 * @param now milliseconds
 */
export function isRepeat(
	node: string,
	saved: IDataObject,
	event: string,
	fields: Fields,
	now = Date.now(),
): boolean {
	const print = fingerprint(event, fields);
	if (!print) return false;
	const known = knownOf(node);
	forget(known.times, now);
	const elsewhere = (saved.seen ?? {}) as Record<string, number>;
	if (known.times.has(print) || now - (elsewhere[print] ?? -Infinity) < TEN_MINUTES) return true;
	known.times.set(print, now);
	if (now - known.savedAt >= SAVE_EVERY) {
		known.savedAt = now;
		saved.seen = newest([...Object.entries(elsewhere), ...known.times], now);
	}
	return false;
}

function fingerprint(event: string, { SubCallID, CallID, EventTime }: Fields) {
	const leg = SubCallID || CallID;
	if (!leg || !EventTime) return undefined;
	const identity = JSON.stringify([event, leg, EventTime]);
	return createHash('sha256').update(identity).digest('base64url').slice(0, 22);
}

function knownOf(node: string): Known {
	const known = nodes.get(node) ?? { times: new Map(), savedAt: -Infinity };
	nodes.delete(node);
	nodes.set(node, known);
	dropOldest(nodes, MOST_NODES);
	return known;
}

function forget(times: Times, now: number) {
	for (const [print, time] of times) {
		if (now - time < TEN_MINUTES) break;
		times.delete(print);
	}
	// One more is about to come.
	dropOldest(times, MOST_HERE - 1);
}

function dropOldest(map: Map<string, unknown>, most: number) {
	for (const key of map.keys()) {
		if (map.size <= most) break;
		map.delete(key);
	}
}

const newest = (times: Array<[string, number]>, now: number) =>
	Object.fromEntries(
		times
			.filter(([, time]) => now - time < TEN_MINUTES)
			.sort(([, one], [, other]) => one - other)
			.slice(-MOST_SAVED),
	);
