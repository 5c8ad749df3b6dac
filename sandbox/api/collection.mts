import type { Schema } from '../http/contract.mts';
import { PbxError, notFound } from '../http/errors.mts';
import type { Store, Table } from '../state/store.mts';
import type { Limits } from '../state/types.mts';
import type { Context, Handlers } from './context.mts';
import { applyFilters, paginate } from './list.mts';

type Body = Record<string, unknown>;

/** A kind of record with the five usual operations, or some of them. */
export interface Collection<T extends { id: number }> {
	/** Operation ids of the contract. */
	operations: { list?: string; create?: string; get?: string; update?: string; remove?: string };
	table(store: Store): Table<T>;
	/** Name of the path parameter with the id. */
	idParameter: string;
	/** Whether a row of the table belongs to the collection. Default: all do. */
	includes?(row: T, context: Context): boolean;
	/** Whether the client may change a row. Default: all. */
	isOwn?(row: T): boolean;
	/** Field of `/limit/` that limits the number of rows. */
	limit?: keyof Limits;
	/** Number of rows that count towards the limit. Default: those of the collection. */
	countForLimit?(context: Context): number;
	/** Throws for values that the contract allows but the PBX refuses. `row` is set in updates only. */
	validate?(body: Body, context: Context, row?: T): void;
	/** Makes the row to store of a body that is completed with the contract's defaults. */
	toRow?(body: Body, context: Context): Omit<T, 'id'>;
	/** Makes the changes of an update. Default: the body. */
	toPatch?(body: Body): Body;
	/** Called after an update; `previous` is a copy of the row before it. */
	afterUpdate?(row: T, previous: T, context: Context): void;
	afterDelete?(row: T, context: Context): void;
	/** Makes the response for a row. Default: the row. */
	toResponse?(row: T, context: Context): object;
}

/** Creates the handlers of a collection's operations. */
export function collection<T extends { id: number }>(spec: Collection<T>): Handlers {
	const { operations } = spec;
	const toResponse = (row: T, context: Context): object => spec.toResponse?.(row, context) ?? row;
	const listRows = (context: Context): T[] => {
		const rows = spec.table(context.store).list();
		return spec.includes ? rows.filter((row) => spec.includes?.(row, context)) : rows;
	};
	const findRow = (context: Context): T => {
		const row = spec.table(context.store).get(Number(context.params[spec.idParameter]));
		if (!row || (spec.includes && !spec.includes(row, context))) throw notFound();
		return row;
	};
	const findOwnRow = (context: Context): T => {
		const row = findRow(context);
		if (spec.isOwn && !spec.isOwn(row)) {
			throw new PbxError(403, 'Access denied', 'access_denied');
		}
		return row;
	};
	const handlers: Handlers = {};
	if (operations.list) {
		handlers[operations.list] = (context) =>
			paginate(context, applyFilters(context, listRows(context))).map((row) =>
				toResponse(row, context),
			);
	}
	if (operations.get) {
		handlers[operations.get] = (context) => toResponse(findRow(context), context);
	}
	if (operations.create) {
		handlers[operations.create] = (context) => {
			const body = { ...schemaDefaults(context.operation.body?.schema), ...context.body };
			spec.validate?.(body, context);
			if (spec.limit) {
				const count = spec.countForLimit?.(context) ?? listRows(context).length;
				assertWithinLimit(context, spec.limit, count);
			}
			const row = (spec.toRow?.(body, context) ?? body) as Parameters<Table<T>['insert']>[0];
			return toResponse(spec.table(context.store).insert(row), context);
		};
	}
	if (operations.update) {
		handlers[operations.update] = (context) => {
			const row = findOwnRow(context);
			spec.validate?.(context.body, context, row);
			const previous = { ...row };
			const body = context.pbx.deviates('keptLists')
				? withoutEmptyLists(context.body)
				: context.body;
			const patch = spec.toPatch?.(body) ?? body;
			spec.table(context.store).update(row.id, patch as Partial<T>);
			spec.afterUpdate?.(row, previous, context);
			return toResponse(row, context);
		};
	}
	if (operations.remove) {
		handlers[operations.remove] = (context) => {
			const row = findOwnRow(context);
			spec.table(context.store).delete(row.id);
			spec.afterDelete?.(row, context);
		};
	}
	return handlers;
}

const withoutEmptyLists = (body: Body): Body =>
	Object.fromEntries(
		Object.entries(body).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
	);

/** @throws PbxError 403 if the number of rows has reached the client's limit */
export function assertWithinLimit({ store }: Context, limit: keyof Limits, count: number): void {
	if (count < store.limits[limit]) return;
	const name = limit.replace(/_limit$/, '').replace(/_/g, ' ');
	throw new PbxError(403, `The ${name} limit is reached (${count})`, 'limit_exceeded');
}

/** The webhooks of all phones, extensions and agents, which share the limit of events. */
export const countWebhooks = ({ store }: Context) =>
	store.agentEvents.size + store.extensionEvents.size + store.phoneEvents.size;

const cachedDefaults = new WeakMap<Schema, Body>();

/** The default values of a schema's properties. */
export function schemaDefaults(schema: Schema | undefined): Body {
	if (!schema?.properties) return {};
	let defaults = cachedDefaults.get(schema);
	if (!defaults) {
		defaults = Object.fromEntries(
			Object.entries(schema.properties)
				.filter(([, property]) => property.default !== undefined)
				.map(([name, property]) => [name, property.default]),
		);
		cachedDefaults.set(schema, defaults);
	}
	return defaults;
}
