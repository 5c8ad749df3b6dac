import type { ErrorDetails } from '../errors/requestError';

/** Longer waits fail with the time at which requests work again: nobody watches a workflow for longer. */
export const MAX_RETRY_DELAY_MS = 60_000;
const MAX_ATTEMPTS = 4;

/**
 * How long to wait before a request is sent again, in milliseconds. Returns undefined if it must not
 * be. All retries are decided here:
 *
 * - connection refused and 429: any method, because the PBX did nothing.
 * - no response, 502, 503, 504: GET, PUT and DELETE, because doing them twice changes nothing. Never
 *   POST: the PBX may have acted, and a second one may ring a phone again. Where only the token could
 *   not be fetched, it was not even sent: any method.
 * - everything else: the PBX decided, and would decide the same.
 *
 * @param attempt number of the attempt that failed, from 1
 */
export function getRetryDelay(
	method: string,
	details: ErrorDetails,
	attempt: number,
): number | undefined {
	const { kind, status = 0, isTokenRequest } = details;
	const nothingExecuted = kind === 'connection' || status === 429;
	const noResponse = kind === 'interrupted' || [502, 503, 504].includes(status);
	const isSafe = nothingExecuted || (noResponse && (method !== 'POST' || isTokenRequest));
	if (attempt >= MAX_ATTEMPTS || !isSafe) return undefined;
	const delay = details.retryAfterMs ?? backOff(attempt);
	return delay <= MAX_RETRY_DELAY_MS ? delay : undefined;
}

/** Exponential back-off from one second, with jitter, so that parallel items do not retry in step. */
const backOff = (attempt: number) => 1000 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
