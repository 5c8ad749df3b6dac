import type { IDataObject } from 'n8n-workflow';

import type { Fields } from './fields';

/** Reads the value of a field; undefined leaves the field out of the output. */
export type FieldParser = (value: string) => IDataObject[string];

/** Names on the PBX and in the output, in its order. */
export type FieldMap = Array<[from: string, to: string, parse: FieldParser]>;

export const parseText: FieldParser = (value) => value || undefined;
export const parseInteger: FieldParser = (value) =>
	/^\d{1,15}$/.test(value) ? Number(value) : undefined;

/** The name of an extension, `1844*101`. The PBX also sends it as `1844*101@sip.example`. */
export const removeDomain = (value: string) => value.split('@')[0] || undefined;

/** Fields with the words of people, who may mean "None". */
const WORDS = new Set(['text', 'CallerIDName', 'Tag']);

/**
 * The fields of the map in plain words. Of several fields with the same name in the output the last one
 * counts. Fields that are missing or unreadable are omitted.
 */
export function simplifyFields(fields: Partial<Fields>, map: FieldMap): IDataObject {
	const output: IDataObject = {};
	for (const [from, to, parse] of map) {
		const value = Object.hasOwn(fields, from) ? fields[from] : undefined;
		if (value === undefined) continue;
		// The PBX writes "None" for "no value", too.
		const parsed = parse(value === 'None' && !WORDS.has(from) ? '' : value);
		if (parsed !== undefined) output[to] = parsed;
	}
	return output;
}
