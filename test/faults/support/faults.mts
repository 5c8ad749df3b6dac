/**
 * Every fault the sandbox can make, and what must become of an operation that it strikes. Written
 * from what the fault is, not from what the node does: whatever can be healed by asking again safely
 * is healed, what was certainly not done is told so, and the rest is told as unknown.
 */
import type { FaultInput } from '../../../sandbox/index.mts';
import type { Operation } from './operations.mts';

type Expected = 'succeeded' | 'failed' | 'unknown';

/** Reads, replacing and removing, adding, bulk. What is not named does not differ from the first. */
interface Expectations {
	read: Expected;
	again?: Expected;
	add?: Expected;
	bulk?: Expected;
	/** Where one operation differs from its kind. */
	special?: Partial<Record<Operation['nature'], Expected>>;
}

export interface FaultCase {
	name: string;
	faults: FaultInput[];
	/** It strikes every request, not only one. */
	always?: boolean;
	/** How many requests it strikes; default 1. */
	strikes?: number;
	/** It takes long, so one item and one mode must do. */
	long?: boolean;
	expect: Expectations;
	/** What the user set in the node. */
	timeoutMs?: number;
	/** Strikes nothing but this. */
	only?: Operation['nature'];
	/** Makes no sense for this. */
	except?: Operation['nature'];
}

/** Nothing is known of an addition whose answer is lost; everything else can be asked again. */
const HEALED: Expectations = {
	read: 'succeeded',
	again: 'succeeded',
	add: 'unknown',
	bulk: 'unknown',
};
/** As above, and it never gets better. */
const LOST: Expectations = { read: 'failed', again: 'unknown', add: 'unknown', bulk: 'unknown' };
const FINE: Expectations = { read: 'succeeded' };
const TOLD: Expectations = { read: 'failed' };
/** A batch is halved and sent again, where the count says that nothing of it was added. */
const TOLD_ONCE: Expectations = { read: 'failed', bulk: 'succeeded' };

const ELSEWHERE = 'http://127.0.0.1:9/elsewhere';
const DENIED = {
	message: 'Application access type does not allow it',
	status: 'app_access_type_deny',
};

const case_ = (name: string, faults: FaultInput[], expect: Expectations, more = {}): FaultCase => ({
	...{ name, faults, expect },
	...more,
});
const once = (name: string, fault: FaultInput, expect: Expectations, more = {}) =>
	case_(name, [fault], expect, more);
const always = (name: string, fault: FaultInput, expect: Expectations, more = {}) =>
	case_(`${name}, always`, [{ ...fault, times: Infinity }], expect, { always: true, ...more });
const status = (code: number, more: Partial<FaultInput> = {}): FaultInput => ({
	...{ kind: 'status', status: code },
	...more,
});

export const faultCases: FaultCase[] = [
	case_('none', [], FINE),
	once('400', status(400), TOLD_ONCE),
	always('400', status(400), TOLD),
	once('413', status(413), TOLD_ONCE),
	always('403', status(403, { body: DENIED }), TOLD),
	once('404', status(404), TOLD),
	always('401', status(401), TOLD),
	once('500', status(500), { ...LOST }),
	once('500, acts', status(500, { acts: true }), LOST),
	once('502, HTML', status(502, { body: '<h1>Bad</h1>', contentType: 'text/html' }), HEALED),
	once('503', status(503, { retryAfter: 0 }), HEALED),
	always('503, in an hour', status(503, { retryAfter: 3600 }), LOST),
	once('504, acts', status(504, { acts: true }), HEALED),
	always('504, acts', status(504, { acts: true }), LOST),
	once('rateLimit, now', { kind: 'rateLimit', retryAfter: 0 }, FINE),
	always('rateLimit, half an hour', { kind: 'rateLimit', reset: 1800 }, TOLD),
	once('statsBusy', { kind: 'statsBusy' }, FINE),
	once('slow', { kind: 'slow', ms: 30 }, FINE),
	once('slow, past the timeout', { kind: 'slow', ms: 350 }, HEALED, { timeoutMs: 150 }),
	once('dropBefore', { kind: 'dropBefore' }, HEALED),
	always('dropBefore', { kind: 'dropBefore' }, LOST),
	once('dropAfter', { kind: 'dropAfter' }, HEALED),
	always('dropAfter', { kind: 'dropAfter' }, LOST),
	once('refuse, at once', { kind: 'refuse', ms: 30, match: undefined }, FINE),
	once('refuse, under way', { kind: 'refuse', ms: 30 }, HEALED),
	once('truncate', { kind: 'truncate' }, HEALED),
	// A deletion answers without a body, so there is nothing to cut off.
	always('truncate', { kind: 'truncate' }, { ...LOST, special: { remove: 'succeeded' } }),
	once('html200', { kind: 'html200' }, LOST),
	always('html200', { kind: 'html200' }, LOST),
	// The status says that it was done.
	once(
		'emptyBody',
		{ kind: 'emptyBody' },
		{ read: 'failed', again: 'succeeded', add: 'succeeded', bulk: 'unknown' },
	),
	once(
		'wrongShape',
		{ kind: 'wrongShape' },
		{ ...LOST, special: { remove: 'succeeded' } },
		{ except: 'file' },
	),
	once('hugeBody', { kind: 'hugeBody', bytes: 2_000_000 }, FINE, { except: 'file' }),
	once('redirect', { kind: 'redirect', to: ELSEWHERE }, TOLD),
	once('redirect 307', { kind: 'redirect', to: ELSEWHERE, status: 307 }, TOLD),
	once('tokenDeath', { kind: 'tokenDeath' }, FINE),
	always('tokenDeath', { kind: 'tokenDeath' }, TOLD),
	once(
		'halfBatch',
		{ kind: 'halfBatch' },
		{ read: 'succeeded', bulk: 'unknown' },
		{ only: 'bulk' },
	),
	once('capPerPage', { kind: 'capPerPage', n: 7, times: Infinity }, FINE, { only: 'list' }),
	always('repeatPage', { kind: 'repeatPage' }, TOLD, { only: 'list' }),
	always('endless', { kind: 'endless' }, TOLD, { only: 'list', long: true }),
	case_('dropAfter, then 503', [{ kind: 'dropAfter' }, status(503, { retryAfter: 0 })], HEALED, {
		strikes: 2,
	}),
	case_(
		'refuse, then dropBefore',
		[{ kind: 'refuse', ms: 30, match: undefined }, { kind: 'dropBefore' }],
		HEALED,
	),
];

/** What must become of what the fault strikes. */
export function expected({ expect }: FaultCase, { nature }: Operation): Expected {
	const { read, again = read, add = again, bulk = add, special } = expect;
	const ofNature = { get: read, list: read, file: read, replace: again, remove: again, add, bulk };
	return special?.[nature] ?? ofNature[nature];
}
