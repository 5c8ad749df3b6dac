import { ValidationError } from '../parameters/serialize';

/**
 * One segment of a path: encoded, so that no id can name another resource.
 *
 * @throws InputProblem for an id that would change the path: empty, `.` or `..`
 */
export function segment(label: string, value: unknown): string {
	const id = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
	if (id === '' || id === '.' || id === '..') {
		throw new ValidationError(
			id === '' ? `${label} is empty` : `${label} cannot be "${id}"`,
			`Choose one from the list or give its ID. If it comes from an expression, check that the expression has a value for this item.`,
		);
	}
	// Half of a surrogate pair cannot be encoded.
	if (/\p{Surrogate}/u.test(id)) {
		throw new ValidationError(`${label} has a broken character: ${JSON.stringify(id)}`);
	}
	// The PBX's own words have an @ in front: @me.
	return encodeURIComponent(id).replace(/%40/g, '@');
}

/** Fills the placeholders of a path template, each with one encoded segment. */
export const fill = (template: string, value: (placeholder: string) => string) =>
	template.replace(/\{(\w+)\}/g, (_, placeholder: string) => value(placeholder));
