import { ValidationError } from '../errors/validationError';
import { camelCase, type Field } from '../schema/field';
import { toDay, toLocalTime, toTimeOfDay, toUtc } from './dateTime';
import { isEmptyNumber, parsePhoneNumber, parsePhoneNumbers } from './phoneNumber';
import { parseCountry } from './parseCountry';
import { checkColumns, parseKeyValues, parseRows, validateRow } from './parseCollection';
import { formatValue, parseJson } from './parseJson';
import { listValues } from './parseList';
import { isEmpty, locatorValue, parseEmail, parseText } from './parseText';
import { checkRanges } from './ranges';

/**
 * Serializes a field's value for the PBX. Returns undefined where it is empty: blanks are not sent,
 * `false` and `0` are.
 *
 * @param timeZone IANA time zone of times without one
 * @param raw the value as n8n stores it, with its expressions; undefined where it is not at hand
 * @param country ISO code of the country of national numbers; without one, none is guessed
 * @throws ValidationError for a value that does not fit the field
 */
export function serializeField(
	field: Field,
	value: unknown,
	timeZone: string,
	raw?: unknown,
	country?: string,
): unknown {
	if (value === undefined || value === null) return undefined;
	switch (field.kind) {
		case 'rows':
			return value === '' ? undefined : serializeRows(field, value, timeZone, raw);
		case 'keyValues':
			return value === '' ? undefined : parseKeyValues(field, value, raw);
	}
	if (isEmpty(value)) return field.allowEmpty ? '' : undefined;
	switch (field.kind) {
		case 'integer':
			return parseInteger(field, value);
		case 'boolean':
			return parseBoolean(field, value);
		case 'dateTime':
			return toUtc(field, value, timeZone);
		case 'date':
			return toDay(field, value, timeZone);
		case 'localDateTime':
			return toLocalTime(field, value, timeZone);
		case 'timeOfDay':
			return toTimeOfDay(field, value);
		case 'choice':
			return parseChoice(field, value);
		case 'choices':
			return listValues(value).map((each) => parseChoice(field, each));
		case 'strings':
			return listValues(value, field.commas ?? 'separateText').map((each) =>
				parseText(field, each).trim(),
			);
		case 'integers':
			return listValues(value).map((each) => parseInteger(field, each));
		case 'locator':
			return field.locator?.numeric
				? parseInteger(field, locatorValue(value))
				: parseText(field, value).trim();
		case 'phoneNumber':
			return isEmptyNumber(value) ? undefined : parsePhoneNumber(field.label, value, country);
		case 'phoneNumbers':
			return parsePhoneNumbers(field.label, value, country);
		case 'country':
			return parseCountry(field.label, value);
		case 'email':
			return parseEmail(field, value);
		case 'emails':
			return listValues(value)
				.map((each) => parseEmail(field, each))
				.join(',');
		case 'json':
			return parseJson(field, value);
		case 'group':
			return serializeFields(field.columns ?? [], value as Record<string, unknown>, timeZone);
		case 'longText':
		case 'secret':
			return parseText(field, value);
		default:
			return field.keepsBlanks ? parseText(field, value) : parseText(field, value).trim();
	}
}

function serializeRows(field: Field, value: unknown, timeZone: string, raw: unknown) {
	const { columns = [], rowLabel, label } = field;
	return parseRows(field, value, raw)?.map((row, index) => {
		const name = `${rowLabel} ${index + 1} of '${label}'`;
		checkColumns(field, row, name);
		const serialized = serializeFields(columns, row.values, timeZone);
		checkRanges(columns, serialized, name);
		return validateRow(field, row, name, serialized);
	});
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

/** Whole numbers as people and spreadsheets write them. */
const WHOLE_NUMBER = /^[+-]?\d+(?:\.0+)?$/;

/** @throws ValidationError for anything but a whole number within the bounds of the field */
export function parseInteger(
	{ label, min, max }: Pick<Field, 'label' | 'min' | 'max'>,
	value: unknown,
): number {
	const text = typeof value === 'string' ? value.trim() : '';
	const number = WHOLE_NUMBER.test(text) ? Number(text) : value;
	if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
		throw new ValidationError(`'${label}' is not a whole number: ${formatValue(value)}`);
	}
	if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
		const range = max === undefined ? `${min} or more` : `between ${min ?? 0} and ${max}`;
		throw new ValidationError(`'${label}' must be ${range}, not ${number}`);
	}
	return number;
}

const SWITCH_WORDS = new Map([
	...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
	...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/** @throws ValidationError for anything but a boolean, also as a word or a number */
export function parseBoolean({ label }: Pick<Field, 'label'>, value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	const isWord = typeof value === 'string' || typeof value === 'number';
	const meant = isWord ? SWITCH_WORDS.get(String(value).trim().toLowerCase()) : undefined;
	if (meant !== undefined) return meant;
	throw new ValidationError(`'${label}' must be true or false, not ${formatValue(value)}`);
}

/**
 * The value of a choice, given as its value or its label in any case.
 *
 * @throws ValidationError for anything else
 */
export function parseChoice(
	{ label, choices = [] }: Pick<Field, 'label' | 'choices'>,
	value: unknown,
): string | number {
	const isText = typeof value === 'string' || typeof value === 'number';
	const entered = isText ? String(value).trim().toLowerCase() : undefined;
	const choice =
		choices.find((each) => String(each.value).toLowerCase() === entered) ??
		choices.find((each) => each.label.toLowerCase() === entered);
	if (choice) return choice.value;
	throw new ValidationError(
		isEmpty(value) ? `'${label}' is empty` : `'${label}' cannot be ${formatValue(value)}`,
		`It is one of: ${choices.map((each) => each.label).join(', ')}.`,
	);
}

/**
 * The PBX client from the node's settings; empty text where it is not set, so that the credential's is used.
 *
 * @param raw the setting as n8n stores it
 * @throws ValidationError for a setting without a value: another client would be used than the one meant
 */
export function parsePbxClient(value: unknown, raw: unknown): string {
	if (raw === undefined || raw === '') return '';
	const label = 'PBX Client';
	if (!isEmpty(value)) return parseText({ label }, value).trim();
	throw new ValidationError(
		`'${label}' is set, but it is empty`,
		"Check that the expression has a value for this item, or clear the setting to use the credential's.",
	);
}
