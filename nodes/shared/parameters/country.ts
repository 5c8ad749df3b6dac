import { COUNTRIES } from './countries';

/** How numbers are written in a country. */
interface NumberingPlan {
	/** Country code: `7`. */
	code: string;
	/** What is dialed before an international number: a pattern such as `810` or `00`. */
	internationalPrefix: RegExp;
	/** Lengths of national numbers. */
	lengths: Set<number>;
	/** All national numbers, without their prefix. */
	pattern: RegExp;
	/** What is dialed before a national number; undefined where there is nothing. */
	nationalPrefix?: RegExp;
	/** What replaces the prefix, with references to its groups. */
	replacement?: string;
}

/** The lines of the table by ISO code; parsed when they are needed. */
let lines: Map<string, string> | undefined;
const plans = new Map<string, NumberingPlan>();
/** The countries of each country code. The rules of the first hold for international numbers. */
const countriesByCode = new Map<string, string[]>();

function load(): Map<string, string> {
	if (lines) return lines;
	lines = new Map();
	for (const line of COUNTRIES.split('\n')) {
		const [iso, code] = line.split(' ', 2);
		lines.set(iso, line);
		countriesByCode.set(code, [...(countriesByCode.get(code) ?? []), iso]);
	}
	return lines;
}

/** The ISO codes of all countries. */
export const countryCodes = (): string[] => [...load().keys()];

function planOf(iso: string): NumberingPlan | undefined {
	let plan = plans.get(iso);
	const line = plan ? undefined : load().get(iso);
	if (line) {
		const [, code, international, lengths, pattern, prefix, replacement] = line.split(' ');
		plan = {
			code,
			internationalPrefix: new RegExp(`^(?:${international})`),
			lengths: new Set(lengths.split(',').map(Number)),
			pattern: new RegExp(`^(?:${pattern})$`),
			nationalPrefix: prefix ? new RegExp(`^(?:${prefix})`) : undefined,
			replacement: replacement || undefined,
		};
		plans.set(iso, plan);
	}
	return plan;
}

/**
 * A number with + and country code, by the rules of libphonenumber. A short number of the PBX stays, and a
 * number with + whose range the table does not know.
 *
 * @param number digits, perhaps after +
 * @param country ISO code of a country of the table
 * @returns undefined for a number that the country does not have
 */
export function toInternational(number: string, country: string): string | undefined {
	const plan = planOf(country);
	if (!plan) return undefined;
	if (number.startsWith('+')) {
		const digits = number.slice(1);
		return international(digits) ?? (hasPossibleLength(digits) ? number : undefined);
	}
	if (isExtension(number, plan)) return number;
	return completed(number, plan) ?? (number.length < PUBLIC_DIGITS ? number : undefined);
}

/** Extensions of a PBX have up to four digits, public numbers only in the smallest countries. */
const isExtension = (number: string, { lengths }: NumberingPlan) =>
	number.length <= 4 && Math.max(...lengths) > PUBLIC_DIGITS;

/** More digits are not a number of the PBX. */
const PUBLIC_DIGITS = 7;

/** A number without + in its international form. */
function completed(number: string, plan: NumberingPlan): string | undefined {
	const withoutPrefix = number.replace(plan.internationalPrefix, '');
	// No country code begins with 0.
	if (withoutPrefix !== number && /^[1-9]/.test(withoutPrefix)) {
		const result = international(withoutPrefix);
		if (result !== undefined) return result;
	}
	const national = nationalNumber(number, plan);
	if (number.startsWith(plan.code)) {
		const afterCode = nationalNumber(number.slice(plan.code.length), plan);
		const isInternational =
			(!plan.pattern.test(national) && plan.pattern.test(afterCode)) ||
			national.length > Math.max(...plan.lengths);
		if (isInternational) return valid(afterCode, plan.code);
	}
	return valid(national, plan.code);
}

/** The numbering plan of a number that begins with its country code. */
function planByCode(digits: string): NumberingPlan | undefined {
	load();
	const codes = [1, 2, 3].map((length) => digits.slice(0, length));
	const [iso] = codes.flatMap((code) => countriesByCode.get(code) ?? []);
	return iso === undefined ? undefined : planOf(iso);
}

/** Whether a number that begins with its country code has as many digits as others with it. */
function hasPossibleLength(digits: string): boolean {
	const code = planByCode(digits)?.code ?? '';
	return plansOf(code).some(({ lengths }) => lengths.has(digits.length - code.length));
}

/** A number that begins with its country code. */
function international(digits: string): string | undefined {
	const plan = planByCode(digits);
	if (plan) return valid(nationalNumber(digits.slice(plan.code.length), plan), plan.code);
	// A number that belongs to no country, such as +800.
	return NO_COUNTRY.test(digits) ? `+${digits}` : undefined;
}

/** Numbers of networks and services with a country code of their own (ITU-T E.164). */
const NO_COUNTRY = /^(?:8(?:00|08|70|78|8[123])|979)\d{5,12}$/;

/** The numbering plans with a country code: a number of Canada is valid in the USA, too. */
const plansOf = (code: string) =>
	(countriesByCode.get(code) ?? []).flatMap((iso) => planOf(iso) ?? []);

const valid = (national: string, code: string) =>
	plansOf(code).some(
		({ lengths, pattern }) => lengths.has(national.length) && pattern.test(national),
	)
		? `+${code}${national}`
		: undefined;

/** A national number without its prefix, unless it is one with it. */
function nationalNumber(number: string, plan: NumberingPlan): string {
	const { code, nationalPrefix, replacement, pattern } = plan;
	const match = nationalPrefix?.exec(number);
	if (!nationalPrefix || !match) return number;
	const lastGroup = match.length > 1 ? match[match.length - 1] : undefined;
	const rest =
		replacement !== undefined && lastGroup !== undefined && lastGroup !== ''
			? number.replace(nationalPrefix, replacement)
			: number.slice(match[0].length);
	const isNumberWithPrefix = pattern.test(number) && !pattern.test(rest);
	const isPossible = plansOf(code).some(({ lengths }) => lengths.has(rest.length));
	return isNumberWithPrefix || !isPossible ? number : rest;
}
