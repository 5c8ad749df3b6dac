/** The endpoints of the contract, with which the node is compared. */
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
	/** Whether the API reference page does not list it. */
	isBeyondPage: boolean;
}

/** All endpoints, read synchronously because Jest needs the names of tests synchronously. */
export function listEndpoints(): Endpoint[] {
	const { paths } = parse(readFileSync(join(ROOT, 'api', 'openapi.yaml'), 'utf8')) as {
		paths: Record<string, Record<string, { operationId: string; tags: string[] }>>;
	};
	return Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods)
			.filter(([method]) => method !== 'parameters')
			.map(([method, { operationId, tags }]) => ({
				id: operationId,
				method: method.toUpperCase(),
				path,
				isBeyondPage: tags.includes('Beyond the API Page'),
			})),
	);
}

/** `{agent_id}` of a path → `['agent_id']`. */
export const placeholders = (path: string) =>
	Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name);

/** Fills the placeholders of a path, each with one encoded segment; `@me` is not encoded. */
export const fillPath = (path: string, values: Record<string, unknown>) =>
	path.replace(/\{(\w+)\}/g, (_, name: string) =>
		encodeURIComponent(String(values[name])).replace('%40me', '@me'),
	);
