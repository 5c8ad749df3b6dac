import { tryToParseDateTime } from 'n8n-workflow';

import { AS_JSON, camel, ROWS, type Field, type Form } from '../resources/fields';

/** An input that cannot be sent. The message names the input and says what it should be. */
export class InputProblem extends Error {
	constructor(
		message: string,
		readonly advice?: string,
	) {
		super(message);
	}
}

/**
 * A field's value as the PBX wants it, or nothing where there is nothing to send. Empty text is
 * nothing; `false` and `0` are values.
 *
 * @param zone IANA time zone for times that do not name one
 * @throws InputProblem where the value does not fit the field
 */
export function encode(field: Field, value: unknown, zone: string): unknown {
	if (value === undefined || value === null) return undefined;
	if (value === '') return field.blank ? '' : undefined;
	switch (field.kind) {
		case 'integer':
			return wholeNumber(field, value);
		case 'flag':
			return trueOrFalse(field, value);
		case 'dateTime':
			return utcStamp(field.label, value, zone);
		case 'date':
			return parseTime(field.label, value, zone).toFormat('yyyy-MM-dd');
		case 'wallTime':
			return parseTime(field.label, value, zone).toFormat('yyyy-MM-dd HH:mm:ss');
		case 'timeOfDay':
			return timeOfDay(field, value);
		case 'choice':
			return field.choices?.some((each) => typeof each.value === 'number')
				? wholeNumber(field, value)
				: String(value);
		case 'choices':
		case 'texts':
			return several(value, (each) => String(each));
		case 'integers':
			return several(value, (each) => wholeNumber(field, each));
		case 'locator': {
			const id = locatorValue(value);
			if (id === undefined || id === '') return undefined;
			return field.locator?.numeric ? wholeNumber(field, id) : String(id);
		}
		case 'rows':
			return rowList(field, value)?.map((row, index) => encodeRow(field, row, index + 1, zone));
		case 'pairs':
			return namedValues(field, value);
		case 'json':
			return parsed(field, value);
		case 'group':
			return encodeAll(field.columns ?? [], value as Record<string, unknown>, zone);
		default:
			return typeof value === 'object' ? JSON.stringify(value) : String(value);
	}
}

/** The values of several fields, stored under their editor names, as one object of the wire. */
function encodeAll(fields: Field[], values: Record<string, unknown>, zone: string) {
	const encoded: Record<string, unknown> = {};
	for (const field of fields) {
		const value = encode(field, values[camel(field.key)] ?? values[field.key], zone);
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

export function wholeNumber({ label, min, max }: Field, value: unknown): number {
	const number = typeof value === 'string' ? Number(value.trim() || NaN) : value;
	if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
		throw new InputProblem(`${label} is not a whole number: ${shown(value)}`);
	}
	if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
		const range = max === undefined ? `${min} or more` : `between ${min ?? 0} and ${max}`;
		throw new InputProblem(`${label} must be ${range}, not ${number}`);
	}
	return number;
}

function trueOrFalse({ label }: Field, value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	const word = String(value).trim().toLowerCase();
	if (word === 'true' || word === '1') return true;
	if (word === 'false' || word === '0') return false;
	throw new InputProblem(`${label} is neither true nor false: ${shown(value)}`);
}

/**
 * `YYYY-MM-DD HH:MM:SS` in UTC, the only form of time the PBX takes (its documentation of records
 * and of task schedulers).
 */
export function utcStamp(label: string, value: unknown, zone: string): string {
	return parseTime(label, value, zone).toUTC().toFormat('yyyy-MM-dd HH:mm:ss');
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
	throw new InputProblem(
		`${label} is not a date and time: ${shown(value)}`,
		'Use the date picker, an expression that gives a date, or text like 2026-05-31 18:00:00.',
	);
}

function timeOfDay({ label }: Field, value: unknown): string {
	const [, hour, rest] = /^\s*([01]?\d|2[0-3])((?::[0-5]\d){1,2})\s*$/.exec(String(value)) ?? [];
	if (hour) return hour.padStart(2, '0') + rest;
	throw new InputProblem(`${label} is not a time of day: ${shown(value)}`, 'Write it like 09:00.');
}

