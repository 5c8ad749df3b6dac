/** The node against a server that sends whatever a test wants. */
import type { IDataObject } from 'n8n-workflow';

import { byId, type Fixture } from '../../harness/fixture.mts';
import { RawServer, type RawResponder } from './rawServer.mts';

export const TOKEN = 'a-token-of-the-test';

/** An operation of each kind. */
export const OPERATIONS = {
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
	addTasks: { resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' },
} satisfies Record<string, object>;
export type OperationName = keyof typeof OPERATIONS;
export const operationNames = Object.keys(OPERATIONS) as OperationName[];

export const credentialsFor = ({ url }: RawServer) => ({
	ringMeApi: { baseUrl: url, accessToken: TOKEN, client: '@me' },
});

/** Starts servers that are closed after each test, and runs the node against them. */
export function setupRawServers(fixture: Fixture) {
	const servers: RawServer[] = [];
	afterEach(async () => {
		for (const server of servers.splice(0)) await server.close();
	});
	return {
		serve: async (respond: RawResponder) => {
			const server = await RawServer.open(respond);
			servers.push(server);
			return server;
		},
		run: async (server: RawServer, name: OperationName, parameters: IDataObject = {}) =>
			await fixture.run(
				{ ...OPERATIONS[name], ...(parameters as object) },
				{
					credentials: credentialsFor(server),
					...(name === 'addTasks' && { json: [{ a_number: '+442079460001' }] }),
				},
			),
	};
}
