import { ValidationError } from '../errors/validationError';
import { formatValue } from './parseJson';
import { listValues } from './parseList';
import { isEmpty, locatorValue } from './parseText';
import { toInternational } from './country';

/** More digits have no number: 15 of E.164, and an international prefix before them. */
const MAX_DIGITS = 18;
const MIN_DIGITS = 2;
/** So many digits belong to a public number. */
const PUBLIC_DIGITS = 7;

const DASHES = '\\-\\u00ad\\u2010-\\u2015\\u2043\\u2212\\u30fc\\ufe58\\ufe63';
/** What people write between the digits of a number. */
const PUNCTUATION = new RegExp(`[\\s()[\\].~\\u00b7${DASHES}]`, 'g');
const ONLY_PUNCTUATION = new RegExp(`^[\\s.${DASHES}]*$`);
/** Characters that nobody sees, such as a byte order mark, and the apostrophe that a spreadsheet adds. */
const UNSEEN = /\p{Cf}|^\s*['\u2019]/gu;

/** Code points of the digit zero in other scripts: Arabic, Persian, Devanagari, Bengali, Thai, full width. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50, 0xff10];
/** Full-width forms of `!` to `~`, and those of ASCII. */
const FULL_WIDTH = { first: 0xff01, last: 0xff5e, offset: 0xfee0 };

const ONLY_ASCII = /^[\x20-\x7e]*$/;
const PLAIN = /^\+?\d+$/;

/** A public number, or a short one of the PBX. */
const DIGITS = /^\+?\d+$/;
/** A number of the PBX with its prefix (`1844*101`), or a code that starts a function (`*98`, `#31#`). */
const PBX_NUMBER = /^\+?[\d*#]*[*#][\d*#]*$/;
/** A SIP address or a name without its domain. */
const SIP_ADDRESS = /^(?:sips?:)?[\w.!~*'()&=+$%/?-]+@[\w.-]+(?::\d{1,5})?$/i;
const SIP_NAME = /^(?:\d{1,8}\*)?[a-z][\w.-]{1,63}$/i;
/** Words that stand in a list where there is no number. */
const PLACEHOLDER =
	/^(?:null|undefined|nan|none|nil|unknown|private|anonymous|withheld|hidden|tbd|test|yes|no|true|false|call|later|phone|number|n[./]?a\.?)$/i;

const EXPONENT = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i;
const DECIMAL = /^[+-]?\d{5,}[.,]0+$/;
/** An extension behind a number: `доб. 12`, `ext 12`, `x12`, `;ext=12`, `,,12`. */
const EXTENSION =
	/\d[\s)]*(?:доб(?:авочный)?|вн|extension|extn?|x|tel|app|poste|durchwahl|dw)\.?[\s:=]*\d+$|\d[\s)]*(?:;ext=|,,+)\s*\d+$/i;

/** Whether a cell stands for no number: nothing, blanks or only dashes. */
export const isEmptyNumber = (value: unknown): boolean => {
	const content = locatorValue(value);
	return isEmpty(content) || (typeof content === 'string' && ONLY_PUNCTUATION.test(content));
};

/**
 * The number that a person wrote, as the PBX dials it: without blanks, brackets, dashes and invisible
 * characters. What belongs to the PBX stays: `101`, `1844*101`, `*98`, SIP names and addresses.
 *
 * @param country ISO 3166 code of the country of national numbers; without one, no country is guessed
 * @throws ValidationError for anything but one number
 */
export function parsePhoneNumber(label: string, value: unknown, country = ''): string {
	const text = textOf(label, value);
	// Nearly all numbers of a list.
	if (!country && PLAIN.test(text) && text.length >= 5 && text.length <= 16) return text;
	return readNumber(label, text, country);
}

function textOf(label: string, value: unknown): string {
	const content = locatorValue(value);
	if (typeof content === 'string') return content;
	if (typeof content === 'number' && Number.isSafeInteger(content) && content >= 0) {
		return String(content);
	}
	if (isEmpty(content)) throw emptyError(label);
	throw refusal(label, content, 'Map one column with a number, not a list or an object.');
}

const emptyError = (label: string) =>
	new ValidationError(`'${label}' is empty`, 'Check that the column has a number for this item.');

const refusal = (label: string, value: unknown, cure: string) =>
	new ValidationError(`'${label}' is not a phone number: ${formatValue(value)}`, cure);

function readNumber(label: string, written: string, country: string): string {
	if (isEmptyNumber(written)) throw emptyError(label);
	const refuse = (cure: string): never => {
		throw refusal(label, written, cure);
	};
	const text = toAscii(written.replace(UNSEEN, ''))
		.trim()
		.replace(/^tel:\s*/i, '');
	if (EXPONENT.test(text) || DECIMAL.test(text)) {
		refuse('A spreadsheet changed this number: format the column as text and export it again.');
	}
	if (SIP_ADDRESS.test(text)) return text;
	if (EXTENSION.test(text)) {
		refuse(NO_EXTENSION);
	}
	if (severalNumbers(text)) {
		refuse('It looks like several numbers. Enter one number for each item.');
	}
	if (SIP_NAME.test(text) && !PLACEHOLDER.test(text) && !/^\d+x\d*$/i.test(text)) return text;
	const number = text.replace(PUNCTUATION, '').replace('/', '');
	if (/^\+?\d{7,}#\d+$/.test(number)) refuse(NO_EXTENSION);
	if (PBX_NUMBER.test(number)) return number;
	if (!DIGITS.test(number)) refuse(ACCEPTED);
	const { length } = number.replace('+', '');
	if (length < MIN_DIGITS) refuse(ACCEPTED);
	if (length > MAX_DIGITS || (number.startsWith('+') && length > 15)) {
		refuse('It has too many digits. Enter one number for each item.');
	}
	if (country) {
		const international = toInternational(number, country);
		if (international !== undefined) return international;
		if (length < PUBLIC_DIGITS && !number.startsWith('+')) return number;
		refuse(
			`It is not a number of the country ${country}. Correct it, or write it with + and the country code.`,
		);
	}
	// A national prefix in brackets is not dialed after the country code, except in some countries.
	if (/^\(?\+\d{1,3}\)?\s*\(0\)/.test(text)) refuse('Leave out the (0) after the country code.');
	return number;
}

const NO_EXTENSION =
	'It has an extension, which cannot be dialed with the number. Enter the number alone.';

const ACCEPTED =
	'Enter digits with or without +, such as +79161112233, or a number of the PBX, such as 101 or 1844*101.';

/** Digits and signs of other scripts as ASCII. */
function toAscii(text: string): string {
	if (ONLY_ASCII.test(text)) return text;
	return Array.from(text, (character) => {
		const code = character.codePointAt(0) ?? 0;
		const zero = ZEROS.find((first) => code >= first && code < first + 10);
		if (zero !== undefined) return String(code - zero);
		const isFullWidth = code >= FULL_WIDTH.first && code <= FULL_WIDTH.last;
		return isFullWidth ? String.fromCharCode(code - FULL_WIDTH.offset) : character;
	}).join('');
}

/** Whether a text has more than one number. */
function severalNumbers(text: string): boolean {
	const plusSigns = text.match(/\+/g)?.length ?? 0;
	const parts = withDigits(text.split(/[,;|\r\n\t]|\s(?:or|and|и|или|oder|und|ou|o|y)\s/i));
	if (plusSigns > 1 || parts.length > 1) return true;
	const [first, ...others] = withDigits(text.split('/'));
	if (others.length === 0) return false;
	// In some countries a slash follows the area code: 030/123456.
	const isAreaCode = /^\(?[0+]/.test(first.trim()) && digitsOf(first).length < PUBLIC_DIGITS;
	return !isAreaCode || others.length > 1;
}

const withDigits = (parts: string[]) => parts.filter((part) => /\d/.test(part));

const digitsOf = (text: string) => text.replace(/\D/g, '');

/** A whole number inside a text with several, between blanks. */
const WHOLE = /^(?:\+[\d(]|\d{7,})/;

/**
 * The numbers of a list, or of text with a number on each line, or between commas, semicolons or blanks.
 * An empty list has none.
 *
 * @throws ValidationError for an entry that is not one number, and for a value without any number
 */
export function parsePhoneNumbers(label: string, value: unknown, country = ''): string[] {
	if (Array.isArray(value) && value.length === 0) return [];
	const entries = listValues(value)
		.flatMap((entry) => (typeof entry === 'string' ? splitAtBlanks(entry) : [entry]))
		.filter((entry) => !isEmptyNumber(entry));
	if (entries.length === 0) {
		throw new ValidationError(
			`'${label}' is set, but it has no number`,
			'Enter numbers, check that the expression has a value, or remove it.',
		);
	}
	return entries.map((entry) => parsePhoneNumber(label, entry, country));
}

/** `+79161112233 +79162223344` are two numbers, `8 (916) 111-22-33` is one. */
function splitAtBlanks(text: string): string[] {
	const parts = text.trim().split(/\s+/);
	if (parts.length > 1 && parts.every((part) => WHOLE.test(part))) {
		// `+7 9161112233` is one number in two parts.
		if (parts.every((part) => digitsOf(part).length >= PUBLIC_DIGITS)) return parts;
	}
	return text.split(/\s+(?=\+)/);
}

/**
 * What all spellings of a number have in common: without the plus sign, and for a number of the PBX without
 * its domain.
 *
 * @param number as `parsePhoneNumber` returns it
 */
export const numberIdentity = (number: string): string =>
	number
		.toLowerCase()
		.replace(/^sips?:/, '')
		.replace(/@.*$/, '')
		.replace(/^\+/, '');

/** Whether a PBX may refuse a number: it is public, but has no plus sign. A real PBX was seen to refuse such. */
export const isDoubtful = (number: string) =>
	/^\d+$/.test(number) && number.length >= PUBLIC_DIGITS;
