import { ValidationError } from '../errors/validationError';
import { formatValue } from './parseJson';
import { isEmpty, parseText } from './parseText';
import { countryCodes } from './country';

/** ISO codes by English names in lower case; made when a name is entered. */
let codesByName: Map<string, string> | undefined;

function codeOfName(name: string): string | undefined {
	if (!codesByName) {
		const names = new Intl.DisplayNames('en', { type: 'region' });
		codesByName = new Map(
			countryCodes().map((code) => [(names.of(code) ?? code).toLowerCase(), code] as const),
		);
	}
	return codesByName.get(name);
}

const ACCEPTED = 'Enter its code of two letters, such as RU or GB, or its English name.';

/**
 * The ISO 3166 code of a country, given as its code or its English name in any case.
 *
 * @throws ValidationError for anything else
 */
export function parseCountry(label: string, value: unknown): string {
	if (isEmpty(value)) throw new ValidationError(`'${label}' is set, but it is empty`, ACCEPTED);
	const entered = parseText({ label }, value).trim();
	const code = entered.toUpperCase();
	const found = countryCodes().includes(code) ? code : codeOfName(entered.toLowerCase());
	if (found !== undefined) return found;
	throw new ValidationError(`'${label}' is not a country: ${formatValue(entered)}`, ACCEPTED);
}
