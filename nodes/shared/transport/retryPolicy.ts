import { isRepeatable, type ErrorDetails, type RequestInfo } from '../errors/requestError';

/** Longer waits fail with the time at which requests work again: nobody watches a workflow for longer. */
export const MAX_RETRY_DELAY_MS = 60_000;
const MAX_ATTEMPTS = 4;

/**
 * How long to wait before a request is sent again, in milliseconds. Returns undefined if it must not
 * be. All retries are decided here:
 *
 * - connection refused and 429: any request, because the PBX did nothing.
 * - no response, 502, 503, 504: a request that is repeatable, because doing it twice changes nothing
 *   (see `isRepeatable`). Of others the PBX may have executed the first. Where only the token could not be
 *   fetched, it was not even sent: any request.
 * - everything else: the PBX decided, and would decide the same.
 *
 * @param attempt number of the attempt that failed, from 1
 */
export function getRetryDelay(
	request: RequestInfo,
	details: ErrorDetails,
	attempt: number,
): number | undefined {
	const { kind, status = 0, isTokenRequest } = details;
	const nothingExecuted = kind === 'connection' || status === 429;
	const noResponse = kind === 'interrupted' || [502, 503, 504].includes(status);
	const isSafe = nothingExecuted || (noResponse && (isRepeatable(request) || isTokenRequest));
	if (attempt >= MAX_ATTEMPTS || !isSafe) return undefined;
	const delay = details.retryAfterMs ?? backOff(attempt);
	return delay <= MAX_RETRY_DELAY_MS ? delay : undefined;
}

/** Exponential back-off from one second, with jitter, so that parallel items do not retry in step. */
const backOff = (attempt: number) => 1000 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
