import { ValidationError } from '../errors/validationError';
import { camelCase, JSON_ENTRY, ROWS, type Field, type Variant } from '../schema/field';
import { formatValue, parseJson } from './parseJson';
import { dateAsText, isEmpty, isExpression, parseText } from './parseText';

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** A row of a list input, with its variant where the user chose one. */
export interface InputRow {
	values: Values;
	variant?: Variant;
	/** The row as n8n stores it, with its expressions; undefined for a row given as JSON. */
	raw?: Values;
}

/**
 * n8n evaluates no expression in place of rows: it makes a row of defaults for each character of its text.
 *
 * @throws ValidationError for a row that stands twice
 */
function refuseRepeatedRows(field: Field, rows: InputRow[]) {
	const seen = new Map<string, number>();
	rows.forEach(({ values, variant, raw = {} }, index) => {
		if (Object.values(raw).some(isExpression)) return;
		const key = JSON.stringify([variant?.key, values]);
		const first = seen.get(key);
		if (first !== undefined) {
			throw new ValidationError(
				`${field.rowLabel} ${index + 1} of '${field.label}' is the same as ${field.rowLabel} ${first + 1}`,
				`Remove one of them. An expression for all of '${field.label}' belongs in its entry 'JSON'.`,
			);
		}
		seen.set(key, index);
	});
}

/**
 * The rows of a list input: a list of objects, the same as JSON text, or the value of the editor's
 * fixed collection, which groups rows by variant and has JSON beside them. Returns undefined for an
 * editor value without rows; an empty list is a value.
 *
 * @param raw the editor's value as n8n stores it
 * @throws ValidationError for anything else
 */
export function parseRows(field: Field, value: unknown, raw?: unknown): InputRow[] | undefined {
	const input = parseJson(field, value);
	if (!isObject(input)) return toRows(field, input);
	const { [JSON_ENTRY]: json, ...rowsByVariant } = input;
	const rawRows = isObject(raw) ? raw : {};
	const added = Object.entries(rowsByVariant).flatMap(([name, list]) =>
		toRows(
			field,
			list,
			field.variants?.find(({ key }) => key === name),
			rawRows[name],
		),
	);
	refuseRepeatedRows(field, added);
	const lists = jsonEntries(field, json, rawRows[JSON_ENTRY]).map((list) => toRows(field, list));
	return added.length || lists.length ? [...added, ...lists.flat()] : undefined;
}

function toRows(
	{ label }: Field,
	list: unknown,
	variant?: Variant,
	rawRows: unknown = [],
): InputRow[] {
	if (Array.isArray(list) && list.every(isObject)) {
		const raw = rawRows as Array<Values | undefined>;
		return list.map((values, index) => ({ values, variant, raw: raw[index] }));
	}
	throw new ValidationError(`'${label}' is not a list of objects: ${formatValue(list)}`);
}

/**
 * Checks that the columns which the user set have values. Only a column of the editor that was left at its
 * default can be empty, and a `null` as in a row that the PBX returned.
 *
 * @param name of the row, for the message
 * @throws ValidationError for a column without a value
 */
export function checkColumns({ columns = [] }: Field, { values, raw }: InputRow, name: string) {
	for (const { key, label, allowEmpty, choices = [] } of columns) {
		if (allowEmpty) continue;
		const editorName = camelCase(key);
		const value = values[editorName] ?? values[key];
		if (!isEmpty(value)) continue;
		const isBlankText = typeof value === 'string';
		if (isBlankText && choices.some((each) => each.value === '')) continue;
		if (raw ? isExpression(raw[editorName]) : isBlankText) {
			throw new ValidationError(
				`'${label}' is empty in ${name}`,
				'Check that the expression has a value for this item, or clear the field to leave it out.',
			);
		}
	}
}

/**
 * Checks a serialized row.
 *
 * @param name of the row, for the message
 * @returns the serialized row
 * @throws ValidationError for a missing column, or one that the PBX does not know
 */
export function validateRow(
	field: Field,
	{ values, variant }: InputRow,
	name: string,
	serialized: Values,
): Values {
	const { columns = [], readOnly = [] } = field;
	const knownKeys = new Set([...readOnly, ...columns.flatMap(({ key }) => [key, camelCase(key)])]);
	const unknownKey = Object.keys(values).find((key) => values[key] !== null && !knownKeys.has(key));
	if (unknownKey !== undefined) {
		throw new ValidationError(
			`${name} has an unknown field: ${formatValue(unknownKey)}`,
			`Its fields are ${columns.map(({ key }) => key).join(', ')}.`,
		);
	}
	if (!Object.keys(serialized).length) throw new ValidationError(`${name} is empty`);
	const missing = columns.find(
		({ key, required }) => (required || variant?.required?.includes(key)) && !(key in serialized),
	);
	if (missing) throw new ValidationError(`'${missing.label}' is empty in ${name}`);
	return serialized;
}

/**
 * Keys with values, in the same forms as `parseRows`. A value that is an object becomes JSON text, since
 * the PBX stores text.
 *
 * @throws ValidationError for anything else
 */
export function parseKeyValues(field: Field, value: unknown, raw?: unknown): Values | undefined {
	const input = parseJson(field, value);
	if (!isObject(input)) {
		throw new ValidationError(
			`'${field.label}' is not a list of names and values: ${formatValue(value)}`,
		);
	}
	const { [ROWS]: rows, [JSON_ENTRY]: json } = input;
	if (!Array.isArray(rows) && !Array.isArray(json)) {
		return Object.fromEntries(
			Object.entries(input).map(([name, each]) => [name, textOfObject(each)]),
		);
	}
	const entries = ((rows ?? []) as Values[]).map(({ name, value: each }, index) => {
		if (isEmpty(name)) {
			throw new ValidationError(`'Name' is empty in value ${index + 1} of '${field.label}'`);
		}
		return [parseText({ label: 'Name' }, name).trim(), textOfObject(each ?? '')] as const;
	});
	const rawJson = isObject(raw) ? raw[JSON_ENTRY] : undefined;
	const objects = jsonEntries(field, json, rawJson).map((entry) => parseKeyValues(field, entry));
	if (!entries.length && !objects.length) return undefined;
	return Object.assign(Object.fromEntries(entries), ...objects) as Values;
}

/** A date as ISO 8601 and any other object as JSON text; other values as they are. */
export const textOfObject = (value: unknown): unknown =>
	typeof value === 'object' && value !== null
		? (dateAsText(value) ?? JSON.stringify(value))
		: value;

/** The JSON entries of a fixed collection, parsed. One that the user added and left empty is left out. */
function jsonEntries(field: Field, json: unknown, raw: unknown): unknown[] {
	const rawEntries = Array.isArray(raw) ? (raw as Array<Values | undefined>) : [];
	return ((json ?? []) as Values[]).flatMap(({ value }, index) => {
		if (value !== undefined && value !== null && value !== '') return [parseJson(field, value)];
		if (!isExpression(rawEntries[index]?.value)) return [];
		throw new ValidationError(
			`'JSON' of '${field.label}' is empty`,
			'Check that the expression has a value for this item.',
		);
	});
}
