import type { PbxContext } from './context.mts';

/** What a probe found out about its assumption. */
export type Verdict =
	| { verdict: 'confirmed' }
	/** `seen` is safe to publish. */
	| { verdict: 'refuted'; seen: string }
	/** `reason` is safe to publish. */
	| { verdict: 'not answerable'; reason: string };

/** A question to the PBX about one assumption. */
export interface Probe {
	/** As in the column "Probe" of sandbox/ASSUMPTIONS.md. */
	name: string;
	/** The assumption, as far as this probe can tell. */
	assumption: string;
	/** Maximum number of requests. */
	requests: number;
	/**
	 * Asks the PBX. A missing prerequisite is a `NotAnswerable`.
	 * @throws NotAnswerable, NoResponseError, StopError
	 */
	ask(pbx: PbxContext): Promise<Verdict>;
}

export const confirmed: Verdict = { verdict: 'confirmed' };

export const refuted = (seen: string): Verdict => ({ verdict: 'refuted', seen });

/** Confirms if the condition holds. @param seen what was seen instead */
export const verdictOf = (holds: boolean, seen: () => string): Verdict =>
	holds ? confirmed : refuted(seen());
