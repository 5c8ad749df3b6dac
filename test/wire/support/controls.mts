/** What a person would enter in an input so that a given value goes out. */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Schema } from '../../../sandbox/http/contract.mts';
import { byId } from '../../harness/pbx.mts';
import { camel, formsOf } from './node.mts';

export interface Entered {
	/** As n8n stores it among the parameters. */
	stored: unknown;
	/** What then should go out; other than the given value only where the input offers a closed set. */
	sent: unknown;
}

/**
 * @param value as the contract wants it on the wire
 * @param asJson lists of objects are given as JSON, which n8n does not fill up with defaults
 * @throws Error where the input cannot hold what the contract allows
 */
export function enter(
	property: INodeProperties,
	schema: Schema,
	value: unknown,
	asJson = false,
): Entered {
	const { type, typeOptions } = property;
	const is = (allowed: boolean) => {
		if (!allowed)
			throw new Error(`${property.name} (${type}) cannot hold ${JSON.stringify(value)}`);
	};
	switch (type) {
		case 'string':
			is(Array.isArray(value) === Boolean(typeOptions?.multipleValues));
			return same(Array.isArray(value) ? value.map(String) : String(value), value);
		case 'number':
			is(typeof value === 'number');
			is(Number(value) >= (typeOptions?.minValue ?? -Infinity));
			is(Number(value) <= (typeOptions?.maxValue ?? Infinity));
			return same(value);
		case 'boolean':
			is(typeof value === 'boolean');
			return same(value);
		case 'options':
			return chosen(property, schema, value);
		case 'multiOptions':
			is(Array.isArray(value));
			return same(valuesOf(property).slice(0, (value as unknown[]).length));
		case 'dateTime':
			return same(entered(String(value)), value);
		case 'resourceLocator':
			return same(byId(value as string | number), value);
		case 'fixedCollection':
			is(typeof value === 'object');
			if (asJson) return same({ json: [{ value: JSON.stringify(value) }] }, value);
			return Array.isArray(value)
				? rows(property, schema.items ?? {}, value as Fields[])
				: pairs(property, value as Fields);
		default:
			throw new Error(`${property.name} is a ${type}, for which there is no way to enter a value`);
	}
}

type Fields = Record<string, unknown>;

const same = (stored: unknown, sent = stored): Entered => ({ stored, sent });

/** `2026-01-10 08:00:00` is UTC, and entered as a moment; a day has no zone. */
const entered = (stamp: string) =>
	stamp.includes(' ') ? `${stamp.replace(' ', 'T')}.000Z` : `${stamp}T00:00:00`;

const valuesOf = ({ options = [] }: INodeProperties) =>
	(options as INodePropertyOptions[]).map(({ value }) => value).filter((value) => value !== '');

/** Where the contract lists values, the input offers exactly those; else any that it offers will do. */
function chosen(property: INodeProperties, schema: Schema, value: unknown): Entered {
	const offered = valuesOf(property);
	if (!schema.enum) return same(offered[Number(value) % offered.length || 0]);
	const listed = [...schema.enum].sort().join();
	if ([...offered].sort().join() !== listed) {
		throw new Error(`${property.name} offers ${offered.join()}, the contract has ${listed}`);
	}
	return same(value);
}

/**
 * A list of objects, entered as one row of each kind that the input offers, so that every field of the
 * object is used in one of them.
 */
function rows(property: INodeProperties, { properties = {} }: Schema, list: Fields[]): Entered {
	const stored: Record<string, Fields[]> = {};
	const sent: Fields[] = [];
	const used = new Set<string>();
	for (const { name: form, values } of formsOf(property)) {
		stored[form] = [];
		for (const fields of list) {
			const row: Fields = {};
			const wire: Fields = {};
			for (const column of values) {
				const key = Object.keys(fields).find((one) => camel(one) === column.name);
				if (key === undefined) continue;
				const value = enter(column, properties[key], fields[key]);
				row[column.name] = clockTime(column, value.stored);
				wire[key] = value.sent;
				used.add(key);
			}
			if (Object.keys(row).length === 0) continue;
			stored[form].push(row);
			sent.push(wire);
		}
		if (stored[form].length === 0) delete stored[form];
	}
	const unused = Object.keys(list[0]).filter((key) => !used.has(key));
	if (unused.length) throw new Error(`${property.name} has no column for ${unused.join()}`);
	return { stored, sent };
}

/** Times in rows are those of the zone that the record names, so they are entered without one. */
const clockTime = ({ type }: INodeProperties, stored: unknown) =>
	type === 'dateTime' ? String(stored).replace('.000Z', '') : stored;

function pairs(property: INodeProperties, object: Fields): Entered {
	const [{ name }] = formsOf(property);
	const stored = { [name]: Object.entries(object).map(([key, value]) => ({ name: key, value })) };
	return { stored, sent: object };
}
