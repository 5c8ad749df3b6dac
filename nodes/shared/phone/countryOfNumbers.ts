import { ValidationError } from '../errors/validationError';
import { formatValue } from '../parameters/parseJson';
import { isEmpty, parseText } from '../parameters/parseText';
import { text } from '../schema/field';
import { countryCodes } from './country';

export const countryOfNumbers = text(
	'country_of_numbers',
	'Country of Numbers',
	'Two-letter code of the country whose national numbers are written without + and country code. Such numbers are completed: with RU, 8 (916) 111-22-33 is +79161112233.',
	{ placeholder: 'e.g. US' },
);

/**
 * ISO 3166 code of the country of national numbers.
 *
 * @throws ValidationError for anything but the code of a country
 */
export function parseCountry(value: unknown): string {
	const { label } = countryOfNumbers;
	const code = isEmpty(value) ? '' : parseText({ label }, value).trim().toUpperCase();
	if (countryCodes().includes(code)) return code;
	throw new ValidationError(
		code ? `'${label}' is no country: ${formatValue(code)}` : `'${label}' is set, but it is empty`,
		'Enter the two-letter code of a country, such as US, DE or RU.',
	);
}
