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
export interface NewRecord extends Entry {
	record: IDataObject;
	simple: IDataObject;
}

/** A record with its file, or with the reason why there is none. */
export interface FetchedRecord extends NewRecord {
	file?: IBinaryData;
	downloadError?: string;
}

/** A file that would get less than this part of the time of the poll is left to the next one. */
const LEAST_PART = 1 / 32;

/**
 * Downloads the files of records, oldest first, as many as one poll may, each in one attempt. A file that
 * fails is tried again in later polls, after those that have not failed; after the third failure its
 * record is returned without it.
 *
 * A file that stalls takes at most half of the time that is left, as long as files follow that have not
 * failed: they still get theirs in this poll. n8n drops what a poll has done that takes too long.
 *
 * @param failures failed downloads so far, by key; changed
 * @param deadline end of the time of the poll, in milliseconds of n8n's clock
 * @returns the records that are done with, oldest first. All others are left to the next poll.
 * @throws RequestError for a failure that concerns every file, if nothing was done before
 */
export async function downloadFiles(
	context: IPollFunctions,
	client: PbxClient,
	source: Source,
	records: NewRecord[],
	failures: Record<string, number>,
	deadline: number,
): Promise<FetchedRecord[]> {
	const failuresOf = ({ key }: NewRecord) => failures[key] ?? 0;
	const waiting = records
		.map((record) => ({ record, failed: failuresOf(record) }))
		.sort((a, b) => a.failed - b.failed)
		.slice(0, MAX_FILES);
	const least = Math.max(0, deadline - Date.now()) * LEAST_PART;
	const fetched: FetchedRecord[] = [];
	for (const [index, { record }] of waiting.entries()) {
		const left = deadline - Date.now();
		const isUntriedNext = waiting[index + 1]?.failed === 0;
		const timeout = Math.min(FILE_TIMEOUT_MS, Math.floor(isUntriedNext ? left / 2 : left));
		if (timeout <= least) break;
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
		failures[record.key] = failuresOf(record) + 1;
		const { message } = toNodeError(download.reason, { node: context.getNode(), itemIndex: 0 });
		context.logger.warn(`${context.getNode().name}: ${message}`);
		if (failuresOf(record) >= MAX_FAILURES) fetched.push({ ...record, downloadError: message });
	}
	return fetched.sort((a, b) => a.time - b.time);
}

/**
 * Downloads the file of one record.
 *
 * @param timeout in milliseconds of the only attempt; default: several attempts
 * @throws RequestError
 */
export async function fetchFile(
	{ helpers }: IPollFunctions,
	client: PbxClient,
	{ download, noun, id }: Source,
	{ record }: NewRecord,
	timeout?: number,
): Promise<IBinaryData | undefined> {
	if (!download) return undefined;
	return await downloadFile(helpers, client, {
		method: download.method,
		path: client.path(download.path, (label) => ({ label, value: record[id] })),
		resource: { label: noun, id: record[id] },
		once: timeout !== undefined,
		http: {
			timeout: timeout ?? FILE_TIMEOUT_MS,
			// The timeout of the HTTP client ends when the headers arrive.
			...(timeout !== undefined && { abortSignal: AbortSignal.timeout(timeout) }),
		},
	});
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
