import type { Evidence } from './deliver';
import type { Draft, Fate } from './draft';

/** `[0, 1, 2, 5]` → `0–2, 5`, with at most so many pieces. */
export function ranges(numbers: number[], most = 12): string {
	const pieces: string[] = [];
	for (let start = 0; start < numbers.length; ) {
		let end = start;
		while (numbers[end + 1] === numbers[end] + 1) end++;
		pieces.push(start === end ? `${numbers[start]}` : `${numbers[start]}–${numbers[end]}`);
		start = end + 1;
	}
	const more = pieces.length - most;
	return more > 0 ? `${pieces.slice(0, most).join(', ')} and ${more} more` : pieces.join(', ');
}

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
		line('Added', itemsOf(drafts, 'added'), ` (${added.length} tasks, IDs ${ids})`),
		line('Refused', itemsOf(drafts, 'refused')),
		line('Unknown', itemsOf(drafts, 'unknown')),
		line('Not sent', itemsOf(drafts, 'notSent', undefined)),
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

function line(title: string, items: number[], more = '') {
	if (items.length === 0) return '';
	return `${title}: item${items.length === 1 ? '' : 's'} ${ranges(items)}${more}.`;
}

function counts({ before, confirmed, expected, now }: Evidence) {
	const known = `The scheduler counted ${before} tasks before, and ${confirmed} were confirmed since`;
	return now === undefined
		? `${known}.`
		: `${known}; it counts ${now} now, where ${expected} were expected.`;
}
