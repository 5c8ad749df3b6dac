/**
 * Every fault that the sandbox can inject, and the outcome that an operation must have when it meets
 * the fault. The expectations follow from the fault, not from what the node does:
 *
 * - Where a retry is safe and the fault passes, the operation succeeds.
 * - Where the PBX certainly executed nothing, it fails.
 * - Where the PBX may have executed it, the outcome is unknown.
 */
import type { FaultInput } from '../../../sandbox/index.mts';
import type { Operation, OperationKind } from './operations.mts';

type ExpectedOutcome = 'succeeded' | 'failed' | 'unknown';

/**
 * Expected outcome per kind of operation: `read` for get, list and file; `write` for update and
 * delete, which may be repeated; `create`, which must not; `bulk` for Add Tasks. An omitted one is
 * the same as the one before it.
 */
interface Expectations {
	read: ExpectedOutcome;
	write?: ExpectedOutcome;
	create?: ExpectedOutcome;
	bulk?: ExpectedOutcome;
	/** Where one kind of operation differs from the others. */
	overrides?: Partial<Record<OperationKind, ExpectedOutcome>>;
}

export interface FaultCase {
	name: string;
	faults: FaultInput[];
	expected: Expectations;
	/** Every request meets the fault, not only the first one. */
	isPermanent?: boolean;
	/** Number of items whose requests meet the fault; default 1. */
	affectedItems?: number;
	/** It takes long, so it runs with one item, and only with Stop Workflow. */
	isSlow?: boolean;
	/** The client does not wait: its timeout fires when the PBX holds the request. */
	timesOut?: boolean;
	/**
	 * Of requests that may not be repeated, the last one meets the fault: a connection that is being made when the
	 * PBX closes its listener may be reset, and not refused.
	 */
	lastOfWrites?: boolean;
	/** The only kind of operation that can meet the fault. */
	only?: OperationKind;
	/** The kind of operation that cannot meet the fault. */
	except?: OperationKind;
}

/** The fault passes: whatever may be repeated succeeds, but what a lost POST did is unknown. */
const RESPONSE_LOST: Expectations = {
	read: 'succeeded',
	write: 'succeeded',
	create: 'unknown',
	bulk: 'unknown',
};
const REDIRECTED: Expectations = { read: 'failed', write: 'unknown' };
/** No attempt has a usable response. */
const NEVER_A_RESPONSE: Expectations = {
	read: 'failed',
	write: 'unknown',
	create: 'unknown',
	bulk: 'unknown',
};
const SUCCEEDS: Expectations = { read: 'succeeded' };
const REJECTED: Expectations = { read: 'failed' };
/** A rejected batch is halved and sent again if the task count shows that nothing of it was added. */
const REJECTED_ONCE: Expectations = { read: 'failed', bulk: 'succeeded' };

const OTHER_HOST = 'http://127.0.0.1:9/elsewhere';
const ACCESS_DENIED = {
	message: 'Application access type does not allow it',
	status: 'app_access_type_deny',
};

