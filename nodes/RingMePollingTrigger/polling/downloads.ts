import type { IBinaryData, IDataObject, IPollFunctions } from 'n8n-workflow';

import { RequestError } from '../../shared/errors/requestError';
import { toNodeError } from '../../shared/errors/toNodeError';
import { downloadFile } from '../../shared/files/downloadFile';
import type { PbxClient } from '../../shared/transport/client';
import type { Source } from '../records/sources';
import type { Entry } from './pollState';

/** Of one poll, so that an execution stays of a size that n8n can store. */
const MAX_FILES = 50;
/** After this many failed downloads in as many polls, the record is output without its file. */
const MAX_FAILURES = 3;
const FILE_TIMEOUT_MS = 300_000;
/** Below n8n's own limits, which are shorter where its durable scheduler is on. */
const MAX_BUDGET_MS = 240_000;

export interface NewRecord extends Entry {
	record: IDataObject;
	simple: IDataObject;
}

/** A record with its file, or with the reason why there is none. */
export interface FetchedRecord extends NewRecord {
	file?: IBinaryData;
	downloadError?: string;
}

/**
 * Downloads the files of records, oldest first, as many as one poll may: each once, and those that failed in
 * earlier polls last, so that one that stalls keeps no other waiting. A file that fails is tried again in later
 * polls; after the third failure its record is returned without it.
 *
 * @param failures failed downloads so far, by key; changed
 * @returns the records that are done with. All others are left to the next poll.
 * @throws RequestError for a failure that concerns every file, if nothing was done before
 */
export async function downloadFiles(
	context: IPollFunctions,
	client: PbxClient,
	source: Source,
	records: NewRecord[],
	failures: Record<string, number>,
): Promise<FetchedRecord[]> {
	const deadline = Date.now() + budgetOf(context);
	const fetched: FetchedRecord[] = [];
	const hasFailed = ({ key }: NewRecord) => failures[key] !== undefined;
	const inOrder = [...records.filter((each) => !hasFailed(each)), ...records.filter(hasFailed)];
	for (const record of inOrder) {
		// Half of what is left, so that a file that stalls leaves time for the next one.
		const timeout = Math.min(FILE_TIMEOUT_MS, Math.floor((deadline - Date.now()) / 2));
		if (fetched.length >= MAX_FILES || timeout <= 0) break;
		const [download] = await Promise.allSettled([
			fetchFile(context, client, source, record, timeout),
		]);
		if (download.status === 'fulfilled') {
			fetched.push({ ...record, file: download.value });
			continue;
		}
		if (concernsAll(download.reason)) {
			if (fetched.length) break;
			throw download.reason as Error;
		}
		failures[record.key] = (failures[record.key] ?? 0) + 1;
		const { message } = toNodeError(download.reason, { node: context.getNode(), itemIndex: 0 });
		context.logger.warn(`${context.getNode().name}: ${message}`);
		if (failures[record.key] >= MAX_FAILURES) fetched.push({ ...record, downloadError: message });
	}
	return fetched;
}

/** Downloads the file of one record. @throws RequestError */
export async function fetchFile(
	{ helpers }: IPollFunctions,
	client: PbxClient,
	{ download, noun, id }: Source,
	{ record }: NewRecord,
	timeout = FILE_TIMEOUT_MS,
): Promise<IBinaryData | undefined> {
	if (!download) return undefined;
	return await downloadFile(helpers, client, {
		method: download.method,
		path: client.path(download.path, (label) => ({ label, value: record[id] })),
		resource: { label: noun, id: record[id] },
		http: { timeout },
		retries: false,
	});
}

/** Older versions of n8n have no such limit. */
function budgetOf(context: Pick<IPollFunctions, never> & { getPollBudgetMs?: () => number }) {
	return Math.min(context.getPollBudgetMs?.() ?? MAX_BUDGET_MS, MAX_BUDGET_MS);
}

/** Whether every other download would fail in the same way. */
function concernsAll(error: unknown): boolean {
	if (!(error instanceof RequestError)) return false;
	const { kind, isTokenRequest } = error.details;
	return (
		isTokenRequest === true ||
		['connection', 'tls', 'canceled'].includes(kind) ||
		error.hasStatus(401) ||
		error.hasStatus(429)
	);
}
