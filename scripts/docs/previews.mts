/**
 * What the editor shows of an operation's output before its first run: a JSON schema for each, made
 * from the contract's responses, reduced by Simplify as the output is.
 */
import type { Schema } from '../../sandbox/http/contract.mts';
import { operations, responseOperations, type Operation } from './operations.mts';

/** The part of JSON schema that n8n's editor reads: one type each. */
export interface Preview {
	type: string;
	properties?: Record<string, Preview>;
	items?: Preview;
}

type ResponseSchema = Schema & { 'x-beyond-page-types'?: string[] };

/** Below `__schema__`, in the folder of the node's version: where n8n looks for it. */
export const pathOf = ({ resource, key }: Pick<Operation, 'resource' | 'key'>) =>
	`v1.0.0/${resource.key}/${key}.json`;

/** The files, by their paths below `__schema__`. Operations whose response is not documented have none. */
export async function previews(): Promise<Map<string, string>> {
	const files = new Map<string, string>();
	for (const operation of await operations()) {
		const preview = previewOf(operation);
		if (preview) files.set(pathOf(operation), format(preview));
	}
	for (const response of responseOperations()) {
		const fields = Object.entries(response.operation.outputFields).map(([name, type]) => {
			return [name, type === 'strings' ? STRINGS : { type }] as const;
		});
		files.set(pathOf(response), format(object(Object.fromEntries(fields))));
	}
	return files;
}

const format = (preview: Preview) => `${JSON.stringify(preview, null, '\t')}\n`;

const STRINGS: Preview = { type: 'array', items: { type: 'string' } };

/** The shape of an item that the operation returns; undefined where the contract does not say. */
export function previewOf({ row, endpoints }: Operation): Preview | undefined {
	if (row.result === 'deleted') return object({ deleted: { type: 'boolean' } });
	if (row.result === 'file') return object(FILE);
	if (row.parsedFields) {
		const fields = Object.entries(row.parsedFields);
		return object(Object.fromEntries(fields.map(([name, type]) => [name, { type }])));
	}
	const known: Record<string, Preview> = {};
	for (const { responseSchema } of endpoints) {
		const record = recordIn(responseSchema, row.result === 'list');
		for (const [name, schema] of Object.entries(record?.properties ?? {})) {
			known[name] ??= typed(schema);
		}
	}
	const names = row.simplifiedFields ?? Object.keys(known);
	const unknown = names.find((name) => !(name in known));
	if (unknown) throw new Error(`The response to ${row.method} ${row.path} has no ${unknown}`);
	if (names.length === 0) return undefined;
	const added = Object.entries(row.addedFields ?? {}).map(([name, type]) => [name, { type }]);
	return object(Object.fromEntries([...names.map((name) => [name, known[name]]), ...added]));
}

/** Of a downloaded file, beside the file itself. */
const FILE: Record<string, Preview> = {
	id: { type: 'string' },
	fileName: { type: 'string' },
	mimeType: { type: 'string' },
	size: { type: 'number' },
};

const object = (properties: Record<string, Preview>): Preview => ({ type: 'object', properties });

/** The record in a response that may be a list, or contain one. */
function recordIn(response: Schema | undefined, isList: boolean): Schema | undefined {
	const schema = response?.oneOf?.[0] ?? response;
	if (schema?.type === 'array') return schema.items;
	if (!isList) return schema;
	return Object.values(schema?.properties ?? {}).find(({ type }) => type === 'array')?.items;
}

/** The most common type of a value: as seen in responses rather than as the API page says. */
function typed(schema: ResponseSchema): Preview {
	const types = [...(schema['x-beyond-page-types'] ?? []), schema.type].flat();
	const type = types.find((one) => one !== 'null') ?? 'string';
	if (type === 'array') return { type, items: typed(schema.items ?? {}) };
	if (type !== 'object') return { type };
	const fields = Object.entries(schema.properties ?? {});
	return object(Object.fromEntries(fields.map(([name, one]) => [name, typed(one)])));
}
