import type { Query } from '../api.mts';
import type { PbxContext } from '../context.mts';
import { formatUtc, startOfMonth } from '../dates.mts';

/** The query parameters of a period, of which both ends are epoch milliseconds. */
export const period = (start: number, end: number): Query => [
	['start_datetime', formatUtc(start)],
	['end_datetime', formatUtc(end)],
];

/** Page that no list has. */
export const LAST_PAGE = '100000';

const periods = new WeakMap<PbxContext, Query>();

/**
 * From the start of the last month: the longest period that is certainly allowed. It ends at the first
 * question of a run, so that equal requests stay equal.
 */
export function recentPeriodOf(pbx: PbxContext): Query {
	let recent = periods.get(pbx);
	if (!recent) {
		recent = period(startOfMonth(Date.now(), -1), Date.now());
		periods.set(pbx, recent);
	}
	return recent;
}
