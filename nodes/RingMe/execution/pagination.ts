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
 * @throws Error for a list that never ends, or that is not complete
 */
export async function readPages(
	most: number,
	page: (query: { page: number; per_page: number }) => Promise<IDataObject[]>,
	known = new Set<string>(),
): Promise<IDataObject[]> {
	let perPage = Math.min(most, PER_PAGE);
	const seen = new Set<string>();
	const all: IDataObject[] = [];
	for (let number = 1; number <= MOST_PAGES; number++) {
		const before = seen.size;
		const records = await page({ page: number, per_page: perPage });
		for (const record of records) {
			const identity = identify(record);
			if (seen.has(identity)) continue;
			seen.add(identity);
			if (!known.has(identity)) all.push(record);
		}
		// The PBX gives smaller pages: from here on they are asked for, lest it skips what it left out.
		if (number === 1 && records.length > 0) perPage = Math.min(perPage, records.length);
		if (seen.size > before && all.length < most) continue;
		if (seen.size === before && number > 1 && records.length === perPage) {
			await assertEnd(page, [...seen]);
		}
		const wanted = all.slice(0, most);
		for (const record of wanted) known.add(identify(record));
		return wanted;
	}
	throw new Error(`The list does not end after ${MOST_PAGES} pages`);
}

/**
 * A whole page of known records: it is the last page, for a PBX that gives that one past the end, or
 * the PBX does not turn pages. The last record, asked for as a page of its own, tells the two apart.
 */
async function assertEnd(page: Parameters<typeof readPages>[1], seen: string[]) {
	const last = await page({ page: seen.length, per_page: 1 });
	if (last.length === 0 || identify(last[last.length - 1]) === seen[seen.length - 1]) return;
	throw new Error(
		`The PBX gives the same page again and again, so there may be more than these ${seen.length} records`,
	);
}

function identify(record: IDataObject) {
	const id = record.id ?? record.record_uuid;
	return id === undefined || id === null ? JSON.stringify(record) : String(id);
}
