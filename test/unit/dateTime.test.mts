/** Dates and times that people and programs write, with Luxon as the oracle. */
import fc from 'fast-check';
import { DateTime } from 'luxon';

import { toDay, toLocalTime, toTimeOfDay, toUtc } from '../../nodes/shared/parameters/dateTime';

const field = { label: 'Start' };
const NEW_YORK = 'America/New_York';
const PBX_FORMAT = 'yyyy-MM-dd HH:mm:ss';

/** Zones that put their clocks forward at different times of day, by different amounts, or skipped a day. */
const ZONES = [
	'UTC',
	NEW_YORK,
	'Asia/Kolkata',
	'Europe/Moscow',
	'Europe/London',
	'Australia/Lord_Howe',
	'America/Sao_Paulo',
	'Africa/Cairo',
	'Asia/Kathmandu',
	'Pacific/Apia',
	'America/St_Johns',
];
const zone = fc.constantFrom(...ZONES);
const utc = (time: DateTime) => time.toUTC().toFormat(PBX_FORMAT);

/** Any second of a century, and many around the moments at which clocks change. */
const moment = fc.oneof(
	fc.integer({ min: Date.UTC(1970, 0, 1) / 1000, max: Date.UTC(2069, 11, 31) / 1000 }),
	fc
		.tuple(
			fc.constantFrom(
				Date.UTC(2026, 2, 8, 7),
				Date.UTC(2026, 10, 1, 6),
				Date.UTC(2026, 2, 29, 1),
				Date.UTC(2026, 9, 25, 1),
				Date.UTC(2026, 3, 4, 15),
				Date.UTC(2011, 11, 30, 10),
				Date.UTC(2018, 10, 4, 3),
				Date.UTC(2024, 3, 25, 22),
			),
			fc.integer({ min: -90_000, max: 90_000 }),
		)
		.map(([ms, seconds]) => ms / 1000 + seconds),
);

/** What a clock on the wall shows, as Luxon reads it: the first of two moments, the later one of none. */
function oracle(local: DateTime, timeZone: string): DateTime {
	const read = DateTime.fromObject(local.toObject(), { zone: timeZone });
	const [first] = read.getPossibleOffsets().sort((a, b) => a.toMillis() - b.toMillis());
	return first;
}

