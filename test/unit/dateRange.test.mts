/** Periods longer than the PBX accepts in one request. */
import fc from 'fast-check';

import {
	fetchByPeriod,
	mergeStatistics,
	overlappingPeriods,
	splitPeriod,
	type Period,
} from '../../nodes/shared/lists/dateRange';
import { paginate } from '../../nodes/shared/lists/pagination';
import { get, list, remove } from '../../nodes/shared/schema/operation';
import { ConcurrencyLimiter } from '../../nodes/shared/transport/concurrencyLimiter';

const DAY = 86_400_000;
const EPOCH = Date.UTC(2015, 0, 1);
const parseUtc = (time: string) => Date.parse(`${time.replace(' ', 'T')}Z`);
const formatUtc = (time: number) => new Date(time).toISOString().slice(0, 19).replace('T', ' ');
const periodOf = (start: string, end: string): Period => ({
	start_datetime: start,
	end_datetime: end,
});

/** Any period of up to eight years, to the second. */
const arbitraryPeriod = fc
	.tuple(
		fc.integer({ min: 0, max: (20 * 365 * DAY) / 1000 }),
		fc.oneof(
			fc.integer({ min: 0, max: (8 * 365 * DAY) / 1000 }),
			fc.integer({ min: 0, max: (70 * DAY) / 1000 }),
		),
	)
	.map(([from, length]) =>
		periodOf(formatUtc(EPOCH + from * 1000), formatUtc(EPOCH + (from + length) * 1000)),
	);

/** The rule of the PBX, formulated differently from the code under test: counted in months. */
function isAccepted({ start_datetime, end_datetime }: Period) {
	const month = (text: string) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
	return end_datetime >= start_datetime && month(end_datetime) - month(start_datetime) <= 1;
}

describe('splitPeriod', () => {
	it.each([
		['a moment', '2026-03-10 12:00:00', '2026-03-10 12:00:00', 1],
		['two full months', '2026-03-01 00:00:00', '2026-04-30 23:59:59', 1],
		['two full months and a second', '2026-03-01 00:00:00', '2026-05-01 00:00:00', 2],
		['a month over New Year', '2025-12-31 23:59:59', '2026-01-31 23:59:59', 1],
		[
			'the end of January to the end of a leap February',
			'2024-01-31 00:00:00',
			'2024-02-29 23:59:59',
			1,
		],
		['the end of January to the start of March', '2026-01-31 00:00:00', '2026-03-01 00:00:00', 2],
		['a year', '2026-01-01 00:00:00', '2026-12-31 23:59:59', 11],
	])('splits %s, %s to %s, into %i', (_, start, end, parts) => {
		expect(splitPeriod(periodOf(start, end))).toHaveLength(parts);
	});

	it('returns the parts of a long period, oldest first', () => {
		expect(splitPeriod(periodOf('2026-01-15 08:00:00', '2026-04-02 10:00:00'))).toEqual([
			periodOf('2026-01-15 08:00:00', '2026-02-28 23:59:59'),
			periodOf('2026-02-28 23:59:58', '2026-03-31 23:59:59'),
			periodOf('2026-03-31 23:59:58', '2026-04-02 10:00:00'),
		]);
	});

	it('returns accepted parts from the start to the end that overlap by one second', () => {
		fc.assert(
			fc.property(arbitraryPeriod, (whole) => {
				const parts = splitPeriod(whole);
				expect(parts.every(isAccepted)).toBe(true);
				expect(parts[0].start_datetime).toBe(whole.start_datetime);
				expect(parts[parts.length - 1].end_datetime).toBe(whole.end_datetime);
				for (const { start_datetime, end_datetime } of overlappingPeriods(parts)) {
					expect(parseUtc(end_datetime) - parseUtc(start_datetime)).toBe(1000);
				}
				if (isAccepted(whole)) expect(parts).toEqual([whole]);
			}),
		);
	});

	it('throws for a period that ends before it starts, or is too long', () => {
		expect(() => splitPeriod(periodOf('2026-03-02 00:00:00', '2026-03-01 23:59:59'))).toThrow(
			'The date range ends (2026-03-01 23:59:59 UTC) before it starts (2026-03-02 00:00:00 UTC)',
		);
		expect(() => splitPeriod(periodOf('1970-01-01 00:00:00', '2026-01-01 00:00:00'))).toThrow(
			'longer than 10 years',
		);
	});
});

