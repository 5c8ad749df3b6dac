import { ValidationError } from '../errors/validationError';
import type { Field } from '../schema/field';

/**
 * Parses a JSON input. Text is parsed, anything else is returned as it is.
 *
 * @throws ValidationError for text that is not JSON
 */
export function parseJson({ label }: Pick<Field, 'label'>, value: unknown): unknown {
	if (typeof value !== 'string') return value;
	let reason: string;
	try {
		return JSON.parse(value);
	} catch (error) {
		reason = (error as Error).message;
	}
	throw new ValidationError(`'${label}' is not valid JSON: ${reason}`);
}

const MAX_LENGTH = 80;

/** A value for a message, shortened to 80 characters. */
export function formatValue(value: unknown): string {
	const text = typeof value === 'string' ? `"${value}"` : toJson(value);
	return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 3)}...` : text;
}

/** JSON, or the type of a value that has none, such as one that contains itself. */
function toJson(value: unknown): string {
	try {
		return JSON.stringify(value) ?? String(value);
	} catch {
		return `a value of type ${typeof value}`;
	}
}