function several<T>(value: unknown, each: (one: unknown) => T): T[] | undefined {
	// One value of the list may be an expression that gives a list.
	const list = Array.isArray(value) ? value.flat() : String(value).split(',');
	const kept = list
		.map((one: unknown) => (typeof one === 'string' ? one.trim() : one))
		.filter((one) => one !== '' && one !== null && one !== undefined);
	return kept.length ? kept.map(each) : undefined;
}

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** One row, and which kind it is where the user chose one. */
interface GivenRow {
	values: Values;
	form?: Form;
}

/**
 * A list of objects, however it is given: as such, as JSON text, or from the editor, where rows stand
 * under the name of their form and JSON beside them. An editor without a row says nothing; an empty
 * list given on purpose is one.
 */
function rowList(field: Field, value: unknown): GivenRow[] | undefined {
	const given = parsed(field, value);
	const rowsIn = (list: unknown, form?: Form): GivenRow[] => {
		if (Array.isArray(list) && list.every(isObject))
			return list.map((values) => ({ values, form }));
		throw new InputProblem(`${field.label} is not a list of objects: ${shown(list)}`);
	};
	if (!isObject(given)) return rowsIn(given);
	const { [AS_JSON]: json, ...byForm } = given;
	const lists = [
		...Object.entries(byForm).map(([name, list]) =>
			rowsIn(
				list,
				field.forms?.find(({ key }) => key === name),
			),
		),
		...jsonParts(field, json).map((list) => rowsIn(list)),
	];
	return lists.length ? lists.flat() : undefined;
}

/** @throws InputProblem for a column that is missing, or one that the PBX does not know */
function encodeRow(field: Field, { values, form }: GivenRow, number: number, zone: string) {
	const { columns = [], readOnly = [] } = field;
	const name = `${field.rowLabel} ${number} of ${field.label}`;
	const known = new Set([...readOnly, ...columns.flatMap(({ key }) => [key, camel(key)])]);
	const stranger = Object.keys(values).find((key) => values[key] !== null && !known.has(key));
	if (stranger !== undefined) {
		throw new InputProblem(
			`${name} has an unknown field: ${shown(stranger)}`,
			`It can have ${columns.map(({ key }) => key).join(', ')}.`,
		);
	}
	const encoded = encodeAll(columns, values, zone);
	if (!Object.keys(encoded).length) throw new InputProblem(`${name} is empty`);
	const missing = columns.find(
		({ key, needed }) => (needed || form?.needed?.includes(key)) && !(key in encoded),
	);
	if (missing) throw new InputProblem(`${missing.label} is empty in ${name}`);
	return encoded;
}

function namedValues(field: Field, value: unknown): Values | undefined {
	const given = parsed(field, value);
	if (!isObject(given)) {
		throw new InputProblem(`${field.label} is not a list of names and values: ${shown(value)}`);
	}
	const { [ROWS]: list, [AS_JSON]: json } = given;
	if (!Array.isArray(list) && !Array.isArray(json)) return given;
	const named = ((list ?? []) as Array<{ name?: string; value?: unknown }>)
		.filter(({ name }) => name)
		.map(({ name, value: of }) => [name, of ?? ''] as const);
	return Object.assign(
		Object.fromEntries(named),
		...jsonParts(field, json).map((part) => namedValues(field, part)),
	) as Values;
}

/** What the user gave as JSON beside the rows. */
const jsonParts = (field: Field, json: unknown): unknown[] =>
	((json ?? []) as Values[])
		.map((part) => part.value)
		.filter((part) => part !== undefined && part !== null && part !== '')
		.map((part) => parsed(field, part));

/**
 * A JSON input: text is read, anything else is already a value.
 *
 * @throws InputProblem for text that is not JSON
 */
export function parsed({ label }: Pick<Field, 'label'>, value: unknown): unknown {
	if (typeof value !== 'string') return value;
	let reason: string;
	try {
		return JSON.parse(value);
	} catch (error) {
		reason = (error as Error).message;
	}
	throw new InputProblem(`${label} is not valid JSON: ${reason}`);
}

/** A value inside a message, short enough to read. */
export function shown(value: unknown): string {
	const words = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
	return words.length > 80 ? `${words.slice(0, 77)}...` : words;
}
