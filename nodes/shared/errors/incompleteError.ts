import type { ItemsByOutcome } from './outcome';

/** A failure after part of the work was done. It says which part, so that nobody repeats it. */
export class IncompleteError extends Error {
	readonly name = 'IncompleteError';

	constructor(
		readonly cause: unknown,
		/** What was done, and what was not. */
		readonly progress: string,
		/** The same as data, where input items are concerned. */
		readonly items?: ItemsByOutcome,
		/** The sentence that a person needs first. */
		readonly headline?: string,
	) {
		super(progress);
	}
}

/** The failure itself, without what is known about the rest of the work. */
export const causeOf = (error: unknown): unknown =>
	error instanceof IncompleteError ? error.cause : error;
