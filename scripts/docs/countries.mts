import { createRequire } from 'node:module';

const metadata = createRequire(import.meta.url)('libphonenumber-js/metadata.min.json') as {
	countries: Record<string, Country>;
	country_calling_codes: Record<string, string[]>;
};

/** Positions in the metadata of a country. */
const CODE = 0;
const INTERNATIONAL_PREFIX = 1;
const PATTERN = 2;
const LENGTHS = 3;
const NATIONAL_PREFIX = 5;
const NATIONAL_PREFIX_FOR_PARSING = 7;
const NATIONAL_PREFIX_TRANSFORM = 8;

type Country = Array<string | number[] | number | undefined>;

/**
 * The source of `nodes/shared/parameters/countries.ts`: the numbering plans of libphonenumber-js, one line for each
 * country. The main country of a country code comes before others with it.
 */
export function countriesSource(): string {
	const countries = metadata.countries;
	const order = Object.values(metadata.country_calling_codes).flat();
	const all = new Set([...order, ...Object.keys(countries)]);
	const lines = [...all]
		.filter((iso) => countries[iso])
		.map((iso) => {
			const country = countries[iso];
			const prefix = country[NATIONAL_PREFIX_FOR_PARSING] || country[NATIONAL_PREFIX] || '';
			const fields = [
				iso,
				country[CODE],
				country[INTERNATIONAL_PREFIX],
				(country[LENGTHS] as number[]).join(','),
				country[PATTERN],
				prefix,
				country[NATIONAL_PREFIX_TRANSFORM] || '',
			].map(String);
			if (fields.some((field) => /[\s'`]/.test(field)))
				throw new Error(`${iso}: unexpected character`);
			return fields.join(' ').trimEnd();
		});
	return `// Written by \`npm run docs\` from the metadata of libphonenumber-js (MIT license), which has it from Google's
// libphonenumber (Apache License 2.0).

/**
 * For each country: ISO code, country code, pattern of the international prefix, lengths and pattern of national
 * numbers, pattern of the national prefix, and what replaces it.
 */
export const COUNTRIES = String.raw\`${lines.join('\n')}\`;
`;
}
