import { ValidationError } from '../errors/validationError';
import { isEmpty, parseText } from '../parameters/parseText';

/**
 * Encodes one segment of a path, so that no ID can address another resource.
 *
 * @param label name of the input, for the error
 * @throws ValidationError for an ID that would change the path: empty, `.` or `..`
 */
export function encodeSegment(label: string, value: unknown): string {
	const id = isEmpty(value) ? '' : parseText({ label }, value).trim();
	if (id === '' || id === '.' || id === '..') {
		throw new ValidationError(
			id === '' ? `'${label}' is empty` : `'${label}' cannot be "${id}"`,
			'Choose one from the list or enter its ID. If it comes from an expression, check that the expression has a value for this item.',
		);
	}
	// A lone surrogate cannot be URL-encoded.
	if (/\p{Surrogate}/u.test(id)) {
		throw new ValidationError(`'${label}' contains an invalid character: ${JSON.stringify(id)}`);
	}
	// Reserved words of the PBX start with an @: @me.
	return encodeURIComponent(id).replace(/%40/g, '@');
}

/** Fills the placeholders of a path template, each with one encoded segment. */
export const expandPath = (template: string, segment: (placeholder: string) => string) =>
	template.replace(/\{(\w+)\}/g, (_, placeholder: string) => segment(placeholder));
