/** What can go wrong on demand. Ways of losing an answer differ in whether the PBX acted. */
export type FaultKind =
	/** Answers `status` with `body`, `headers`, `contentType`, without acting (with `acts`: after acting). */
	| 'status'
	/** 429 of the hourly limit (with `retryAfter` seconds also that header; `reset` for X-RateLimit-Reset). */
	| 'rateLimit'
	/** 429 "Stats request already exists". */
	| 'statsBusy'
	/** Waits `ms` before anything else. */
	| 'slow'
	/** The connection is destroyed before the PBX acted. */
	| 'dropBefore'
	/** The PBX acts, then the connection is destroyed without an answer. */
	| 'dropAfter'
	/** Closes the listener for `ms`: new connections are refused. Without a `match`, at once. */
	| 'refuse'
	/** Acts; the body stops half-way, although the length promised more. */
	| 'truncate'
	/** 200 with an HTML page, without acting. */
	| 'html200'
	/** Acts, and answers with an empty body. */
	| 'emptyBody'
	/** Acts, and answers a list for an object, an object for a list. */
	| 'wrongShape'
	/** Acts, and the answer grows to `bytes`. */
	| 'hugeBody'
	/** Redirects (`status`, default 302) to `to`, without acting. */
	| 'redirect'
	/** The token of the request dies just before it: 401. */
	| 'tokenDeath'
	/** A batch of tasks is applied by half, then refused with 400. */
	| 'halfBatch'
	/** A list answers with its first page whatever page is asked for. */
	| 'repeatPage'
	/** A list always has another page of new items. */
	| 'endless'
	/** A page holds at most `n` items, whatever is asked for. */
	| 'capPerPage';

export interface FaultInput {
	kind: FaultKind;
	/** All conditions must hold; `path` is a part of the path (or an expression), with or without the base. */
	match?: { method?: string; path?: string | RegExp; operationId?: string };
	/** How many requests it strikes; default 1. `Infinity` for all. */
	times?: number;
	/** How many matching requests it lets pass first; default 0. */
	after?: number;
	/** kind `status`, `redirect`. */
	status?: number;
	/** kind `status`: text, or anything else as JSON. */
	body?: unknown;
	headers?: Record<string, string>;
	contentType?: string;
	/** kind `status`: act first, then answer so. */
	acts?: boolean;
	/** kinds `status`, `rateLimit`: seconds. */
	retryAfter?: number;
	/** kind `rateLimit`: seconds until the limit is new; default: until the hour is over. */
	reset?: number;
	/** kinds `slow`, `refuse`. */
	ms?: number;
	/** kind `hugeBody`. */
	bytes?: number;
	/** kind `redirect`. */
	to?: string;
	/** kind `capPerPage`. */
	n?: number;
	/** kind `halfBatch`: only a batch that holds a bad task is cut; the others are added whole. */
	onlyRefused?: boolean;
}

export interface Fault extends FaultInput {
	/** Requests it may still strike. */
	left: number;
	/** Requests it still lets pass. */
	skip: number;
	/** Requests it has struck. */
	hits: number;
}

export interface FaultTarget {
	method: string;
	path: string;
	operationId?: string;
}

/** The faults that are set. A request is struck by the first one that matches it. */
export class Faults {
	private readonly active: Fault[] = [];

	/** @param onRefuse closes the listener for so many milliseconds */
	constructor(private readonly onRefuse: (ms: number) => void) {}

	/** Sets a fault; the returned object counts its `hits`. */
	add(input: FaultInput): Fault {
		const fault: Fault = { ...input, left: input.times ?? 1, skip: input.after ?? 0, hits: 0 };
		if (fault.kind === 'refuse' && !fault.match) {
			fault.left = 0;
			fault.hits = 1;
			this.onRefuse(fault.ms ?? 1000);
			return fault;
		}
		this.active.push(fault);
		return fault;
	}

	/** The fault that strikes this request, counted down; undefined if it goes well. */
	take(target: FaultTarget): Fault | undefined {
		for (const fault of this.active) {
			if (fault.left <= 0 || !matches(fault, target)) continue;
			if (fault.skip > 0) {
				fault.skip--;
				continue;
			}
			fault.left--;
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
