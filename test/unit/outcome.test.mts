/** Summaries of items by outcome. */
import fc from 'fast-check';

import { formatRanges, summarizeItems } from '../../nodes/shared/errors/outcome';

describe('formatRanges', () => {
	it.each([
		[[], ''],
		[[0], '0'],
		[[0, 1], '0–1'],
		[[0, 1, 2, 5], '0–2, 5'],
		[[3, 5, 7, 8], '3, 5, 7–8'],
	])('formats %j as "%s"', (numbers, text) => {
		expect(formatRanges(numbers)).toBe(text);
	});

	it('counts the ranges beyond the twelfth', () => {
		const evenNumbers = (count: number) => Array.from({ length: count }, (_, index) => index * 2);
		expect(formatRanges(evenNumbers(12))).toBe('0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22');
		expect(formatRanges(evenNumbers(15))).toBe(
			'0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22 and 3 more',
		);
	});

	it('includes every number of at most twelve ranges exactly once', () => {
		const parse = (text: string) =>
			text.split(', ').flatMap((range) => {
				const [first, last = first] = range.split('–').map(Number);
				return Array.from({ length: last - first + 1 }, (_, index) => first + index);
			});
		fc.assert(
			fc.property(fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 12 }), (numbers) => {
				const sorted = numbers.sort((a, b) => a - b);
				expect(parse(formatRanges(sorted))).toEqual(sorted);
			}),
		);
	});
});

describe('summarizeItems', () => {
	it('lists the items of each outcome, and omits outcomes without items', () => {
		expect(summarizeItems({})).toBe('');
		expect(summarizeItems({ failed: [3], succeeded: [] })).toBe('Failed: item 3.');
		expect(
			summarizeItems({ notSent: [5, 6], unknown: [4], failed: [3], succeeded: [0, 1, 2] }),
		).toBe('Succeeded: items 0–2. Failed: item 3. Unknown: item 4. Not sent: items 5–6.');
	});

	it('adds details after the items of an outcome', () => {
		const details = { succeeded: ' (2 tasks, IDs 7–8)', failed: ' (not shown)' };
		expect(summarizeItems({ succeeded: [0, 1] }, details)).toBe(
			'Succeeded: items 0–1 (2 tasks, IDs 7–8).',
		);
	});
});
