import type { FaultInput, Sandbox } from '../../sandbox/index.mts';
import type { Client, Json } from './support/client.mts';
import { useSandbox } from './support/use.mts';

const BASE = '/api/ver1.0/client/@me';
let sandbox: Sandbox;
let client: Client;

// The clock stands at 15 January 2026, 09:00.
useSandbox({}, (...given) => ([sandbox, client] = given));

const list = async (query: Json = {}) => await client.ask('GET', `${BASE}/extension/`, { query });
const create = async () =>
	await client.ask('POST', `${BASE}/extension_group/`, { body: { name: 'New' } });
const groups = () => sandbox.store.extensionGroups.size;

describe('answers in the place of the right one', () => {
	it('strike so many times, after so many, and only what they match', async () => {
		const fault = sandbox.faults.add({
			kind: 'status',
			status: 503,
			match: { method: 'get', path: '/extension/' },
			times: 2,
			after: 1,
		});
		const statuses = [];
		for (let n = 0; n < 5; n++) statuses.push((await list()).status);
		expect(statuses).toEqual([200, 503, 503, 200, 200]);
		expect((await create()).status).toBe(201);
		expect(fault.hits).toBe(2);
		expect(sandbox.journal.api().map((entry) => entry.fault)).toEqual([
			...[undefined, 'status', 'status', undefined, undefined, undefined],
		]);
	});

	it('match an operation or an expression, and end when they are cleared', async () => {
		sandbox.faults.add({ kind: 'status', match: { operationId: 'listDids' }, times: Infinity });
		sandbox.faults.add({ kind: 'status', match: { path: /\/limit\/$/ }, times: Infinity });
		expect((await client.ask('GET', `${BASE}/did/`)).status).toBe(500);
		expect((await client.ask('GET', `${BASE}/limit/`)).status).toBe(500);
		expect((await list()).status).toBe(200);
		sandbox.faults.clear();
		expect((await client.ask('GET', `${BASE}/did/`)).status).toBe(200);
	});

	it('carry any body, type and headers', async () => {
		sandbox.faults.add({
			...{ kind: 'status', status: 502, body: '<h1>Bad gateway</h1>', contentType: 'text/html' },
			...{ headers: { 'x-proxy': 'yes' }, retryAfter: 7 },
		});
		const answer = await create();
		expect([answer.status, answer.text]).toEqual([502, '<h1>Bad gateway</h1>']);
		expect(answer.headers.get('content-type')).toContain('text/html');
		expect(answer.headers.get('retry-after')).toBe('7');
		expect(answer.headers.get('x-proxy')).toBe('yes');
		expect(groups()).toBe(2);
	});

	it('come after acting, on demand', async () => {
		sandbox.faults.add({ kind: 'status', status: 504, acts: true });
		expect((await create()).status).toBe(504);
		expect(groups()).toBe(3);
		expect(sandbox.journal.last()).toMatchObject({ acted: true, status: 504 });
	});

	it('are the two kinds of 429', async () => {
		sandbox.faults.add({ kind: 'rateLimit', reset: 12, retryAfter: 3 });
		const limit = await list();
		expect([limit.status, limit.json]).toEqual([
			429,
			{ message: 'Rate limit exceeded', status: 'rate_limit_exceeded' },
		]);
		expect(limit.headers.get('x-ratelimit-remaining')).toBe('0');
		expect(limit.headers.get('x-ratelimit-reset')).toBe('12');
		expect(limit.headers.get('retry-after')).toBe('3');
		sandbox.faults.add({ kind: 'statsBusy' });
		expect((await list()).json).toEqual({
			message: 'Stats request already exists, concurrent request not allowed',
		});
	});

	it('are an HTML page, a redirect, or nothing', async () => {
		sandbox.faults.add({ kind: 'html200' });
		const html = await create();
		expect([html.status, html.text]).toEqual([200, expect.stringContaining('<html')]);
		sandbox.faults.add({ kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere' });
		const moved = await create();
		expect([moved.status, moved.headers.get('location')]).toEqual([
			302,
			'http://127.0.0.1:9/elsewhere',
		]);
		expect(groups()).toBe(2);
		sandbox.faults.add({ kind: 'emptyBody' });
		const empty = await create();
		expect([empty.status, empty.bytes.length, groups()]).toEqual([201, 0, 3]);
	});

	it('have the wrong shape or a huge size', async () => {
		sandbox.faults.add({ kind: 'wrongShape', times: 2 });
		expect((await list()).json).toEqual({ items: expect.any(Array) });
		expect((await create()).json).toEqual([expect.objectContaining({ name: 'New' })]);
		sandbox.faults.add({ kind: 'hugeBody', bytes: 3_000_000, times: 2 });
		const huge = await list();
		expect(huge.bytes.length).toBeGreaterThan(3_000_000);
		expect(huge.json).toHaveLength(21);
		expect((await create()).json).toMatchObject({ name: 'New' });
	});
});

describe('connections', () => {
	it.each([
		['before', 'dropBefore', 2],
		['after', 'dropAfter', 3],
	] as const)('drop %s acting', async (_when, kind, left) => {
		sandbox.faults.add({ kind });
		await expect(create()).rejects.toThrow('fetch failed');
		expect(groups()).toBe(left);
		const last = sandbox.journal.last();
		expect(last).toMatchObject({ fault: kind, acted: kind === 'dropAfter' });
		expect(last?.status).toBeUndefined();
	});

	it('end in the middle of a body', async () => {
		sandbox.faults.add({ kind: 'truncate' });
		await expect(create()).rejects.toThrow();
		expect(groups()).toBe(3);
	});

	it('are refused for a while', async () => {
		sandbox.faults.add({ kind: 'refuse', ms: 1000 });
		await expect(create()).rejects.toThrow('fetch failed');
		const opened = async () => {
			for (let n = 0; n < 500; n++) {
				await new Promise((resolve) => setTimeout(resolve, 20));
				const answer = await create().catch(() => undefined);
				if (answer) return answer.status;
			}
			return undefined;
		};
		expect(await opened()).toBe(201);
		expect(groups()).toBe(3);
		sandbox.faults.add({ kind: 'refuse', ms: 100, match: { path: 'extension_group' } });
		await expect(create()).rejects.toThrow('fetch failed');
		expect(await opened()).toBe(201);
		expect(groups()).toBe(4);
	});

	it('are slow', async () => {
		sandbox.faults.add({ kind: 'slow', ms: 80 });
		const began = performance.now();
		expect((await create()).status).toBe(201);
		expect(performance.now() - began).toBeGreaterThan(70);
	});
});

it('kills the token of a request just before it', async () => {
	const body = new URLSearchParams({
		grant_type: 'client_credentials',
		client_id: 'sandbox-app',
		client_secret: 'sandbox-secret',
	});
	const { json } = await client.send('/oauth/token', { method: 'POST', body });
	const authorization = `Bearer ${(json as { access_token: string }).access_token}`;
	sandbox.faults.add({ kind: 'tokenDeath', after: 1, match: { path: '/api/' } });
	const ask = async () => (await client.ask('GET', `${BASE}/limit/`, { authorization })).status;
	expect([await ask(), await ask(), await ask()]).toEqual([200, 401, 401]);
});

describe('paging', () => {
	const ids = async (query: Json) => ((await list(query)).json as Json[]).map(({ id }) => id);

	it('can repeat its first page for ever', async () => {
		sandbox.faults.add({ kind: 'repeatPage', times: Infinity });
		expect(await ids({ per_page: 5, page: 3 })).toEqual(await ids({ per_page: 5 }));
	});

	it('can go on for ever', async () => {
		sandbox.faults.add({ kind: 'endless', times: Infinity });
		const seen = new Set<unknown>();
		for (const page of [1, 2, 3, 1000])
			for (const id of await ids({ per_page: 5, page })) seen.add(id);
		expect(seen.size).toBe(20);
	});

	it('can hold less than was asked for', async () => {
		sandbox.faults.add({ kind: 'capPerPage', n: 3, times: Infinity });
		expect(await ids({ per_page: 10, page: 2 })).toEqual([85204, 85205, 85206]);
	});
});

describe('batches of tasks', () => {
	const add = async (tasks: object[]) =>
		await client.ask('POST', `${BASE}/task_scheduler/2/tasks/`, { body: { tasks } });
	const good = Array.from({ length: 4 }, (_, n) => ({ a_number: `44770090000${n}` }));
	const half: FaultInput = { kind: 'halfBatch', match: { operationId: 'addTasks' } };

	it('can be applied by half', async () => {
		sandbox.faults.add(half);
		expect((await add(good)).status).toBe(400);
		expect(sandbox.store.tasks.size).toBe(2);
		expect(sandbox.journal.last()).toMatchObject({ acted: true, status: 400 });
	});

	it('can be applied by half only where one of them is bad', async () => {
		sandbox.faults.add({ ...half, onlyRefused: true, times: Infinity });
		expect((await add(good)).status).toBe(201);
		expect((await add([...good, { a_number: 'bad' }])).status).toBe(400);
		expect(sandbox.store.tasks.size).toBe(4 + 3);
	});
});
