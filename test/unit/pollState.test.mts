/** What the polling trigger remembers: every record is reported once, whatever happens in between. */
import fc from 'fast-check';

import { earliestTime } from '../../nodes/RingMePollingTrigger/polling/readRecords';
import {
	advance,
	entryKey,
	initialState,
	isNew,
	MAX_KNOWN,
	type Entry,
	type PollState,
} from '../../nodes/RingMePollingTrigger/polling/pollState';
import { parseUtc } from '../../nodes/shared/time/utc';

const MINUTE_MS = 60_000;
const LOOK_BACK_MS = 6 * 60 * MINUTE_MS;
const START = Date.UTC(2026, 0, 31, 20);

/** A record: when its call begins, after how long it is listed, when it is deleted. */
interface Call extends Entry {
	listedAt: number;
	deletedAt: number;
}

type Step =
	/** Everything is read. `skipped` is the index of a record that is missing in this response. */
	| { kind: 'poll'; minutes: number; skipped: number; left: number }
	| { kind: 'failure'; minutes: number }
	/** n8n ends and starts again: the state is that of the last poll with records. */
	| { kind: 'restart'; minutes: number };

const minutes = fc.oneof(
	{ weight: 5, arbitrary: fc.constant(5) },
	{ weight: 1, arbitrary: fc.integer({ min: 1, max: 3 * 24 * 60 }) },
);
const steps = fc.array(
	fc.oneof(
		{
			weight: 6,
			arbitrary: fc.record({
				kind: fc.constant('poll' as const),
				minutes,
				skipped: fc.integer({ min: -3, max: 40 }),
				left: fc.integer({ min: -5, max: 3 }),
			}),
		},
		{ weight: 2, arbitrary: fc.record({ kind: fc.constant('failure' as const), minutes }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), minutes }) },
	),
	{ minLength: 5, maxLength: 60 },
);
const calls = fc
	.array(
		fc.record({
			/** Milliseconds from the first poll; negative: a call before it. */
			time: fc.integer({ min: -12 * 60 * MINUTE_MS, max: 5 * 24 * 60 * MINUTE_MS }),
			/** Up to exactly as late as it may be. */
			delay: fc.oneof(fc.integer({ min: 0, max: LOOK_BACK_MS }), fc.constant(LOOK_BACK_MS)),
			life: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 1e9 })),
		}),
		{ maxLength: 60 },
	)
	.map((list) =>
		list.map(({ time, delay, life }, index): Call => {
			const start = START + Math.floor(time / 1000) * 1000;
			return {
				key: entryKey(`record ${index}`),
				time: start,
				listedAt: start + delay,
				deletedAt: start + delay + life,
			};
		}),
	);

/** Follows what the trigger does over a sequence of polls. Returns how often each record was reported. */
function simulate(all: Call[], sequence: Step[]) {
	let now = START;
	const reports = new Map<string, number>();
	const listing = (from: number) =>
		all.filter(
			(call) => call.listedAt <= now && call.deletedAt > now && call.time >= floorToSecond(from),
		);
	let state = initialState('calls', now, LOOK_BACK_MS);
	const old = new Set(listing(state.from).map(({ key }) => key));
	state = advance(state, {
		listed: listing(state.from),
		left: new Set(),
		readAt: now,
		lookBackMs: LOOK_BACK_MS,
	});
	let saved = JSON.stringify(state);
	let lastSkipped: string | undefined;
	const poll = (skipped: number, leftCount: number) => {
		let listed = listing(state.from);
		// The same record is not missing in two responses that follow each other.
		const missing = listed[skipped]?.key;
		if (missing !== lastSkipped) listed = listed.filter(({ key }) => key !== missing);
		lastSkipped = missing === lastSkipped ? undefined : missing;
		const found = listed.filter((call) => isNew(state, call)).sort((a, b) => a.time - b.time);
		const left = new Set(found.slice(found.length - Math.max(0, leftCount)).map(({ key }) => key));
		if (leftCount <= 0) left.clear();
		const reported = found.filter(({ key }) => !left.has(key));
		state = advance(state, { listed, left, readAt: now, lookBackMs: LOOK_BACK_MS });
		for (const { key } of reported) reports.set(key, (reports.get(key) ?? 0) + 1);
		if (reported.length) saved = JSON.stringify(state);
	};
	for (const step of sequence) {
		now += step.minutes * MINUTE_MS;
		if (step.kind === 'poll') poll(step.skipped, step.left);
		if (step.kind === 'restart') {
			state = JSON.parse(saved) as PollState;
			lastSkipped = undefined;
			poll(-1, 0);
			saved = JSON.stringify(state);
		}
	}
	return { reports, old, poll, state: () => state, now: () => now };
}

