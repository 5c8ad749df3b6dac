import { badRequest } from '../http/errors.mts';
import type { Table } from '../state/store.mts';
import { endOfNextMonth, parseUtc, zoneOffset } from '../state/time.mts';
import type { Context } from './context.mts';

// Checks of values that the contract allows but the PBX refuses. Fields that are not set pass.

/** @throws PbxError 400 unless the field is the key of a row in the table */
export function assertExists(
	body: Record<string, unknown>,
	field: string,
	table: Pick<Table<object>, 'get'>,
): void {
	const id = body[field];
	if (id === undefined || id === null) return;
	if (!table.get(id as number)) throw badRequest(`${field}: ${String(id)} does not exist`);
}

/** @throws PbxError 400 if one of the fields is an empty or blank text */
export function assertNotEmpty(body: Record<string, unknown>, ...fields: string[]): void {
	for (const field of fields) {
		const value = body[field];
		if (typeof value === 'string' && value.trim() === '') {
			throw badRequest(`${field} must not be empty`);
		}
	}
}

/** @throws PbxError 400 unless the fields are http or https URLs */
export function assertUrl(body: Record<string, unknown>, ...fields: string[]): void {
	for (const field of fields) {
		const value = body[field];
		if (value === undefined || value === null) continue;
		if (!/^https?:\/\//i.test(String(value)) || !URL.canParse(String(value))) {
			throw badRequest(`${field} must be an http or https URL`);
		}
	}
}

/** @throws PbxError 400 unless `timezone` is the name of a time zone */
export function assertTimeZone({ timezone }: Record<string, unknown>): void {
	if (timezone === undefined || timezone === null) return;
	try {
		new Intl.DateTimeFormat('en', { timeZone: String(timezone) });
	} catch {
		throw badRequest(`timezone: unknown time zone '${String(timezone)}'`);
	}
}

/** @throws PbxError 400 unless the value is a phone number, or the number or full name of an extension */
export function assertPhoneNumber(value: unknown, field: string): void {
	const text = String(value);
	const isExtensionName = /^\d{2,6}\*\d{2,6}$/.test(text);
	if (!isExtensionName && !/^\+?\d{3,15}$/.test(text)) {
		throw badRequest(`${field}: '${text.slice(0, 40)}' is not a phone number`);
	}
}

/** @throws PbxError 400 unless the field is an email address */
export function assertEmail(body: Record<string, unknown>, field: string): void {
	const value = body[field];
	if (value !== undefined && !/^[^@\s]+@[^@\s]+$/.test(String(value))) {
		throw badRequest(`${field} must be an email address`);
	}
}

/** How far the clocks of a client and of the PBX may differ. */
const CLOCK_TOLERANCE_MS = 60_000;

/** A date range in epoch milliseconds, both ends included. */
export interface Period {
	start: number;
	end: number;
}

/**
 * Reads the date range of a request.
 * @param fields the query or body with the range
 * @param limited whether the range must end by the last day of the month after its start
 * @throws PbxError 400 if a date does not exist, the end lies before the start, or the range is too long
 */
export function parsePeriod(
	{ pbx, store }: Context,
	fields: Record<string, unknown>,
	limited: boolean,
): Period {
	const parse = (field: string): number => {
		const ms = parseUtc(String(fields[field]));
		if (ms === undefined) throw badRequest(`${field}: there is no such date`);
		return ms;
	};
	const start = parse('start_datetime');
	const end = parse('end_datetime');
	if (end < start) throw badRequest('end_datetime lies before start_datetime');
	if (end > pbx.clock.now() + CLOCK_TOLERANCE_MS && pbx.deviates('pastPeriodsOnly')) {
		throw badRequest('end_datetime lies in the future');
	}
	const isLimited = limited && !pbx.deviates('anyRecordPeriod');
	if (isLimited && end > endOfNextMonth(start)) {
		throw badRequest(
			'end_datetime must not be later than the last day of the month after start_datetime',
		);
	}
	const offset = pbx.deviates('localDates') ? zoneOffset(store.client.timezone, start) : 0;
	const shortening = pbx.deviates('openPeriodEnd') ? 1 : 0;
	return { start: start - offset, end: end - offset - shortening };
}

/** Whether a date in the API's format lies in the period. */
export function isInPeriod(period: Period, utc: string): boolean {
	const ms = parseUtc(utc.slice(0, 19));
	return ms !== undefined && ms >= period.start && ms <= period.end;
}

/**
 * The rows of the period in the query, in its order: newest first unless it says `asc`.
 * @param limited whether the period must end by the last day of the month after its start
 */
export function rowsOfPeriod<T extends { init_time_gmt: string }>(
	context: Context,
	rows: T[],
	limited: boolean,
): T[] {
	const { query, pbx } = context;
	const period = parsePeriod(context, query, limited);
	const order = query.order ?? (pbx.deviates('oldestFirst') ? 'asc' : 'desc');
	const sign = order === 'asc' ? 1 : -1;
	return rows
		.filter(({ init_time_gmt }) => isInPeriod(period, init_time_gmt))
		.sort((a, b) => sign * a.init_time_gmt.localeCompare(b.init_time_gmt));
}

/** Filters rows by the query parameter `extension_id`, if it is set. */
export function filterByExtension<T extends { extension_id: number }>(
	{ query }: Context,
	rows: T[],
): T[] {
	const ids = query.extension_id as number[] | undefined;
	return ids?.length ? rows.filter((row) => ids.includes(row.extension_id)) : rows;
}
