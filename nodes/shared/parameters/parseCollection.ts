import { JSON_ENTRY, camelCase, ROWS, type Field, type Variant } from '../schema/field';

/** An input that cannot be sent. The message names the input and says what it should be. */
export class ValidationError extends Error {
	constructor(
		message: string,
		readonly description?: string,
	) {
		super(message);
	}
}

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** One row, and which kind it is where the user chose one. */
export interface InputRow {
	values: Values;
	variant?: Variant;
}

/**
 * A list of objects, however it is given: as such, as JSON text, or from the editor, where rows stand
 * under the name of their form and JSON beside them. An editor without a row says nothing; an empty
 * list given on purpose is one.
 */
export function parseRows(field: Field, value: unknown): InputRow[] | undefined {
	const given = parseJson(field, value);
	const rowsIn = (list: unknown, form?: Variant): InputRow[] => {
		if (Array.isArray(list) && list.every(isObject)) {
			return list.map((values) => ({ values, form }));
		}
		throw new ValidationError(`${field.label} is not a list of objects: ${formatValue(list)}`);
	};
	if (!isObject(given)) return rowsIn(given);
	const { [JSON_ENTRY]: json, ...byForm } = given;
	const added = Object.entries(byForm).flatMap(([name, list]) =>
		rowsIn(
			list,
			field.variants?.find(({ key }) => key === name),
		),
	);
	const lists = jsonParts(field, json).map((list) => rowsIn(list));
	return added.length || lists.length ? [...added, ...lists.flat()] : undefined;
}

/**
 * A row as it travels, checked.
 *
 * @param number its place in the list, from 1
 * @throws InputProblem for a column that is missing, or one that the PBX does not know
 */
export function validateRow(
	field: Field,
	{ values, variant: form }: InputRow,
	number: number,
	encoded: Values,
): Values {
	const { columns = [], readOnly = [] } = field;
	const name = `${field.rowLabel} ${number} of ${field.label}`;
	const known = new Set([...readOnly, ...columns.flatMap(({ key }) => [key, camelCase(key)])]);
	const unknownKey = Object.keys(values).find((key) => values[key] !== null && !known.has(key));
	if (unknownKey !== undefined) {
		throw new ValidationError(
			`${name} has an unknown field: ${formatValue(unknownKey)}`,
			`It can have ${columns.map(({ key }) => key).join(', ')}.`,
		);
	}
	if (!Object.keys(encoded).length) throw new ValidationError(`${name} is empty`);
	const missing = columns.find(
		({ key, needed }) => (needed || form?.required?.includes(key)) && !(key in encoded),
	);
	if (missing) throw new ValidationError(`${missing.label} is empty in ${name}`);
	return encoded;
}

/** Names with values, given in the same ways. */
export function parseKeyValues(field: Field, value: unknown): Values | undefined {
	const given = parseJson(field, value);
	if (!isObject(given)) {
		throw new ValidationError(
			`${field.label} is not a list of names and values: ${formatValue(value)}`,
		);
	}
	const { [ROWS]: list, [JSON_ENTRY]: json } = given;
	if (!Array.isArray(list) && !Array.isArray(json)) return given;
	const named = ((list ?? []) as Array<{ name?: string; value?: unknown }>)
		.filter(({ name }) => name)
		.map(({ name, value: of }) => [name, of ?? ''] as const);
	const parts = jsonParts(field, json).map((part) => parseKeyValues(field, part));
	if (!named.length && !parts.length) return undefined;
	return Object.assign(Object.fromEntries(named), ...parts) as Values;
}

/** What the user gave as JSON beside the rows. */
const jsonParts = (field: Field, json: unknown): unknown[] =>
	((json ?? []) as Values[])
		.map((part) => part.value)
		.filter((part) => part !== undefined && part !== null && part !== '')
		.map((part) => parseJson(field, part));

/**
 * A JSON input: text is read, anything else is already a value.
 *
 * @throws InputProblem for text that is not JSON
 */
export function parseJson({ label }: Pick<Field, 'label'>, value: unknown): unknown {
	if (typeof value !== 'string') return value;
	let reason: string;
	try {
		return JSON.parse(value);
	} catch (error) {
		reason = (error as Error).message;
	}
	throw new ValidationError(`${label} is not valid JSON: ${reason}`);
}

/** A value inside a message, short enough to read. */
export function formatValue(value: unknown): string {
	const words = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
	return words.length > 80 ? `${words.slice(0, 77)}...` : words;
}
