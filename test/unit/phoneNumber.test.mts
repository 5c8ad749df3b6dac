/** Phone numbers as people write them. For national numbers, libphonenumber-js is the oracle. */
import fc from 'fast-check';
import {
	getCountries,
	getExampleNumber,
	isValidPhoneNumber,
	parsePhoneNumberFromString,
	type CountryCode,
} from 'libphonenumber-js/min';
import examples from 'libphonenumber-js/mobile/examples';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
	isDoubtful,
	isEmptyNumber,
	numberIdentity,
	parsePhoneNumber,
	parsePhoneNumbers,
} from '../../nodes/shared/parameters/phoneNumber';
import { countryCodes } from '../../nodes/shared/parameters/country';
import { countriesSource } from '../../scripts/docs/countries.mts';
import { ROOT } from '../support/paths.mts';

const parse = (value: unknown, country?: string) => parsePhoneNumber('A Number', value, country);

describe('One number', () => {
	it.each<[unknown, string]>([
		['+79161112233', '+79161112233'],
		[79161112233, '79161112233'],
		['+7 (916) 111-22-33', '+79161112233'],
		['(+7) 916.111.22.33', '+79161112233'],
		['+7\u00a0916\u2009111\u201122\u201333', '+79161112233'],
		['\ufeff+7916\u200b1112233\u200e', '+79161112233'],
		["'+79161112233", '+79161112233'],
		['tel:+7-916-111-22-33', '+79161112233'],
		['\uff0b\uff17\uff19\uff11\uff16\uff11\uff11\uff11\uff12\uff12\uff13\uff13', '+79161112233'],
		['\u0668\u0669\u0661\u0666\u0661\u0661\u0661\u0662\u0662\u0663\u0663', '89161112233'],
		['8 (916) 111-22-33', '89161112233'],
		['8~10 44 20 7946 0958', '810442079460958'],
		['030/123456', '030123456'],
		[101, '101'],
		[' 101 ', '101'],
		['1844*101', '1844*101'],
		['*98', '*98'],
		['#31#', '#31#'],
		['1844*101@sip.example.com', '1844*101@sip.example.com'],
		['sip:anna@example.com:5060', 'sip:anna@example.com:5060'],
		['1844*reception', '1844*reception'],
		['sip:101', 'sip:101'],
		['front-desk', 'front-desk'],
		['+44', '+44'],
		['sip:+7-916-111-22-33@example.com;user=phone', 'sip:+79161112233@example.com'],
		['**101', '**101'],
		['*21*89161112233#', '*21*89161112233#'],
		['\ufeff\u2019+79161112233', '+79161112233'],
		['+7916\u30001112233\ufe0f', '+79161112233'],
		['+7\u2e3a916\ufe311112233', '+79161112233'],
		['+79161112233;', '+79161112233'],
		['tel:%2B7-916-111-22-33', '+79161112233'],
		['tel:+7-916-111-22-33;phone-context=example.com', '+79161112233'],
		['tel:863-1234;phone-context=+1-914-555', '+19145558631234'],
		[79161112233n, '79161112233'],
	])('reads %j as %s', (value, number) => {
		expect(parse(value)).toBe(number);
		expect(parse(number)).toBe(number);
	});

	it.each<[unknown, RegExp]>([
		[[{ VALUE: '+79161112233' }], /not a list/],
		[{ number: '+79161112233' }, /not a list/],
		[['+79161112233', '+79162223344'], /not a list/],
		[true, /not a list/],
		[-5, /101 or 1844/],
		[7.5, /101 or 1844/],
		[NaN, /101 or 1844/],
		[7.91612e22, /spreadsheet/],
		[Symbol('a'), /not a list/],
		['101.0', /spreadsheet/],
		['7.9e 10', /spreadsheet/],
		['7.91612E+10', /spreadsheet/],
		['7,91612e+10', /spreadsheet/],
		['79161112233.0', /spreadsheet/],
		['79161112233,00', /spreadsheet/],
		['+79161112233, +79162223344', /several/],
		['+79161112233 +79162223344', /several/],
		['101;102', /several/],
		['101/102', /several/],
		['+79161112233/+79162223344', /several/],
		['89161112233 или 89162223344', /several/],
		['79161112233 79162223344', /several/],
		['111-22-33 222-33-44', /several/],
		['8(916)111-22-33 8(916)222-33-44', /several/],
		['79161112233 101', /several/],
		['101 102', /several/],
		['101-105', /several/],
		['0101/0102', /several/],
		['791611122337916111223', /too many digits/],
		['+7916111223379161', /too many digits/],
		['a'.repeat(1000), /101 or 1844/],
		['+7 495 123-45-67 (доб. 12)', /extension/],
		['84951234567*12', /extension/],
		['tel:+74951234567;isub=12', /several|101 or 1844/],
		['+7916***2233', /hidden/],
		['8916*****33', /hidden/],
		['79161112233*', /hidden/],
		['########', /101 or 1844/],
		['#N/A', /101 or 1844/],
		['0000000000', /101 or 1844/],
		['+0 916 111-22-33', /does not begin with 0/],
		['8+9161112233', /101 or 1844/],
		['anna@example.com', /email address/],
		['sip:', /email address/],
		['Later', /101 or 1844/],
		['+7 495 123-45-67 доб. 12', /extension/],
		['+7 495 123-45-67 ext.12', /extension/],
		['+7 495 123-45-67 x12', /extension/],
		['+7 495 123-45-67,,12', /extension/],
		['+7 495 123-45-67 #12', /extension/],
		['tel:+74951234567;ext=12', /extension/],
		['+44 (0)20 7946 0958', /Leave out the \(0\)/],
		['call after 5pm', /101 or 1844/],
		['n/a', /101 or 1844/],
		['null', /101 or 1844/],
		['Анна', /101 or 1844/],
		['1', /101 or 1844/],
		['+7', /101 or 1844/],
		['*', /101 or 1844|hidden/],
		['#', /101 or 1844/],
		['12a', /101 or 1844/],
	])('refuses %j, with the cure %s', (value, cure) => {
		expect(() => parse(value)).toThrow("'A Number' is not a phone number");
		try {
			parse(value);
		} catch (error) {
			expect((error as { description: string }).description).toMatch(cure);
		}
	});

	it.each([undefined, null, '', ' ', '-', '—', '--', ' . ', '\ufeff', '-\u200b', "'", [], ['']])(
		'takes %j for no number',
		(value) => {
			expect(isEmptyNumber(value)).toBe(true);
			expect(() => parse(value)).toThrow("'A Number' is empty");
		},
	);
});

