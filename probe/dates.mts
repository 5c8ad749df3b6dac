/** `YYYY-MM-DD HH:MM:SS`, the date format of the API. */
export const DATE_FORMAT = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** Formats epoch milliseconds in the date format of the API, in UTC. */
export const formatUtc = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** Parses a date of the API as UTC, without its fraction of a second. @returns epoch milliseconds */
export const parseUtc = (text: string) => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);

/** Milliseconds by which a time zone is ahead of UTC at this time; undefined for an unknown zone. */
export function zoneOffset(timeZone: string, ms: number): number | undefined {
	try {
		const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
		const name = parts.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
		const [, sign = '+', hours = '0', minutes = '0'] =
			/GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
		return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
	} catch {
		return undefined;
	}
}

/** First millisecond of a month. @param offset months from that of `ms` */
export function startOfMonth(ms: number, offset: number): number {
	const date = new Date(ms);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1);
}
