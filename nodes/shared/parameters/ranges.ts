import { ValidationError } from '../errors/validationError';
import type { Field } from '../schema/field';

/** One end of a range: the label of its input, and its value as it is sent. */
interface RangeEnd {
	label: string;
	value: string | number;
}

/** @throws ValidationError for a range that ends before it starts */
export function checkRange(name: string, start: RangeEnd, end: RangeEnd) {
	if (end.value >= start.value) return;
	throw new ValidationError(
		`${name} ends (${end.value}) before it starts (${start.value})`,
		`Swap '${start.label}' and '${end.label}', or correct one.`,
	);
}

/**
 * Checks the ranges among serialized values; see `endOf` of a field.
 *
 * @param name what has the range, for the message
 * @throws ValidationError for a range that ends before it starts
 */
export function checkRanges(
	fields: Field[],
	values: Record<string, unknown>,
	name = 'The date range',
) {
	const toEnd = ({ key, label, kind }: Field): RangeEnd | undefined => {
		const value = values[key];
		if (typeof value === 'number') return { label, value };
		return typeof value === 'string'
			? { label, value: kind === 'dateTime' ? `${value} UTC` : value }
			: undefined;
	};
	for (const field of fields) {
		const startField = fields.find(({ key }) => key === field.endOf);
		const [start, end] = [startField && toEnd(startField), toEnd(field)];
		if (start && end) checkRange(name, start, end);
	}
}
