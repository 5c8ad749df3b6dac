/** What can go wrong on demand. Most kinds differ in whether the PBX still acts on the request. */
export type FaultKind =
	/** Responds with `status`, `body`, `headers`, `contentType`, without acting (with `acts`: after acting). */
	| 'status'
	/** 429 of the hourly limit; `retryAfter` and `reset` set the headers Retry-After and X-RateLimit-Reset. */
	| 'rateLimit'
	/** 429 "Stats request already exists", without acting. */
	| 'statsBusy'
	/** Waits `ms`, then handles the request normally. */
	| 'slow'
	/** Drops the connection before acting. */
	| 'dropBefore'
	/** Acts, then drops the connection without a response. */
	| 'dropAfter'
	/** Closes the listener for `ms`, so that connections are refused; immediately if there is no `match`. */
	| 'refuse'
	/** Acts, then drops the connection after half of the announced body. */
	| 'truncate'
	/** 200 with an HTML page, without acting. */
	| 'html200'
	/** Acts, and responds with an empty body. */
	| 'emptyBody'
	/** Acts, and responds with a list instead of an object, or an object instead of a list. */
	| 'wrongShape'
	/** Acts, and adds `bytes` of padding to the response. */
	| 'hugeBody'
	/** Redirects (`status`, default 302) to `to`, without acting. */
	| 'redirect'
	/** Revokes the token of the request just before handling it, which gives a 401. */
	| 'tokenDeath'
	/** Adds half of a batch of tasks, then refuses the batch with 400. */
	| 'halfBatch'
	/** A list responds with its first page, whatever page is requested. */
	| 'repeatPage'
	/** A list always has another page of new items. */
	| 'endless'
	/** A page has at most `n` items, whatever `per_page` is. */
	| 'capPerPage';

export interface FaultInput {
	kind: FaultKind;
	/** All conditions must hold. `path` is a part of the path, or an expression for it. */
	match?: { method?: string; path?: string | RegExp; operationId?: string };
	/** Number of requests it affects; default 1, `Infinity` for all. */
	times?: number;
	/** Number of matching requests that pass first; default 0. */
	after?: number;
	/** Kinds `status`, `redirect`. */
	status?: number;
	/** Kind `status`: a text, or a value sent as JSON. */
	body?: unknown;
	headers?: Record<string, string>;
	contentType?: string;
	/** Kind `status`: whether the PBX acts first. */
	acts?: boolean;
	/** Kinds `status`, `rateLimit`: seconds. */
	retryAfter?: number;
	/** Kind `rateLimit`: seconds until the limit is reset; default: until the end of the hour. */
	reset?: number;
	/** Kinds `slow`, `refuse`: real milliseconds. */
	ms?: number;
	/** Kind `hugeBody`. */
	bytes?: number;
	/** Kind `redirect`. */
	to?: string;
	/** Kind `capPerPage`. */
	n?: number;
	/** Kind `halfBatch`: affects only batches with an invalid task; others are added completely. */
	onlyRefused?: boolean;
}

export interface Fault extends FaultInput {
	/** Number of requests it still affects. */
	remaining: number;
	/** Number of matching requests that still pass. */
	skip: number;
	/** Number of requests it has affected. */
	hits: number;
}

export interface FaultTarget {
	method: string;
	path: string;
	operationId?: string;
}

/** The active faults. A request is affected by the first one that matches it. */
export class Faults {
	private readonly active: Fault[] = [];

	/** @param onRefuse closes the listener for a time in milliseconds */
	constructor(private readonly onRefuse: (ms: number) => void) {}

	/** Adds a fault. @returns the fault, whose `hits` counts the affected requests */
	add(input: FaultInput): Fault {
		const fault: Fault = {
			...input,
			remaining: input.times ?? 1,
			skip: input.after ?? 0,
			hits: 0,
		};
		if (fault.kind === 'refuse' && !fault.match) {
			fault.remaining = 0;
			fault.hits = 1;
			this.onRefuse(fault.ms ?? 1000);
			return fault;
		}
		this.active.push(fault);
		return fault;
	}

	/** Finds the fault for a request and counts it. @returns undefined if no fault matches */
	take(target: FaultTarget): Fault | undefined {
		for (const fault of this.active) {
			if (fault.remaining <= 0 || !matches(fault, target)) continue;
			if (fault.skip > 0) {
				fault.skip--;
				continue;
			}
			fault.remaining--;
			fault.hits++;
			if (fault.kind === 'refuse') this.onRefuse(fault.ms ?? 1000);
			return fault;
		}
		return undefined;
	}

	list(): Fault[] {
		return [...this.active];
	}

	clear(): void {
		this.active.length = 0;
	}
}

function matches({ match = {} }: Fault, target: FaultTarget): boolean {
	if (match.method && match.method.toUpperCase() !== target.method) return false;
	if (match.operationId && match.operationId !== target.operationId) return false;
	if (match.path === undefined) return true;
	return typeof match.path === 'string'
		? target.path.includes(match.path)
		: match.path.test(target.path);
}
