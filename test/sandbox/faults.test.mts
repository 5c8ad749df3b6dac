import { waitFor } from '../support/waitFor.mts';
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

	it('refuses connections until it is released', async () => {
		const atOnce = pbx.sandbox.faults.add({ kind: 'refuse' });
		await expect(createGroup()).rejects.toThrow('fetch failed');
		await atOnce.release();
		expect((await createGroup()).status).toBe(201);
		expect(groupCount()).toBe(3);
		const underWay = pbx.sandbox.faults.add({ kind: 'refuse', match: { path: 'extension_group' } });
		await expect(createGroup()).rejects.toThrow('fetch failed');
		await expect(createGroup()).rejects.toThrow('fetch failed');
		expect(underWay.hits).toBe(1);
		await underWay.release();
		expect((await createGroup()).status).toBe(201);
		expect(groupCount()).toBe(4);
	});

	it.each([
		['requests before it acts', false, 2],
		['responses after it has acted', true, 4],
	])('holds %s until they are released', async (_, acts, countWhileHeld) => {
		const hold = pbx.sandbox.faults.add({ kind: 'hold', acts, times: 2 });
		const responses = [createGroup(), createGroup()];
		const held = await hold.held(2);
		expect(held).toEqual(
			Array(2).fill(
				expect.objectContaining({ method: 'POST', port: expect.any(Number) as number }),
			),
		);
		expect(groupCount()).toBe(countWhileHeld);
		await hold.release();
		expect(groupCount()).toBe(4);
		expect((await Promise.all(responses)).map(({ status }) => status)).toEqual([201, 201]);
	});

	it('acts on a request that it held although its sender has left', async () => {
		const hold = pbx.sandbox.faults.add({ kind: 'hold' });
		const leaving = new AbortController();
		const response = fetch(`${pbx.sandbox.url}${BASE}/extension_group/`, {
			method: 'POST',
			headers: { authorization: 'Bearer sandbox-token', 'content-type': 'application/json' },
			body: JSON.stringify({ name: 'Left' }),
			signal: leaving.signal,
		});
		await hold.held();
		leaving.abort();
		await expect(response).rejects.toThrow();
		await waitFor('the end of the connection', () => pbx.sandbox.journal.inFlight === 0);
		await hold.release();
		expect(groupCount()).toBe(3);
	});

	it('drops the requests that it holds when it is reset', async () => {
		const hold = pbx.sandbox.faults.add({ kind: 'hold' });
		const response = createGroup();
		await hold.held();
		pbx.sandbox.reset();
		await expect(response).rejects.toThrow();
		expect(groupCount()).toBe(2);
	});
});
