import { parseUtc } from '../state/time.mts';
import type { Interval, IntervalCondition } from '../state/types.mts';

/** The parts of a moment that conditions speak about, in the interval's own time zone. */
interface LocalMoment {
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

function formatOf(timeZone: string): Intl.DateTimeFormat {
	let format = formats.get(timeZone);
	if (!format) {
		const digits = '2-digit';
		const parts = { year: 'numeric', month: digits, day: digits } as const;
		const clock = { hour: digits, minute: digits, second: digits, hourCycle: 'h23' } as const;
		format = new Intl.DateTimeFormat('sv-SE', { timeZone, ...parts, ...clock });
		formats.set(timeZone, format);
	}
	return format;
}

function localMoment(timeZone: string, at: number): LocalMoment {
	const text = formatOf(timeZone).format(at);
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

/** Inside a range whose end may lie before its start (Friday to Monday, 22:00 to 06:00). */
function inRange<V extends number | string>(value: V, from?: V | null, to?: V | null): boolean {
	if (from == null && to == null) return true;
	if (from == null) return value <= to!;
	if (to == null) return value >= from;
	return from <= to ? value >= from && value <= to : value >= from || value <= to;
}

/** `9:00` becomes `09:00:00`; an end of `18:00` means up to 18:00:00. */
function fullTime(time: string | null | undefined): string | null {
	if (!time) return null;
	const [hours, minutes = '0', seconds = '0'] = time.split(':');
	return [hours, minutes, seconds].map((part) => part.padStart(2, '0')).join(':');
}

function inCycle(moment: LocalMoment, condition: IntervalCondition): boolean {
	const { sched_start_date: start, sched_active_days: active, sched_skip_days: skip } = condition;
	if (!start || !active) return true;
	const from = parseUtc(`${start} 00:00:00`);
	const today = parseUtc(`${moment.date} 00:00:00`);
	if (from === undefined || today === undefined || today < from) return false;
	const day = Math.round((today - from) / 86_400_000);
	return day % (active + (skip ?? 0)) < active;
}

function matches(moment: LocalMoment, condition: IntervalCondition): boolean {
	if (condition.start_datetime && condition.end_datetime) {
		return inRange(moment.text, condition.start_datetime, condition.end_datetime);
	}
	return (
		(condition.month == null || condition.month === moment.month) &&
		inRange(moment.mday, condition.start_mday, condition.end_mday) &&
		inRange(moment.dow, condition.start_dow, condition.end_dow) &&
		inRange(moment.time, fullTime(condition.start_time), fullTime(condition.end_time)) &&
		inCycle(moment, condition)
	);
}

/**
 * Whether a moment lies in an interval: when one of its conditions matches, each in every part that is
 * set. No conditions, or a time zone nobody knows, never match.
 * @param at epoch ms
 */
export function isOpen(interval: Interval, at: number): boolean {
	let moment: LocalMoment;
	try {
		moment = localMoment(interval.timezone, at);
	} catch {
		return false;
	}
	return interval.conditions.some((condition) => matches(moment, condition));
}
