import { ValidationError } from '../errors/validationError';
import { camelCase, type Field } from '../schema/field';
import { formatUtc, parseTime, timeOfDay } from './dateTime';
import { parseKeyValues, parseRows, validateRow } from './parseCollection';
import { formatValue, parseJson } from './parseJson';

/**
 * Serializes a field's value for the PBX. Returns undefined where there is nothing to send: empty
 * text is not sent, `false` and `0` are.
 *
 * @param timeZone IANA time zone of times without one
 * @throws ValidationError for a value that does not fit the field
 */
export function serializeField(field: Field, value: unknown, timeZone: string): unknown {
	if (value === undefined || value === null) return undefined;
	if (value === '') return field.allowEmpty ? '' : undefined;
	switch (field.kind) {
		case 'integer':
			return parseInteger(field, value);
		case 'boolean':
			return parseBoolean(field, value);
		case 'dateTime':
			return formatUtc(field.label, value, timeZone);
		case 'date':
			return parseTime(field.label, value, timeZone).toFormat('yyyy-MM-dd');
		case 'localDateTime':
			return parseTime(field.label, value, timeZone)
				.setZone(timeZone)
				.toFormat('yyyy-MM-dd HH:mm:ss');
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
			return parseRows(field, value)?.map((row, index) => {
				const serialized = serializeFields(field.columns ?? [], row.values, timeZone);
				return validateRow(field, row, index + 1, serialized);
			});
		case 'keyValues':
			return parseKeyValues(field, value);
		case 'json':
			return parseJson(field, value);
		case 'group':
			return serializeFields(field.columns ?? [], value as Record<string, unknown>, timeZone);
		default:
			return typeof value === 'object' ? JSON.stringify(value) : String(value);
	}
}

/** Serializes the values of several fields, stored under their editor or API names, into one object. */
export function serializeFields(
	fields: Field[],
	values: Record<string, unknown>,
	timeZone: string,
) {
	const encoded: Record<string, unknown> = {};
	for (const field of fields) {
		const value = serializeField(
			field,
			values[camelCase(field.key)] ?? values[field.key],
			timeZone,
		);
		if (value !== undefined) encoded[field.key] = value;
	}
	return encoded;
}

/** The ID inside a resource locator, which n8n passes as an object in some contexts. */
export function locatorValue(value: unknown): unknown {
	return typeof value === 'object' && value !== null && '__rl' in value
		? (value as { value?: unknown }).value
		: value;
}

export function parseInteger({ label, min, max }: Field, value: unknown): number {
	const number = typeof value === 'string' ? Number(value.trim() || NaN) : value;
	if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
		throw new ValidationError(`'${label}' is not a whole number: ${formatValue(value)}`);
	}
	if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
		const range = max === undefined ? `${min} or more` : `between ${min ?? 0} and ${max}`;
		throw new ValidationError(`'${label}' must be ${range}, not ${number}`);
	}
	return number;
}

function parseBoolean({ label }: Field, value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	const word = String(value).trim().toLowerCase();
	if (word === 'true' || word === '1') return true;
	if (word === 'false' || word === '0') return false;
	throw new ValidationError(`'${label}' must be true or false, not ${formatValue(value)}`);
}

function parseList<T>(value: unknown, parse: (element: unknown) => T): T[] | undefined {
	// An element may be an expression that returns a list.
	const list = Array.isArray(value) ? value.flat() : String(value).split(',');
	const elements = list
		.map((element: unknown) => (typeof element === 'string' ? element.trim() : element))
		.filter((element) => element !== '' && element !== null && element !== undefined);
	return elements.length ? elements.map(parse) : undefined;
}
