import type { IDataObject } from 'n8n-workflow';

/** Rows asked for in one request. The PBX's own maximum is not documented; 100 is widely used. */
export const PER_PAGE = 100;
const MOST_PAGES = 5_000;

/**
 * Reads a list page by page until there is enough or no more. The PBX gives no total, may give
 * smaller pages than asked, and may not know a page past the end, so the end is an empty page or one
 * that brings nothing new.
 *
 * @param most how many records are wanted; `Infinity` for all
 * @param known identities of records that are left out; those given are added
 * @throws Error for a list that never ends
 */
export async function readPages(
	most: number,
	page: (query: { page: number; per_page: number }) => Promise<IDataObject[]>,
	known = new Set<string>(),
): Promise<IDataObject[]> {
	const perPage = Math.min(most, PER_PAGE);
	const seen = new Set<string>();
	const all: IDataObject[] = [];
	for (let number = 1; number <= MOST_PAGES; number++) {
		const before = seen.size;
		for (const record of await page({ page: number, per_page: perPage })) {
			const identity = identify(record);
			if (seen.has(identity)) continue;
			seen.add(identity);
			if (!known.has(identity)) all.push(record);
		}
		if (seen.size > before && all.length < most) continue;
		const wanted = all.slice(0, most);
		for (const record of wanted) known.add(identify(record));
		return wanted;
	}
	throw new Error(`The list does not end after ${MOST_PAGES} pages`);
}

function identify(record: IDataObject) {
	const id = record.id ?? record.record_uuid;
	return id === undefined || id === null ? JSON.stringify(record) : String(id);
}