export const faultCases: FaultCase[] = [
	{ name: 'none', faults: [], expected: SUCCEEDS },
	{ name: '400', faults: [{ kind: 'status', status: 400 }], expected: REJECTED_ONCE },
	permanent('400', { kind: 'status', status: 400 }, REJECTED),
	{ name: '413', faults: [{ kind: 'status', status: 413 }], expected: REJECTED_ONCE },
	permanent('403', { kind: 'status', status: 403, body: ACCESS_DENIED }, REJECTED),
	{ name: '404', faults: [{ kind: 'status', status: 404 }], expected: REJECTED },
	permanent('401', { kind: 'status', status: 401 }, REJECTED),
	{ name: '500', faults: [{ kind: 'status', status: 500 }], expected: NEVER_A_RESPONSE },
	{
		name: '500, acts',
		faults: [{ kind: 'status', status: 500, acts: true }],
		expected: NEVER_A_RESPONSE,
	},
	{
		name: '502, HTML',
		faults: [{ kind: 'status', status: 502, body: '<h1>Bad</h1>', contentType: 'text/html' }],
		expected: RESPONSE_LOST,
	},
	{
		name: '503',
		faults: [{ kind: 'status', status: 503, retryAfter: 0 }],
		expected: RESPONSE_LOST,
	},
	permanent('503, in an hour', { kind: 'status', status: 503, retryAfter: 3600 }, NEVER_A_RESPONSE),
	{
		name: '504, acts',
		faults: [{ kind: 'status', status: 504, acts: true }],
		expected: RESPONSE_LOST,
	},
	permanent('504, acts', { kind: 'status', status: 504, acts: true }, NEVER_A_RESPONSE),
	{
		name: 'rateLimit, now',
		faults: [{ kind: 'rateLimit', retryAfter: 0 }],
		expected: SUCCEEDS,
	},
	permanent('rateLimit, half an hour', { kind: 'rateLimit', reset: 1800 }, REJECTED),
	{ name: 'statsBusy', faults: [{ kind: 'statsBusy' }], expected: SUCCEEDS },
	{ name: 'hold', faults: [{ kind: 'hold' }], expected: SUCCEEDS },
	{
		name: 'hold, past the timeout',
		faults: [{ kind: 'hold' }],
		expected: RESPONSE_LOST,
		timesOut: true,
	},
	{
		name: 'hold, acts, past the timeout',
		faults: [{ kind: 'hold', acts: true }],
		expected: RESPONSE_LOST,
		timesOut: true,
	},
	{ name: 'dropBefore', faults: [{ kind: 'dropBefore' }], expected: RESPONSE_LOST },
	permanent('dropBefore', { kind: 'dropBefore' }, NEVER_A_RESPONSE),
	{ name: 'dropAfter', faults: [{ kind: 'dropAfter' }], expected: RESPONSE_LOST },
	permanent('dropAfter', { kind: 'dropAfter' }, NEVER_A_RESPONSE),
	{
		name: 'refuse, at once',
		faults: [{ kind: 'refuse', match: undefined }],
		expected: SUCCEEDS,
	},
	{
		name: 'refuse, under way',
		faults: [{ kind: 'refuse' }],
		expected: RESPONSE_LOST,
		lastOfWrites: true,
	},
	{ name: 'truncate', faults: [{ kind: 'truncate' }], expected: RESPONSE_LOST },
	// The response to a deletion has no body that could be truncated.
	permanent(
		'truncate',
		{ kind: 'truncate' },
		{ ...NEVER_A_RESPONSE, overrides: { delete: 'succeeded' } },
	),
	{ name: 'html200', faults: [{ kind: 'html200' }], expected: NEVER_A_RESPONSE },
	permanent('html200', { kind: 'html200' }, NEVER_A_RESPONSE),
	{
		name: 'emptyBody',
		faults: [{ kind: 'emptyBody' }],
		// The status confirms a write.
		expected: { read: 'failed', write: 'succeeded', create: 'succeeded', bulk: 'unknown' },
	},
	{
		name: 'wrongShape',
		faults: [{ kind: 'wrongShape' }],
		// A deletion has no body, and the body of a transfer is not documented: any JSON will do.
		expected: { ...NEVER_A_RESPONSE, overrides: { delete: 'succeeded', transfer: 'succeeded' } },
		except: 'file',
	},
	{
		name: 'hugeBody',
		faults: [{ kind: 'hugeBody', bytes: 2_000_000 }],
		expected: SUCCEEDS,
		except: 'file',
	},
	// It is not certain that a redirected request was not executed: with 303 it was.
	{ name: 'redirect', faults: [{ kind: 'redirect', to: OTHER_HOST }], expected: REDIRECTED },
	{
		name: 'redirect 307',
		faults: [{ kind: 'redirect', to: OTHER_HOST, status: 307 }],
		expected: REDIRECTED,
	},
	{ name: 'tokenDeath', faults: [{ kind: 'tokenDeath' }], expected: SUCCEEDS },
	permanent('tokenDeath', { kind: 'tokenDeath' }, REJECTED),
	{
		name: 'halfBatch',
		faults: [{ kind: 'halfBatch' }],
		expected: { read: 'succeeded', bulk: 'unknown' },
		only: 'bulk',
	},
	{
		name: 'capPerPage',
		faults: [{ kind: 'capPerPage', n: 7, times: Infinity }],
		expected: SUCCEEDS,
		only: 'list',
	},
	{ ...permanent('repeatPage', { kind: 'repeatPage' }, REJECTED), only: 'list' },
	{ ...permanent('endless', { kind: 'endless' }, REJECTED), only: 'list', isSlow: true },
	{
		name: 'dropAfter, then 503',
		faults: [{ kind: 'dropAfter' }, { kind: 'status', status: 503, retryAfter: 0 }],
		expected: RESPONSE_LOST,
		affectedItems: 2,
	},
	{
		name: 'refuse, then dropBefore',
		faults: [{ kind: 'refuse', match: undefined }, { kind: 'dropBefore' }],
		expected: RESPONSE_LOST,
	},
];

/** A fault that every request meets. */
function permanent(name: string, fault: FaultInput, expected: Expectations): FaultCase {
	return {
		name: `${name}, always`,
		faults: [{ ...fault, times: Infinity }],
		expected,
		isPermanent: true,
	};
}

/** The outcome that an item must have whose request meets the fault. */
export function expectedOutcome({ expected }: FaultCase, { kind }: Operation): ExpectedOutcome {
	const { read, write = read, create = write, bulk = create, overrides } = expected;
	const outcomeByKind: Record<OperationKind, ExpectedOutcome> = {
		get: read,
		list: read,
		file: read,
		update: write,
		delete: write,
		create,
		// Like a create it must not be repeated: the number would ring again.
		transfer: create,
		bulk,
	};
	return overrides?.[kind] ?? outcomeByKind[kind];
}
