import type { Interval, IntervalCondition } from '../../sandbox/state/types.mts';
import { isOpen } from '../../sandbox/telephony/intervals.mts';

const isOpenAt = (at: string, condition: IntervalCondition, timezone = 'UTC') =>
	isOpen({ timezone, conditions: [condition] } as Interval, Date.parse(`${at}Z`));

describe('the hours of an interval', () => {
	// 2026-01-15 is a Thursday; Sunday is day 1.
	it.each<[string, IntervalCondition, boolean]>([
		['2026-01-15 09:00:00', {}, true],
		['2026-01-15 09:00:00', { start_time: '9:00', end_time: '18:00' }, true],
		['2026-01-15 08:59:59', { start_time: '9:00', end_time: '18:00' }, false],
		['2026-01-15 18:00:01', { start_time: '09:00:00', end_time: '18:00:00' }, false],
		['2026-01-15 23:00:00', { start_time: '22:00', end_time: '06:00' }, true],
		['2026-01-15 07:00:00', { start_time: '22:00', end_time: '06:00' }, false],
		['2026-01-15 09:00:00', { start_dow: 2, end_dow: 6 }, true],
		['2026-01-17 09:00:00', { start_dow: 2, end_dow: 6 }, false],
		['2026-01-18 09:00:00', { start_dow: 6, end_dow: 2 }, true],
		['2026-01-15 09:00:00', { month: 1, start_mday: 10, end_mday: 20 }, true],
		['2026-02-15 09:00:00', { month: 1, start_mday: 10, end_mday: 20 }, false],
		['2026-01-21 09:00:00', { month: 1, start_mday: 10, end_mday: 20 }, false],
		[
			'2026-01-15 09:00:00',
			// The two datetimes decide alone.
			{ start_datetime: '2026-01-15 08:00:00', end_datetime: '2026-01-15 09:30:00', month: 7 },
			true,
		],
		[
			'2026-01-15 09:30:01',
			{ start_datetime: '2026-01-15 08:00:00', end_datetime: '2026-01-15 09:30:00' },
			false,
		],
		['2026-01-13 09:00:00', rotation('2026-01-12'), true],
		['2026-01-14 09:00:00', rotation('2026-01-12'), false],
		['2026-01-17 09:00:00', rotation('2026-01-12'), true],
		['2026-01-11 09:00:00', rotation('2026-01-12'), false],
	])('decides whether %s matches the condition %j: %s', (at, condition, expected) => {
		expect(isOpenAt(at, condition)).toBe(expected);
	});

	it('applies the time zone of an interval, including daylight saving time', () => {
		const morning = { start_time: '09:00', end_time: '10:00' };
		expect(isOpenAt('2026-01-15 08:30:00', morning, 'Europe/Berlin')).toBe(true);
		expect(isOpenAt('2026-07-15 08:30:00', morning, 'Europe/Berlin')).toBe(false);
		expect(isOpenAt('2026-07-15 07:30:00', morning, 'Europe/Berlin')).toBe(true);
		// Already Friday in Tokyo.
		expect(isOpenAt('2026-01-15 20:00:00', { start_dow: 6, end_dow: 6 }, 'Asia/Tokyo')).toBe(true);
	});

	it('never opens an interval without a condition or with an unknown time zone', () => {
		expect(isOpen({ timezone: 'UTC', conditions: [] } as unknown as Interval, 0)).toBe(false);
		expect(isOpenAt('2026-01-15 09:00:00', {}, 'Mars/Olympus')).toBe(false);
	});
});

/** Two days on, three days off. */
function rotation(start: string): IntervalCondition {
	return { sched_start_date: start, sched_active_days: 2, sched_skip_days: 3 };
}