const floorToSecond = (ms: number) => Math.floor(ms / 1000) * 1000;

it('reports every record once, for any delays, failures, restarts and incomplete responses', () => {
	fc.assert(
		fc.property(calls, steps, (all, sequence) => {
			const { reports, old, poll, now } = simulate(all, sequence);
			// Two more complete polls find what is left.
			poll(-1, 0);
			poll(-1, 0);
			for (const { key, time, listedAt, deletedAt } of all) {
				const isOfThisTime = listedAt <= now() && time >= START - LOOK_BACK_MS;
				if (old.has(key) || !isOfThisTime) expect(reports.get(key) ?? 0).toBeLessThanOrEqual(1);
				else if (deletedAt > now()) expect([key, reports.get(key)]).toEqual([key, 1]);
				if (old.has(key)) expect(reports.has(key)).toBe(false);
			}
			expect(Math.max(0, ...reports.values())).toBeLessThanOrEqual(1);
		}),
		{ numRuns: 2_000 },
	);
});

it('remembers records no longer than a window can contain them', () => {
	let state = initialState('calls', START, LOOK_BACK_MS);
	for (let n = 0; n < 500; n++) {
		const now = START + n * 5 * MINUTE_MS;
		const first = Math.max(0, n - 200);
		const listed = Array.from({ length: n - first }, (_, index) => ({
			key: entryKey(`record ${first + index}`),
			time: START + (first + index) * 5 * MINUTE_MS,
		})).filter(({ time }) => time >= state.from);
		state = advance(state, { listed, left: new Set(), readAt: now, lookBackMs: LOOK_BACK_MS });
	}
	const inWindow = LOOK_BACK_MS / (5 * MINUTE_MS);
	expect(Object.keys(state.known).length).toBeLessThanOrEqual(inWindow + 3);
});

it('remembers at most 10,000 records, and then looks back less far instead of repeating any', () => {
	const state = initialState('calls', START, LOOK_BACK_MS);
	const listed = Array.from({ length: MAX_KNOWN + 500 }, (_, index) => ({
		key: entryKey(`record ${index}`),
		time: START - LOOK_BACK_MS + index * 1000,
	}));
	const next = advance(state, {
		listed,
		left: new Set(),
		readAt: START,
		lookBackMs: LOOK_BACK_MS,
	});
	expect(Object.keys(next.known).length).toBeLessThanOrEqual(MAX_KNOWN);
	const inNextWindow = listed.filter(({ time }) => time >= next.from);
	expect(inNextWindow.length).toBeGreaterThan(MAX_KNOWN - 10);
	expect(inNextWindow.filter((entry) => isNew(next, entry))).toEqual([]);
	expect(JSON.stringify(next).length).toBeLessThan(400_000);
});

it('keeps the window where it is while records are left', () => {
	const state = initialState('calls', START, LOOK_BACK_MS);
	const [done, left] = ['a', 'b'].map((id) => ({ key: entryKey(id), time: START }));
	const next = advance(state, {
		listed: [done, left],
		left: new Set([left.key]),
		readAt: START + 24 * 60 * MINUTE_MS,
		lookBackMs: LOOK_BACK_MS,
	});
	expect(next).toMatchObject({ from: state.from, readAt: state.readAt });
	expect([isNew(next, done), isNew(next, left)]).toEqual([false, true]);
});

it('treats IDs in upper and lower case as the same', () => {
	expect(entryKey('85219-AB')).toBe(entryKey('85219-ab'));
	expect(entryKey('85219-AB')).not.toBe(entryKey('85219-AC'));
});

it.each([
	['Tue, 10 Mar 2026 09:00:00 GMT', Date.UTC(2026, 2, 10, 10), Date.UTC(2026, 2, 10, 9)],
	['Tue, 10 Mar 2036 09:00:00 GMT', Date.UTC(2026, 2, 10, 10), Date.UTC(2026, 2, 10, 10)],
	['not a date', 1000, 1000],
	[undefined, 1000, 1000],
])('takes the earlier one of the header Date %s and the time of n8n', (header, now, expected) => {
	expect(earliestTime(header, now)).toBe(expected);
});

it.each([
	['2026-03-10 09:00:00', Date.UTC(2026, 2, 10, 9)],
	['2026-03-10 09:00:00.250', Date.UTC(2026, 2, 10, 9) + 250],
	['2026-03-10 09:00:00,5', Date.UTC(2026, 2, 10, 9) + 500],
	['2026-03-10T09:00:00Z', Date.UTC(2026, 2, 10, 9)],
	['', undefined],
	[null, undefined],
	['yesterday', undefined],
])('reads the time %s', (text, expected) => {
	expect(parseUtc(text)).toBe(expected);
});
