import { createHash } from 'crypto';

/**
 * What the node keeps between two polls, in n8n's static data (JSON). It is replaced as a whole, and
 * only after everything was read.
 */
export interface PollState {
	/** What is watched. The state of something else is void. */
	source: string;
	/** Start of the next window, in milliseconds of the PBX's clock. It never moves back. */
	from: number;
	/** When the last window was read, in milliseconds of the PBX's clock. */
	readAt: number;
	/** Records of the window that are done with: their keys with their times in seconds. */
	known: Record<string, number>;
	/** Keys of records that the last poll listed and left. */
	left?: string[];
	/** Failed downloads of records that are not done with. */
	failures?: Record<string, number>;
}

/** A record as the state sees it. */
export interface Entry {
	/** See `entryKey`. */
	key: string;
	/** Milliseconds. */
	time: number;
}

/** The result of a poll. */
export interface PollResult {
	/** Everything that the PBX listed in the window. */
	listed: Entry[];
	/** Keys of listed records that are left to the next poll. */
	left: ReadonlySet<string>;
	/** When it was read, in milliseconds of the PBX's clock. */
	readAt: number;
	lookBackMs: number;
}

/** About 300 KB of static data. */
export const MAX_KNOWN = 10_000;

/** Short, because many are stored. IDs differ in case between the parts of the API. */
export const entryKey = (id: string) =>
	createHash('sha256').update(id.toLowerCase()).digest('base64url').slice(0, 12);

export const isNew = ({ known }: PollState, { key }: Entry) => !Object.hasOwn(known, key);

/** A state before the first poll. What its window contains is old. */
export const initialState = (source: string, now: number, lookBackMs: number): PollState => ({
	source,
	from: now - lookBackMs,
	readAt: now - lookBackMs,
	known: {},
});

/**
 * The state after a poll.
 *
 * The next window begins `lookBackMs` before the poll *before* this one. So a record that appears late
 * by up to `lookBackMs` is found, and every moment is read in two polls at least: a record that is
 * missing in one response, because another was deleted between two pages, is in the next. A record is
 * remembered as long as a window can contain it.
 *
 * If records are left, the window stays where it is, and they are found again: also if one of them is
 * missing in the next response.
 */
export function advance(state: PollState, result: PollResult): PollState {
	const { listed, left, readAt, lookBackMs } = result;
	const listedKeys = new Set(listed.map(({ key }) => key));
	const isComplete = left.size === 0 && (state.left ?? []).every((key) => listedKeys.has(key));
	const from = isComplete ? Math.max(state.from, state.readAt - lookBackMs) : state.from;
	const done = listed.filter(({ key }) => !left.has(key));
	const isListed = new Set(done.map(({ key }) => key));
	const known = Object.entries(state.known).filter(
		([key, seconds]) => isListed.has(key) || seconds * 1000 >= from,
	);
	const added = done
		.filter((entry) => isNew(state, entry))
		.map(({ key, time }): [string, number] => [key, Math.floor(time / 1000)]);
	return {
		source: state.source,
		readAt: isComplete ? readAt : state.readAt,
		...(left.size > 0 && { left: [...left] }),
		...limitKnown([...known, ...added], from),
	};
}

/** Forgets the oldest records beyond the limit; the window then begins after them. */
function limitKnown(known: Array<[string, number]>, from: number) {
	if (known.length <= MAX_KNOWN) return { from, known: Object.fromEntries(known) };
	const newestFirst = [...known].sort(([, a], [, b]) => b - a);
	const start = newestFirst[MAX_KNOWN][1] + 1;
	return {
		from: Math.max(from, start * 1000),
		known: Object.fromEntries(newestFirst.filter(([, seconds]) => seconds >= start)),
	};
}
