import { badRequest } from '../http/errors.mts';
import type { Table } from '../state/store.mts';
import { endOfNextMonth, parseUtc } from '../state/time.mts';
import type { Ctx } from './context.mts';

/** 400 if a field names a thing that does not exist. */
export function refersTo(
	body: Record<string, unknown>,
	field: string,
	table: Pick<Table<object>, 'get'>,
): void {
	const id = body[field];
	if (id === undefined || id === null) return;
	if (!table.get(id as number)) throw badRequest(`${field}: ${String(id)} does not exist`);
}

/** 400 if a name, login or the like is empty. */
export function notEmpty(body: Record<string, unknown>, ...fields: string[]): void {
	for (const field of fields) {
		const value = body[field];
		if (typeof value === 'string' && value.trim() === '') {
			throw badRequest(`${field} must not be empty`);
		}
	}
}

/** 400 if a field is not an http or https address. */
export function isUrl(body: Record<string, unknown>, ...fields: string[]): void {
	for (const field of fields) {
		const value = body[field];
		if (value === undefined || value === null) continue;
		if (!/^https?:\/\//i.test(String(value)) || !URL.canParse(String(value))) {
			throw badRequest(`${field} must be an http or https URL`);
		}
	}
}

/** 400 if a field is not the name of a time zone. */
export function isTimezone(body: Record<string, unknown>, field = 'timezone'): void {
	const value = body[field];
	if (value === undefined || value === null) return;
	try {
		new Intl.DateTimeFormat('en', { timeZone: String(value) });
	} catch {
		throw badRequest(`${field}: unknown time zone '${String(value)}'`);
	}
}

/** 400 unless this is a telephone number, an extension number or a full extension name. */
export function isNumber(value: unknown, field: string): void {
	const text = String(value);
	const extensionName = /^\d{2,6}\*\d{2,6}$/.test(text);
	if (!extensionName && !/^\+?\d{3,15}$/.test(text)) {
		throw badRequest(`${field}: '${text.slice(0, 40)}' is not a phone number`);
	}
}

export interface Range {
	start: number;
	end: number;
}

/**
 * The period of a request, in ms. 400 if a date does not exist or the end lies before the start; with
 * `bounded` also if the end lies past the last day of the month after the start's month (page UC-28344342).
 */
export function rangeOf(fields: Record<string, unknown>, bounded: boolean): Range {
	const read = (field: string): number => {
		const ms = parseUtc(String(fields[field]));
		if (ms === undefined) throw badRequest(`${field}: there is no such date`);
		return ms;
	};
	const start = read('start_datetime');
	const end = read('end_datetime');
	if (end < start) throw badRequest('end_datetime lies before start_datetime');
	if (bounded && end > endOfNextMonth(start)) {
		throw badRequest(
			'end_datetime must not be later than the last day of the month after start_datetime',
		);
	}
	return { start, end };
}

/** Whether a moment written by the PBX lies in the period (both ends included). */
export function within(range: Range, utc: string): boolean {
	const ms = parseUtc(utc.slice(0, 19));
	return ms !== undefined && ms >= range.start && ms <= range.end;
}

/** Rows of the extensions that the query's `extension_id` names, or of all. */
export function ofExtensions<T extends { extension_id: number }>(ctx: Ctx, rows: T[]): T[] {
	const ids = ctx.query.extension_id as number[] | undefined;
	return ids?.length ? rows.filter((row) => ids.includes(row.extension_id)) : rows;
}
