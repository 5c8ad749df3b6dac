/**
 * The outcome of an item, a task or a request:
 *
 * - `succeeded`: the PBX confirmed it.
 * - `failed`: the PBX certainly did not execute it.
 * - `unknown`: no usable response arrived, so the PBX may have executed it.
 * - `notSent`: it was never sent, or the run stopped before it was sent again: after a response 429, which
 *   executes nothing, or between the parts of a long period.
 */
export type Outcome = 'succeeded' | 'failed' | 'unknown' | 'notSent';

export const OUTCOMES: Outcome[] = ['succeeded', 'failed', 'unknown', 'notSent'];

/** Input items by outcome: `{ succeeded: [0, 1], failed: [2] }`. */
export type ItemsByOutcome = Partial<Record<Outcome, number[]>>;

const TITLES: Record<Outcome, string> = {
	succeeded: 'Succeeded',
	failed: 'Failed',
	unknown: 'Unknown',
	notSent: 'Not sent',
};

/**
 * `Succeeded: items 0–2. Not sent: item 3.`
 *
 * @param details text after the items of an outcome
 */
export function summarizeItems(
	items: ItemsByOutcome,
	details: Partial<Record<Outcome, string>> = {},
): string {
	return OUTCOMES.filter((outcome) => items[outcome]?.length)
		.map((outcome) => {
			const numbers = items[outcome] ?? [];
			const noun = numbers.length === 1 ? 'item' : 'items';
			return `${TITLES[outcome]}: ${noun} ${formatRanges(numbers)}${details[outcome] ?? ''}.`;
		})
		.join(' ');
}

const MAX_RANGES = 12;

/** `[0, 1, 2, 5]` → `0–2, 5`. Ranges beyond the twelfth are only counted. */
export function formatRanges(numbers: number[]): string {
	const ranges: string[] = [];
	for (let start = 0; start < numbers.length; ) {
		let end = start;
		while (numbers[end + 1] === numbers[end] + 1) end++;
		ranges.push(start === end ? `${numbers[start]}` : `${numbers[start]}–${numbers[end]}`);
		start = end + 1;
	}
	const omitted = ranges.length - MAX_RANGES;
	return omitted > 0
		? `${ranges.slice(0, MAX_RANGES).join(', ')} and ${omitted} more`
		: ranges.join(', ');
}
