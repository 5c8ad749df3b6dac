const DATE_TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** One day in milliseconds. */
export const DAY_MS = 86_400_000;

/** Formats epoch milliseconds as `YYYY-MM-DD HH:MM:SS` in UTC, the date format of the API. */
export function formatUtc(ms: number): string {
	return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/**
 * Parses a date in the format of the API.
 * @returns epoch milliseconds; undefined for another format or a date that does not exist
 */
export function parseUtc(text: string): number | undefined {
	if (!DATE_TIME.test(text)) return undefined;
	const ms = Date.parse(`${text.replace(' ', 'T')}Z`);
	// Date.parse turns 31 February into a day of March, and 24:00 into the next day.
	return new Date(ms).getUTCDate() === Number(text.slice(8, 10)) ? ms : undefined;
}

/** Milliseconds by which a time zone is ahead of UTC at this time. */
export function zoneOffset(timeZone: string, ms: number): number {
	const local = new Date(ms).toLocaleString('sv-SE', { timeZone });
	return (parseUtc(local) ?? ms) - Math.floor(ms / 1000) * 1000;
}

/** Last millisecond of the month that follows the month of `ms`: the latest end of a `/record/` period. */
export function endOfNextMonth(ms: number): number {
	const date = new Date(ms);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 2, 1) - 1;
}
