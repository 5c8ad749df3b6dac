import fc from 'fast-check';
import { loadContract } from '../../sandbox/http/contract.mts';
import type { ApiOperation, Contract } from '../../sandbox/http/contract.mts';
import { startSandbox } from '../../sandbox/index.mts';
import type { Sandbox } from '../../sandbox/index.mts';
import page from '../../api/page-shape.json';
import { Client } from './support/client.mts';
import type { Call, Json } from './support/client.mts';
import { Requests } from './support/requests.mts';

// Sends valid and invalid requests, generated from the contract, to every operation.
describe('the whole contract', () => {
	let contract: Contract;
	let sandbox: Sandbox;
	let client: Client;
	let requests: Requests;

	beforeAll(async () => {
		contract = await loadContract();
		sandbox = await startSandbox({ clock: 'virtual' });
		for (const limit of Object.keys(sandbox.store.limits) as Array<'event_limit'>) {
			sandbox.store.limits[limit] = 1_000_000;
		}
		client = new Client(sandbox.url);
		requests = new Requests(contract, sandbox, client);
	});

	afterAll(async () => {
		await sandbox.stop();
		expect(sandbox.errors).toEqual([]);
	});

	/** Checks a property for generated bodies of every operation. A failure names the operation. */
	async function forEachOperation(
		operations: ApiOperation[],
		runs: number,
		property: (operation: ApiOperation, body: Json) => Promise<void>,
	): Promise<void> {
		for (const operation of operations) {
			try {
				await fc.assert(
					fc.asyncProperty(
						requests.body(operation),
						async (body) => await property(operation, body),
					),
					{ numRuns: operation.body ? runs : Math.ceil(runs / 4) },
				);
			} catch (error) {
				throw new Error(`${operation.id}: ${(error as Error).message}`);
			}
		}
	}

	const basicAuthorization = `Basic ${Buffer.from('admin:sandbox-password').toString('base64')}`;
	const authorizationFor = ({ id }: ApiOperation) =>
		id === 'downloadRecordBasicAuth' ? { authorization: basicAuthorization } : {};

	it('serves as many operations of the API page as the page has', () => {
		const ofPage = contract.operations.filter(({ isBeyondPage }) => !isBeyondPage);
		expect(ofPage).toHaveLength(page.operationCount);
	});

	it('gives every valid request the response that the contract describes', async () => {
		await forEachOperation(contract.operations, 6, async (operation, body) => {
			const call = await requests.valid(operation, body);
			const response = await client.call(operation, { ...call, ...authorizationFor(operation) });
			if (response.status >= 400) throw new Error(`${response.status} ${response.text}`);
			expect(response.status).toBe(operation.success);
			if (operation.responseSchema) {
				expect(contract.checkResponse(operation, response.status, response.json)).toEqual([]);
			}
			if (operation.success === 204) expect(response.bytes).toHaveLength(0);
			for (const header of ['limit', 'remaining', 'reset']) {
				expect(response.headers.get(`x-ratelimit-${header}`)).toMatch(/^\d+$/);
			}
			expect(sandbox.journal.last()).toMatchObject({
				operationId: operation.id,
				acted: operation.method !== 'GET',
			});
		});
	});

	it('refuses invalid parameters and bodies with 400 and without acting', async () => {
		await forEachOperation(contract.operations, 2, async (operation, body) => {
			const call = await requests.valid(operation, body);
			const invalid: Call[] = [{ ...call, query: { ...call.query, no_such_parameter: '1' } }];
			for (const { name, schema } of operation.query) {
				if (schema.type === 'integer' || schema.type === 'boolean') {
					invalid.push({ ...call, query: { ...call.query, [name]: 'x y' } });
				}
				const missing = { ...call.query };
				if (name in missing && operation.id !== 'deleteFaxes') {
					delete missing[name];
					invalid.push({ ...call, query: missing });
				}
			}
			if (call.body) {
				invalid.push({ ...call, body: { ...(call.body as Json), no_such_field: 1 } });
				invalid.push({ ...call, body: undefined }, { ...call, body: [call.body] });
				invalid.push({ ...call, body: null }, { ...call, body: 'text' });
				for (const name of Object.keys(call.body as Json)) {
					invalid.push({ ...call, body: { ...(call.body as Json), [name]: { a: [1] } } });
				}
				for (const name of operation.body?.schema.required ?? []) {
					const { [name]: _dropped, ...rest } = call.body as Json;
					invalid.push({ ...call, body: rest });
				}
			} else if (operation.method !== 'GET') {
				invalid.push({ ...call, form: undefined, body: { no_body: 'here' } });
			}
			for (const request of invalid) {
				const response = await client.call(operation, {
					...request,
					...authorizationFor(operation),
				});
				expect({ ...request, status: response.status }).toEqual({ ...request, status: 400 });
				expect(typeof (response.json as Json).message).toBe('string');
				expect(sandbox.journal.last()?.acted).toBe(false);
			}
		});
	});

	it('refuses requests without valid authorization with 401', async () => {
		for (const operation of contract.operations) {
			const params = Object.fromEntries(
				[...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, '1']),
			);
			for (const authorization of [null, 'Bearer wrong', 'Basic !!!', 'Bearer']) {
				const response = await client.call(operation, { params, authorization });
				expect([operation.id, response.status]).toEqual([operation.id, 401]);
				expect(response.json).toEqual({ message: 'Unauthorized', status: '401' });
			}
		}
	});

	it('responds with 404 to requests for another client or a record that does not exist', async () => {
		for (const operation of contract.operations) {
			const [body] = fc.sample(requests.body(operation), 1);
			const call = { ...(await requests.valid(operation, body)), ...authorizationFor(operation) };
			if (operation.path.includes('{client_id}')) {
				const otherClient = await client.call(operation, {
					...call,
					params: { ...call.params, client_id: 999 },
				});
				expect([operation.id, otherClient.status, otherClient.json]).toEqual([
					operation.id,
					404,
					{ message: 'Client not found', status: 'client_not_found' },
				]);
			}
			for (const name of Object.keys(call.params ?? {})) {
				const missing = await client.call(operation, {
					...call,
					params: { ...call.params, [name]: 87_654_321 },
				});
				expect([operation.id, name, missing.status]).toEqual([operation.id, name, 404]);
				expect((missing.json as Json).message).toMatch(/^(Not found|Record not found)$/);
			}
		}
	});

	it('requires the trailing slash exactly where the contract has one', async () => {
		for (const operation of contract.operations) {
			const path = `/api/ver1.0${operation.path.replace(/\{client_id\}/, '@me').replace(/\{\w+\}/g, '1')}`;
			const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
			const response = await client.request(operation.method, other);
			// Without the slash these paths are those of a record with an invalid id.
			const isRecordPath = /\/(call_status|search)$/.test(other) && operation.method !== 'POST';
			expect([other, response.status]).toEqual([other, isRecordPath ? 400 : 404]);
		}
	});
});
