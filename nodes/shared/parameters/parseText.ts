import { ValidationError } from '../errors/validationError';
import type { Field } from '../schema/field';
import { formatValue } from './parseJson';

/** Blanks and characters that nobody sees, such as a byte order mark or a zero-width space. */
const INVISIBLE = /^[\s\p{Cf}]*$/u;

/** Whether n8n evaluates a parameter as it is stored. */
export const isExpression = (raw: unknown) => typeof raw === 'string' && raw.startsWith('=');

/** The ID inside a resource locator, which n8n passes as an object in some contexts. */
export function locatorValue(value: unknown): unknown {
	return typeof value === 'object' && value !== null && '__rl' in value
		? (value as { value?: unknown }).value
		: value;
}

/** Whether an input has no value: nothing, blanks, or a list of such. */
export function isEmpty(value: unknown): boolean {
	const content = locatorValue(value);
	if (typeof content === 'string') return INVISIBLE.test(content);
	if (Array.isArray(content)) return content.every(isEmpty);
	return content === undefined || content === null;
}

/** A Luxon date and time: n8n's expressions return them for `$now`. */
const isDateTime = (value: object): value is { toISO(): string | null } =>
	'toISO' in value && typeof value.toISO === 'function';

/** A date as ISO 8601 text; undefined for anything else. */
export function dateAsText(value: unknown): string | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
	return isDateTime(value) ? (value.toISO() ?? undefined) : undefined;
}

/**
 * Text as it was entered; a number or a date as text.
 *
 * @throws ValidationError for anything else, such as an object or a list
 */
export function parseText({ label }: Pick<Field, 'label'>, value: unknown): string {
	const content = locatorValue(value);
	if (typeof content === 'string') return content;
	if (typeof content === 'number' && Number.isFinite(content)) return String(content);
	const date = dateAsText(content);
	if (date !== undefined) return date;
	throw new ValidationError(
		`'${label}' is not text: ${formatValue(content)}`,
		'Map one value of the item, not a list or an object.',
	);
}

/**
 * One email address.
 *
 * @throws ValidationError for anything else
 */
export function parseEmail(field: Pick<Field, 'label'>, value: unknown): string {
	const address = parseText(field, value).trim();
	if (/^[^\s@,;]+@[^\s@,;]+$/.test(address)) return address;
	throw new ValidationError(
		`'${field.label}' is not an email address: ${formatValue(address)}`,
		'Enter it like name@example.com.',
	);
}
