import type { IDataObject } from 'n8n-workflow';

/** The PBX does not document a maximum; 100 is widely used. */
export const PAGE_SIZE = 100;
const MAX_PAGES = 5_000;

type FetchPage = (query: { page: number; per_page: number }) => Promise<IDataObject[]>;

/**
 * Reads a list page by page until the limit or the end. The PBX returns no total, may return smaller
 * pages than requested, and may repeat the last page for a page past the end, so the end is an empty
 * page or one without new records.
 *
 * @param limit maximum number of records; `Infinity` for all
 * @param knownKeys keys of records to leave out; those of the returned records are added
 * @throws Error for a list that never ends, or whose end cannot be determined
 */
export async function paginate(
	limit: number,
	fetchPage: FetchPage,
	knownKeys = new Set<string>(),
): Promise<IDataObject[]> {
	let pageSize = Math.min(limit, PAGE_SIZE);
	const seenKeys = new Set<string>();
	const records: IDataObject[] = [];
	for (let page = 1; page <= MAX_PAGES; page++) {
		const seenBefore = seenKeys.size;
		const pageRecords = await fetchPage({ page, per_page: pageSize });
		for (const record of pageRecords) {
			const key = recordKey(record);
			if (seenKeys.has(key)) continue;
			seenKeys.add(key);
			if (!knownKeys.has(key)) records.push(record);
		}
		// The PBX returns smaller pages: request that size from here on, or page 2 would skip records.
		if (page === 1 && pageRecords.length > 0) pageSize = Math.min(pageSize, pageRecords.length);
		const hasNewRecords = seenKeys.size > seenBefore;
		if (hasNewRecords && records.length < limit) continue;
		if (!hasNewRecords && page > 1 && pageRecords.length === pageSize) {
			await assertLastPage(fetchPage, [...seenKeys]);
		}
		const limited = records.slice(0, limit);
		for (const record of limited) knownKeys.add(recordKey(record));
		return limited;
	}
	throw new Error(`The list does not end after ${MAX_PAGES} pages`);
}

/**
 * A full page without new records is either the last page, from a PBX that repeats it for a page past
 * the end, or the PBX ignores `page` and the list is incomplete. Failing in both cases would break
 * complete lists, accepting both would lose records; the last record, requested as a page of its own,
 * tells the two apart.
 */
async function assertLastPage(fetchPage: FetchPage, seenKeys: string[]) {
	const lastPage = await fetchPage({ page: seenKeys.length, per_page: 1 });
	const lastRecord = lastPage[lastPage.length - 1];
	if (!lastRecord || recordKey(lastRecord) === seenKeys[seenKeys.length - 1]) return;
	throw new Error(
		`The PBX returns the same page repeatedly, so there may be more than these ${seenKeys.length} records`,
	);
}

function recordKey(record: IDataObject) {
	const id = record.id ?? record.record_uuid;
	return id === undefined || id === null ? JSON.stringify(record) : String(id);
}
