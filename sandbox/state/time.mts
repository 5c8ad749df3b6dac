import { toGmt } from '../telephony/time.mts';

const SHAPE = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** Milliseconds since 1970 of an existing moment written `YYYY-MM-DD HH:MM:SS` (UTC), or undefined. */
export function parseUtc(text: string): number | undefined {
	if (!SHAPE.test(text)) return undefined;
	const ms = Date.parse(`${text.replace(' ', 'T')}Z`);
	// Date.parse rolls over the 31st of February; the text would not come back the same.
	return Number.isNaN(ms) || toGmt(ms) !== text ? undefined : ms;
}

/** The last millisecond of the month that follows the month of `ms` (the longest range of /record/). */
export function endOfNextMonth(ms: number): number {
	const date = new Date(ms);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 2, 1) - 1;
}
