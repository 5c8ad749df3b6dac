/** Which failed requests are sent again, and when. */
import type { ErrorDetails, ErrorKind } from '../../nodes/shared/errors/requestError';
import { getRetryDelay, MAX_RETRY_DELAY_MS } from '../../nodes/shared/transport/retryPolicy';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
type Failure = [kind: ErrorKind, status: number | undefined];

/** The PBX executed nothing. */
const RETRIED_ALWAYS: Failure[] = [
	['connection', undefined],
	['http', 429],
];
/** The PBX may have executed it. */
const RETRIED_UNLESS_POST: Failure[] = [
	['interrupted', undefined],
	['http', 502],
	['http', 503],
	['http', 504],
];
/** The PBX would respond in the same way again. */
const NEVER_RETRIED: Failure[] = [
	['http', 302],
	['http', 400],
	['http', 401],
	['http', 403],
	['http', 404],
	['http', 409],
	['http', 413],
	['http', 422],
	['http', 500],
	['http', 501],
	['tls', undefined],
	['canceled', undefined],
	['invalidResponse', undefined],
	['notAFile', 200],
	['other', undefined],
];

const detailsOf = ([kind, status]: Failure, more: Partial<ErrorDetails> = {}): ErrorDetails => ({
	kind,
	status,
	message: '',
	...more,
});
const withMethods = (failures: Failure[]) =>
	failures.flatMap((failure) => METHODS.map((method) => [method, ...failure] as const));

describe('getRetryDelay', () => {
	it.each(withMethods(RETRIED_ALWAYS))(
		'retries a %s after "%s" with status %s',
		(method, ...failure) => {
			expect(getRetryDelay({ method }, detailsOf(failure), 1)).toBeDefined();
		},
	);

	it.each(withMethods(RETRIED_UNLESS_POST))(
		'retries a %s, unless it is a POST, after "%s" with status %s',
		(method, ...failure) => {
			const isRetried = getRetryDelay({ method }, detailsOf(failure), 1) !== undefined;
			expect(isRetried).toBe(method !== 'POST');
		},
	);

	it.each(RETRIED_UNLESS_POST)(
		'does not retry a PUT that is not repeatable after "%s" with status %s',
		(...failure) => {
			const request = { method: 'PUT', repeatable: false } as const;
			expect(getRetryDelay(request, detailsOf(failure), 1)).toBeUndefined();
		},
	);

	it.each(withMethods(RETRIED_UNLESS_POST))(
		'retries the token request for a %s after "%s" with status %s',
		(method, ...failure) => {
			const details = detailsOf(failure, { isTokenRequest: true });
			expect(getRetryDelay({ method }, details, 1)).toBeDefined();
		},
	);

	it.each(withMethods(NEVER_RETRIED))(
		'does not retry a %s after "%s" with status %s',
		(method, ...failure) => {
			expect(getRetryDelay({ method }, detailsOf(failure), 1)).toBeUndefined();
			expect(
				getRetryDelay({ method }, detailsOf(failure, { isTokenRequest: true }), 1),
			).toBeUndefined();
		},
	);

	it.each([1, 2, 3])(
		'doubles the delay with each attempt, less up to half: attempt %i',
		(attempt) => {
			const longest = 1000 * 2 ** (attempt - 1);
			const delays = Array.from({ length: 200 }, () =>
				Number(getRetryDelay({ method: 'GET' }, detailsOf(['connection', undefined]), attempt)),
			);
			expect(Math.min(...delays)).toBeGreaterThanOrEqual(longest / 2);
			expect(Math.max(...delays)).toBeLessThanOrEqual(longest);
			expect(new Set(delays).size).toBeGreaterThan(100);
		},
	);

	it('gives up after the fourth attempt', () => {
		expect(
			getRetryDelay({ method: 'GET' }, detailsOf(['connection', undefined]), 4),
		).toBeUndefined();
		expect(
			getRetryDelay({ method: 'GET' }, detailsOf(['http', 429], { retryAfterMs: 0 }), 4),
		).toBeUndefined();
	});

	it.each([0, 1, MAX_RETRY_DELAY_MS])('waits as long as the PBX says: %i ms', (retryAfterMs) => {
		expect(getRetryDelay({ method: 'POST' }, detailsOf(['http', 429], { retryAfterMs }), 1)).toBe(
			retryAfterMs,
		);
	});

	it('does not retry if the PBX says to wait longer than a minute', () => {
		const retryAfterMs = MAX_RETRY_DELAY_MS + 1;
		expect(
			getRetryDelay({ method: 'GET' }, detailsOf(['http', 429], { retryAfterMs }), 1),
		).toBeUndefined();
	});
});
