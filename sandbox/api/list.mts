import { notFound } from '../http/errors.mts';
import type { Context } from './context.mts';

export const DEFAULT_PER_PAGE = 20;

/** Query parameters that are not the name of a field to filter by. */
const OTHER_PARAMETERS = new Set([
	'page',
	'per_page',
	'order',
	'q',
	'own_only',
	'start_datetime',
	'end_datetime',
	'variable',
]);

/**
 * Keeps the rows that match every filter of the query: one of the filter's values must be the field's.
 * @param isSingle whether only the last value of each filter counts
 */
export function applyFilters<T extends object>(
	{ query }: Context,
	rows: T[],
	isSingle = false,
): T[] {
	let result = rows;
	for (const [name, filter] of Object.entries(query)) {
		if (OTHER_PARAMETERS.has(name)) continue;
		const values = new Set(
			[filter]
				.flat()
				.map(String)
				.slice(isSingle ? -1 : 0),
		);
		result = result.filter((row) => values.has(filterText(row[name as keyof T])));
	}
	return result;
}

/** The text that a filter compares. A domain is an object; it is filtered by its name. */
function filterText(value: unknown): string {
	if (typeof value === 'object' && value !== null && 'name' in value) return String(value.name);
	return String(value);
}

/**
 * Returns the requested page, or all rows if the operation has no pages. The paging faults are applied
 * here.
 */
export function paginate<T extends object>(context: Context, rows: T[]): T[] {
	const { operation, query, pbx, fault } = context;
	if (!operation.query.some((parameter) => parameter.name === 'per_page')) return rows;
	let perPage = Math.min(
		(query.per_page as number | undefined) ?? DEFAULT_PER_PAGE,
		pbx.options.maxPerPage,
	);
	if (fault?.kind === 'capPerPage') perPage = Math.min(perPage, fault.n ?? 1);
	let page = (query.page as number | undefined) ?? 1;
	if (fault?.kind === 'endless') {
		return rows.slice(0, perPage).map((row) => withIdOfPage(row, page));
	}
	if (fault?.kind === 'repeatPage') page = 1;
	if (page > 1 && (page - 1) * perPage >= rows.length && pbx.deviates('lastPage404')) {
		throw notFound();
	}
	return rows.slice((page - 1) * perPage, page * perPage);
}

/** Copies a row and gives it an id that is unique to the page. */
function withIdOfPage<T extends object>(row: T, page: number): T {
	const copy = { ...row } as T & { id?: number; record_uuid?: string };
	if (typeof copy.id === 'number') copy.id += (page - 1) * 1_000_000;
	if (typeof copy.record_uuid === 'string') {
		copy.record_uuid =
			copy.record_uuid.slice(0, -8) + page.toString(16).padStart(8, '0').toUpperCase();
	}
	return copy;
}
