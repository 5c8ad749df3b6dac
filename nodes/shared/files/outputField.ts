import { ValidationError } from '../errors/validationError';
import { isEmpty, parseText } from '../parameters/parseText';

const LABEL = 'Put Output File in Field';

/**
 * The name of the item's field that gets the file.
 *
 * @throws ValidationError for an empty name, or one that is not text
 */
export function parseOutputField(value: unknown): string {
	if (!isEmpty(value)) return parseText({ label: LABEL }, value).trim();
	throw new ValidationError(
		`'${LABEL}' is empty`,
		'Enter a name such as data. If it comes from an expression, check that the expression has a value for this item.',
	);
}
