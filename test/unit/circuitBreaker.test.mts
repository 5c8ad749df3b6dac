/** Failures that every later request of the same try would meet as well. */
import { CircuitBreaker } from '../../nodes/RingMe/run/circuitBreaker';
import { RequestError, type ErrorDetails } from '../../nodes/shared/errors/requestError';
import { MAX_RETRY_DELAY_MS } from '../../nodes/shared/transport/retryPolicy';

const errorWith = (details: Partial<ErrorDetails>) =>
	new RequestError({ kind: 'http', message: '', ...details }, { method: 'POST' });

describe('CircuitBreaker', () => {
	afterEach(() => jest.restoreAllMocks());

	it('is closed at first', () => {
		expect(new CircuitBreaker().error).toBeUndefined();
	});

	it.each<Partial<ErrorDetails>>([
		{ status: 401 },
		{ status: 401, isTokenRequest: true },
		{ status: 400, isTokenRequest: true },
		{ status: 403, isTokenRequest: true },
		{ status: 429, retryAfterMs: MAX_RETRY_DELAY_MS + 1 },
	])('opens for %j', (details) => {
		const breaker = new CircuitBreaker();
		const error = errorWith(details);
		breaker.trip(error);
		expect(breaker.error).toBe(error);
	});

	it.each<Partial<ErrorDetails>>([
		{ status: 400 },
		{ status: 403 },
		{ status: 404 },
		{ status: 429 },
		{ status: 429, retryAfterMs: MAX_RETRY_DELAY_MS },
		{ status: 500 },
		{ status: 503, isTokenRequest: true },
		{ kind: 'connection' },
		{ kind: 'interrupted', isTokenRequest: true },
		{ kind: 'canceled' },
	])('stays closed for %j', (details) => {
		const breaker = new CircuitBreaker();
		breaker.trip(errorWith(details));
		expect(breaker.error).toBeUndefined();
	});

	it('closes when the rate limit ends', () => {
		const now = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
		const breaker = new CircuitBreaker();
		breaker.trip(errorWith({ status: 429, retryAfterMs: 90_000 }));
		now.mockReturnValue(1_089_999);
		expect(breaker.error).toBeDefined();
		now.mockReturnValue(1_090_000);
		expect(breaker.error).toBeUndefined();
	});

	it('never closes after a rejected token', () => {
		const now = jest.spyOn(Date, 'now').mockReturnValue(0);
		const breaker = new CircuitBreaker();
		breaker.trip(errorWith({ status: 401 }));
		now.mockReturnValue(Number.MAX_SAFE_INTEGER);
		expect(breaker.error).toBeDefined();
	});
});
