import type { ApiOperation } from '../http/contract.mts';
import type { Fault } from '../http/faults.mts';
import type { JournalEntry } from '../http/journal.mts';
import type { Pbx } from '../pbx.mts';
import type { Session } from '../oauth/tokens.mts';
import type { Store } from '../state/store.mts';
import { toGmt } from '../telephony/time.mts';

export interface UploadedFile {
	filename: string;
	mimetype: string;
	data: Buffer;
}

/** A request that is allowed and well-formed, for the handler of its operation. */
export interface Ctx {
	pbx: Pbx;
	store: Store;
	operation: ApiOperation;
	/** Path parameters; those the contract calls integers are numbers. */
	params: Record<string, string | number>;
	/** Query parameters in the contract's types. */
	query: Record<string, unknown>;
	body: Record<string, unknown>;
	files: Record<string, UploadedFile>;
	/** Absent where HTTP Basic took the place of a token. */
	session?: Session;
	fault?: Fault;
	/** The request's entry in the journal. */
	entry: JournalEntry;
}

/** An answer that is a file and not JSON. */
export class FileAnswer {
	constructor(
		readonly data: Buffer,
		readonly mediaType: string,
		readonly filename: string,
	) {}
}

/** Returns what goes out as JSON, a `FileAnswer`, or undefined for an empty 204. */
export type Handler = (ctx: Ctx) => unknown;

/** Handlers by operation id of the contract. */
export type Handlers = Record<string, Handler>;

/** PBX time now, as the API writes it. */
export const nowUtc = (ctx: Ctx) => toGmt(ctx.pbx.clock.now());
