import fc from 'fast-check';
import { loadContract } from '../../sandbox/http/contract.mts';
import type { ApiOperation, Contract } from '../../sandbox/http/contract.mts';
import type { Call, Json } from './support/client.mts';
import { Requests } from './support/requests.mts';
import { setupSandbox } from './support/setupSandbox.mts';

const BASE = '/api/ver1.0/client/@me';
const pbx = setupSandbox({ extensions: 250 });
let contract: Contract;
let requests: Requests;

const findOperation = (method: ApiOperation['method'], path: string) =>
	contract.operations.find((operation) => operation.method === method && operation.path === path);

beforeAll(async () => {
	contract = await loadContract();
	requests = new Requests(contract, pbx.sandbox, pbx.client);
});

/** All rows of a list, page by page if it has pages. */
async function listAll(list: ApiOperation, call: Call = {}): Promise<Json[]> {
	const paged = list.query.some(({ name }) => name === 'per_page');
	const all: Json[] = [];
	for (let page = 1; page < 100; page++) {
		const query = { ...call.query, ...(paged ? { page, per_page: 100 } : {}) };
		const rows = (await pbx.client.call(list, { ...call, query })).json as Json[];
		all.push(...rows);
		if (!paged || rows.length === 0) break;
	}
	return all;
}

describe('collections', () => {
	/** The operations that get a record by its id, of the records that can be created. */
	const getOperations = () =>
		contract.operations.filter(
			(operation) =>
				operation.method === 'GET' &&
				operation.responseSchema &&
				operation.path.endsWith('}') &&
				requests.creator(operation),
		);

	it('reads, lists, updates and deletes every kind of record that it can create', async () => {
		expect(getOperations().length).toBeGreaterThanOrEqual(16);
		for (const get of getOperations()) {
			const create = requests.creator(get) as ApiOperation;
			const key = /\{(\w+)\}$/.exec(get.path)?.[1] ?? '';
			const { [key]: _id, ...parents } = await requests.target(get);
			const created = (await requests.create(create, parents)).json as Json;
			const params = { ...parents, [key]: created.id as number };
			const read = await pbx.client.call(get, { params });
			expect([get.id, read.json]).toEqual([get.id, expect.objectContaining(created)]);

			const list = findOperation('GET', create.path);
			const rows = async () => (list ? await listAll(list, { params: parents }) : []);
			if (list) expect(await rows()).toContainEqual(expect.objectContaining({ id: created.id }));

			const update = findOperation('PUT', get.path);
			if (update) {
				const [body] = fc.sample(requests.body(update), 1);
				const updated = await pbx.client.call(update, { params, body });
				expect([update.id, updated.status]).toEqual([update.id, 200]);
				const row = (await pbx.client.call(get, { params })).json as Json;
				expect(row).toMatchObject(updated.json as Json);
				for (const [name, value] of Object.entries(body)) {
					if (!(name in row)) continue;
					const expected: unknown =
						update.id.endsWith('Agent') && name === 'status' ? { status: value } : value;
					expect([update.id, name, row[name]]).toEqual([update.id, name, expected]);
				}
			}

			const remove = findOperation('DELETE', get.path);
			if (remove) {
				expect((await pbx.client.call(remove, { params })).status).toBe(204);
				expect((await pbx.client.call(remove, { params })).status).toBe(404);
				expect((await pbx.client.call(get, { params })).status).toBe(404);
				expect(await rows()).not.toContainEqual(expect.objectContaining({ id: created.id }));
			}
		}
	});

	it('fills in the defaults of the contract when it creates a record', async () => {
		const response = await pbx.client.request('POST', `${BASE}/extension/`, {
			body: { name: '9001', type: 'phone' },
		});
		expect(response.json).toMatchObject({ status: 'blocked', name: '1844*9001', label: null });
		const agent = await pbx.client.request('POST', `${BASE}/agent/remote/`, {
			body: { name: 'A', number: '+447700900555' },
		});
		expect(agent.json).toMatchObject({ busy_delay_time: 10, call_timeout: 60, wrap_up_time: 0 });
	});

	it('deletes the agents and users of a deleted extension and clears its routes', async () => {
		const { extensions, agents, users, dids } = pbx.sandbox.store;
		const agent = agents.find(({ name }) => name === 'Sue');
		const id = (agent as { extension_id: number }).extension_id;
		expect(users.find((user) => user.extension_id === id)).toBeDefined();
		await pbx.client.request('PUT', `${BASE}/did/${dids.list()[0].id}`, {
			body: { extension_id: id },
		});
		expect((await pbx.client.request('DELETE', `${BASE}/extension/${id}`)).status).toBe(204);
		expect(extensions.get(id)).toBeUndefined();
		expect(agents.get(agent?.id ?? 0)).toBeUndefined();
		expect(users.find((user) => user.extension_id === id)).toBeUndefined();
		expect(dids.list()[0].extension_id).toBeNull();
	});

	it('refuses to create more records than the limits of the client allow', async () => {
		pbx.sandbox.store.limits.network_permission_limit = pbx.sandbox.store.networkPermissions.size;
		const response = await pbx.client.request('POST', `${BASE}/network_permission/`, {
			body: { name: 'one too many' },
		});
		expect(response.status).toBe(403);
		expect(response.json).toMatchObject({ status: 'limit_exceeded' });
	});
});

