/** The node against a server that answers whatever a test wants. */
import type { IDataObject } from 'n8n-workflow';

import { byId, type Bench } from '../../harness/pbx.mts';
import type { RunResult } from '../../harness/types.mts';
import { RawServer, type Answer } from './rawServer.mts';

export const TOKEN = 'a-token-of-the-test';

export const KINDS = {
	get: { resource: 'extension', operation: 'get', extensionId: byId(5), simplify: false },
	list: { resource: 'extension', operation: 'getMany', returnAll: true, simplify: false },
	create: { resource: 'extensionGroup', operation: 'create', extensionGroupName: 'x' },
	update: {
		resource: 'extension',
		operation: 'update',
		extensionId: byId(5),
		extensionUpdateFields: { label: 'x' },
	},
	delete: { resource: 'extension', operation: 'delete', extensionId: byId(5) },
	download: { resource: 'recording', operation: 'download', recordUuid: byId('5') },
	bulk: { resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' },
} satisfies Record<string, object>;
export type Kind = keyof typeof KINDS;
export const kinds = Object.keys(KINDS) as Kind[];

export const credentials = (server: RawServer) => ({
	ringMeApi: { baseUrl: server.url, accessToken: TOKEN, client: '@me' },
});

export const shown = ({ error }: RunResult) => `${error?.message} / ${error?.description}`;
export const inDoubt = /unknown whether/;

/** Servers that are closed after each test, and runs of the node against them. */
export function useServers(bench: Bench) {
	const open: RawServer[] = [];
	afterEach(async () => {
		for (const server of open.splice(0)) await server.close();
	});
	return {
		serve: async (answer: Answer) => {
			const server = await RawServer.open(answer);
			open.push(server);
			return server;
		},
		run: async (server: RawServer, kind: Kind, more: IDataObject = {}) =>
			await bench.run(
				{ ...KINDS[kind], ...(more as object) },
				{
					credentials: credentials(server),
					...(kind === 'bulk' && { json: [{ a_number: '+442079460001' }] }),
				},
			),
	};
}
