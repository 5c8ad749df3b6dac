import { isEmpty } from './parseText';

const SEPARATORS = { line: /[\r\n]+/, comma: /[\r\n\t,;]+/ };

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

/** Where commas and semicolons separate values: everywhere, in text in place of the list, or nowhere. */
export type Commas = 'separate' | 'separateText' | 'belong';

/**
 * The values of a list input: values added one by one, an expression that returns a list, a list as JSON
 * text, or text with a value on each line or between commas. Empty values are left out.
 */
export function listValues(value: unknown, commas: Commas = 'separate'): unknown[] {
	if (typeof value !== 'string') {
		const list = Array.isArray(value) ? value : [value];
		const commasInside = commas === 'separate' ? commas : 'belong';
		return list
			.flatMap((each: unknown) =>
				typeof each === 'string' || Array.isArray(each) ? listValues(each, commasInside) : [each],
			)
			.filter((each) => !isEmpty(each));
	}
	const list = jsonList(value);
	if (list) return listValues(list, commas);
	return value
		.split(commas === 'belong' ? SEPARATORS.line : SEPARATORS.comma)
		.map((each) => each.trim())
		.filter((each) => !isEmpty(each));
}
