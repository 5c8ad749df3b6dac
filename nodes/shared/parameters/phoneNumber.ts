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
/** Longer text is no number, however it is written. */
const MAX_LENGTH = 200;

/** Dashes, and what is used as one: minus signs, the hyphen bullet, a Japanese long vowel. */
const DASHES = '\\p{Pd}\u02d7\u2043\u207b\u208b\u2212\u30fc';
/** What people write between the digits of a number. */
const PUNCTUATION = new RegExp(`[\\s()[\\].~\u00b7${DASHES}]`, 'gu');
const ONLY_PUNCTUATION = new RegExp(`^[\\s.${DASHES}]*$`, 'u');
/** Characters that nobody sees, such as a byte order mark. */
const UNSEEN = /\p{Cf}|\p{Default_Ignorable_Code_Point}|(?!\s)\p{Cc}/gu;
/** The apostrophe that a spreadsheet adds before text. */
const APOSTROPHE = /^\s*['\u2019]/;

/** Code points of the digit zero in other scripts: Arabic, Persian, Devanagari, Bengali, Thai, full width. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50, 0xff10];
/** Full-width forms of `!` to `~`, and those of ASCII. */
const FULL_WIDTH = { first: 0xff01, last: 0xff5e, offset: 0xfee0 };

const ONLY_ASCII = /^[\x20-\x7e]*$/;
/** Nearly all numbers of a list. */
const PLAIN = /^(?:\+[1-9]\d{1,14}|[1-9]\d{4,14})$/;

/** A public number, or a short one of the PBX. */
const DIGITS = /^\+?\d+$/;
/**
 * A number of the PBX with its prefix (`1844*101`, `1844*reception`), or a code that starts a function (`*98`,
 * `#31#`).
 */
const PBX_NUMBER = /^(?:\d{1,6}\*(?:\d{1,6}|[a-z][\w.-]{0,63})|[*#]{1,2}\d[\d*#]*)$/i;
/** A number of which a part was replaced by stars: `+7916***2233`. */
const MASKED = /\*{2,}|\d\*+$|^\+.*\*/;
/** A SIP name without its domain. */
const SIP_NAME = /^[a-z][\w.-]{1,63}$/i;
/** Words that stand in a list where there is no number. */
const PLACEHOLDER =
	/^(?:null|undefined|nan|none|nil|unknown|private|anonymous|withheld|hidden|tbd|test|yes|no|true|false|call|later|phone|number|n[./]?a\.?|x+\d*)$/i;
/** Two extensions, or one number of six digits. */
const TWO_EXTENSIONS = /^\d{3}[\s-]+\d{3}$/;
/** A SIP address: its scheme, its user and its host. */
const SIP_ADDRESS = /^(sips?:)?([\w.~!()*#+-]{1,64})(@[\w.-]+(?::\d{1,5})?)?$/i;

const EXPONENT = /^[+-]?\d+(?:[.,]\d+)?\s*e\s*[+-]?\d+$/i;
const DECIMAL = /^[+-]?\d+[.,]0+$/;
/** An extension behind a number: `доб. 12`, `(ext 12)`, `x12`, `;ext=12`, `,,12`. */
const EXTENSION =
	/\d[\s()]*(?:доб(?:авочный)?|вн|extension|extn?|x|tel|app|poste|durchwahl|dw)\.?[\s:=]*\d+\)?$|\d[\s)]*(?:;ext=|,,+)\s*\d+$/i;

/** Without what nobody sees. */
const clean = (text: string) => text.replace(UNSEEN, '').replace(APOSTROPHE, '');

/** Whether a cell stands for no number: nothing, blanks or only dashes. */
export const isEmptyNumber = (value: unknown): boolean => {
	const content = locatorValue(value);
	if (typeof content !== 'string') return isEmpty(content);
	return !PLAIN.test(content) && ONLY_PUNCTUATION.test(clean(content));
};

/**
 * The number that a person wrote, as the PBX dials it: without blanks, brackets, dashes and invisible
 * characters. What belongs to the PBX stays: `101`, `1844*101`, `*98`, SIP addresses.
 *
 * @param country ISO 3166 code of the country of national numbers; without one, no country is guessed
 * @throws ValidationError for anything but one number
 */
export function parsePhoneNumber(label: string, value: unknown, country = ''): string {
	const text = textOf(label, value);
	return !country && PLAIN.test(text) ? text : readNumber(label, text, country);
}

function textOf(label: string, value: unknown): string {
	const content = locatorValue(value);
	if (typeof content === 'string') return content;
	if (typeof content === 'bigint') return String(content);
	if (typeof content === 'number') {
		if (Number.isSafeInteger(content) && content >= 0) return String(content);
		throw refusal(label, content, content > MAX_SAFE ? SPREADSHEET : ACCEPTED);
	}
	if (isEmpty(content)) throw emptyError(label);
	throw refusal(label, content, 'Map one column with a number, not a list or an object.');
}

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

const emptyError = (label: string) =>
	new ValidationError(`'${label}' is empty`, 'Check that the column has a number for this item.');

const refusal = (label: string, value: unknown, cure: string) =>
	new ValidationError(`'${label}' is not a phone number: ${formatValue(value)}`, cure);

const SPREADSHEET =
	'A spreadsheet changed this number: format the column as text and export it again.';

const NO_EXTENSION =
	'It has an extension, which cannot be dialed with the number. Enter the number alone.';

const SEVERAL = 'It looks like several numbers. Enter one number for each item.';

const TOO_LONG = 'It has too many digits. Enter one number for each item.';

const ACCEPTED =
	'Enter digits with or without +, such as +79161112233, or a number of the PBX, such as 101 or 1844*101.';

function readNumber(label: string, written: string, country: string): string {
	if (isEmptyNumber(written)) throw emptyError(label);
	const refuse = (cure: string): never => {
		throw refusal(label, written, cure);
	};
	if (written.length > MAX_LENGTH) refuse(ACCEPTED);
	const text = readTelUri(toAscii(clean(written)).replace(/^[\s,;]+|[\s,;]+$/g, ''));
	if (EXPONENT.test(text) || DECIMAL.test(text)) refuse(SPREADSHEET);
	if (/@|^sips?:/i.test(text)) return readSipAddress(text) ?? refuse(SIP);
	if (PBX_NUMBER.test(text)) return text;
	if (EXTENSION.test(text)) refuse(NO_EXTENSION);
	if (hasSeveralNumbers(text)) refuse(SEVERAL);
	if (SIP_NAME.test(text) && !PLACEHOLDER.test(text)) return text;
	const number = text.replace(PUNCTUATION, '').replace('/', '');
	if (/^\+?\d{7,}[*#]\d+$/.test(number)) refuse(NO_EXTENSION);
	if (PBX_NUMBER.test(number)) return number;
	if (MASKED.test(number)) refuse('Some of its digits are hidden. Enter the whole number.');
	const digits = number.replace(/^\+/, '');
	if (!DIGITS.test(number) || digits.length < MIN_DIGITS || /^0+$/.test(digits)) refuse(ACCEPTED);
	if (digits.length > MAX_DIGITS) refuse(TOO_LONG);
	const national = country && (toInternational(number, country) ?? refuse(notOf(country, number)));
	if (national.startsWith('+')) return national;
	if (TWO_EXTENSIONS.test(text)) refuse(SEVERAL);
	if (!number.startsWith('+')) return number;
	// A national prefix in brackets is not dialed after the country code, except in some countries.
	if (/^\(?\+\d{1,3}\)?\s*\(0\)/.test(text)) refuse('Leave out the (0) after the country code.');
	if (digits.startsWith('0'))
		refuse('After + comes the country code, which does not begin with 0.');
	if (digits.length > 15) refuse(TOO_LONG);
	return number;
}

const notOf = (country: string, number: string) =>
	number.startsWith('+')
		? 'It has too few or too many digits for its country code.'
		: `It is not a number of the country ${country}. Correct it, or write it with + and the country code.`;

const SIP =
	"For a SIP name or address, write 'sip:' before it. A name or an email address is no number.";

/**
 * The number of a URI such as `tel:863-1234;phone-context=+1-914-555` (RFC 3966), with what it needs to be
 * dialed from elsewhere; other text as it is.
 */
function readTelUri(text: string): string {
	if (!/^tel:/i.test(text)) return text;
	const [number, ...parameters] = text
		.slice('tel:'.length)
		.replace(/%2b/gi, '+')
		.replace(/%20/g, ' ')
		.split(';')
		.map((part) => part.trim());
	if (parameters.some((parameter) => /^(?:ext|isub)=/i.test(parameter))) return text;
	const context = parameters.find((parameter) => /^phone-context=\+/i.test(parameter));
	return context && !number.startsWith('+') ? context.replace(/^.*=/, '') + number : number;
}

/**
 * A SIP address without its parameters. Without `sip:`, only a number can stand before the host: everything
 * else is an email address.
 */
function readSipAddress(text: string): string | undefined {
	const [, scheme = '', name, host = ''] = SIP_ADDRESS.exec(text.replace(/[;?].*$/, '')) ?? [];
	if (name === undefined || scheme + host === '') return undefined;
	const number = name.replace(PUNCTUATION, '');
	const isNumber = DIGITS.test(number) || PBX_NUMBER.test(number);
	if (!isNumber && (scheme === '' || !/^[a-z\d][\w.~!+-]*$/i.test(name))) return undefined;
	return scheme + (isNumber ? number : name) + host;
}

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
function hasSeveralNumbers(text: string): boolean {
	const plusSigns = text.match(/\+/g)?.length ?? 0;
	const parts = withDigits(text.split(/[,;|\r\n\t]|\s(?:or|and|и|или|oder|und|ou|o|y)\s/i));
	if (plusSigns > 1 || parts.length > 1 || hasSeveralAtBlanks(text)) return true;
	const [first, second, ...others] = withDigits(text.split('/'));
	if (second === undefined) return false;
	// In some countries a slash follows the area code: 030/123456.
	const isAreaCode = /^\(?[0+]/.test(first.trim()) && digitsOf(first).length < PUBLIC_DIGITS;
	return !isAreaCode || digitsOf(second).length < MIN_LOCAL_DIGITS || others.length > 0;
}

/** Fewer digits behind a slash are another extension: 0101/0102. */
const MIN_LOCAL_DIGITS = 5;

/** Whether blanks separate numbers, or a number and its extension. */
function hasSeveralAtBlanks(text: string): boolean {
	const parts = withDigits(text.split(/\s+/));
	return parts.some((part, index) => {
		const next = parts[index + 1] ?? '';
		return areWhole([part, next]) || (/^\+?\d{11,}$/.test(part) && /^\d{1,6}$/.test(next));
	});
}

/** Whether each part is a whole number: `79161112233 79162223344`, but not `+7 9161112233`. */
function areWhole(parts: string[]): boolean {
	const hasAllDigits = (part: string) => digitsOf(part).length >= PUBLIC_DIGITS;
	if (parts.length < 2 || !parts.every(hasAllDigits)) return false;
	const shapes = new Set(parts.map((part) => part.replace(/\d/g, '0')));
	return shapes.size === 1 || parts.every((part) => /^(?:\(?\+|\d{7,}$)/.test(part));
}

const withDigits = (parts: string[]) => parts.filter((part) => /\d/.test(part));

const digitsOf = (text: string) => text.replace(/\D/g, '');

/**
 * The numbers of a list, or of text with a number on each line, or between commas, semicolons or blanks.
 * An empty list has none.
 *
 * @throws ValidationError for an entry that is not one number, and for a value without any number
 */
export function parsePhoneNumbers(label: string, value: unknown, country = ''): string[] {
	if (Array.isArray(value) ? value.length === 0 : EMPTY_JSON_LIST.test(String(value))) return [];
	const entries = listValues(value)
		.flatMap((entry) => (typeof entry === 'string' ? splitAtBlanks(entry) : [entry]))
		.filter((entry) => !isEmptyNumber(entry));
	if (entries.length === 0) {
		throw new ValidationError(
			`'${label}' is set, but it has no number`,
			'Enter numbers, check that the expression has a value, or remove it.',
		);
	}
	return entries.map((entry) => {
		const number = parsePhoneNumber(label, entry, country);
		// A column of names would protect nobody.
		if (/^[a-z]+$/i.test(number)) throw refusal(label, entry, SIP);
		return number;
	});
}

const EMPTY_JSON_LIST = /^\s*\[\s*\]\s*$/;

/** `+79161112233 +79162223344` are two numbers, `8 (916) 111-22-33` is one. */
function splitAtBlanks(written: string): string[] {
	if (PLAIN.test(written)) return [written];
	const parts = toAscii(clean(written)).trim().split(/\s+/);
	if (areWhole(parts)) return parts;
	const numbers: string[][] = [];
	for (const part of parts) {
		const last = numbers.at(-1);
		if (!last || /^\(?\+/.test(part)) numbers.push([part]);
		else last.push(part);
	}
	return numbers.length > 1 ? numbers.map((each) => each.join(' ')) : [written];
}

/**
 * What all spellings of a number have in common: without the plus sign or the 00 before a country code, and
 * for a number of the PBX without its domain.
 *
 * @param number as `parsePhoneNumber` returns it
 */
export const numberIdentity = (number: string): string =>
	number
		.toLowerCase()
		.replace(/^sips?:/, '')
		.replace(/@.*$/, '')
		.replace(/^(?:\+|00(?=[1-9]\d{8}))/, '');

/** Whether a PBX may refuse a number: it is public, but has no plus sign. A real PBX was seen to refuse such. */
export const isDoubtful = (number: string) =>
	/^\d+$/.test(number) && number.length >= PUBLIC_DIGITS;
