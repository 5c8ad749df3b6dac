import { Gate, type HeldRequest } from './gate.mts';

/** What can go wrong on demand. Most kinds differ in whether the PBX still acts on the request. */
export type FaultKind =
	/** Responds with `status`, `body`, `headers`, `contentType`, without acting (with `acts`: after acting). */
	| 'status'
	/** 429 of the hourly limit; `retryAfter` and `reset` set the headers Retry-After and X-RateLimit-Reset. */
	| 'rateLimit'
	/** 429 "Stats request already exists", without acting. */
	| 'statsBusy'
	/** Holds the request until `release()`, then handles it normally; with `acts`, holds the response. */
	| 'hold'
	/** Drops the connection before acting. */
	| 'dropBefore'
	/** Acts, then drops the connection without a response. */
	| 'dropAfter'
	/**
	 * Drops the connection before acting, and refuses connections until `release()`; immediately if there is no
	 * `match`.
	 */
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
	/** Kinds `status`, `hold`: whether the PBX acts first. */
	acts?: boolean;
	/** Kinds `status`, `rateLimit`: seconds. */
	retryAfter?: number;
	/** Kind `rateLimit`: seconds until the limit is reset; default: until the end of the hour. */
	reset?: number;
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
	/** Kind `hold`: the requests that are held. */
	gate: Gate;
	/** Kind `hold`: resolves with the first requests that were held, once there are so many; default 1. */
	held(count?: number): Promise<HeldRequest[]>;
	/**
	 * Kind `hold`: lets all requests go, also later ones. Resolves when the PBX has handled those that were held.
	 * Kind `refuse`: the PBX accepts connections again. Resolves when it does.
	 */
	release(): Promise<void>;
}

export interface FaultTarget {
	method: string;
	path: string;
	operationId?: string;
}

/** What the fault `refuse` closes. */
export interface Listener {
	close(): void;
	open(): Promise<void>;
}

/** The active faults. A request is affected by the first one that matches it. */
export class Faults {
	private readonly active: Fault[] = [];

	constructor(private readonly listener: Listener) {}

	/** Adds a fault. @returns the fault, whose `hits` counts the affected requests */
	add(input: FaultInput): Fault {
		const gate = new Gate();
		const fault: Fault = {
			...input,
			remaining: input.times ?? 1,
			skip: input.after ?? 0,
			hits: 0,
			gate,
			held: async (count = 1) => await gate.held(count),
			release: async () => {
				if (fault.kind === 'refuse') await this.listener.open();
				else await gate.open();
			},
		};
		if (fault.kind === 'refuse' && !fault.match) {
			fault.remaining = 0;
			fault.hits = 1;
			this.listener.close();
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
			if (fault.kind === 'refuse') this.listener.close();
			return fault;
		}
		return undefined;
	}

	list(): Fault[] {
		return [...this.active];
	}

	/** Releases all faults of the kinds `hold` and `refuse`. */
	async release(): Promise<void> {
		const lasting = this.active.filter(({ kind }) => kind === 'hold' || kind === 'refuse');
		await Promise.all(lasting.map(async (fault) => await fault.release()));
	}

	/** Removes all faults. Connections of requests that are held are dropped: they are not handled any more. */
	clear(): void {
		for (const { kind, gate } of this.active.splice(0)) {
			gate.drop();
			if (kind === 'refuse') void this.listener.open();
		}
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
