import { itemLine, ranges } from '../../shared/transport/records';
import type { Evidence } from './batchSender';
import type { Draft, Fate } from './pendingTask';

/**
 * What became of all tasks, for the error of a run that stopped: which items are certainly added and
 * under which ids, which certainly are not, which nobody knows, and what the schedulers count.
 */
export function report(drafts: Draft[], evidence: Evidence[]): string {
	const added = drafts.flatMap(({ fate }) =>
		fate?.kind === 'added' ? [Number(fate.task.id)] : [],
	);
	const ids = ranges(added.sort((a, b) => a - b));
	return [
		itemLine('Added', itemsOf(drafts, 'added'), ` (${added.length} tasks, IDs ${ids})`),
		itemLine('Refused', itemsOf(drafts, 'refused')),
		itemLine('Unknown', itemsOf(drafts, 'unknown')),
		itemLine('Not sent', itemsOf(drafts, 'notSent', undefined)),
		...evidence.map(counts),
	]
		.filter(Boolean)
		.join(' ');
}

function itemsOf(drafts: Draft[], ...kinds: Array<Fate['kind'] | undefined>) {
	return [
		...new Set(drafts.filter(({ fate }) => kinds.includes(fate?.kind)).map(({ item }) => item)),
	];
}

/** What the scheduler counted before, should count and counts. */
export function counts({ before, confirmed, expected, now }: Evidence): string {
	if (!Number.isFinite(before)) return 'The scheduler does not tell how many tasks it has.';
	const known = `The scheduler counted ${before} tasks before, and ${confirmed} were confirmed since`;
	return now === undefined
		? `${known}.`
		: `${known}; it counts ${now} now, where ${expected} were expected.`;
}
