import type { ExchangeFailure } from './sendRequest';
import type { Failure } from './parseError';

/** Nobody watches a workflow for longer than this; a longer wait is told instead. */
export const LONGEST_WAIT_MS = 60_000;
const TRIES = 4;

/**
 * How long to wait before the same request may be sent again, in milliseconds; nothing if it must
 * not be. The one place that decides it:
 *
 * - refused (the connection was never made) and 429 (the PBX did nothing): any method.
 * - no answer, 502, 503, 504: GET, PUT and DELETE, because doing them twice changes nothing. Never
 *   POST: the PBX may have acted, and a second one may ring a phone again. Where only the token could
 *   not be fetched, it was not even sent: any method.
 * - everything else: the PBX decided, and would decide the same.
 */
export function waitBeforeRetry(
	method: string,
	failure: Failure,
	tries: number,
): number | undefined {
	const { kind, status = 0, token } = failure;
	const nothingDone = kind === 'refused' || status === 429;
	const unanswered = kind === 'lost' || [502, 503, 504].includes(status);
	if (tries >= TRIES || !(nothingDone || (unanswered && (method !== 'POST' || token)))) {
		return undefined;
	}
	const wait = waitToldByPbx(failure) ?? 1000 * 2 ** (tries - 1);
	return wait <= LONGEST_WAIT_MS ? wait : undefined;
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
export function mayBeDone({ method, failure, afterLoss }: ExchangeFailure): boolean {
	const { kind, status = 0, token } = failure;
	if (method === 'GET') return false;
	if (afterLoss) return true;
	return !token && (kind === 'lost' || kind === 'unreadable' || status >= 500);
}