/** The ways to write a date and time that have one meaning. */
const FORMS: Array<[name: string, write: (time: DateTime) => string]> = [
	['ISO 8601', (time) => time.toFormat("yyyy-MM-dd'T'HH:mm:ss")],
	['ISO 8601 with a fraction', (time) => time.toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS")],
	['SQL', (time) => time.toFormat(PBX_FORMAT)],
	['one digit for each part that has one', (time) => time.toFormat('yyyy-M-d H:mm:ss')],
	['slashes after the year', (time) => time.toFormat('yyyy/MM/dd HH:mm:ss')],
	['points', (time) => time.toFormat('dd.MM.yyyy HH:mm:ss')],
	['points with one digit', (time) => time.toFormat('d.M.yyyy, H:mm:ss')],
	['the month in letters', (time) => time.toFormat('MMMM d, yyyy HH:mm:ss')],
	['a short month', (time) => time.toFormat('d MMM yyyy HH:mm:ss')],
	['hyphens and a short month', (time) => time.toFormat('dd-MMM-yyyy HH:mm:ss')],
	['the day of the week', (time) => time.toFormat('EEEE, MMMM d, yyyy h:mm:ss a')],
	['am and pm', (time) => time.toFormat('yyyy-MM-dd hh:mm:ssa').toLowerCase()],
	['blanks around it', (time) => ` ${time.toFormat(PBX_FORMAT)}\u00a0`],
	['invisible characters', (time) => `\ufeff${time.toFormat(PBX_FORMAT)}\u200b\u200e`],
	['a narrow blank', (time) => time.toFormat("yyyy-MM-dd h:mm:ss'\u202f'a")],
	[
		'full-width digits',
		(time) =>
			time
				.toFormat(PBX_FORMAT)
				.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
	],
	['other dashes', (time) => time.toFormat(PBX_FORMAT).replaceAll('-', '\u2011')],
];

const OFFSET_FORMS: typeof FORMS = [
	['ISO 8601 with its offset', (time) => String(time.toISO())],
	['ISO 8601 in UTC', (time) => String(time.toUTC().toISO())],
	['SQL with its offset', (time) => String(time.toSQL())],
	['RFC 2822', (time) => String(time.toRFC2822())],
	['HTTP', (time) => String(time.toHTTP())],
	['an offset without a colon', (time) => time.toFormat(`${PBX_FORMAT} ZZZ`)],
	[
		'the text of a JavaScript date',
		(time) => time.toFormat("EEE MMM dd yyyy HH:mm:ss 'GMT'ZZZ '(Some Time)'"),
	],
	['points and an offset', (time) => time.toFormat('dd.MM.yyyy HH:mm:ss ZZ')],
];

describe.each(FORMS)('a date and time with %s', (_, write) => {
	it('is read in the given time zone', () => {
		fc.assert(
			fc.property(moment, zone, (seconds, timeZone) => {
				// As a clock in UTC shows it: also times that the zone skips or repeats.
				const local = DateTime.fromSeconds(seconds, { zone: 'utc' });
				expect(toUtc(field, write(local), timeZone)).toBe(utc(oracle(local, timeZone)));
			}),
		);
	});
});

describe.each(OFFSET_FORMS)('a date and time with %s', (_, write) => {
	it('is read in its own time zone, and converted to the given one', () => {
		fc.assert(
			fc.property(moment, zone, zone, (seconds, own, timeZone) => {
				const time = DateTime.fromSeconds(seconds, { zone: own });
				// Before 1972 some offsets have seconds, which no form can express.
				fc.pre(Number.isInteger(time.offset));
				const text = write(time);
				expect(toUtc(field, text, timeZone)).toBe(utc(time));
				expect(toLocalTime(field, text, timeZone)).toBe(
					time.setZone(timeZone).toFormat(PBX_FORMAT),
				);
				expect(toDay(field, text, timeZone)).toBe(time.setZone(timeZone).toISODate());
			}),
		);
	});
});

it.each(['Date', 'DateTime'])('a %s is read as the moment that it is', (type) => {
	fc.assert(
		fc.property(moment, zone, zone, (seconds, own, timeZone) => {
			const time = DateTime.fromSeconds(seconds, { zone: own });
			fc.pre(Number.isInteger(time.offset));
			const value = type === 'Date' ? time.toJSDate() : time;
			expect(toUtc(field, value, timeZone)).toBe(utc(time));
			expect(toDay(field, value, timeZone)).toBe(time.setZone(timeZone).toISODate());
		}),
	);
});

it('a day without a time is itself as a day, and its first moment as a time', () => {
	fc.assert(
		fc.property(moment, zone, (seconds, timeZone) => {
			const day = DateTime.fromSeconds(seconds, { zone: 'utc' }).startOf('day');
			for (const format of ['yyyy-MM-dd', 'd.M.yyyy', 'MMMM d, yyyy', 'EEE, d MMM yyyy']) {
				expect(toDay(field, day.toFormat(format), timeZone)).toBe(day.toISODate());
				expect(toUtc(field, day.toFormat(format), timeZone)).toBe(utc(oracle(day, timeZone)));
			}
		}),
	);
});

describe('single inputs', () => {
	it.each([
		['2026-05-31 9:05:00', '2026-05-31 13:05:00'],
		['2026-05-31 0:00', '2026-05-31 04:00:00'],
		['2026-05-31 24:00', '2026-06-01 04:00:00'],
		['May 31, 2026 18:00', '2026-05-31 22:00:00'],
		['31st May 2026 at 6 PM', '2026-05-31 22:00:00'],
		['Sunday, May 31, 2026 12:00 a.m.', '2026-05-31 04:00:00'],
		['31.05.2026 18:00', '2026-05-31 22:00:00'],
		['2026-05-31T18:00Z', '2026-05-31 18:00:00'],
		['2026-05-31 18:00:00 Europe/Moscow', '2026-05-31 15:00:00'],
		['2026-05-31T18:00[Asia/Kolkata]', '2026-05-31 12:30:00'],
		['2026-03-08 02:30', '2026-03-08 07:30:00'],
		['2026-11-01 01:30', '2026-11-01 05:30:00'],
	])('reads %s in New York as %s in UTC', (text, expected) => {
		expect(toUtc(field, text, NEW_YORK)).toBe(expected);
	});

	it('reads the day of a moment in the time zone', () => {
		expect(toDay(field, '2026-05-30T21:00Z', 'Europe/Moscow')).toBe('2026-05-31');
		expect(toDay(field, '2026-05-30T21:00', 'Europe/Moscow')).toBe('2026-05-30');
	});

	it.each([
		['05/06/2026', 'not certain'],
		['31/05/2026', 'not certain'],
		['5/31/2026, 6:00:00 PM', 'not certain'],
		['31-05-2026', 'not certain'],
		['2026-02-30', 'no such day'],
		['2025-02-29 10:00', 'no such day'],
		['31.04.2026', 'no such day'],
		['2026-13-01', 'no such day'],
		['2026-00-10', 'no such day'],
		['2026-05-00', 'no such day'],
		['Monday, May 31, 2026', 'no such day'],
		['2026-05-31 25:00', 'no such day'],
		['2026-05-31 24:01', 'no such day'],
		['2026-05-31 18:60', 'no such day'],
		['2026-05-31 18:00:60', 'no such day'],
		['2026-05-31 18:00 PM', 'no such day'],
		['2026-05-31 0:30 AM', 'no such day'],
		['2026-05-31 18', 'no such day'],
		['2026-05-31T18:00+25:00', 'no such day'],
		['2026-05-31 18:00 EST', 'no such day'],
		['2026-05-31 18:00 local', 'no such day'],
		['2026-05-31 18:00[Mars/Olympus]', 'no such day'],
		['2026-05-31 18:00 tomorrow', 'no such day'],
		[46_173, 'A number is not'],
		['46173', 'A number is not'],
		['46173.75', 'A number is not'],
		[1_780_250_400, 'A number is not'],
		[1_780_250_400_000, 'A number is not'],
		['1780250400000', 'A number is not'],
		[NaN, 'A number is not'],
		['20260531', 'A number is not'],
		['2026', 'A number is not'],
		['2026-05', 'Use the date picker'],
		['2026-W22-7', 'Use the date picker'],
		['2026-151', 'Use the date picker'],
		['20260531T180000', 'Use the date picker'],
		['+012026-05-31', 'Use the date picker'],
		['31.05.26', 'Use the date picker'],
		['31.05.2026.', 'Use the date picker'],
		['18:00', 'Use the date picker'],
		['tomorrow', 'Use the date picker'],
		['Call 3 May 2026 9', 'no such day'],
		['[object Object]', 'Use the date picker'],
		['', 'Use the date picker'],
		[true, 'Use the date picker'],
		[{}, 'Use the date picker'],
		[['2026-05-31'], 'Use the date picker'],
		[new Date(NaN), 'Use the date picker'],
		[DateTime.invalid('test'), 'Use the date picker'],
	])('refuses %p', (value, advice) => {
		for (const read of [toUtc, toLocalTime, toDay]) {
			const refusal = () => read(field, value, NEW_YORK);
			expect(refusal).toThrow("'Start' is not a date and time: ");
			expect(refusal).toThrow(
				expect.objectContaining({
					description: expect.stringContaining(advice) as string,
				}) as Error,
			);
		}
	});

	it.each(['New York', 'local', 'system', '+03:00', '', 'EST5EDT4'])(
		'refuses any date in a time zone named %p',
		(timeZone) => {
			for (const read of [toUtc, toLocalTime, toDay]) {
				expect(() => read(field, '2026-05-31', timeZone)).toThrow(
					`'Start' needs a time zone, and there is none named "${timeZone}"`,
				);
			}
		},
	);

	it('reads a time zone with blanks around it', () => {
		expect(toUtc(field, '2026-05-31', ' America/New_York\u00a0')).toBe('2026-05-31 04:00:00');
	});
});

it('no text is read otherwise than Luxon reads it in the zone', () => {
	const part = fc.constantFrom(
		'2026',
		'05',
		'5',
		'31',
		'-',
		'.',
		'/',
		' ',
		'T',
		':',
		'18',
		'00',
		'Z',
		'+03',
		'May',
		',',
		'PM',
		'24',
	);
	fc.assert(
		fc.property(fc.array(part, { maxLength: 12 }), zone, (parts, timeZone) => {
			const text = parts.join('');
			const read = [DateTime.fromISO, DateTime.fromSQL, DateTime.fromRFC2822]
				.map((parse) => parse(text.trim(), { zone: timeZone }))
				.find(({ isValid }) => isValid);
			let result: string | undefined;
			try {
				result = toUtc(field, text, timeZone);
			} catch {
				return;
			}
			if (read)
				expect(result).toBe(utc(oracle(read.setZone('utc', { keepLocalTime: true }), timeZone)));
		}),
		{ numRuns: 2000 },
	);
});

describe('a time of day', () => {
	it('is read as a clock shows it', () => {
		fc.assert(
			fc.property(moment, (seconds) => {
				const time = DateTime.fromSeconds(seconds, { zone: 'utc' });
				for (const format of ['H:mm', 'HH:mm', 'h:mm a', "hh:mm'\u202f'a"]) {
					expect(toTimeOfDay(field, ` ${time.toFormat(format)} `)).toBe(time.toFormat('HH:mm'));
				}
				for (const format of ['H:mm:ss', 'h:mm:ssa', 'HH:mm:ss.SSS']) {
					expect(toTimeOfDay(field, time.toFormat(format))).toBe(time.toFormat('HH:mm:ss'));
				}
			}),
		);
	});

	it.each([
		'24:00',
		'9',
		'25:00',
		'9:60',
		'9:5',
		'0900',
		'9.30',
		'13:00 PM',
		'0.375',
		0.375,
		9,
		'2026-05-31 09:00',
		'1899-12-30T09:00:00.000Z',
		'nine',
		'',
		null,
		{},
		new Date(0),
	])('%p is refused', (value) => {
		expect(() => toTimeOfDay(field, value)).toThrow("'Start' is not a time of day: ");
	});

	it.each([
		['6 PM', '18:00'],
		['12:00 AM', '00:00'],
		['9:00\u200b', '09:00'],
		['０９:００', '09:00'],
	])('%s is %s', (text, time) => {
		expect(toTimeOfDay(field, text)).toBe(time);
	});
});
