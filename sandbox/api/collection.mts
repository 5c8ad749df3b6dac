import { PbxError, notFound } from '../http/errors.mts';
import type { Schema } from '../http/contract.mts';
import type { Store, Table } from '../state/store.mts';
import type { Limits } from '../state/types.mts';
import type { Ctx, Handlers } from './context.mts';
import { filtered, paged } from './list.mts';

type Body = Record<string, unknown>;

/** A kind of thing with the usual five operations (or some of them). */
export interface Collection<T extends { id: number }> {
	/** Operation ids of the contract. */
	operations: { list?: string; create?: string; get?: string; update?: string; remove?: string };
	table(store: Store): Table<T>;
	/** The path parameter that holds the id. */
	param: string;
	/** Whether a row belongs to the collection of this path; default all of the table. */
	belongs?(row: T, ctx: Ctx): boolean;
	/** Whether the rows are the client's to change; default yes. */
	owned?(row: T): boolean;
	/** Field of `/limit/` that bounds how many there may be. */
	limit?: keyof Limits;
	/** How many count towards the limit, if not just those that belong. */
	counted?(ctx: Ctx): number;
	/** Refuses what the contract allows but the PBX does not, for create (no row) and update. */
	check?(body: Body, ctx: Ctx, row?: T): void;
	/** The row to store, from a body in which the contract's defaults are filled in. */
	make?(body: Body, ctx: Ctx): Omit<T, 'id'>;
	/** What an update writes, if not the body as it is. */
	patch?(body: Body, ctx: Ctx, row: T): Body;
	/** After an update; `before` is a copy of the row as it was. */
	changed?(row: T, before: T, ctx: Ctx): void;
	/** After a deletion. */
	removed?(row: T, ctx: Ctx): void;
	/** What goes out, if not the row as it is. */
	view?(row: T, ctx: Ctx): object;
}

/** Handlers of a collection's operations. */
export function collection<T extends { id: number }>(spec: Collection<T>): Handlers {
	const { operations } = spec;
	const view = (row: T, ctx: Ctx): object => spec.view?.(row, ctx) ?? row;
	const rowsOf = (ctx: Ctx): T[] => {
		const rows = spec.table(ctx.store).list();
		return spec.belongs ? rows.filter((row) => spec.belongs?.(row, ctx)) : rows;
	};
	const one = (ctx: Ctx): T => {
		const row = spec.table(ctx.store).get(Number(ctx.params[spec.param]));
		if (!row || (spec.belongs && !spec.belongs(row, ctx))) throw notFound();
		return row;
	};
	const owned = (row: T): void => {
		if (spec.owned && !spec.owned(row)) {
			throw new PbxError(403, 'Access denied', 'access_denied');
		}
	};
	const handlers: Handlers = {};
	if (operations.list) {
		handlers[operations.list] = (ctx) =>
			paged(ctx, filtered(ctx, rowsOf(ctx))).map((row) => view(row, ctx));
	}
	if (operations.get) handlers[operations.get] = (ctx) => view(one(ctx), ctx);
	if (operations.create) {
		handlers[operations.create] = (ctx) => {
			const body = { ...defaultsOf(ctx.operation.body?.schema), ...ctx.body };
			spec.check?.(body, ctx);
			if (spec.limit) {
				withinLimit(ctx, spec.limit, spec.counted?.(ctx) ?? rowsOf(ctx).length);
			}
			const row = (spec.make?.(body, ctx) ?? body) as Parameters<Table<T>['insert']>[0];
			return view(spec.table(ctx.store).insert(row), ctx);
		};
	}
	if (operations.update) {
		handlers[operations.update] = (ctx) => {
			const row = one(ctx);
			owned(row);
			spec.check?.(ctx.body, ctx, row);
			const before = { ...row };
			const patch = spec.patch?.(ctx.body, ctx, row) ?? ctx.body;
			spec.table(ctx.store).update(row.id, patch as Partial<T>);
			spec.changed?.(row, before, ctx);
			return view(row, ctx);
		};
	}
	if (operations.remove) {
		handlers[operations.remove] = (ctx) => {
			const row = one(ctx);
			owned(row);
			spec.table(ctx.store).delete(row.id);
			spec.removed?.(row, ctx);
		};
	}
	return handlers;
}

/** 403 when there are already as many as `/limit/` allows. */
export function withinLimit(ctx: Ctx, limit: keyof Limits, count: number): void {
	if (count < ctx.store.limits[limit]) return;
	const what = limit.replace(/_limit$/, '').replace(/_/g, ' ');
	throw new PbxError(403, `The ${what} limit is reached (${count})`, 'limit_exceeded');
}

const defaults = new WeakMap<Schema, Body>();

/** The defaults of a body's fields, as the contract gives them. */
export function defaultsOf(schema: Schema | undefined): Body {
	if (!schema?.properties) return {};
	let found = defaults.get(schema);
	if (!found) {
		found = Object.fromEntries(
			Object.entries(schema.properties)
				.filter(([, field]) => field.default !== undefined)
				.map(([name, field]) => [name, field.default]),
		);
		defaults.set(schema, found);
	}
	return found;
}