interface Call {
	id: number;
	time: number;
	size: number;
}

/**
 * A PBX with these calls. It rejects periods that are too long.
 *
 * @param isEndIncluded whether a call at the end of a period belongs to it
 */
function createPbx(calls: Call[], isEndIncluded: boolean) {
	const requested: Period[] = [];
	const callsIn = (query: Period) => {
		if (!isAccepted(query)) throw new Error('The PBX rejects this period');
		requested.push(query);
		const [start, end] = [parseUtc(query.start_datetime), parseUtc(query.end_datetime)];
		return calls.filter(({ time }) => time >= start && (isEndIncluded ? time <= end : time < end));
	};
	return { requested, callsIn };
}

/** Calls with fractions of a second, many of them around the ends of months. */
const arbitraryCalls = fc
	.array(
		fc.tuple(
			fc.integer({ min: 0, max: 30 }),
			fc.oneof(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: 0, max: 27 * DAY })),
			fc.integer({ min: 0, max: 1000 }),
		),
		{ maxLength: 60 },
	)
	.map((all) =>
		all.map(
			([month, offset, size], id): Call => ({
				id,
				size,
				time: Date.UTC(2024, month, 1) + offset,
			}),
		),
	);
const arbitraryRange = fc
	.tuple(fc.integer({ min: -5, max: 950 }), fc.integer({ min: 0, max: 950 }))
	.map(([from, days]) => {
		const start = Date.UTC(2024, 0, 1) + from * DAY;
		return periodOf(formatUtc(start), formatUtc(start + days * DAY));
	});

