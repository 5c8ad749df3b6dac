import type { Store } from '../state/store.mts';
import type { Did, Extension } from '../state/types.mts';
import type { Failure } from './model.mts';
import { pick } from './fingerprint.mts';

/** An extension's id (a number), its name (`1844*101`) or its short name (`101`). */
export type ExtensionRef = number | string;

/** A call was asked for that this PBX cannot make; the message says why. */
export class TelephonyInputError extends Error {}

const NAME = /^(\d{2,8}\*)?\d{2,4}$/;

export function findExtension(store: Store, ref: ExtensionRef): Extension | undefined {
	if (typeof ref === 'number') return store.extensions.get(ref);
	if (!NAME.test(ref)) return undefined;
	const name = ref.includes('*') ? ref : `${store.client.prefix}*${ref}`;
	return store.extensions.find((extension) => extension.name === name);
}

export function needExtension(store: Store, ref: ExtensionRef): Extension {
	const found = findExtension(store, ref);
	if (!found) throw new TelephonyInputError(`There is no extension ${ref}`);
	return found;
}

export function findDid(store: Store, number: string): Did | undefined {
	const digits = number.replace(/^\+/, '');
	return store.dids.find((did) => did.name.replace(/^\+/, '') === digits);
}

/** Who answers and how fast. Seconds. */
export interface Outcome {
	/** null: answered. */
	failure: Failure | null;
	ring: number;
	talk: number;
}

const GIVE_UP_AFTER: Record<Failure, number> = {
	BUSY: 2,
	CONGESTION: 1,
	CHANUNAVAIL: 1,
	NOANSWER: 30,
	CANCEL: 15,
};

function failureOf(number: string, attempt: number): Failure | null {
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
 * What becomes of a call to a number: decided by its last digits (the table is in ASSUMPTIONS.md), so
 * that a list of people to call gives the same mix in every run. Extensions answer unless blocked.
 * @param attempt counts from 1
 */
export function outcomeOf(number: string, extension: Extension | undefined, attempt = 1): Outcome {
	const unreachable = extension?.status === 'blocked' ? 'CHANUNAVAIL' : null;
	const failure = extension ? unreachable : failureOf(number, attempt);
	return {
		failure,
		ring: failure ? GIVE_UP_AFTER[failure] : pick(3, 12, number, attempt, 'ring'),
		talk: pick(20, 180, number, attempt, 'talk'),
	};
}

export function giveUpAfter(failure: Failure): number {
	return GIVE_UP_AFTER[failure];
}
