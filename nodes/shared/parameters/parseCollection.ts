import { ValidationError } from '../errors/validationError';
import { camelCase, JSON_ENTRY, ROWS, type Field, type Variant } from '../schema/field';
import { formatValue, parseJson } from './parseJson';

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** A row of a list input, with its variant where the user chose one. */
export interface InputRow {
	values: Values;
	variant?: Variant;
}

/**
 * The rows of a list input: a list of objects, the same as JSON text, or the value of the editor's
 * fixed collection, which groups rows by variant and has JSON beside them. Returns undefined for an
 * editor value without rows; an empty list is a value.
 *
 * @throws ValidationError for anything else
 */
export function parseRows(field: Field, value: unknown): InputRow[] | undefined {
	const input = parseJson(field, value);
	if (!isObject(input)) return toRows(field, input);
	const { [JSON_ENTRY]: json, ...rowsByVariant } = input;
	const added = Object.entries(rowsByVariant).flatMap(([name, list]) =>
		toRows(
			field,
			list,
			field.variants?.find(({ key }) => key === name),
		),
	);
	const lists = jsonEntries(field, json).map((list) => toRows(field, list));
	return added.length || lists.length ? [...added, ...lists.flat()] : undefined;
}

function toRows({ label }: Field, list: unknown, variant?: Variant): InputRow[] {
	if (Array.isArray(list) && list.every(isObject)) {
		return list.map((values) => ({ values, variant }));
	}
	throw new ValidationError(`'${label}' is not a list of objects: ${formatValue(list)}`);
}

/**
 * Checks a serialized row.
 *
 * @param number position in the list, from 1
 * @returns the serialized row
 * @throws ValidationError for a missing column, or one that the PBX does not know
 */
export function validateRow(
	field: Field,
	{ values, variant }: InputRow,
	number: number,
	serialized: Values,
): Values {
	const { columns = [], readOnly = [] } = field;
	const name = `${field.rowLabel} ${number} of '${field.label}'`;
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
 * Keys with values, in the same forms as `parseRows`.
 *
 * @throws ValidationError for anything else
 */
export function parseKeyValues(field: Field, value: unknown): Values | undefined {
	const input = parseJson(field, value);
	if (!isObject(input)) {
		throw new ValidationError(
			`'${field.label}' is not a list of names and values: ${formatValue(value)}`,
		);
	}
	const { [ROWS]: rows, [JSON_ENTRY]: json } = input;
	if (!Array.isArray(rows) && !Array.isArray(json)) return input;
	const entries = ((rows ?? []) as Array<{ name?: string; value?: unknown }>)
		.filter(({ name }) => name)
		.map((row) => [row.name, row.value ?? ''] as const);
	const objects = jsonEntries(field, json).map((entry) => parseKeyValues(field, entry));
	if (!entries.length && !objects.length) return undefined;
	return Object.assign(Object.fromEntries(entries), ...objects) as Values;
}

/** The JSON entries of a fixed collection that are not empty, parsed. */
const jsonEntries = (field: Field, json: unknown): unknown[] =>
	((json ?? []) as Values[])
		.map((entry) => entry.value)
		.filter((value) => value !== undefined && value !== null && value !== '')
		.map((value) => parseJson(field, value));