describe('lists', () => {
	it('returns every row of a list exactly once, whatever the page size', async () => {
		const list = contract.byId.get('listExtensions') as ApiOperation;
		const all = pbx.sandbox.store.extensions.list().map(({ id }) => id);
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 7, max: 300 }), async (per_page) => {
				const seen: number[] = [];
				for (let page = 1; page < 100; page++) {
					const rows = (await pbx.client.call(list, { query: { page, per_page } })).json as Json[];
					expect(rows.length).toBeLessThanOrEqual(Math.min(per_page, 100));
					if (rows.length === 0) break;
					seen.push(...rows.map(({ id }) => id as number));
				}
				expect(seen).toEqual(all);
			}),
			{ numRuns: 8 },
		);
	});

	it('returns 20 rows per page by default and never more than the maximum', async () => {
		const list = contract.byId.get('listExtensions') as ApiOperation;
		expect((await pbx.client.call(list)).json).toHaveLength(20);
		expect((await pbx.client.call(list, { query: { per_page: 5000 } })).json).toHaveLength(100);
		expect((await pbx.client.call(list, { query: { page: 0 } })).status).toBe(400);
	});

	it('returns exactly the rows that match, for every filter of every list', async () => {
		const filters = contract.operations.flatMap((operation) =>
			operation.query
				.filter(({ schema }) => schema.type === 'array' && operation.method === 'GET')
				.map(({ name }) => ({ operation, name })),
		);
		expect(filters.length).toBeGreaterThanOrEqual(30);
		for (const user of pbx.sandbox.store.users.values()) user.comment = `comment of ${user.login}`;
		for (const { operation, name } of filters) {
			if (operation.id === 'searchSounds') continue;
			const rows = await listAll(operation);
			const field = (row: Json): string => {
				const value = row[name];
				const domain = typeof value === 'object' && value ? (value as Json).name : value;
				return String(domain);
			};
			const values = [...new Set(rows.map(field))].filter((value) => value !== 'null').slice(0, 2);
			expect([operation.id, name, values.length > 0]).toEqual([operation.id, name, true]);
			const filtered = await listAll(operation, { query: { [name]: values } });
			expect(filtered).toEqual(rows.filter((row) => values.includes(field(row))));
			const none = await pbx.client.call(operation, { query: { [name]: 99_887_766 } });
			expect([operation.id, name, none.json]).toEqual([operation.id, name, []]);
		}
	});

	it('searches sounds by title and leaves out those of the operator on request', async () => {
		const search = async (path: string, query: Json) =>
			(await pbx.client.request('GET', `${BASE}/sound/${path}`, { query })).json;
		const all = (await search('', {})) as Json[];
		expect(all.map(({ title }) => title)).toEqual(['Greeting', 'Music on hold']);
		expect(await search('', { own_only: true })).toHaveLength(1);
		expect(await search('search/', {})).toEqual({ total_count: 2 });
		expect(await search('search/', { q: 'HOLD' })).toEqual({ total_count: 1 });
		expect(await search('search/', { q: 'nothing' })).toEqual({ total_count: 0 });
	});
});

describe('values', () => {
	const invalid: Array<[method: string, path: string, body: Json]> = [
		['POST', 'extension/', { name: 'Reception', type: 'phone' }],
		['POST', 'extension/', { name: '1844*101', type: 'phone' }],
		['POST', 'agent/local/', { name: 'A', extension_id: 1 }],
		['POST', 'agent/remote/', { name: 'A', number: 'abc' }],
		['POST', 'phone_events/', { url: 'ftp://x', method: 'GET', event_type: 'answer' }],
		['POST', 'user/client/', { name: 'A', login: 'admin', password: 'x', email: 'a@b.c' }],
		['POST', 'interval/', { name: 'A', timezone: 'Nowhere', conditions: [{ month: 1 }] }],
		['POST', 'interval/', { name: 'A', timezone: 'UTC', conditions: [{ start_dow: 1 }] }],
		['POST', 'interval/', { name: 'A', timezone: 'UTC', conditions: [{}] }],
		['POST', 'network_permission/', { name: 'A', network_address: ['999.1.1.1'] }],
		['POST', 'task_scheduler/', { name: 'A', interval_id: 1 }],
		['PUT', 'client/', { hold_music: 1 }],
		['PUT', 'ani/', { ani_number: 'none' }],
		['POST', 'variables/', { variables: [{ value: 'x' }] }],
	];
	it.each(invalid)('refuses %s %s with the body %j', async (method, path, body) => {
		const response = await pbx.client.request(method, `${BASE}/${path}`, { body });
		expect(response.status).toBe(400);
		expect(typeof (response.json as Json).message).toBe('string');
	});
});
