import { tryToParseDateTime } from 'n8n-workflow';

import { ValidationError } from '../errors/validationError';
import type { Field } from '../schema/field';
import { formatUtc } from '../time/utc';
import { formatValue } from './parseJson';
import { dateAsText } from './parseText';

/*
 * Dates and times as people, spreadsheets and other nodes write them. Nothing is guessed, and nothing
 * depends on the time zone of the server: what has several meanings, or none, is refused.
 */

type Labeled = Pick<Field, 'label'>;

/** A date and time as it was written. */
interface WrittenTime {
	/** What a clock on the wall shows, in milliseconds as if it were in UTC. */
	local: number;
	/** The time zone that it names: the offset from UTC in milliseconds, or the IANA name. */
	zone?: number | string;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** No place is further from UTC. */
const MAX_OFFSET_MS = 14 * HOUR_MS;

const YEAR = '(?<year>[12]\\d{3})';
const MONTH = '(?<month>\\d{1,2})';
const DAY = '(?<day>\\d{1,2})';
const WEEKDAY_NAME = '(?:(?<weekday>[a-z]{3,9})\\.?,? )?';
const MONTH_NAME = '(?<monthName>[a-z]{3,9})\\.?';
const ORDINAL_DAY = `${DAY}(?:st|nd|rd|th)?`;

/** `2026-05-31`, `31.05.2026`, `31 May 2026`, `May 31, 2026`. Between slashes it is not certain which is the day. */
const DATES = [
	`${YEAR}(?<separator>[-/.])${MONTH}\\k<separator>${DAY}`,
	`${DAY}\\.${MONTH}\\.${YEAR}`,
	`${WEEKDAY_NAME}${ORDINAL_DAY}(?: | of |-)${MONTH_NAME}(?:,? |-)${YEAR}`,
	`${WEEKDAY_NAME}${MONTH_NAME} ${ORDINAL_DAY},? ${YEAR}`,
].map((form) => new RegExp(`^${form}(?![\\d.])`, 'i'));

const SEPARATOR = /^(?:T(?=\d)|,? at |,? )/i;

/** `18:00`, `18:00:30.5`, `6:00 PM`, `6 p.m.` */
const TIME =
	/^(?<hour>\d{1,2})(?::(?<minute>[0-5]\d)(?::(?<second>[0-5]\d)(?:[.,](?<fraction>\d{1,9}))?)?)?(?: ?(?<half>[ap])(?:m|\.m\.))?(?![\d:.,])/i;

/** `Z`, `+03:00`, `GMT+0300 (Moscow Standard Time)`. */
const OFFSET =
	/^ ?(?:(?<utc>Z|UTC|GMT)|(?:UTC|GMT)?(?<sign>[+-])(?<hours>\d\d):?(?<minutes>[0-5]\d)?)(?: \([^()]*\))?$/i;

/** ` Europe/Moscow`, `[Europe/Moscow]`. */
const ZONE_NAME = /^(?: (?<plain>[a-z_]+(?:\/[\w+-]+)+)|\[(?<bracketed>[\w/+-]+)\])$/i;

const MONTHS = [
	'january',
	'february',
	'march',
	'april',
	'may',
	'june',
	'july',
	'august',
	'september',
	'october',
	'november',
	'december',
];
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Position of a name in full or of its first three or four letters; -1 for any other. */
const positionOf = (names: string[], name: string) =>
	names.findIndex((each) => [each, each.slice(0, 3), each.slice(0, 4)].includes(name));

type Parts = Record<string, string | undefined>;

/** Midnight in milliseconds; undefined for a day that no calendar has, such as 30 February. */
function parseDay({ year, month, monthName, day, weekday }: Parts): number | undefined {
	const monthIndex = monthName ? positionOf(MONTHS, monthName.toLowerCase()) : Number(month) - 1;
	const midnight = Date.UTC(Number(year), monthIndex, Number(day));
	const date = new Date(midnight);
	const isWeekday = !weekday || positionOf(WEEKDAYS, weekday.toLowerCase()) === date.getUTCDay();
	const isDay = date.getUTCMonth() === monthIndex && date.getUTCDate() === Number(day);
	return isDay && isWeekday ? midnight : undefined;
}

/** Milliseconds since midnight; undefined for what no clock shows. 24:00 is the end of the day. */
function parseClock({ hour, minute, second, fraction, half }: Parts): number | undefined {
	let hours = Number(hour);
	if (half) {
		if (hours < 1 || hours > 12) return undefined;
		hours = (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
	} else if (minute === undefined) return undefined;
	const time =
		hours * HOUR_MS +
		Number(minute ?? 0) * MINUTE_MS +
		Number(second ?? 0) * SECOND_MS +
		Math.floor(Number(`0.${fraction ?? 0}`) * SECOND_MS);
	return time <= DAY_MS ? time : undefined;
}

/** The time zone that is written after a time; null for anything else. */
function parseZone(text: string): WrittenTime['zone'] | null {
	if (text === '') return undefined;
	const { utc, sign, hours, minutes = '0' } = OFFSET.exec(text)?.groups ?? {};
	if (utc) return 0;
	if (hours) {
		const offset = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS;
		if (offset > MAX_OFFSET_MS) return null;
		return sign === '-' ? -offset : offset;
	}
	const { plain, bracketed } = ZONE_NAME.exec(text)?.groups ?? {};
	const name = plain ?? bracketed;
	return name && isTimeZone(name) ? name : null;
}

/** Plain digits, one kind of blank and of dash, nothing that nobody sees. */
const clean = (text: string) =>
	text
		.normalize('NFKC')
		.replace(/\p{Cf}/gu, '')
		.replace(/[\u2010-\u2015\u2212]/g, '-')
		.replace(/\s+/g, ' ')
		.trim();

function parseWritten(text: string): WrittenTime | undefined {
	const date = DATES.map((form) => form.exec(text)).find((match) => match !== null);
	const day = date?.groups && parseDay(date.groups);
	if (!date || day === undefined) return undefined;
	const rest = text.slice(date[0].length);
	if (rest === '') return { local: day };
	const [separator = ''] = SEPARATOR.exec(rest) ?? [];
	const clock = TIME.exec(rest.slice(separator.length));
	const time = clock?.groups && parseClock(clock.groups);
	if (!separator || !clock || time === undefined) return undefined;
	const zone = parseZone(rest.slice(separator.length + clock[0].length));
	return zone === null ? undefined : { local: day + time, zone };
}

/** Names that were asked for and exist. */
const timeZones = new Set<string>();

/** Whether a name is that of an IANA time zone. Luxon knows more, such as `local` for that of the server. */
function isTimeZone(name: string): boolean {
	if (timeZones.has(name)) return true;
	try {
		new Intl.DateTimeFormat('en', { timeZone: name });
	} catch {
		return false;
	}
	// An offset is a time zone for some versions of Node, and for no PBX.
	if (!/^[a-z]/i.test(name)) return false;
	timeZones.add(name);
	return true;
}

/** The offset from UTC that a time zone has at a moment, in milliseconds. */
function offsetAt(moment: number, zone: number | string): number {
	if (typeof zone === 'number') return zone;
	if (zone.toLowerCase() === 'utc') return 0;
	return tryToParseDateTime(new Date(moment), zone).offset * MINUTE_MS;
}

/**
 * The moment at which the clocks of a time zone show a time. When they are put back and show it twice, the
 * first one. A time that they skip is as much later as they are put forward, as in calendars (RFC 5545).
 */
function momentOf(local: number, zone: number | string): number {
	const before = offsetAt(local - DAY_MS, zone);
	const after = offsetAt(local + DAY_MS, zone);
	const offset = [before, after].find((each) => offsetAt(local - each, zone) === each);
	return local - (offset ?? before);
}

const NUMERIC = /^[+-]?\d+(?:[.,]\d+)?$/;
const DAY_AND_MONTH = /^\d{1,2}[/-]\d{1,2}[/-]\d/;

function adviceFor(value: unknown, text: string): string {
	if (typeof value === 'number' || NUMERIC.test(text)) {
		return 'A number is not read as a date. In a spreadsheet, format the column as text. For seconds or milliseconds since 1970, use DateTime.fromSeconds() or DateTime.fromMillis() in the expression.';
	}
	if (DAY_AND_MONTH.test(text)) {
		return 'Which of the numbers is the day is not certain. Write it like 2026-05-31 or 31.05.2026.';
	}
	return DATES.some((form) => form.test(text))
		? 'There is no such day or time, or something else stands beside it. Write it like 2026-05-31 18:00:00.'
		: 'Use the date picker, an expression that gives a date, or text like 2026-05-31 18:00:00.';
}

/** @throws ValidationError for what is not a date, or an unknown time zone */
function readTime({ label }: Labeled, value: unknown, timeZone: string) {
	const text = clean(dateAsText(value) ?? (typeof value === 'string' ? value : ''));
	const written = parseWritten(text);
	if (!written) {
		throw new ValidationError(
			`'${label}' is not a date and time: ${formatValue(value)}`,
			adviceFor(value, text),
		);
	}
	const zone = isTimeZone(timeZone) ? timeZone : clean(timeZone);
	if (!isTimeZone(zone)) {
		throw new ValidationError(
			`'${label}' needs a time zone, and there is none named ${formatValue(timeZone)}`,
			'Enter its IANA name, such as America/New_York.',
		);
	}
	return { written, zone, moment: momentOf(written.local, written.zone ?? zone) };
}

/**
 * A point in time as `YYYY-MM-DD HH:MM:SS` in UTC.
 *
 * @param timeZone IANA name of the zone of times without one
 * @throws ValidationError for a value that is not certain, or not a date
 */
export const toUtc = (field: Labeled, value: unknown, timeZone: string): string =>
	formatUtc(readTime(field, value, timeZone).moment);

/** The same as `YYYY-MM-DD HH:MM:SS` in the time zone. */
export function toLocalTime(field: Labeled, value: unknown, timeZone: string): string {
	const { zone, moment } = readTime(field, value, timeZone);
	return formatUtc(moment + offsetAt(moment, zone));
}

/** The day as `YYYY-MM-DD`: the one that is written, or that of the moment in the time zone. */
export function toDay(field: Labeled, value: unknown, timeZone: string): string {
	const { written, zone, moment } = readTime(field, value, timeZone);
	const local = written.zone === undefined ? written.local : moment + offsetAt(moment, zone);
	return formatUtc(local).slice(0, 10);
}

/**
 * A time of day as `HH:MM`, or `HH:MM:SS` where it has seconds.
 *
 * @throws ValidationError for anything else
 */
export function toTimeOfDay({ label }: Labeled, value: unknown): string {
	const text = typeof value === 'string' ? clean(value) : '';
	const clock = TIME.exec(text);
	const time = clock?.[0] === text && clock.groups ? parseClock(clock.groups) : undefined;
	if (time !== undefined && time < DAY_MS) {
		return formatUtc(time).slice(11, clock?.groups?.second ? 19 : 16);
	}
	throw new ValidationError(
		`'${label}' is not a time of day: ${formatValue(value)}`,
		time === undefined
			? 'Enter it like 09:00.'
			: 'Enter 00:00 for midnight, or 23:59:59 for the end of the day.',
	);
}