describe('fetchByPeriod', () => {
	const listOperation = list('/record/', '', { paged: true });
	const statisticsOperation = get('/record/stats/', '');
	const deleteOperation = remove('/record/', '');

	it('returns every call of the period once, in the requested order, up to the limit', async () => {
		await fc.assert(
			fc.asyncProperty(
				arbitraryCalls,
				arbitraryRange,
				fc.boolean(),
				fc.constantFrom('asc', 'desc'),
				fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(Infinity)),
				fc.integer({ min: 1, max: 7 }),
				async (calls, whole, isEndIncluded, order, limit, largestPage) => {
					const { callsIn } = createPbx(calls, isEndIncluded);
					const limiter = new ConcurrencyLimiter(5);
					const sign = order === 'asc' ? 1 : -1;
					const sorted = (list: Call[]) => list.sort((a, b) => sign * (a.time - b.time));
					const records = await fetchByPeriod(
						listOperation,
						{ ...whole, order },
						limit,
						async (query, partLimit, knownKeys) =>
							await paginate(
								async ({ page, per_page }) => {
									const size = Math.min(per_page, largestPage);
									const rows = sorted(callsIn(query as Period));
									return rows.slice((page - 1) * size, page * size).map((row) => ({ ...row }));
								},
								{ limit: partLimit, knownKeys, limiter },
							),
					);
					const start = parseUtc(whole.start_datetime);
					const end = parseUtc(whole.end_datetime);
					const expected = sorted(
						calls.filter(({ time }) => time >= start && (isEndIncluded ? time <= end : time < end)),
					).slice(0, limit);
					expect(records).toEqual(expected);
				},
			),
		);
	});

	it('sends no further requests when the limit is reached', async () => {
		const newest = { id: 1, time: Date.UTC(2026, 10, 5), size: 1 };
		const { requested, callsIn } = createPbx([newest], true);
		const records = await fetchByPeriod(
			listOperation,
			periodOf('2026-01-01 00:00:00', '2026-12-31 00:00:00'),
			1,
			async (query) => callsIn(query as Period).map((row) => ({ ...row })),
		);
		expect(records).toEqual([newest]);
		expect(requested.map(({ end_datetime }) => end_datetime)).toEqual([
			'2026-12-31 00:00:00',
			'2026-11-30 23:59:59',
		]);
	});

	it('adds up statistics, and counts nothing twice', async () => {
		await fc.assert(
			fc.asyncProperty(
				arbitraryCalls,
				arbitraryRange,
				fc.boolean(),
				async (calls, whole, isEndIncluded) => {
					const { callsIn } = createPbx(calls, isEndIncluded);
					const numbers = (rows: Call[]) => ({
						records_count: rows.length,
						files_size: rows.reduce((sum, { size }) => sum + size, 0),
					});
					const records = await fetchByPeriod(statisticsOperation, whole, 1, async (query) => [
						numbers(callsIn(query as Period)),
					]);
					const start = parseUtc(whole.start_datetime);
					const end = parseUtc(whole.end_datetime);
					expect(records).toEqual([
						numbers(
							calls.filter(
								({ time }) => time >= start && (isEndIncluded ? time <= end : time < end),
							),
						),
					]);
				},
			),
		);
	});

	it('reports what is deleted when a later part of a deletion fails', async () => {
		const requested: Period[] = [];
		const deletion = fetchByPeriod(
			deleteOperation,
			periodOf('2026-01-01 00:00:00', '2026-06-01 00:00:00'),
			1,
			async (query) => {
				requested.push(query as Period);
				if (requested.length === 3) throw new Error('The PBX is gone');
				return [{ deleted: true }];
			},
		);
		await expect(deletion).rejects.toMatchObject({
			progress: 'Everything up to 2026-03-31 23:59:59 UTC is already deleted.',
			cause: { message: 'The PBX is gone' },
		});
	});

	it('reports no progress when the first part fails', async () => {
		const deletion = fetchByPeriod(
			deleteOperation,
			periodOf('2026-01-01 00:00:00', '2026-06-01 00:00:00'),
			1,
			async () => await Promise.reject(new Error('The PBX is gone')),
		);
		await expect(deletion).rejects.toThrow('The PBX is gone');
	});

	it('deletes all parts of a period and returns one record', async () => {
		const records = await fetchByPeriod(
			deleteOperation,
			periodOf('2026-01-01 00:00:00', '2026-06-01 00:00:00'),
			1,
			async () => [{ deleted: true }],
		);
		expect(records).toEqual([{ deleted: true }]);
	});

	it('sends one request without a period of its own if a date is missing', async () => {
		const requested: unknown[] = [];
		await fetchByPeriod(
			deleteOperation,
			{ start_datetime: '2020-01-01 00:00:00' },
			1,
			async (query) => {
				requested.push(query);
				return [{ deleted: true }];
			},
		);
		expect(requested).toEqual([{}]);
	});
});

describe('mergeStatistics', () => {
	it('adds numbers, subtracts the overlaps, and keeps other values of the first part', () => {
		expect(
			mergeStatistics(
				[
					{ n: 3, unit: 'B' },
					{ n: 4, unit: 'B' },
				],
				[{ n: 1, unit: 'B' }],
			),
		).toEqual({ n: 6, unit: 'B' });
		expect(mergeStatistics([], [])).toEqual({});
	});
});

it('adds up statistics whose parts have other fields, nothing, or numbers as text', () => {
	const parts = [
		{ record_count: 3, record_size: null },
		{ record_count: '4', record_size: 10, note: 'b' },
	];
	expect(mergeStatistics(parts, [{ record_count: 1 }])).toEqual({
		record_count: 6,
		record_size: 10,
		note: 'b',
	});
});
