import type { IDataObject } from 'n8n-workflow';

import { mayBeAdded, type PendingTask, type SkipReason } from '../run/writeMemory';

const NUMBER_KEYS = ['a_number', 'b_number'] as const;
/** Other numbers, such as `1844*101` or a SIP name, are left as they are. */
const WRITTEN_NUMBER = /^\+?[\d\s()[\]\-\u2010-\u2015]+$/;

/**
 * Removes spaces, brackets and dashes from the numbers of a task, and nothing else: no country is
 * guessed.
 *
 * @returns whether a number was changed
 */
export function cleanNumbers(task: IDataObject): boolean {
	let isChanged = false;
	for (const key of NUMBER_KEYS) {
		const number = task[key];
		if (typeof number !== 'string' || !WRITTEN_NUMBER.test(number)) continue;
		const cleaned = number.replace(/[^+\d]/g, '');
		if (cleaned === number) continue;
		task[key] = cleaned;
		isChanged = true;
	}
	return isChanged;
}

/** Whether the value of a consent field means that the person agreed: true, 1 or yes. */
export const isConsent = (value: unknown) => /^(true|1|yes)$/i.test(String(value ?? '').trim());

const digitsOf = (number: unknown) => String(number ?? '').replace(/\D/g, '');

/** The digits of all numbers that must not be called. */
export const toDigits = (numbers: unknown[]) =>
	new Set(numbers.map(digitsOf).filter((digits) => digits !== ''));

/** Marks tasks that call a number of the list. */
export function skipDoNotCall(tasks: PendingTask[], digits: Set<string>) {
	if (digits.size === 0) return;
	for (const pending of tasks) {
		if (!isOpen(pending)) continue;
		const { task } = pending;
		if (NUMBER_KEYS.some((key) => digits.has(digitsOf(task[key])))) pending.skipped = 'do not call';
	}
}

/** Whom a task calls: its numbers; without numbers, its extension. */
function targetOf({ client, schedulerId, task }: PendingTask): unknown[] {
	const a = withoutPlus(task.a_number);
	const b = withoutPlus(task.b_number);
	return [client, schedulerId, a, b, a || b ? undefined : task.extension_id];
}

/** What tasks for the same numbers have in common. */
export const numbersKey = (pending: PendingTask) => JSON.stringify(targetOf(pending));

/**
 * What tasks for the same person of a campaign have in common. With a 'Result Key', each key is a person.
 */
export const personKey = (pending: PendingTask, campaign: string) =>
	JSON.stringify([campaign, ...targetOf(pending), pending.resultKey]);

const withoutPlus = (number: unknown) => String(number ?? '').replace(/^\+/, '');

/** Marks tasks with the same key as an earlier one of this run, or as one that an earlier try has added. */
export function skipDuplicates(tasks: PendingTask[], keyOf: (task: PendingTask) => string) {
	const seen = new Set(tasks.filter(({ result }) => mayBeAdded(result)).map(keyOf));
	for (const pending of tasks) {
		if (!isOpen(pending)) continue;
		const key = keyOf(pending);
		if (seen.has(key)) pending.skipped = 'duplicate';
		seen.add(key);
	}
}

/** Whether the task is to be sent. */
export const isOpen = ({ error, skipped, result }: PendingTask) =>
	!error && !skipped && !mayBeAdded(result);

/** `Skipped 3 of 25 tasks: 2 do not call, 1 duplicate.`; undefined if none was skipped. */
export function describeSkipped(tasks: PendingTask[]): string | undefined {
	const counts = new Map<SkipReason, number>();
	for (const { skipped } of tasks) {
		if (skipped) counts.set(skipped, (counts.get(skipped) ?? 0) + 1);
	}
	if (counts.size === 0) return undefined;
	const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
	const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`);
	return `Skipped ${total} of ${tasks.length} tasks: ${reasons.join(', ')}.`;
}
