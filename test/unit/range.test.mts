/** Periods longer than the PBX takes in one request. */
import fc from 'fast-check';

import {
	fetchByPeriod,
	mergeStatistics,
	overlappingPeriods,
	splitPeriod,
	type Period,
} from '../../nodes/RingMe/execution/dateRange';
import { ConcurrencyLimiter } from '../../nodes/shared/transport/concurrencyLimiter';
import { paginate } from '../../nodes/RingMe/execution/pagination';
import { list, remove, get } from '../../nodes/shared/schema/operation';

const DAY = 86_400_000;
const EPOCH = Date.UTC(2015, 0, 1);
const ms = (stamp: string) => Date.parse(`${stamp.replace(' ', 'T')}Z`);
const stamp = (time: number) => new Date(time).toISOString().slice(0, 19).replace('T', ' ');
const period = (start: string, end: string): Period => ({
	start_datetime: start,
	end_datetime: end,
});

/** Start and length of any period of up to eight years, to the second. */
const periods = fc
	.tuple(
		fc.integer({ min: 0, max: (20 * 365 * DAY) / 1000 }),
		fc.oneof(
			fc.integer({ min: 0, max: (8 * 365 * DAY) / 1000 }),
			fc.integer({ min: 0, max: (70 * DAY) / 1000 }),
		),
	)
	.map(([from, length]) =>
		period(stamp(EPOCH + from * 1000), stamp(EPOCH + (from + length) * 1000)),
	);

/** The PBX's rule, said another way than in the code: counted in months. */
function isAllowed({ start_datetime, end_datetime }: Period) {
	const month = (text: string) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
	return end_datetime >= start_datetime && month(end_datetime) - month(start_datetime) <= 1;
}

describe('split', () => {
	it.each([
		['a moment', '2026-03-10 12:00:00', '2026-03-10 12:00:00', 1],
		['two full months', '2026-03-01 00:00:00', '2026-04-30 23:59:59', 1],
		['a second more', '2026-03-01 00:00:00', '2026-05-01 00:00:00', 2],
		['over New Year', '2025-12-31 23:59:59', '2026-01-31 23:59:59', 1],
		['out of a leap February', '2024-01-31 00:00:00', '2024-02-29 23:59:59', 1],
		['out of a short February', '2026-01-31 00:00:00', '2026-03-01 00:00:00', 2],
		['a year', '2026-01-01 00:00:00', '2026-12-31 23:59:59', 11],
	])('%s: %s to %s in %i', (_, start, end, parts) => {
		expect(splitPeriod(period(start, end))).toHaveLength(parts);
	});

	it('gives the parts of a long period', () => {
		expect(splitPeriod(period('2026-01-15 08:00:00', '2026-04-02 10:00:00'))).toEqual([
			period('2026-01-15 08:00:00', '2026-02-28 23:59:59'),
			period('2026-02-28 23:59:58', '2026-03-31 23:59:59'),
			period('2026-03-31 23:59:58', '2026-04-02 10:00:00'),
		]);
	});

	it('keeps each part within the rule, from the start to the end, each into the next', () => {
		fc.assert(
			fc.property(periods, (whole) => {
				const parts = splitPeriod(whole);
				expect(parts.every(isAllowed)).toBe(true);
				expect(parts[0].start_datetime).toBe(whole.start_datetime);
				expect(parts[parts.length - 1].end_datetime).toBe(whole.end_datetime);
				for (const { start_datetime, end_datetime } of overlappingPeriods(parts)) {
					expect(ms(end_datetime) - ms(start_datetime)).toBe(1000);
				}
				if (isAllowed(whole)) expect(parts).toEqual([whole]);
			}),
		);
	});

	it('refuses an end before the start, and what takes too many requests', () => {
		expect(() => splitPeriod(period('2026-03-02 00:00:00', '2026-03-01 23:59:59'))).toThrow(
			'The period ends (2026-03-01 23:59:59 UTC) before it starts (2026-03-02 00:00:00 UTC)',
		);
		expect(() => splitPeriod(period('1970-01-01 00:00:00', '2026-01-01 00:00:00'))).toThrow(
			'longer than 10 years',
		);
	});
});

interface Call {
	id: number;
	time: number;
	size: number;
}

/** A PBX with these calls, whose ends count or do not, and which refuses what is not allowed. */
function pbx(calls: Call[], endsCount: boolean) {
	const asked: Period[] = [];
	const within = (query: Period) => {
		if (!isAllowed(query)) throw new Error('The PBX refuses this period');
		asked.push(query);
		const [start, end] = [ms(query.start_datetime), ms(query.end_datetime)];
		return calls.filter(({ time }) => time >= start && (endsCount ? time <= end : time < end));
	};
	return { asked, within };
}

