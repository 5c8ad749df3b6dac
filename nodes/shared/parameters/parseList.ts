import { isEmpty } from './parseText';

const SEPARATORS = { line: /[\r\n]+/, any: /[\r\n\t,;]+/ };

/** A list as JSON text, which models and spreadsheets give; undefined for other text. */
function jsonList(text: string): unknown[] | undefined {
	if (!/^\s*\[/.test(text)) return undefined;
	try {
		const list: unknown = JSON.parse(text);
		return Array.isArray(list) ? list : undefined;
	} catch {
		return undefined;
	}
}

/**
 * The values of a list input: values added one by one, an expression that returns a list, a list as JSON
 * text, or text with a value on each line. Commas and semicolons separate values too, unless the values can contain them.
 * Empty values are left out.
 *
 * @param isFreeText whether values can contain commas
 */
export function listValues(value: unknown, isFreeText = false): unknown[] {
	if (typeof value !== 'string') {
		const list = Array.isArray(value) ? value : [value];
		return list
			.flatMap((each: unknown) =>
				typeof each === 'string' || Array.isArray(each) ? listValues(each, isFreeText) : [each],
			)
			.filter((each) => !isEmpty(each));
	}
	const list = jsonList(value);
	if (list) return listValues(list, isFreeText);
	return value
		.split(isFreeText ? SEPARATORS.line : SEPARATORS.any)
		.map((each) => each.trim())
		.filter((each) => !isEmpty(each));
}
