import type { Store } from '../state/store.mts';
import type { Did, Extension } from '../state/types.mts';
import { pick } from './fingerprint.mts';
import type { LegFailure } from './model.mts';

/** An extension's id (a number), its name (`1844*101`) or its short name (`101`). */
export type ExtensionRef = number | string;

/** The requested call is not possible; the message says why. */
export class TelephonyInputError extends Error {}

const EXTENSION_NAME = /^(\d{2,8}\*)?\d{2,4}$/;

export function findExtension(store: Store, ref: ExtensionRef): Extension | undefined {
	if (typeof ref === 'number') return store.extensions.get(ref);
	if (!EXTENSION_NAME.test(ref)) return undefined;
	const name = ref.includes('*') ? ref : `${store.client.prefix}*${ref}`;
	return store.extensions.find((extension) => extension.name === name);
}

/** @throws TelephonyInputError if there is no such extension */
export function requireExtension(store: Store, ref: ExtensionRef): Extension {
	const found = findExtension(store, ref);
	if (!found) throw new TelephonyInputError(`There is no extension ${ref}`);
	return found;
}

export function findDid(store: Store, number: string): Did | undefined {
	const digits = number.replace(/^\+/, '');
	return store.dids.find((did) => did.name.replace(/^\+/, '') === digits);
}

/** How a call to a number ends. */
export interface CallOutcome {
	/** null if it is answered. */
	failure: LegFailure | null;
	/** Seconds of ringing. */
	ring: number;
	/** Seconds of talking. */
	talk: number;
}

/** Seconds of ringing before an unanswered call ends. */
const RING_SECONDS: Record<LegFailure, number> = {
	BUSY: 2,
	CONGESTION: 1,
	CHANUNAVAIL: 1,
	NOANSWER: 30,
	CANCEL: 15,
};

function failureByNumber(number: string, attempt: number): LegFailure | null {
	const digits = number.replace(/\D/g, '');
	if (digits.endsWith('00')) return 'CONGESTION';
	switch (digits.at(-1)) {
		case '6':
			return attempt === 1 ? 'NOANSWER' : null;
		case '7':
			return 'BUSY';
		case '8':
			return attempt === 1 ? 'BUSY' : null;
		case '9':
			return 'NOANSWER';
		default:
			return null;
	}
}

/**
 * Decides how a call to a number ends, by its last digits (table in ASSUMPTIONS.md), so that a list of
 * people to call gives the same results in every run. Extensions answer unless they are blocked.
 * @param attempt counts from 1
 */
export function callOutcome(
	number: string,
	extension: Extension | undefined,
	attempt = 1,
): CallOutcome {
	const unreachable = extension?.status === 'blocked' ? 'CHANUNAVAIL' : null;
	const failure = extension ? unreachable : failureByNumber(number, attempt);
	return {
		failure,
		ring: failure ? RING_SECONDS[failure] : pick(3, 12, number, attempt, 'ring'),
		talk: pick(20, 180, number, attempt, 'talk'),
	};
}

/** Seconds of ringing before a call with this failure ends. */
export function ringSeconds(failure: LegFailure): number {
	return RING_SECONDS[failure];
}