describe('Any way to write a number', () => {
	// Of longer numbers, blanks may separate two.
	const digits = fc.stringMatching(/^[1-9]\d{6,10}$/);
	const longDigits = fc.stringMatching(/^[1-9]\d{11,14}$/);
	const decoration = fc.constantFrom(
		' ',
		'-',
		'\u2011',
		'.',
		'(',
		')',
		'\u00a0',
		'\u200b',
		'\u202c',
		'',
	);

	it('gives its digits', () => {
		fc.assert(
			fc.property(
				fc.oneof(digits, longDigits),
				fc.boolean(),
				fc.array(decoration, { minLength: 15, maxLength: 15 }),
				(number, hasPlus, between) => {
					const decorated = [...number].map((digit, index) => digit + between[index]).join('');
					const spelled = number.length > 11 ? decorated.replace(/\s/g, '-') : decorated;
					const written = `${hasPlus ? '+' : ''}${spelled}`;
					fc.pre(!/\d\.0+$|^\+\d{1,3}\D*\(\D*0\D*\)/.test(written));
					expect(parse(written)).toBe(`${hasPlus ? '+' : ''}${number}`);
				},
			),
		);
	});

	it('is read or refused, and what is read is read again as the same', () => {
		const value = fc.oneof(
			fc.string({ unit: 'grapheme' }),
			fc.string({ unit: fc.constantFrom(...'0123456789+*#-() .,;/xe@') }),
			fc.anything(),
		);
		fc.assert(
			fc.property(value, (written) => {
				let number: string;
				try {
					number = parse(written);
				} catch (error) {
					expect(error).toMatchObject({ name: 'ValidationError' });
					return;
				}
				expect(parse(number)).toBe(number);
				expect(number).not.toMatch(/[\s,;"{}[\]]/);
				// Never other digits than were written.
				const isAscii = /^[\x20-\x7e]*$/.test(String(written));
				if (isAscii && /^\+?\d+$/.test(number)) {
					expect(String(written).replace(/\D/g, '')).toBe(number.replace('+', ''));
				}
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('A list of numbers', () => {
	const [A, B] = ['+79161112233', '+79162223344'];

	it.each<[unknown]>([
		[[A, B]],
		[`${A}, ${B}`],
		[`${A};${B}`],
		[`${A}\n${B}\r\n`],
		[`${A} ${B}`],
		[[`${A}\t${B}`]],
		[[[A], [B]]],
		[JSON.stringify([A, B])],
		['+7 (916) 111-22-33 +7 916 222 33 44'],
		['(+7) 916 1112233 (+7) 916 2223344'],
		['+7(916)111-22-33 +7(916)222-33-44'],
		[`${A}\ufeff ${B}`],
		['＋79161112233 ＋79162223344'],
		[[79161112233, 79162223344].map((number) => `+${number},`)],
	])('reads %j as two numbers', (value) => {
		expect(parsePhoneNumbers('Do Not Call', value)).toEqual([A, B]);
	});

	it('has no number if it is an empty list', () => {
		expect(parsePhoneNumbers('Do Not Call', [])).toEqual([]);
		expect(parsePhoneNumbers('Do Not Call', ' [ ] ')).toEqual([]);
	});

	it.each<[unknown]>([[undefined], [null], [''], ['  '], [['']], [[null, undefined]], ['-']])(
		'refuses %j, which has no number',
		(value) => {
			expect(() => parsePhoneNumbers('Do Not Call', value)).toThrow(
				"'Do Not Call' is set, but it has no number",
			);
		},
	);

	it.each<[unknown]>([
		[[{ number: A }]],
		[[A, 'n/a']],
		[{}],
		[true],
		[`${A}, later today`],
		[['Ivan', 'Anna']],
		[`${A} 101`],
		['79161112233,00'],
		['79161112233,0'],
	])('refuses %j and names the entry', (value) => {
		expect(() => parsePhoneNumbers('Do Not Call', value)).toThrow(
			"'Do Not Call' is not a phone number",
		);
	});

	it('of a million blanks is read in no more than linear time', () => {
		const blanks = ' '.repeat(1_000_000);
		expect(() => parsePhoneNumbers('Do Not Call', `101${blanks}102`)).toThrow('Do Not Call');
		expect(() => parse(`101${blanks}102`)).toThrow('not a phone number');
		expect(isEmptyNumber(blanks)).toBe(true);
	});
});

describe('The identity of a number', () => {
	it.each([
		['+79161112233', '79161112233'],
		['1844*101', '1844*101@sip.example.com'],
		['sip:Anna@example.com', 'sip:anna'],
		['+79161112233', '0079161112233'],
		['sip:+79161112233@example.com', '79161112233'],
	])('is the same for %s and %s', (one, other) => {
		expect(numberIdentity(one)).toBe(numberIdentity(other));
	});

	it.each([
		['1844*101', '1844101'],
		['101', '1844*101'],
		['+79161112233', '+79161112234'],
		['101', '00101'],
		['*98', '98'],
	])('differs between %s and %s', (one, other) => {
		expect(numberIdentity(one)).not.toBe(numberIdentity(other));
	});

	it('tells that public numbers without a plus may be refused', () => {
		expect(['79161112233', '+79161112233', '101', '1844*101'].map(isDoubtful)).toEqual([
			true,
			false,
			false,
			false,
		]);
	});
});

describe('National numbers', () => {
	it('are those of all countries of libphonenumber', () => {
		expect(countryCodes().sort()).toEqual([...getCountries()].sort());
		const source = readFileSync(
			join(ROOT, 'nodes', 'shared', 'parameters', 'countries.ts'),
			'utf8',
		);
		expect(countriesSource()).toBe(source);
	});

	it.each(getCountries())('of %s get the country code, however they are written', (country) => {
		const example = getExampleNumber(country, examples);
		if (!example) throw new Error(`${country} has no example`);
		const forms = [
			example.number,
			example.formatNational(),
			example.formatInternational(),
			example.getURI(),
			example.nationalNumber,
			example.number.slice(1),
			example.format('IDD', { fromCountry: country }) ?? '',
		].filter((form) => form !== '' && !/[;]/.test(form));
		for (const form of forms) {
			const expected = parsePhoneNumberFromString(form, country);
			if (!expected?.isValid()) continue;
			expect({ form, number: parse(form, country) }).toEqual({ form, number: expected.number });
		}
	});

	it('that libphonenumber finds valid are read like it reads them', () => {
		const country = fc.constantFrom(...getCountries());
		const written = fc.tuple(
			country,
			fc.constantFrom('', '0', '1', '8', '00', '+'),
			fc.stringMatching(/^\d{5,13}$/),
		);
		fc.assert(
			fc.property(written, ([iso, prefix, digits]) => {
				const number = prefix + digits;
				const expected = parsePhoneNumberFromString(number, iso as CountryCode);
				fc.pre(expected !== undefined && expected.isValid());
				// Canada's 310 1234 is a number that only Canada can dial.
				fc.pre(!/^\+1310\d{4}$/.test(expected?.number ?? ''));
				expect(parse(number, iso)).toBe(expected?.number);
			}),
			{ numRuns: 3000 },
		);
	});

	it.each(getCountries())(
		'of %s, also those that are no example, are those of the library',
		(country) => {
			const example = getExampleNumber(country, examples)?.nationalNumber ?? '';
			const national = fc
				.tuple(fc.nat({ max: example.length }), fc.stringMatching(/^\d{15}$/))
				.map(([kept, digits]) => example.slice(0, kept) + digits.slice(kept, example.length));
			const form = fc.constantFrom('NATIONAL', 'INTERNATIONAL', 'E.164', 'RFC3966', 'IDD');
			fc.assert(
				fc.property(national, form, (digits, format) => {
					const number = parsePhoneNumberFromString(digits, country);
					if (!number?.isValid() || number.nationalNumber.length <= 4) return;
					const text =
						format === 'IDD'
							? (number.format('IDD', { fromCountry: country }) ?? '')
							: number.format(format as 'NATIONAL');
					const expected = parsePhoneNumberFromString(text, country);
					if (!expected?.isValid() || /^\+1310\d{4}$/.test(expected.number)) return;
					expect({ text, number: parse(text, country) }).toEqual({ text, number: expected.number });
				}),
				{ numRuns: 40 },
			);
		},
	);

	it('of four digits and less are extensions, unless the country has no longer ones', () => {
		for (const country of ['DE', 'AT', 'LU', 'RU']) expect(parse('1234', country)).toBe('1234');
		expect(parse('7290', 'TK')).toBe('+6907290');
	});

	it('with + pass if their country code has numbers of that length: ranges are added every month', () => {
		expect(parse('+7 200 111 22 33', 'RU')).toBe('+72001112233');
		expect(isValidPhoneNumber('+72001112233')).toBe(false);
		expect(() => parse('+7 200 111 22 3', 'RU')).toThrow("'A Number' is not a phone number");
		expect(() => parse('+999 200 111 22 33', 'RU')).toThrow("'A Number' is not a phone number");
	});

	it('that no country has are refused, and short numbers of the PBX stay', () => {
		expect(() => parse('9161112', 'RU')).toThrow("'A Number' is not a phone number");
		expect(() => parse('+7916111223', 'RU')).toThrow("'A Number' is not a phone number");
		expect(isValidPhoneNumber('9161112', 'RU')).toBe(false);
		for (const number of ['101', '1844*101', '*98', 'sip:a@b.c'])
			expect(parse(number, 'RU')).toBe(number);
		expect(parse('+44 (0)20 7946 0958', 'RU')).toBe('+442079460958');
	});
});
