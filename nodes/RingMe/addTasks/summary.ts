import {
	formatRanges,
	summarizeItems,
	type ItemsByOutcome,
	type Outcome,
} from '../../shared/errors/outcome';
import type { PendingTask } from '../run/writeMemory';

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

/** `1 person`, `2 people`. */
export const plural = (count: number, one: string, many: string) =>
	`${count} ${count === 1 ? one : many}`;

/**
 * Who is called and who is not: `1 person was added and is called, 2 were not added.`
 *
 * @param isCalling whether the task scheduler is known to call those who were added
 */
export function describePeople(tasks: PendingTask[], isCalling = false): string {
	let [added, unknown, others] = [0, 0, 0];
	for (const { result, skipped } of tasks) {
		if (result?.outcome === 'succeeded') added++;
		else if (result?.outcome === 'unknown') unknown++;
		else if (!skipped) others++;
	}
	if (added + unknown === 0) return 'Nobody was added.';
	const people = (count: number) => plural(count, 'person', 'people');
	const were = (count: number) => (count === 1 ? 'was' : 'were');
	const parts = [];
	if (added > 0) {
		const isCalled = isCalling ? ` and ${added === 1 ? 'is' : 'are'} called` : '';
		parts.push(`${people(added)} ${were(added)} added${isCalled}`);
	}
	if (unknown > 0) parts.push(`${added > 0 ? unknown : people(unknown)} may have been added`);
	if (others > 0) parts.push(`${others} ${were(others)} not${added > 0 ? '' : ' added'}`);
	return `${parts.join(', ')}. Do not run the whole list again.`;
}

/**
 * What happened to all tasks, for the error of a run that stopped: which items are added and under
 * which task IDs, which are not, which are unknown, and what the schedulers count.
 */
export function summarizeTasks(tasks: PendingTask[], counts: TaskCounts[]): string {
	const added = tasks.flatMap(({ result }) =>
		result?.outcome === 'succeeded' ? [Number(result.task.id)] : [],
	);
	// A PBX may give no ID.
	const ids = added.filter(Number.isFinite).sort((a, b) => a - b);
	const summary = summarizeItems(itemsByOutcome(tasks), {
		succeeded: ` (${added.length} tasks${ids.length > 0 ? `, IDs ${formatRanges(ids)}` : ''})`,
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
