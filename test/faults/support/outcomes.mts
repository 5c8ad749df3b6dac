/** What the node reports for each of its input items, read from the structure of its result. */
import type { ItemsByOutcome, Outcome } from '../../../nodes/shared/errors/outcome.ts';
import type { RunResult } from '../../harness/types.mts';

/** The outcome that the node reports for an item, or `unreported`. */
export type ReportedOutcome = Outcome | 'unreported';

/**
 * @param count number of input items
 * @param isReadOnly a read that fails changes nothing and returns nothing, so no item need be named
 */
export function reportedOutcomes(
	{ error, items }: RunResult,
	count: number,
	isReadOnly = false,
): ReportedOutcome[] {
	if (!error) {
		const outcomes = Array<ReportedOutcome>(count).fill('unreported');
		for (const { json, pairedItem } of items) {
			outcomes[(pairedItem as { item: number }).item] = outcomeOfItem(json.error);
		}
		return outcomes;
	}
	const { context, message } = error as { context?: { items?: ItemsByOutcome }; message: string };
	if (count === 1 && !context?.items) return [outcomeOfItem(message)];
	const outcomes = Array<ReportedOutcome>(count).fill(isReadOnly ? 'failed' : 'unreported');
	for (const [outcome, indexes] of Object.entries(context?.items ?? {})) {
		for (const index of indexes) outcomes[index] = outcome as Outcome;
	}
	return outcomes;
}

const OUTCOME_UNKNOWN_PATTERN = /unknown whether/;

/** Items have no field for the outcome: n8n before 2.1 accepts only `error` and `message`. */
function outcomeOfItem(error: unknown): Outcome {
	if (error === undefined) return 'succeeded';
	return OUTCOME_UNKNOWN_PATTERN.test(String(error)) ? 'unknown' : 'failed';
}

export const noViolations = { lost: 0, duplicated: 0, unexplained: 0 };
export type Violations = typeof noViolations;

/**
 * Counts the three things that must never happen.
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
