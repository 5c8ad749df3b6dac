import { tryToParseDateTime } from 'n8n-workflow';

import { camelCase, type Field } from '../schema/field';
import {
	validateRow,
	ValidationError,
	parseKeyValues,
	parseJson,
	parseRows,
	formatValue,
} from './parseCollection';

export { ValidationError, parseJson, formatValue };

/**
 * A field's value as the PBX wants it, or nothing where there is nothing to send. Empty text is
 * nothing; `false` and `0` are values.
 *
 * @param zone IANA time zone for times that do not name one
 * @throws InputProblem where the value does not fit the field
 */
export function serializeField(field: Field, value: unknown, zone: string): unknown {
	if (value === undefined || value === null) return undefined;
	if (value === '') return field.allowEmpty ? '' : undefined;
	switch (field.kind) {
		case 'integer':
			return parseInteger(field, value);
		case 'boolean':
			return parseBoolean(field, value);
		case 'dateTime':
			return formatUtc(field.label, value, zone);
		case 'date':
			return parseTime(field.label, value, zone).toFormat('yyyy-MM-dd');
		case 'localDateTime':
			return parseTime(field.label, value, zone).setZone(zone).toFormat('yyyy-MM-dd HH:mm:ss');
		case 'timeOfDay':
			return timeOfDay(field, value);
		case 'choice':
			return field.choices?.some((each) => typeof each.value === 'number')
				? parseInteger(field, value)
				: String(value);
		case 'choices':
		case 'strings':
			return parseList(value, (each) => String(each));
		case 'integers':
			return parseList(value, (each) => parseInteger(field, each));
		case 'locator': {
			const id = locatorValue(value);
			if (id === undefined || id === '') return undefined;
			return field.locator?.numeric ? parseInteger(field, id) : String(id);
		}
		case 'rows':
			return parseRows(field, value)?.map((row, index) =>
				validateRow(field, row, index + 1, serializeFields(field.columns ?? [], row.values, zone)),
			);
		case 'keyValues':
			return parseKeyValues(field, value);
		case 'json':
			return parseJson(field, value);
		case 'group':
			return serializeFields(field.columns ?? [], value as Record<string, unknown>, zone);
		default:
			return typeof value === 'object' ? JSON.stringify(value) : String(value);
	}
}

/** The values of several fields, stored under their editor names, as one object of the wire. */
function serializeFields(fields: Field[], values: Record<string, unknown>, zone: string) {
	const encoded: Record<string, unknown> = {};
	for (const field of fields) {
		const value = serializeField(field, values[camelCase(field.key)] ?? values[field.key], zone);
		if (value !== undefined) encoded[field.key] = value;
	}
	return encoded;
}

/** The id inside a resource locator, which arrives whole where n8n does not unwrap it. */
export function locatorValue(value: unknown): unknown {
	return typeof value === 'object' && value !== null && '__rl' in value
		? (value as { value?: unknown }).value
		: value;
}

export function parseInteger({ label, min, max }: Field, value: unknown): number {
	const number = typeof value === 'string' ? Number(value.trim() || NaN) : value;
	if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
		throw new ValidationError(`${label} is not a whole number: ${formatValue(value)}`);
	}
	if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
		const range = max === undefined ? `${min} or more` : `between ${min ?? 0} and ${max}`;
		throw new ValidationError(`${label} must be ${range}, not ${number}`);
	}
	return number;
}

function parseBoolean({ label }: Field, value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	const word = String(value).trim().toLowerCase();
	if (word === 'true' || word === '1') return true;
	if (word === 'false' || word === '0') return false;
	throw new ValidationError(`${label} is neither true nor false: ${formatValue(value)}`);
}

/**
 * `YYYY-MM-DD HH:MM:SS` in UTC, the only form of time the PBX takes (its documentation of records
 * and of task schedulers).
 */
export function formatUtc(label: string, value: unknown, zone: string): string {
	return parseTime(label, value, zone).toUTC().toFormat('yyyy-MM-dd HH:mm:ss');
}

/** The name of a time zone, if there is such a one. */
export function resolveTimeZone(name: unknown): string | undefined {
	try {
		const { timeZone } = new Intl.DateTimeFormat('en', {
			timeZone: String(name),
		}).resolvedOptions();
		return timeZone;
	} catch {
		return undefined;
	}
}

function parseTime(label: string, value: unknown, zone: string) {
	// A bare number or an hour alone would be taken for a year or for today.
	if (typeof value === 'object' || /^\s*\d{4}-\d{2}-\d{2}|[a-z]{3}.*\d{4}/i.test(String(value))) {
		try {
			return tryToParseDateTime(value, zone);
		} catch {
			// Said below, in words a person can act on.
		}
	}
	throw new ValidationError(
		`${label} is not a date and time: ${formatValue(value)}`,
		'Use the date picker, an expression that gives a date, or text like 2026-05-31 18:00:00.',
	);
}

function timeOfDay({ label }: Field, value: unknown): string {
	const [, hour, rest] = /^\s*([01]?\d|2[0-3])((?::[0-5]\d){1,2})\s*$/.exec(String(value)) ?? [];
	if (hour) return hour.padStart(2, '0') + rest;
	throw new ValidationError(
		`${label} is not a time of day: ${formatValue(value)}`,
		'Write it like 09:00.',
	);
}

function parseList<T>(value: unknown, each: (one: unknown) => T): T[] | undefined {
	// One value of the list may be an expression that gives a list.
	const list = Array.isArray(value) ? value.flat() : String(value).split(',');
	const kept = list
		.map((one: unknown) => (typeof one === 'string' ? one.trim() : one))
		.filter((one) => one !== '' && one !== null && one !== undefined);
	return kept.length ? kept.map(each) : undefined;
}
