import { ValidationError } from '../errors/validationError';
import { camelCase, type Field } from '../schema/field';
import { isEmpty, locatorValue } from './parseText';

/** Whether a filter has no value: nothing, or rows of which one is empty. */
function hasNoValue(value: unknown): boolean {
	const content = locatorValue(value);
	if (typeof content !== 'object' || content === null || Array.isArray(content)) {
		return isEmpty(content);
	}
	return Object.values(content).every((part) =>
		Array.isArray(part) ? part.length === 0 || part.some(hasNoValue) : hasNoValue(part),
	);
}

/**
 * Checks that the filters of a trigger that the user added have values: without one, everything would pass.
 *
 * @throws ValidationError for a filter without a value
 */
export function requireValues(filters: Field[], values: Record<string, unknown>) {
	const empty = filters.find(({ key }) => {
		const name = camelCase(key);
		return Object.hasOwn(values, name) && hasNoValue(values[name]);
	});
	if (!empty) return;
	throw new ValidationError(
		`The filter '${empty.label}' is set, but it is empty`,
		'Without a value it would let everything pass. Enter a value or remove the filter.',
	);
}
