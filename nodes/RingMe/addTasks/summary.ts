import {
	formatRanges,
	summarizeItems,
	type ItemsByOutcome,
	type Outcome,
} from '../../shared/errors/outcome';
import type { PendingTask } from './pendingTask';

/** Task counts of a scheduler, as evidence of what the PBX did. */
export interface TaskCounts {
	/** All tasks of the scheduler before the run. */
	initial: number;
	/** Tasks that the PBX confirmed in this run. */
	confirmed: number;
	/** What the scheduler should count if nothing else changes it. */
	expected: number;
	/** The latest count; undefined if it could not be read. */
	current?: number;
}

/** Input items by the outcomes of their tasks. An item with several tasks can have several outcomes. */
export function itemsByOutcome(tasks: PendingTask[]): ItemsByOutcome {
	const items: Partial<Record<Outcome, Set<number>>> = {};
	for (const { itemIndex, result } of tasks) {
		(items[result?.outcome ?? 'notSent'] ??= new Set()).add(itemIndex);
	}
	return Object.fromEntries(Object.entries(items).map(([outcome, set]) => [outcome, [...set]]));
}

/**
 * What happened to all tasks, for the error of a run that stopped: which items are added and under
 * which task IDs, which are not, which are unknown, and what the schedulers count.
 */
export function summarizeTasks(tasks: PendingTask[], counts: TaskCounts[]): string {
	const ids = tasks
		.flatMap(({ result }) => (result?.outcome === 'succeeded' ? [Number(result.task.id)] : []))
		.sort((a, b) => a - b);
	const summary = summarizeItems(itemsByOutcome(tasks), {
		succeeded: ` (${ids.length} tasks, IDs ${formatRanges(ids)})`,
	});
	return [summary, ...counts.map(describeCounts)].join(' ');
}

/** The task count before the run, the expected and the current one. */
export function describeCounts({ initial, confirmed, expected, current }: TaskCounts): string {
	if (!Number.isFinite(initial)) return 'The task scheduler does not report how many tasks it has.';
	const before = `The task scheduler had ${initial} tasks before, and ${confirmed} were confirmed since`;
	return current === undefined
		? `${before}.`
		: `${before}; now it has ${current}, where ${expected} were expected.`;
}