/** Calls with fractions of a second, many of them around the ends of months. */
const history = fc
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
const span = fc
	.tuple(fc.integer({ min: -5, max: 950 }), fc.integer({ min: 0, max: 950 }))
	.map(([from, days]) => {
		const start = Date.UTC(2024, 0, 1) + from * DAY;
		return period(stamp(start), stamp(start + days * DAY));
	});

describe('overPeriod', () => {
	const all = list('/record/', '', { paged: true });
	const one = get('/record/stats/', '');
	const purge = remove('/record/', '');

	it('lists every call of the period once, in the order asked for, up to the limit', async () => {
		await fc.assert(
			fc.asyncProperty(
				history,
				span,
				fc.boolean(),
				fc.constantFrom('asc', 'desc'),
				fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(Infinity)),
				fc.integer({ min: 1, max: 7 }),
				async (calls, whole, endsCount, order, most, largestPage) => {
					const { within } = pbx(calls, endsCount);
					const limiter = new ConcurrencyLimiter(5);
					const sign = order === 'asc' ? 1 : -1;
					const sorted = (list: Call[]) => list.sort((a, b) => sign * (a.time - b.time));
					const answer = await fetchByPeriod(
						all,
						{ ...whole, order },
						most,
						async (query, wanted, known) =>
							await paginate(
								async ({ page, per_page }) => {
									const size = Math.min(per_page, largestPage);
									const rows = sorted(within(query as Period));
									return rows.slice((page - 1) * size, page * size).map((row) => ({ ...row }));
								},
								{ limit: wanted, knownKeys: known, limiter },
							),
					);
					const start = ms(whole.start_datetime);
					const end = ms(whole.end_datetime);
					const expected = sorted(
						calls.filter(({ time }) => time >= start && (endsCount ? time <= end : time < end)),
					).slice(0, most);
					expect(answer).toEqual(expected);
				},
			),
		);
	});

	it('stops asking when the limit is reached', async () => {
		const newest = { id: 1, time: Date.UTC(2026, 10, 5), size: 1 };
		const { asked, within } = pbx([newest], true);
		const answer = await fetchByPeriod(
			all,
			period('2026-01-01 00:00:00', '2026-12-31 00:00:00'),
			1,
			async (query) => within(query as Period).map((row) => ({ ...row })),
		);
		expect(answer).toEqual([newest]);
		expect(asked.map(({ end_datetime }) => end_datetime)).toEqual([
			'2026-12-31 00:00:00',
			'2026-11-30 23:59:59',
		]);
	});

	it('adds statistics up, and counts nothing twice', async () => {
		await fc.assert(
			fc.asyncProperty(history, span, fc.boolean(), async (calls, whole, endsCount) => {
				const { within } = pbx(calls, endsCount);
				const numbers = (rows: Call[]) => ({
					records_count: rows.length,
					files_size: rows.reduce((sum, { size }) => sum + size, 0),
				});
				const answer = await fetchByPeriod(one, whole, 1, async (query) => [
					numbers(within(query as Period)),
				]);
				const start = ms(whole.start_datetime);
				const end = ms(whole.end_datetime);
				expect(answer).toEqual([
					numbers(
						calls.filter(({ time }) => time >= start && (endsCount ? time <= end : time < end)),
					),
				]);
			}),
		);
	});

	it('deletes part after part, and a failure says how far it came', async () => {
		const requested: Period[] = [];
		const deletion = fetchByPeriod(
			purge,
			period('2026-01-01 00:00:00', '2026-06-01 00:00:00'),
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
			purge,
			period('2026-01-01 00:00:00', '2026-06-01 00:00:00'),
			1,
			async () => await Promise.reject(new Error('The PBX is gone')),
		);
		await expect(deletion).rejects.toThrow('The PBX is gone');
	});

	it('deletes all parts of a period and returns one record', async () => {
		const done = await fetchByPeriod(
			purge,
			period('2026-01-01 00:00:00', '2026-06-01 00:00:00'),
			1,
			async () => [{ deleted: true }],
		);
		expect(done).toEqual([{ deleted: true }]);
	});

	it('asks once, with nothing changed, where a date is missing', async () => {
		const asked: unknown[] = [];
		await fetchByPeriod(purge, { start_datetime: '2020-01-01 00:00:00' }, 1, async (query) => {
			asked.push(query);
			return [{ deleted: true }];
		});
		expect(asked).toEqual([{}]);
	});
});

describe('total', () => {
	it('adds numbers and keeps the rest of the first', () => {
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
