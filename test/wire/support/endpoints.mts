/** The endpoints of the contract, the oracle that the node is measured by. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import { ROOT } from '../../harness/n8n.mts';

export interface Endpoint {
	/** `operationId` of the contract. */
	id: string;
	method: string;
	/** Below the API's base, as the contract has it: `/client/{client_id}/did/{did_id}`. */
	path: string;
}

/** All endpoints, read at once and without waiting, because Jest wants the names of its tests so. */
export function listEndpoints(): Endpoint[] {
	const { paths } = parse(readFileSync(join(ROOT, 'api', 'openapi.yaml'), 'utf8')) as {
		paths: Record<string, Record<string, { operationId: string }>>;
	};
	return Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods)
			.filter(([method]) => method !== 'parameters')
			.map(([method, { operationId }]) => ({
				id: operationId,
				method: method.toUpperCase(),
				path,
			})),
	);
}

/** `{agent_id}` of a path → `['agent_id']`. */
export const placeholders = (path: string) =>
	Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name);

/** Fills the placeholders of a path, each with one encoded segment; the PBX's own word `@me` stays. */
export const fillPath = (path: string, values: Record<string, unknown>) =>
	path.replace(/\{(\w+)\}/g, (_, name: string) =>
		encodeURIComponent(String(values[name])).replace('%40me', '@me'),
	);
