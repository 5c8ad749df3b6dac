/** What a person would enter in an input so that a certain value is sent. */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Schema } from '../../../sandbox/http/contract.mts';
import { byId } from '../../harness/fixture.mts';
import { camelCase, variantsOf } from './node.mts';

export interface Entered {
	/** The value as n8n stores it in the parameters. */
	stored: unknown;
	/** The value that should be sent; differs from the requested one only where the input offers fixed options. */
	sent: unknown;
}

/**
 * @param value the value to send, as the contract defines it
 * @param asJson enters lists of objects as JSON, to which n8n adds no defaults
 * @throws Error if the input cannot contain a value that the contract allows
 */
export function enterValue(
	property: INodeProperties,
	schema: Schema,
	value: unknown,
	asJson = false,
): Entered {
	const { type, typeOptions } = property;
	const assert = (isAllowed: boolean) => {
		if (isAllowed) return;
		throw new Error(`${property.name} (${type}) cannot contain ${JSON.stringify(value)}`);
	};
	switch (type) {
		case 'string':
			assert(Array.isArray(value) === Boolean(typeOptions?.multipleValues));
			return entered(Array.isArray(value) ? value.map(String) : String(value), value);
		case 'number':
			assert(typeof value === 'number');
			assert(Number(value) >= (typeOptions?.minValue ?? -Infinity));
			assert(Number(value) <= (typeOptions?.maxValue ?? Infinity));
			return entered(value);
		case 'boolean':
			assert(typeof value === 'boolean');
			return entered(value);
		case 'options':
			return enterOption(property, schema, value);
		case 'multiOptions':
			assert(Array.isArray(value));
			return entered(valuesOf(property).slice(0, (value as unknown[]).length));
		case 'dateTime':
			return entered(toDateTimeInput(String(value)), value);
		case 'resourceLocator':
			return entered(byId(value as string | number), value);
		case 'fixedCollection':
			assert(typeof value === 'object');
			if (asJson) return entered({ json: [{ value: JSON.stringify(value) }] }, value);
			return Array.isArray(value)
				? enterRows(property, schema.items ?? {}, value as Fields[])
				: enterKeyValues(property, value as Fields);
		default:
			throw new Error(`${property.name} is a ${type}, which is not supported here`);
	}
}

type Fields = Record<string, unknown>;

const entered = (stored: unknown, sent = stored): Entered => ({ stored, sent });

/** `2026-01-10 08:00:00` is UTC and entered with a time zone; a day has none. */
const toDateTimeInput = (stamp: string) =>
	stamp.includes(' ') ? `${stamp.replace(' ', 'T')}.000Z` : `${stamp}T00:00:00`;

const valuesOf = ({ options = [] }: INodeProperties) =>
	(options as INodePropertyOptions[]).map(({ value }) => value).filter((value) => value !== '');

/** If the contract lists values, the input must offer exactly those; otherwise any of its options is used. */
function enterOption(property: INodeProperties, schema: Schema, value: unknown): Entered {
	const offered = valuesOf(property);
	if (!schema.enum) return entered(offered[Number(value) % offered.length || 0]);
	const listed = [...schema.enum].sort().join();
	if ([...offered].sort().join() !== listed) {
		throw new Error(`${property.name} offers ${offered.join()}, the contract has ${listed}`);
	}
	return entered(value);
}

/**
 * Enters a list of objects as rows of every variant of the input, so that every field of the objects is
 * used in one of them.
 */
function enterRows(
	property: INodeProperties,
	{ properties = {} }: Schema,
	list: Fields[],
): Entered {
	const stored: Record<string, Fields[]> = {};
	const sent: Fields[] = [];
	const used = new Set<string>();
	for (const { name: variant, values } of variantsOf(property)) {
		stored[variant] = [];
		for (const fields of list) {
			const row: Fields = {};
			const sentRow: Fields = {};
			for (const column of values) {
				const key = Object.keys(fields).find((name) => camelCase(name) === column.name);
				if (key === undefined) continue;
				const value = enterValue(column, properties[key], fields[key]);
				row[column.name] = withoutTimeZone(column, value.stored);
				sentRow[key] = value.sent;
				used.add(key);
			}
			if (Object.keys(row).length === 0) continue;
			stored[variant].push(row);
			sent.push(sentRow);
		}
		if (stored[variant].length === 0) delete stored[variant];
	}
	const unused = Object.keys(list[0]).filter((key) => !used.has(key));
	if (unused.length) throw new Error(`${property.name} has no column for ${unused.join()}`);
	return { stored, sent };
}

/** Times in rows are in the time zone of the record, so they are entered without one. */
const withoutTimeZone = ({ type }: INodeProperties, stored: unknown) =>
	type === 'dateTime' ? String(stored).replace('.000Z', '') : stored;

function enterKeyValues(property: INodeProperties, object: Fields): Entered {
	const [{ name }] = variantsOf(property);
	const stored = { [name]: Object.entries(object).map(([key, value]) => ({ name: key, value })) };
	return { stored, sent: object };
}
