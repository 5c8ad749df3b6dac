import { DAY_MS, parseUtc } from '../state/time.mts';
import type { Interval, IntervalCondition } from '../state/types.mts';

/** A point in time in the interval's time zone, in the parts that conditions refer to. */
interface LocalTime {
	/** `YYYY-MM-DD HH:MM:SS` */
	text: string;
	date: string;
	/** `HH:MM:SS` */
	time: string;
	month: number;
	mday: number;
	/** Sunday is 1. */
	dow: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(timeZone: string): Intl.DateTimeFormat {
	let format = formats.get(timeZone);
	if (!format) {
		// The Swedish format is `YYYY-MM-DD HH:MM:SS`.
		format = new Intl.DateTimeFormat('sv-SE', {
			timeZone,
			year: 'numeric',
			month: '2-digit',
			day: '2-digit',
			hour: '2-digit',
			minute: '2-digit',
			second: '2-digit',
			hourCycle: 'h23',
		});
		formats.set(timeZone, format);
	}
	return format;
}

function toLocalTime(timeZone: string, at: number): LocalTime {
	const text = dateFormat(timeZone).format(at);
	const [date, time] = text.split(' ');
	return {
		text,
		date,
		time,
		month: Number(date.slice(5, 7)),
		mday: Number(date.slice(8, 10)),
		dow: new Date(`${date}T00:00:00Z`).getUTCDay() + 1,
	};
}

/** Whether a value is in a range that may wrap around, such as Friday to Monday or 22:00 to 06:00. */
function inRange<V extends number | string>(value: V, from?: V | null, to?: V | null): boolean {
	if (from == null && to == null) return true;
	if (from == null) return value <= to!;
	if (to == null) return value >= from;
	return from <= to ? value >= from && value <= to : value >= from || value <= to;
}

/** Completes a time of day: `9:00` becomes `09:00:00`. */
function completeTime(time: string | null | undefined): string | null {
	if (!time) return null;
	const [hours, minutes = '0', seconds = '0'] = time.split(':');
	return [hours, minutes, seconds].map((part) => part.padStart(2, '0')).join(':');
}

/** Whether the day is an active one in the rotation of active and skipped days. */
function isActiveDay(local: LocalTime, condition: IntervalCondition): boolean {
	const { sched_start_date: start, sched_active_days: active, sched_skip_days: skip } = condition;
	if (!start || !active) return true;
	const from = parseUtc(`${start} 00:00:00`);
	const today = parseUtc(`${local.date} 00:00:00`);
	if (from === undefined || today === undefined || today < from) return false;
	const day = Math.round((today - from) / DAY_MS);
	return day % (active + (skip ?? 0)) < active;
}

function matches(local: LocalTime, condition: IntervalCondition): boolean {
	if (condition.start_datetime && condition.end_datetime) {
		return inRange(local.text, condition.start_datetime, condition.end_datetime);
	}
	return (
		(condition.month == null || condition.month === local.month) &&
		inRange(local.mday, condition.start_mday, condition.end_mday) &&
		inRange(local.dow, condition.start_dow, condition.end_dow) &&
		inRange(local.time, completeTime(condition.start_time), completeTime(condition.end_time)) &&
		isActiveDay(local, condition)
	);
}

/**
 * Whether a point in time lies in an interval: at least one condition must match in all parts that are
 * set. An interval without conditions or with an unknown time zone never matches.
 * @param at epoch milliseconds
 */
export function isOpen(interval: Interval, at: number): boolean {
	let local: LocalTime;
	try {
		local = toLocalTime(interval.timezone, at);
	} catch {
		return false;
	}
	return interval.conditions.some((condition) => matches(local, condition));
}
