import fc from 'fast-check';
import { loadContract } from '../../sandbox/http/contract.mts';
import type { ApiOperation, Contract } from '../../sandbox/http/contract.mts';
import { startSandbox } from '../../sandbox/index.mts';
import type { Sandbox } from '../../sandbox/index.mts';
import { Client } from './support/client.mts';
import type { Call, Json } from './support/client.mts';
import { Requests } from './support/requests.mts';

let contract: Contract;
let sandbox: Sandbox;
let client: Client;
let requests: Requests;

const find = (method: string, path: string) =>
	contract.operations.find((one) => one.method === method && one.path === path);

beforeAll(async () => {
	contract = await loadContract();
	sandbox = await startSandbox({ clock: 'virtual', extensions: 250 });
	client = new Client(sandbox.url);
	requests = new Requests(contract, sandbox, client);
});

afterAll(async () => {
	await sandbox.stop();
	expect(sandbox.errors).toEqual([]);
});

/** All rows of a list, page after page where it has pages. */
async function everything(list: ApiOperation, call: Call = {}): Promise<Json[]> {
	const paged = list.query.some(({ name }) => name === 'per_page');
	const all: Json[] = [];
	for (let page = 1; page < 100; page++) {
		const query = { ...call.query, ...(paged ? { page, per_page: 100 } : {}) };
		const rows = (await client.call(list, { ...call, query })).json as Json[];
		all.push(...rows);
		if (!paged || rows.length === 0) break;
	}
	return all;
}

describe('what is created', () => {
	/** Everything that has a GET by id and something that creates it. */
	const items = () =>
		contract.operations.filter(
			(one) =>
				one.method === 'GET' && one.answer && one.path.endsWith('}') && requests.creator(one),
		);

	it('can be read, listed, changed and deleted', async () => {
		expect(items().length).toBeGreaterThanOrEqual(16);
		for (const get of items()) {
			const create = requests.creator(get) as ApiOperation;
			const key = /\{(\w+)\}$/.exec(get.path)?.[1] ?? '';
			const { [key]: _id, ...parents } = await requests.target(get);
			const made = (await requests.create(create, parents)).json as Json;
			const params = { ...parents, [key]: made.id as number };
			const read = await client.call(get, { params });
			expect([get.id, read.json]).toEqual([get.id, expect.objectContaining(made)]);

			const list = find('GET', create.path);
			const rows = async () => (list ? await everything(list, { params: parents }) : []);
			if (list) expect(await rows()).toContainEqual(expect.objectContaining({ id: made.id }));

			const update = find('PUT', get.path);
			if (update) {
				const [body] = fc.sample(requests.body(update), 1);
				const changed = await client.call(update, { params, body });
				expect([update.id, changed.status]).toEqual([update.id, 200]);
				const now = (await client.call(get, { params })).json as Json;
				expect(now).toMatchObject(changed.json as Json);
				for (const [name, value] of Object.entries(body)) {
					if (!(name in now)) continue;
					const expected: unknown =
						update.id.endsWith('Agent') && name === 'status' ? { status: value } : value;
					expect([update.id, name, now[name]]).toEqual([update.id, name, expected]);
				}
			}

			const remove = find('DELETE', get.path);
			if (remove) {
				expect((await client.call(remove, { params })).status).toBe(204);
				expect((await client.call(remove, { params })).status).toBe(404);
				expect((await client.call(get, { params })).status).toBe(404);
				expect(await rows()).not.toContainEqual(expect.objectContaining({ id: made.id }));
			}
		}
	});

	it('keeps the defaults of the contract', async () => {
		const answer = await client.ask('POST', '/api/ver1.0/client/@me/extension/', {
			body: { name: '9001', type: 'phone' },
		});
		expect(answer.json).toMatchObject({ status: 'blocked', name: '1844*9001', label: null });
		const agent = await client.ask('POST', '/api/ver1.0/client/@me/agent/remote/', {
			body: { name: 'A', number: '+447700900555' },
		});
		expect(agent.json).toMatchObject({ busy_delay_time: 10, call_timeout: 60, wrap_up_time: 0 });
	});

	it('goes with what it belongs to', async () => {
		const { extensions, agents, users, dids } = sandbox.store;
		const agent = agents.find((one) => one.agent_type === 'local' && one.name === 'Sue');
		const id = (agent as { extension_id: number }).extension_id;
		expect(users.find((user) => user.extension_id === id)).toBeDefined();
		await client.ask('PUT', `/api/ver1.0/client/@me/did/${dids.list()[0].id}`, {
			body: { extension_id: id },
		});
		expect((await client.ask('DELETE', `/api/ver1.0/client/@me/extension/${id}`)).status).toBe(204);
		expect(extensions.get(id)).toBeUndefined();
		expect(agents.get(agent?.id ?? 0)).toBeUndefined();
		expect(users.find((user) => user.extension_id === id)).toBeUndefined();
		expect(dids.list()[0].extension_id).toBeNull();
	});

	it('is bounded by the limits of the client', async () => {
		sandbox.store.limits.network_permission_limit = sandbox.store.networkPermissions.size;
		const answer = await client.ask('POST', '/api/ver1.0/client/@me/network_permission/', {
			body: { name: 'one too many' },
		});
		expect(answer.status).toBe(403);
		expect(answer.json).toMatchObject({ status: 'limit_exceeded' });
	});
});

