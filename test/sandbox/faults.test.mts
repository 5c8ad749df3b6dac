import type { FaultInput } from '../../sandbox/index.mts';
import type { Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';

const BASE = '/api/ver1.0/client/@me';
const pbx = setupSandbox();

const listExtensions = async (query: Json = {}) =>
	await pbx.client.request('GET', `${BASE}/extension/`, { query });
const createGroup = async () =>
	await pbx.client.request('POST', `${BASE}/extension_group/`, { body: { name: 'New' } });
const groupCount = () => pbx.sandbox.store.extensionGroups.size;

describe('faulty responses', () => {
	it('injects a fault into matching requests, so many times, after letting some pass', async () => {
		const fault = pbx.sandbox.faults.add({
			kind: 'status',
			status: 503,
			match: { method: 'get', path: '/extension/' },
			times: 2,
			after: 1,
		});
		const statuses = [];
		for (let n = 0; n < 5; n++) statuses.push((await listExtensions()).status);
		expect(statuses).toEqual([200, 503, 503, 200, 200]);
		expect((await createGroup()).status).toBe(201);
		expect(fault.hits).toBe(2);
		expect(pbx.sandbox.journal.api().map((entry) => entry.fault)).toEqual([
			undefined,
			'status',
			'status',
			undefined,
			undefined,
			undefined,
		]);
	});

	it('injects faults by operation or expression until they are cleared', async () => {
		pbx.sandbox.faults.add({ kind: 'status', match: { operationId: 'listDids' }, times: Infinity });
		pbx.sandbox.faults.add({ kind: 'status', match: { path: /\/limit\/$/ }, times: Infinity });
		expect((await pbx.client.request('GET', `${BASE}/did/`)).status).toBe(500);
		expect((await pbx.client.request('GET', `${BASE}/limit/`)).status).toBe(500);
		expect((await listExtensions()).status).toBe(200);
		pbx.sandbox.faults.clear();
		expect((await pbx.client.request('GET', `${BASE}/did/`)).status).toBe(200);
	});

	it('responds with the status, body, media type and headers of a fault', async () => {
		pbx.sandbox.faults.add({
			kind: 'status',
			status: 502,
			body: '<h1>Bad gateway</h1>',
			contentType: 'text/html',
			headers: { 'x-proxy': 'yes' },
			retryAfter: 7,
		});
		const response = await createGroup();
		expect([response.status, response.text]).toEqual([502, '<h1>Bad gateway</h1>']);
		expect(response.headers.get('content-type')).toContain('text/html');
		expect(response.headers.get('retry-after')).toBe('7');
		expect(response.headers.get('x-proxy')).toBe('yes');
		expect(groupCount()).toBe(2);
	});

	it('responds with an error after acting if the fault says so', async () => {
		pbx.sandbox.faults.add({ kind: 'status', status: 504, acts: true });
		expect((await createGroup()).status).toBe(504);
		expect(groupCount()).toBe(3);
		expect(pbx.sandbox.journal.last()).toMatchObject({ acted: true, status: 504 });
	});

	it('responds with 429 for the hourly limit or a concurrent statistics request', async () => {
		pbx.sandbox.faults.add({ kind: 'rateLimit', reset: 12, retryAfter: 3 });
		const limit = await listExtensions();
		expect([limit.status, limit.json]).toEqual([
			429,
			{ message: 'Rate limit exceeded', status: 'rate_limit_exceeded' },
		]);
		expect(limit.headers.get('x-ratelimit-remaining')).toBe('0');
		expect(limit.headers.get('x-ratelimit-reset')).toBe('12');
		expect(limit.headers.get('retry-after')).toBe('3');
		pbx.sandbox.faults.add({ kind: 'statsBusy' });
		expect((await listExtensions()).json).toEqual({
			message: 'Stats request already exists, concurrent request not allowed',
		});
	});

	it('responds with an HTML page, a redirect, or an empty body', async () => {
		pbx.sandbox.faults.add({ kind: 'html200' });
		const html = await createGroup();
		expect([html.status, html.text]).toEqual([200, expect.stringContaining('<html')]);
		pbx.sandbox.faults.add({ kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere' });
		const moved = await createGroup();
		expect([moved.status, moved.headers.get('location')]).toEqual([
			302,
			'http://127.0.0.1:9/elsewhere',
		]);
		expect(groupCount()).toBe(2);
		pbx.sandbox.faults.add({ kind: 'emptyBody' });
		const empty = await createGroup();
		expect([empty.status, empty.bytes.length, groupCount()]).toEqual([201, 0, 3]);
	});

	it('responds with a list instead of an object, or with a huge body', async () => {
		pbx.sandbox.faults.add({ kind: 'wrongShape', times: 2 });
		expect((await listExtensions()).json).toEqual({ items: expect.any(Array) });
		expect((await createGroup()).json).toEqual([expect.objectContaining({ name: 'New' })]);
		pbx.sandbox.faults.add({ kind: 'hugeBody', bytes: 3_000_000, times: 2 });
		const huge = await listExtensions();
		expect(huge.bytes.length).toBeGreaterThan(3_000_000);
		expect(huge.json).toHaveLength(21);
		expect((await createGroup()).json).toMatchObject({ name: 'New' });
	});
});

describe('faulty connections', () => {
	it.each([
		['before', 'dropBefore', 2],
		['after', 'dropAfter', 3],
	] as const)(
		'drops the connection %s acting on the request',
		async (_when, kind, expectedGroups) => {
			pbx.sandbox.faults.add({ kind });
			await expect(createGroup()).rejects.toThrow('fetch failed');
			expect(groupCount()).toBe(expectedGroups);
			const last = pbx.sandbox.journal.last();
			expect(last).toMatchObject({ fault: kind, acted: kind === 'dropAfter' });
			expect(last?.status).toBeUndefined();
		},
	);

	it('drops the connection in the middle of a body', async () => {
		pbx.sandbox.faults.add({ kind: 'truncate' });
		await expect(createGroup()).rejects.toThrow();
		expect(groupCount()).toBe(3);
	});

	it('refuses connections for a while', async () => {
		pbx.sandbox.faults.add({ kind: 'refuse', ms: 1000 });
		await expect(createGroup()).rejects.toThrow('fetch failed');
		/** Repeats the request until it is accepted; the timeout of the test ends it otherwise. */
		const createWhenOpen = async () => {
			for (;;) {
				await new Promise((resolve) => setTimeout(resolve, 20));
				const response = await createGroup().catch(() => undefined);
				if (response) return response.status;
			}
		};
		expect(await createWhenOpen()).toBe(201);
		expect(groupCount()).toBe(3);
		pbx.sandbox.faults.add({ kind: 'refuse', ms: 100, match: { path: 'extension_group' } });
		await expect(createGroup()).rejects.toThrow('fetch failed');
		expect(await createWhenOpen()).toBe(201);
		expect(groupCount()).toBe(4);
	});

	it('delays the response of a request with the fault slow', async () => {
		pbx.sandbox.faults.add({ kind: 'slow', ms: 80 });
		const started = performance.now();
		expect((await createGroup()).status).toBe(201);
		// A lower bound: a slow machine cannot break it. Timers may fire slightly early.
		expect(performance.now() - started).toBeGreaterThan(70);
	});
});

it('revokes the token of a request just before handling it', async () => {
	const body = new URLSearchParams({
		grant_type: 'client_credentials',
		client_id: 'sandbox-app',
		client_secret: 'sandbox-secret',
	});
	const { json } = await pbx.client.send('/oauth/token', { method: 'POST', body });
	const authorization = `Bearer ${(json as { access_token: string }).access_token}`;
	pbx.sandbox.faults.add({ kind: 'tokenDeath', after: 1, match: { path: '/api/' } });
	const getStatus = async () =>
		(await pbx.client.request('GET', `${BASE}/limit/`, { authorization })).status;
	expect([await getStatus(), await getStatus(), await getStatus()]).toEqual([200, 401, 401]);
});

describe('faulty paging', () => {
	const ids = async (query: Json) =>
		((await listExtensions(query)).json as Json[]).map(({ id }) => id);

	it('repeats the first page of a list for every page', async () => {
		pbx.sandbox.faults.add({ kind: 'repeatPage', times: Infinity });
		expect(await ids({ per_page: 5, page: 3 })).toEqual(await ids({ per_page: 5 }));
	});

	it('returns new rows for every page without an end', async () => {
		pbx.sandbox.faults.add({ kind: 'endless', times: Infinity });
		const seen = new Set<unknown>();
		for (const page of [1, 2, 3, 1000])
			for (const id of await ids({ per_page: 5, page })) seen.add(id);
		expect(seen.size).toBe(20);
	});

	it('returns fewer rows per page than requested', async () => {
		pbx.sandbox.faults.add({ kind: 'capPerPage', n: 3, times: Infinity });
		expect(await ids({ per_page: 10, page: 2 })).toEqual([85204, 85205, 85206]);
	});
});

describe('faulty batches of tasks', () => {
	const addTasks = async (tasks: object[]) =>
		await pbx.client.request('POST', `${BASE}/task_scheduler/2/tasks/`, { body: { tasks } });
	const validTasks = Array.from({ length: 4 }, (_, n) => ({ a_number: `44770090000${n}` }));
	const halfBatch: FaultInput = { kind: 'halfBatch', match: { operationId: 'addTasks' } };

	it('adds half of a batch of tasks and refuses it', async () => {
		pbx.sandbox.faults.add(halfBatch);
		expect((await addTasks(validTasks)).status).toBe(400);
		expect(pbx.sandbox.store.tasks.size).toBe(2);
		expect(pbx.sandbox.journal.last()).toMatchObject({ acted: true, status: 400 });
	});

	it('adds half of a batch of tasks only if one of them is invalid', async () => {
		pbx.sandbox.faults.add({ ...halfBatch, onlyRefused: true, times: Infinity });
		expect((await addTasks(validTasks)).status).toBe(201);
		expect((await addTasks([...validTasks, { a_number: 'bad' }])).status).toBe(400);
		expect(pbx.sandbox.store.tasks.size).toBe(4 + 3);
	});
});
