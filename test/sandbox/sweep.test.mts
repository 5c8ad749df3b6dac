import fc from 'fast-check';
import { loadContract } from '../../sandbox/http/contract.mts';
import type { ApiOperation, Contract } from '../../sandbox/http/contract.mts';
import { startSandbox } from '../../sandbox/index.mts';
import type { Sandbox } from '../../sandbox/index.mts';
import page from '../../api/page-shape.json';
import { Client } from './support/client.mts';
import type { Call, Json } from './support/client.mts';
import { Requests } from './support/requests.mts';

/** Every operation of the contract, asked rightly and wrongly in every way its own schema tells of. */
describe('the whole contract', () => {
	let contract: Contract;
	let sandbox: Sandbox;
	let client: Client;
	let requests: Requests;

	beforeAll(async () => {
		contract = await loadContract();
		sandbox = await startSandbox({ clock: 'virtual', statsMs: 1 });
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

	/** Runs a property for every operation; a failure names the operation. */
	async function each(
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

	const basic = `Basic ${Buffer.from('admin:sandbox-password').toString('base64')}`;
	const credential = ({ id }: ApiOperation) =>
		id === 'downloadRecordBasicAuth' ? { authorization: basic } : {};

	it('has all operations', () => {
		expect(contract.operations).toHaveLength(page.operationCount);
	});

	it('answers every allowed request as the contract says', async () => {
		await each(contract.operations, 6, async (operation, body) => {
			const call = await requests.valid(operation, body);
			const answer = await client.call(operation, { ...call, ...credential(operation) });
			if (answer.status >= 400) throw new Error(`${answer.status} ${answer.text}`);
			expect(answer.status).toBe(operation.success);
			if (operation.answer) {
				expect(contract.checkAnswer(operation, answer.status, answer.json)).toEqual([]);
			}
			if (operation.success === 204) expect(answer.bytes).toHaveLength(0);
			for (const header of ['limit', 'remaining', 'reset']) {
				expect(answer.headers.get(`x-ratelimit-${header}`)).toMatch(/^\d+$/);
			}
			expect(sandbox.journal.last()).toMatchObject({
				operationId: operation.id,
				acted: operation.method !== 'GET',
			});
		});
	});

	it('refuses what the contract does not list, with 400 and without acting', async () => {
		await each(contract.operations, 2, async (operation, body) => {
			const call = await requests.valid(operation, body);
			const wrong: Call[] = [{ ...call, query: { ...call.query, no_such_parameter: '1' } }];
			for (const { name, schema } of operation.query) {
				if (schema.type === 'integer' || schema.type === 'boolean') {
					wrong.push({ ...call, query: { ...call.query, [name]: 'x y' } });
				}
				const missing = { ...call.query };
				if (name in missing && operation.id !== 'deleteFaxes') {
					delete missing[name];
					wrong.push({ ...call, query: missing });
				}
			}
			if (call.body) {
				wrong.push({ ...call, body: { ...(call.body as Json), no_such_field: 1 } });
				wrong.push({ ...call, body: undefined }, { ...call, body: [call.body] });
				wrong.push({ ...call, body: null }, { ...call, body: 'text' });
				for (const name of Object.keys(call.body as Json)) {
					wrong.push({ ...call, body: { ...(call.body as Json), [name]: { a: [1] } } });
				}
				for (const name of operation.body?.schema.required ?? []) {
					const { [name]: _dropped, ...rest } = call.body as Json;
					wrong.push({ ...call, body: rest });
				}
			} else if (operation.method !== 'GET') {
				wrong.push({ ...call, form: undefined, body: { no_body: 'here' } });
			}
			for (const one of wrong) {
				const answer = await client.call(operation, { ...one, ...credential(operation) });
				expect({ ...one, status: answer.status }).toEqual({ ...one, status: 400 });
				expect(typeof (answer.json as Json).message).toBe('string');
				expect(sandbox.journal.last()?.acted).toBe(false);
			}
		});
	});

	it('asks everybody who they are', async () => {
		for (const operation of contract.operations) {
			const params = Object.fromEntries(
				[...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, '1']),
			);
			for (const authorization of [null, 'Bearer wrong', 'Basic !!!', 'Bearer']) {
				const answer = await client.call(operation, { params, authorization });
				expect([operation.id, answer.status]).toEqual([operation.id, 401]);
				expect(answer.json).toEqual({ message: 'Unauthorized', status: '401' });
			}
		}
	});

	it('knows one client, and only things that exist', async () => {
		for (const operation of contract.operations) {
			const [body] = fc.sample(requests.body(operation), 1);
			const call = { ...(await requests.valid(operation, body)), ...credential(operation) };
			const other = await client.call(operation, {
				...call,
				params: { ...call.params, client_id: 999 },
			});
			expect([operation.id, other.status, other.json]).toEqual([
				operation.id,
				404,
				{ message: 'Client not found', status: 'client_not_found' },
			]);
			for (const name of Object.keys(call.params ?? {})) {
				const gone = await client.call(operation, {
					...call,
					params: { ...call.params, [name]: 87_654_321 },
				});
				expect([operation.id, name, gone.status]).toEqual([operation.id, name, 404]);
				expect((gone.json as Json).message).toMatch(/^(Not found|Record not found)$/);
			}
		}
	});

	it('knows a path only in the form the contract gives it', async () => {
		for (const operation of contract.operations) {
			const path = `/api/ver1.0${operation.path.replace(/\{client_id\}/, '@me').replace(/\{\w+\}/g, '1')}`;
			const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
			const answer = await client.ask(operation.method, other);
			// Without the slash these two read like an item with a strange id.
			const word = /\/(call_status|search)$/.test(other) && operation.method !== 'POST';
			expect([other, answer.status]).toEqual([other, word ? 400 : 404]);
		}
	});
});
