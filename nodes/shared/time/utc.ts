/** The only format of times that the PBX has (RingMe documentation of recordings and task schedulers). */

const UTC_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d+))?/;

/**
 * A time of the PBX in milliseconds: `2026-05-31 18:00:00` in UTC, with a fraction after a point or a
 * comma in some responses. Undefined for anything else.
 */
export function parseUtc(value: unknown): number | undefined {
	const [, day, time, fraction = '0'] = UTC_TIME.exec(String(value ?? '')) ?? [];
	const whole = Date.parse(`${day}T${time}Z`);
	return Number.isNaN(whole) ? undefined : whole + Math.floor(Number(`0.${fraction}`) * 1000);
}

/** Milliseconds as `YYYY-MM-DD HH:MM:SS` in UTC. */
export const formatUtc = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
