import type { UploadedFile } from '../http/body.mts';
import type { ApiOperation } from '../http/contract.mts';
import type { Fault } from '../http/faults.mts';
import type { JournalEntry } from '../http/journal.mts';
import type { Pbx } from '../http/pbx.mts';
import type { Session } from '../oauth/tokens.mts';
import type { Store } from '../state/store.mts';
import { formatUtc } from '../state/time.mts';

/** An authorized and valid request, for the handler of its operation. */
export interface Context {
	pbx: Pbx;
	store: Store;
	operation: ApiOperation;
	/** Path parameters in the contract's types. */
	params: Record<string, string | number>;
	/** Query parameters in the contract's types. */
	query: Record<string, unknown>;
	body: Record<string, unknown>;
	files: Record<string, UploadedFile>;
	/** Absent with HTTP Basic. */
	session?: Session;
	fault?: Fault;
	/** The journal entry of the request. */
	entry: JournalEntry;
}

/** A response that is a file instead of JSON. */
export class FileResponse {
	constructor(
		readonly data: Buffer,
		readonly mediaType: string,
		readonly filename: string,
	) {}
}

/** Returns the value to send as JSON, a `FileResponse`, or undefined for an empty 204. */
export type Handler = (context: Context) => unknown;

/** Handlers by the operation id of the contract. */
export type Handlers = Record<string, Handler>;

/** The current PBX time in the API's date format. */
export const nowUtc = (context: Context) => formatUtc(context.pbx.clock.now());
