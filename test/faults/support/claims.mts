/** What the node says about each of its input items, read from what a person sees. */
import type { RunResult } from '../../harness/types.mts';

/**
 * done: it was done. not: it certainly was not. unknown: it may have been, and the node says that it
 * does not know. silent: nothing is said of it.
 */
export type Claim = 'done' | 'not' | 'unknown' | 'silent';

const LINE = /(Done|Added|Failed|Refused|Unknown|Not sent): items? ([\d–, ]+)/g;
const MEANING: Record<string, Claim> = {
	Done: 'done',
	Added: 'done',
	Failed: 'not',
	Refused: 'not',
	'Not sent': 'not',
	Unknown: 'unknown',
};
const IN_DOUBT = /unknown whether/;

/**
 * @param count how many input items there were
 * @param reads a read that fails changed nothing and gives nothing, so no item need be named
 */
export function claimsOf({ error, items }: RunResult, count: number, reads = false): Claim[] {
	const claims = Array<Claim>(count).fill(error && reads ? 'not' : 'silent');
	if (error) {
		const text = `${error.message}\n${error.description ?? ''}`;
		for (const [, title, list] of text.matchAll(LINE)) {
			for (const item of numbers(list)) claims[item] = MEANING[title];
		}
		if (count === 1 && claims[0] === 'silent') claims[0] = IN_DOUBT.test(text) ? 'unknown' : 'not';
		return claims;
	}
	for (const { json, pairedItem } of items) {
		const { item } = pairedItem as { item: number };
		if (json.error === undefined) claims[item] = 'done';
		else claims[item] = IN_DOUBT.test(String(json.error)) ? 'unknown' : 'not';
	}
	return claims;
}

/** `0–2, 5` → `[0, 1, 2, 5]` */
export const numbers = (list: string): number[] =>
	list
		.split(',')
		.filter((piece) => /\d/.test(piece))
		.flatMap((piece) => {
			const [first, last = first] = piece.split('–').map(Number);
			return Array.from({ length: last - first + 1 }, (_, index) => first + index);
		});

export const zeros = { lost: 0, doubled: 0, unexplained: 0 };
export type Zeros = typeof zeros;

/**
 * The three things that must never happen, counted.
 *
 * @param did how often the PBX did what each item asked for
 */
export function judge(claims: Claim[], did: number[]): Zeros {
	const count = (wrong: (claim: Claim, times: number) => boolean) =>
		claims.filter((claim, item) => wrong(claim, did[item])).length;
	return {
		lost: count((claim, times) => claim === 'done' && times === 0),
		doubled: count((_, times) => times > 1),
		unexplained: count((claim, times) => claim === 'silent' || (claim === 'not' && times > 0)),
	};
}
