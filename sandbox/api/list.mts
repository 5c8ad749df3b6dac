import type { Ctx } from './context.mts';

const DEFAULT_PER_PAGE = 20;
const NOT_FILTERS = new Set([
	...['page', 'per_page', 'order', 'q', 'own_only'],
	...['start_datetime', 'end_datetime', 'variable'],
]);

/** The rows that every filter of the query lets through: a field's value must be among those asked for. */
export function filtered<T extends object>(ctx: Ctx, rows: T[]): T[] {
	let result = rows;
	for (const [name, asked] of Object.entries(ctx.query)) {
		if (NOT_FILTERS.has(name)) continue;
		const wanted = new Set((Array.isArray(asked) ? asked : [asked]).map(String));
		result = result.filter((row) => wanted.has(textOf(row[name as keyof T])));
	}
	return result;
}

/** A domain is an object with a name; everything else is itself. */
function textOf(value: unknown): string {
	if (typeof value === 'object' && value !== null && 'name' in value) return String(value.name);
	return String(value);
}

/** The page that was asked for, or all rows where the operation has no pages. Faults of paging strike here. */
export function paged<T extends object>(ctx: Ctx, rows: T[]): T[] {
	if (!ctx.operation.query.some((parameter) => parameter.name === 'per_page')) return rows;
	const { kind, n } = ctx.fault ?? {};
	let perPage = Math.min(
		(ctx.query.per_page as number | undefined) ?? DEFAULT_PER_PAGE,
		ctx.pbx.options.maxPerPage,
	);
	if (kind === 'capPerPage') perPage = Math.min(perPage, n ?? 1);
	const asked = (ctx.query.page as number | undefined) ?? 1;
	if (kind === 'endless') return rows.slice(0, perPage).map((row) => renumbered(row, asked));
	const page = kind === 'repeatPage' ? 1 : asked;
	return rows.slice((page - 1) * perPage, page * perPage);
}

/** A copy with an id of its own for each page. */
function renumbered<T extends object>(row: T, page: number): T {
	const copy = { ...row } as T & { id?: number; record_uuid?: string };
	if (typeof copy.id === 'number') copy.id += (page - 1) * 1_000_000;
	if (typeof copy.record_uuid === 'string') {
		copy.record_uuid =
			copy.record_uuid.slice(0, -8) + page.toString(16).padStart(8, '0').toUpperCase();
	}
	return copy;
}
