import type { IDataObject } from 'n8n-workflow';

import { isDoubtful, numberIdentity } from '../../shared/parameters/phoneNumber';
import { countryOfNumbers } from '../resources/common/fields';
import { mayBeAdded, type PendingTask, type SkipReason } from '../run/writeMemory';
import { plural } from './summary';
import { NUMBER_KEYS } from './taskFieldReader';

/** Whether the value of a consent field means that the person agreed: true, 1 or yes. */
export const isConsent = (value: unknown) => /^(true|1|yes)$/i.test(String(value ?? '').trim());

const identityOf = (number: unknown) => (number ? numberIdentity(String(number)) : '');

/**
 * Marks tasks that call a number of the list.
 *
 * @returns how many
 */
export function skipDoNotCall(tasks: PendingTask[], numbers: string[]): number {
	const listed = new Set(numbers.map(numberIdentity));
	let count = 0;
	for (const pending of tasks) {
		if (!isOpen(pending)) continue;
		const { task } = pending;
		if (!NUMBER_KEYS.some((key) => listed.has(identityOf(task[key])))) continue;
		pending.skipped = 'do not call';
		count++;
	}
	return count;
}

/** Whom a task calls: its numbers; without numbers, its extension. */
function targetOf({ client, schedulerId, task }: PendingTask): unknown[] {
	const a = identityOf(task.a_number);
	const b = identityOf(task.b_number);
	return [client, schedulerId, a, b, a || b ? undefined : task.extension_id];
}

/** What tasks for the same numbers have in common. */
export const numbersKey = (pending: PendingTask) => JSON.stringify(targetOf(pending));

/**
 * What tasks for the same person of a campaign have in common. With a 'Result Key', each key is a person.
 */
export const personKey = (pending: PendingTask, campaign: string) =>
	JSON.stringify([campaign, ...targetOf(pending), pending.resultKey]);

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

/** How many numbers a PBX may refuse, because they have no country code; undefined if there are none. */
export function describeDoubtful(tasks: IDataObject[]): string | undefined {
	let count = 0;
	for (const task of tasks) {
		for (const key of NUMBER_KEYS) if (isDoubtful(String(task[key] ?? ''))) count++;
	}
	if (count === 0) return undefined;
	const numbers = plural(count, 'number has', 'numbers have');
	return `${numbers} seven or more digits and no +, so a PBX may refuse ${count === 1 ? 'it' : 'them'}. Choose the option '${countryOfNumbers.label}' to add + and the country code.`;
}
