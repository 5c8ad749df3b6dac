import type { Delivery, Evidence, Fate } from './deliver';
import type { Draft } from './draft';

/** `[0,1,2,5]` → `0–2, 5`, at most so many pieces. */
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
 * under which ids, which certainly are not, which nobody knows, and what the scheduler counts.
 */
export function report(drafts: Draft[], deliveries: Delivery[]): string {
	const fate = (draft: Draft) => deliveries.map(({ fates }) => fates.get(draft)).find(Boolean);
	const of = (...kinds: Array<Fate['kind'] | undefined>) =>
		drafts.filter((draft) => kinds.includes(fate(draft)?.kind));
	const lines: string[] = [];
	const say = (title: string, found: Draft[], extra = '') => {
		if (found.length)
			lines.push(`${title}: items ${ranges(distinct(found.map(({ item }) => item)))}${extra}.`);
	};
	const added = of('added');
	const ids = added.map((draft) => Number((fate(draft) as { task: { id?: unknown } }).task.id));
	say('Added', added, ` (${added.length} tasks, IDs ${ranges(ids.sort((a, b) => a - b))})`);
	say('Refused', of('refused'));
	say('Unknown', of('unknown'));
	say('Not sent', of('notSent', undefined));
	for (const { evidence } of deliveries) lines.push(counts(evidence));
	return lines.join(' ');
}

function counts({ before, confirmed, expected, now }: Evidence) {
	const known = `The scheduler counted ${before} tasks before, and ${confirmed} were confirmed since`;
	return now === undefined
		? `${known}; its present count could not be read.`
		: `${known}; it counts ${now} now, where ${expected} were expected.`;
}

const distinct = (numbers: number[]) => [...new Set(numbers)];
