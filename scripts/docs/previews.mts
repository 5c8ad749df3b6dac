/**
 * What the editor shows of an operation's output before its first run: a JSON schema for each, made
 * from the contract's answers, cut down by Simplify as the output is.
 */
import type { Schema } from '../../sandbox/http/contract.mts';
import { operations, type Operation } from './places.mts';

/** As much of JSON schema as n8n's editor reads: one type each. */
export interface Preview {
	type: string;
	properties?: Record<string, Preview>;
	items?: Preview;
}

type AnswerSchema = Schema & { 'x-beyond-page-types'?: string[] };

/** Below `__schema__`, in the folder of the node's version: where n8n looks for it. */
export const pathOf = ({ resource, key }: Operation) => `v1.0.0/${resource.key}/${key}.json`;

/** The files, by their paths below `__schema__`. Operations whose answer is not documented have none. */
export async function previews(): Promise<Map<string, string>> {
	const files = new Map<string, string>();
	for (const operation of await operations()) {
		const preview = previewOf(operation);
		if (preview) files.set(pathOf(operation), `${JSON.stringify(preview, null, '\t')}\n`);
	}
	return files;
}

/** What an item of the operation looks like; nothing where the contract does not say. */
export function previewOf({ row, endpoints }: Operation): Preview | undefined {
	if (row.result === 'deleted') return object({ deleted: { type: 'boolean' } });
	if (row.result === 'file') return object(FILE);
	const known: Record<string, Preview> = row.path.endsWith('/path/') ? FTP_PATH : {};
	for (const { responseSchema } of endpoints) {
		const record = recordIn(responseSchema, row.rootProperty);
		for (const [name, schema] of Object.entries(record?.properties ?? {})) {
			known[name] ??= typed(schema);
		}
	}
	const names = row.simplifiedFields ?? Object.keys(known);
	const stranger = names.find((name) => !(name in known));
	if (stranger) throw new Error(`The answer to ${row.method} ${row.path} has no ${stranger}`);
	if (names.length === 0) return undefined;
	return object(Object.fromEntries(names.map((name) => [name, known[name]])));
}

/** The node itself builds this record; the API documents none. */
const FTP_PATH: Record<string, Preview> = { path: { type: 'string' } };

/** Of a downloaded file, beside the file itself. */
const FILE: Record<string, Preview> = {
	id: { type: 'string' },
	fileName: { type: 'string' },
	mimeType: { type: 'string' },
	size: { type: 'number' },
};

const object = (properties: Record<string, Preview>): Preview => ({ type: 'object', properties });

/** The record in an answer that may be a list, or hold one. */
function recordIn(answer: Schema | undefined, root?: string): Schema | undefined {
	const schema = answer?.oneOf?.[0] ?? answer;
	if (root) return recordIn(schema?.properties?.[root]);
	return schema?.type === 'array' ? schema.items : schema;
}

/** The one type that a value mostly has: what was seen in answers rather than what the page says. */
function typed(schema: AnswerSchema): Preview {
	const types = [...(schema['x-beyond-page-types'] ?? []), schema.type].flat();
	const type = types.find((one) => one !== 'null') ?? 'string';
	if (type === 'array') return { type, items: typed(schema.items ?? {}) };
	if (type !== 'object') return { type };
	const fields = Object.entries(schema.properties ?? {});
	return object(Object.fromEntries(fields.map(([name, one]) => [name, typed(one)])));
}
