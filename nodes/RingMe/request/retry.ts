import type { Failure } from './failure';

/** Nobody watches a workflow for longer than this; a longer wait is told instead. */
export const LONGEST_WAIT_MS = 60_000;
const TRIES = 4;

/**
 * How long to wait before the same request may be sent again, in milliseconds; nothing if it must
 * not be. The one place that decides it:
 *
 * - refused (the connection was never made) and 429 (the PBX did nothing): any method.
 * - no answer, 502, 503, 504: GET, PUT and DELETE, because doing them twice changes nothing. Never
 *   POST: the PBX may have acted, and a second one may ring a phone again.
 * - everything else: the PBX decided, and would decide the same.
 */
export function waitBeforeRetry(
	method: string,
	failure: Failure,
	tries: number,
): number | undefined {
	if (tries >= TRIES) return undefined;
	const backOff = 1000 * 2 ** (tries - 1);
	if (failure.status === 429) {
		const wait = waitToldByPbx(failure) ?? backOff;
		return wait <= LONGEST_WAIT_MS ? wait : undefined;
	}
	if (failure.kind === 'refused') return backOff;
	const unanswered = failure.kind === 'lost' || [502, 503, 504].includes(failure.status ?? 0);
	return unanswered && method !== 'POST' ? (waitToldByPbx(failure) ?? backOff) : undefined;
}

/**
 * Milliseconds until the PBX answers again, by its own headers: `Retry-After`, or for a used-up hour
 * `X-RateLimit-Reset` in seconds (RingMe documentation of request limits). The reset header stands on
 * every answer, so it counts only when nothing remains of the hour.
 */
export function waitToldByPbx({ headers, word }: Failure): number | undefined {
	const header = (name: string) => {
		const value = headers[name];
		return value === undefined || value === null || value === '' ? undefined : String(value);
	};
	const after = header('retry-after');
	if (after !== undefined) {
		const seconds = Number(after);
		if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
		const date = Date.parse(after);
		if (!Number.isNaN(date)) return Math.max(0, date - Date.now());
	}
	const usedUp = word === 'rate_limit_exceeded' || header('x-ratelimit-remaining') === '0';
	const reset = Number(header('x-ratelimit-reset') ?? NaN);
	return usedUp && Number.isFinite(reset) ? Math.max(0, reset * 1000) : undefined;
}

/** Whether the PBX may have done it although it did not say so. */
export const mayBeDone = (method: string, failure: Failure) =>
	method !== 'GET' &&
	(failure.kind === 'lost' ||
		failure.kind === 'unreadable' ||
		(failure.kind === 'answered' && (failure.status ?? 0) >= 500));
