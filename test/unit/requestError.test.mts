/** Whether the PBX may have executed a request that failed. */
import {
	canceledError,
	invalidResponseError,
	outcomeOf,
	RequestError,
	type ErrorKind,
} from '../../nodes/shared/errors/requestError';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
type Failure = [kind: ErrorKind, status: number | undefined];

/** The PBX responded before it executed anything, or the request did not reach it. */
const CERTAIN: Failure[] = [
	['http', 400],
	['http', 401],
	['http', 403],
	['http', 404],
	['http', 409],
	['http', 413],
	['http', 422],
	['http', 429],
	['connection', undefined],
	['tls', undefined],
	['notAFile', 200],
	['other', undefined],
];
/** The PBX may have executed the request before the failure. */
const UNCERTAIN: Failure[] = [
	['http', 301],
	['http', 302],
	['http', 303],
	['http', 307],
	['http', 500],
	['http', 502],
	['http', 503],
	['http', 504],
	['interrupted', undefined],
	['invalidResponse', undefined],
];
const FAILURES = [...CERTAIN, ...UNCERTAIN, ['canceled', undefined] as Failure];
const withMethods = (failures: Failure[]) =>
	failures.flatMap(([kind, status]) => METHODS.map((method) => [method, kind, status] as const));

describe('outcomeOf', () => {
	it.each(withMethods(CERTAIN))(
		'is "failed" for a %s that ends with "%s" and status %s',
		(method, kind, status) => {
			expect(outcomeOf({ kind, status, message: '' }, { method })).toBe('failed');
		},
	);

	it.each(withMethods(UNCERTAIN))(
		'is "unknown", except for GET, for a %s that ends with "%s" and status %s',
		(method, kind, status) => {
			const expected = method === 'GET' ? 'failed' : 'unknown';
			expect(outcomeOf({ kind, status, message: '' }, { method })).toBe(expected);
		},
	);

	it.each(METHODS)('is "notSent" for a %s that is canceled', (method) => {
		expect(outcomeOf({ kind: 'canceled', message: '' }, { method })).toBe('notSent');
	});

	it.each(withMethods(FAILURES))(
		'is not changed for GET, and "unknown" otherwise, after an unknown attempt: %s, "%s", status %s',
		(method, kind, status) => {
			const details = { kind, status, message: '' };
			expect(outcomeOf(details, { method, afterUnknownAttempt: true })).toBe(
				method === 'GET' ? outcomeOf(details, { method }) : 'unknown',
			);
		},
	);

	it.each(withMethods(UNCERTAIN))(
		'is "failed" if the token could not be fetched for a %s: "%s", status %s',
		(method, kind, status) => {
			const details = { kind, status, message: '', isTokenRequest: true };
			expect(outcomeOf(details, { method })).toBe('failed');
		},
	);
});

describe('RequestError', () => {
	it('has the message of the PBX and its outcome', () => {
		const error = new RequestError(
			{ kind: 'http', status: 503, message: 'Busy' },
			{ method: 'PUT' },
		);
		expect(error).toBeInstanceOf(Error);
		expect(error).toMatchObject({ name: 'RequestError', message: 'Busy', outcome: 'unknown' });
	});

	it('has a status only if the PBX responded', () => {
		const response = new RequestError(
			{ kind: 'http', status: 404, message: '' },
			{ method: 'GET' },
		);
		expect(response.hasStatus(404)).toBe(true);
		expect(response.hasStatus(400)).toBe(false);
		const noFile = new RequestError(
			{ kind: 'notAFile', status: 404, message: '' },
			{ method: 'GET' },
		);
		expect(noFile.hasStatus(404)).toBe(false);
	});

	it('is of unknown outcome if the request was in flight when the execution was canceled', () => {
		expect(canceledError('POST').outcome).toBe('notSent');
		expect(canceledError('POST', true).outcome).toBe('unknown');
		expect(canceledError('GET', true).outcome).toBe('notSent');
	});

	it.each([
		['', 'empty'],
		[undefined, 'empty'],
		['<html>', 'not JSON'],
		[{ a: 1 }, 'structure'],
		[12, 'structure'],
	])('says what is wrong with the response %j', (body, marker) => {
		const error = invalidResponseError({ method: 'POST' }, body);
		expect(error.message).toContain(marker);
		expect(error.outcome).toBe('unknown');
	});
});
