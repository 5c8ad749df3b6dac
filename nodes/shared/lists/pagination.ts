import type { IDataObject } from 'n8n-workflow';

import type { ConcurrencyLimiter } from '../transport/concurrencyLimiter';

/** The PBX does not document a maximum; 100 is widely used. */
export const PAGE_SIZE = 100;
/** Sizes of pages that PBXs have; a list of so many records is perhaps one page of it. */
const PAGE_SIZES = new Set([10, 20, 25, 50, PAGE_SIZE]);
const MAX_PAGES = 5_000;
const MAX_CONCURRENT_PAGES = 5;

type FetchPage = (query: { page: number; per_page: number }) => Promise<IDataObject[]>;

export interface PaginationOptions {
	/** Maximum number of records; `Infinity` for all. */
	limit: number;
	/** Keys of records to leave out; those of the returned records are added. */
	knownKeys?: Set<string>;
	/** Its free slots are used to request several pages at once; without it, pages go one by one. */
	limiter?: ConcurrencyLimiter;
}

/**
 * Reads a list page by page until the limit or the end. The PBX returns no total, may return smaller
 * pages than requested, and may repeat the last page for a page past the end, so the end is an empty
 * page or one without new records.
 *
 * @throws Error for a list that never ends, or whose end cannot be determined
 */
export async function paginate(
	fetchPage: FetchPage,
	{ limit, knownKeys = new Set(), limiter }: PaginationOptions,
): Promise<IDataObject[]> {
	let pageSize = Math.min(limit, PAGE_SIZE);
	let concurrency = 1;
	const seenKeys = new Set<string>();
	const records: IDataObject[] = [];
	for (let page = 1; page <= MAX_PAGES; ) {
		const missingPages = Math.ceil((limit - records.length) / pageSize);
		const pages = fetchPages(
			fetchPage,
			{ page, per_page: pageSize },
			Math.min(concurrency, missingPages),
			limiter,
		);
		for await (const pageRecords of pages) {
			const hasNewRecords = addNewRecords(pageRecords, records, seenKeys, knownKeys);
			const isFullPage = pageRecords.length === pageSize;
			// The PBX returns smaller pages: request that size from here on, or page 2 would skip records.
			if (page === 1 && pageRecords.length > 0) {
				pageSize = Math.min(pageSize, pageRecords.length);
			}
			if (!hasNewRecords && page > 1 && isFullPage) {
				await assertLastPage(fetchPage, [...seenKeys]);
			}
			if (!hasNewRecords || records.length >= limit) {
				const limited = records.slice(0, limit);
				for (const record of limited) knownKeys.add(recordKey(record));
				return limited;
			}
			page++;
			// A short page is probably the last one with records, so the next request goes alone.
			concurrency = isFullPage ? Math.min(concurrency + 1, MAX_CONCURRENT_PAGES) : 1;
		}
	}
	throw new Error(`The list does not end after ${MAX_PAGES} pages`);
}

/** A PBX that returns fewer records at once does so for a list that is complete. */
const MIN_PAGE_SIZE = 20;

/**
 * Reads a list that is documented without pages. Where it may have them all the same, further pages are
 * requested until one has nothing new.
 *
 * @param fetchPage reads a page, or the list for the first one; undefined where the PBX refuses pages
 */
export async function readFurtherPages(
	fetchPage: (page: number) => Promise<IDataObject[] | undefined>,
	limit: number,
): Promise<IDataObject[]> {
	const records: IDataObject[] = [];
	const seenKeys = new Set<string>();
	for (let page = 1; page <= MAX_PAGES && records.length < limit; page++) {
		const pageRecords = (await fetchPage(page)) ?? [];
		const hasNewRecords = addNewRecords(pageRecords, records, seenKeys, new Set());
		if (!hasNewRecords || pageRecords.length < MIN_PAGE_SIZE) break;
	}
	return records.slice(0, limit);
}

/**
 * Requests pages at the same time, as many as the limiter has free slots for; at least one. Yields them
 * in their order, each as soon as it is there, and ends when no request is in flight. The failure of a
 * page that is not needed any more, behind the end of the list, is ignored.
 */
async function* fetchPages(
	fetchPage: FetchPage,
	{ page, per_page }: Parameters<FetchPage>[0],
	count: number,
	limiter: ConcurrencyLimiter | undefined,
): AsyncGenerator<IDataObject[]> {
	const extraPages = limiter?.takeFreeSlots(count - 1) ?? 0;
	const fetchExtra = async (extra: number) => {
		try {
			return await fetchPage({ page: page + extra, per_page });
		} finally {
			limiter?.release();
		}
	};
	const extras = Array.from(
		{ length: extraPages },
		async (_, index) => await fetchExtra(index + 1),
	);
	const requests = [fetchPage({ page, per_page }), ...extras];
	const allSettled = Promise.allSettled(requests);
	try {
		for (const request of requests) yield await request;
	} finally {
		await allSettled;
	}
}

/** Adds the records of a page that are new to the list. Returns whether there were any. */
function addNewRecords(
	pageRecords: IDataObject[],
	records: IDataObject[],
	seenKeys: Set<string>,
	knownKeys: Set<string>,
): boolean {
	const seenBefore = seenKeys.size;
	for (const record of pageRecords) {
		const key = recordKey(record);
		if (seenKeys.has(key)) continue;
		seenKeys.add(key);
		if (!knownKeys.has(key)) records.push(record);
	}
	return seenKeys.size > seenBefore;
}

/**
 * A full page without new records is either the last page, from a PBX that repeats it for a page past
 * the end, or the PBX ignores `page` and the list is incomplete. Failing in both cases would break
 * complete lists, accepting both would lose records; the last record, requested as a page of its own,
 * distinguishes the two.
 */
async function assertLastPage(fetchPage: FetchPage, seenKeys: string[]) {
	const lastPage = await fetchPage({ page: seenKeys.length, per_page: 1 });
	const [lastRecord, ...others] = lastPage;
	if (!lastRecord) return;
	const isLast = recordKey(lastPage[lastPage.length - 1]) === seenKeys[seenKeys.length - 1];
	// With more than one record, the PBX ignores the size too: it returns the whole list, or always the same page.
	if (isLast && !(others.length && PAGE_SIZES.has(lastPage.length))) return;
	throw new Error(
		`The PBX returns the same page repeatedly, so there may be more than these ${seenKeys.length} records`,
	);
}

function recordKey(record: IDataObject) {
	const id = record.id ?? record.record_uuid;
	return id === undefined || id === null ? JSON.stringify(record) : String(id);
}
