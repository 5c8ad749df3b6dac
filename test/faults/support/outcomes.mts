/** The outcome that the node reports for each input item, read from the structure of its result. */
import { OUTCOMES, type Outcome } from '../../../nodes/shared/errors/outcome';
import { contextOf } from '../../harness/fixture.mts';
import type { RunResult } from '../../harness/types.mts';

/** The outcome that the node reports for an item, or `unreported`. */
export type ReportedOutcome = Outcome | 'unreported';

/**
 * @param count number of input items
 * @param isReadOnly a read that fails changes nothing and returns nothing, so no item need be named
 */
export function reportedOutcomes(
	{ error, items: outputItems }: RunResult,
	count: number,
	isReadOnly = false,
): ReportedOutcome[] {
	if (!error) {
		const outcomes = Array<ReportedOutcome>(count).fill('unreported');
		for (const { json, pairedItem } of outputItems) {
			// Skipped people are not sent.
			outcomes[(pairedItem as { item: number }).item] =
				json.skipped === undefined ? outcomeOfMessage(json.error) : 'notSent';
		}
		return outcomes;
	}
	const items = contextOf(error)?.items;
	if (count === 1 && !items) return [outcomeOfMessage(error.message)];
	const outcomes = Array<ReportedOutcome>(count).fill(isReadOnly ? 'failed' : 'unreported');
	for (const outcome of OUTCOMES) {
		for (const index of items?.[outcome] ?? []) outcomes[index] = outcome;
	}
	return outcomes;
}

/** The input items with an outcome. */
export const itemsWith = (outcome: ReportedOutcome, outcomes: ReportedOutcome[]): number[] =>
	outcomes.flatMap((each, item) => (each === outcome ? [item] : []));

/**
 * The outcome of one item by its error message; undefined if there is none. Items have no field for
 * the outcome: n8n before 2.1 accepts only `error` and `message`.
 */
export function outcomeOfMessage(message: unknown): Outcome {
	if (message === undefined) return 'succeeded';
	if (String(message).startsWith('Not sent: ')) return 'notSent';
	return OUTCOME_UNKNOWN.test(String(message)) ? 'unknown' : 'failed';
}

/** What the message of every error says whose request may have been executed. */
export const OUTCOME_UNKNOWN = /unknown whether/;

export const noViolations = { lost: 0, duplicated: 0, unexplained: 0 };
export type Violations = typeof noViolations;

/**
 * Counts what must never happen: an item that is lost (reported as succeeded without having been
 * executed), duplicated (executed twice), or unexplained (without an outcome, or executed although it
 * is reported as failed or not sent).
 *
 * @param executions how often the PBX executed what each item asks for
 */
export function findViolations(outcomes: ReportedOutcome[], executions: number[]): Violations {
	const count = (isViolation: (outcome: ReportedOutcome, times: number) => boolean) =>
		outcomes.filter((outcome, item) => isViolation(outcome, executions[item])).length;
	const isNotDone = (outcome: ReportedOutcome) => outcome === 'failed' || outcome === 'notSent';
	return {
		lost: count((outcome, times) => outcome === 'succeeded' && times === 0),
		duplicated: count((_, times) => times > 1),
		unexplained: count(
			(outcome, times) => outcome === 'unreported' || (isNotDone(outcome) && times > 0),
		),
	};
}

/** Message and description of the error of a run. */
export const errorText = ({ error }: RunResult) => `${error?.message} / ${error?.description}`;