describe('lists', () => {
	it('come in pages without a gap or a repetition', async () => {
		const list = contract.byId.get('listExtensions') as ApiOperation;
		const all = sandbox.store.extensions.list().map(({ id }) => id);
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 7, max: 300 }), async (per_page) => {
				const seen: number[] = [];
				for (let page = 1; page < 100; page++) {
					const rows = (await client.call(list, { query: { page, per_page } })).json as Json[];
					expect(rows.length).toBeLessThanOrEqual(Math.min(per_page, 100));
					if (rows.length === 0) break;
					seen.push(...rows.map(({ id }) => id as number));
				}
				expect(seen).toEqual(all);
			}),
			{ numRuns: 8 },
		);
	});

	it('have 20 rows a page unless more are asked for, and never more than the maximum', async () => {
		const list = contract.byId.get('listExtensions') as ApiOperation;
		expect((await client.call(list)).json).toHaveLength(20);
		expect((await client.call(list, { query: { per_page: 5000 } })).json).toHaveLength(100);
		expect((await client.call(list, { query: { page: 0 } })).status).toBe(400);
	});

	it('let through exactly what every filter asks for', async () => {
		const filters = contract.operations.flatMap((operation) =>
			operation.query
				.filter(({ schema }) => schema.type === 'array' && operation.method === 'GET')
				.map(({ name }) => ({ operation, name })),
		);
		expect(filters.length).toBeGreaterThanOrEqual(30);
		for (const user of sandbox.store.users.values()) user.comment = `about ${user.login}`;
		for (const { operation, name } of filters) {
			if (operation.id === 'searchSounds') continue;
			const rows = await everything(operation);
			const field = (row: Json): string => {
				const value = row[name];
				const domain = typeof value === 'object' && value ? (value as Json).name : value;
				return String(domain);
			};
			const values = [...new Set(rows.map(field))].filter((value) => value !== 'null').slice(0, 2);
			expect([operation.id, name, values.length > 0]).toEqual([operation.id, name, true]);
			const found = await everything(operation, { query: { [name]: values } });
			expect(found).toEqual(rows.filter((row) => values.includes(field(row))));
			const none = await client.call(operation, { query: { [name]: 99_887_766 } });
			expect([operation.id, name, none.json]).toEqual([operation.id, name, []]);
		}
	});

	it('of sounds can be searched and kept to the own ones', async () => {
		sandbox.reset();
		const search = async (path: string, query: Json) =>
			(await client.ask('GET', `/api/ver1.0/client/@me/sound/${path}`, { query })).json;
		const all = (await search('', {})) as Json[];
		expect(all.map(({ title }) => title)).toEqual(['Greeting', 'Music on hold']);
		expect(await search('', { own_only: true })).toHaveLength(1);
		expect(await search('search/', {})).toEqual({ total_count: 2 });
		expect(await search('search/', { q: 'HOLD' })).toEqual({ total_count: 1 });
		expect(await search('search/', { q: 'nothing' })).toEqual({ total_count: 0 });
	});
});

describe('values', () => {
	const refused: Array<[method: string, path: string, body: Json]> = [
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
	it.each(refused)('%s %s %j is refused', async (method, path, body) => {
		const answer = await client.ask(method, `/api/ver1.0/client/@me/${path}`, { body });
		expect(answer.status).toBe(400);
		expect(typeof (answer.json as Json).message).toBe('string');
	});
});
