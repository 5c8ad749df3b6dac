import { connect } from 'node:net';
import fc from 'fast-check';
import { startSandbox } from '../../sandbox/index.mts';
import { Client } from './support/client.mts';
import type { ClientResponse, Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';

const BASE = '/api/ver1.0/client/@me';

describe('the hourly limit', () => {
	it('counts all requests towards the hourly limit and gives it in the headers of every response', async () => {
		const sandbox = await startSandbox({
			clock: 'virtual',
			rateLimit: 3,
			start: Date.UTC(2026, 0, 5, 10, 59),
		});
		const client = new Client(sandbox.url);
		const getLimits = async (path = `${BASE}/limit/`, authorization?: null) => {
			const { status, headers, json } = await client.request('GET', path, { authorization });
			const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
				Number(headers.get(`x-ratelimit-${name}`)),
			);
			return { status, limit, remaining, reset, json };
		};
		expect(await getLimits()).toMatchObject({ status: 200, limit: 3, remaining: 2, reset: 60 });
		expect(await getLimits(undefined, null)).toMatchObject({
			status: 401,
			remaining: 1,
			reset: 60,
		});
		await sandbox.clock.advance(15_000);
		expect(await getLimits(`${BASE}/did/1`)).toMatchObject({
			status: 404,
			remaining: 0,
			reset: 45,
		});
		expect(await getLimits()).toMatchObject({
			status: 429,
			remaining: 0,
			reset: 45,
			json: { message: 'Rate limit exceeded', status: 'rate_limit_exceeded' },
		});
		await sandbox.clock.advance(45_000);
		expect(await getLimits()).toMatchObject({ status: 200, remaining: 2, reset: 3600 });
		await sandbox.stop();
	});
});

describe('hostile input', () => {
	const pbx = setupSandbox();

	/** Expects an error response in the format of the PBX. */
	function expectRefused({ status, json }: ClientResponse): void {
		expect(status).toBeGreaterThanOrEqual(400);
		expect(status).toBeLessThan(500);
		expect(typeof (json as Json).message).toBe('string');
	}
	const post = async (body: string | Uint8Array, type: string | null = 'application/json') =>
		await pbx.client.send(`${BASE}/extension_group/`, {
			method: 'POST',
			body: body as BodyInit,
			headers: { authorization: 'Bearer sandbox-token', ...(type ? { 'content-type': type } : {}) },
		});

	it.each([
		['broken JSON', '{"name": "x"'],
		['text that is not JSON', 'name=x'],
		['a number', '5'],
		['null', 'null'],
		['JSON in a JSON string', '"{\\"name\\":\\"x\\"}"'],
		['a list', '[{"name":"x"}]'],
		['a prototype', '{"name":"x","__proto__":{"a":1}}'],
		['a constructor', '{"name":"x","constructor":{"prototype":{"a":1}}}'],
		['nothing at all', ''],
		['deeply nested JSON', `{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`],
	])('refuses %s as the body of a request', async (_name, body) => {
		expectRefused(await post(body));
		expect(pbx.sandbox.store.extensionGroups.size).toBe(2);
	});

	it.each([
		['application/x-www-form-urlencoded', 'name=x'],
		['text/plain', '{"name":"x"}'],
		['application/xml', '<name/>'],
		['multipart/form-data', 'x'],
		['multipart/form-data; boundary=a', '--a\r\nbroken'],
		['application/json; charset=utf-8; x', '{}'],
		['x', 'y'],
		[null, new Uint8Array([1, 2, 3])],
	])('refuses a body of type %s', async (type, body) => {
		expectRefused(await post(body, type));
	});

	it('refuses a huge body with 413', async () => {
		const response = await post(JSON.stringify({ name: 'x'.repeat(13 * 1024 * 1024) }));
		expect(response.status).toBe(413);
		expectRefused(response);
	});

	it('responds with an error of the client to any unknown path', async () => {
		const segment = fc.oneof(
			fc.constantFrom(
				'api',
				'ver1.0',
				'client',
				'@me',
				'4321',
				'did',
				'record',
				'..',
				'.',
				'',
				'%',
				'%2e%2e',
			),
			fc.constantFrom('%00', '%E0%A4', '*', '{client_id}', '__proto__', 'x'.repeat(3000)),
			fc.string({ maxLength: 8 }).map(encodeURIComponent),
		);
		await fc.assert(
			fc.asyncProperty(
				fc.array(segment, { maxLength: 6 }),
				fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
				async (segments, method) => {
					const path = `/${segments.join('/')}`;
					// There the page is.
					fc.pre(path !== '/');
					const response = await sendRaw(
						`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
					);
					expect(Number(response.slice(9, 12))).toBeGreaterThanOrEqual(400);
					expect(Number(response.slice(9, 12))).toBeLessThan(500);
				},
			),
			{ numRuns: 100 },
		);
	});

	it('responds with 200 or 400 to any query', async () => {
		await fc.assert(
			fc.asyncProperty(fc.string({ maxLength: 40 }), async (query) => {
				const { status } = await pbx.client.request(
					'GET',
					`${BASE}/extension/?${query.replace(/[#\s]/g, '')}`,
				);
				expect([200, 400]).toContain(status);
			}),
			{ numRuns: 100 },
		);
	});

	it('refuses any JSON that is not a valid body', async () => {
		await fc.assert(
			fc.asyncProperty(fc.json(), async (body) => expectRefused(await post(body))),
			{ numRuns: 100 },
		);
	});

	it.each([
		['text that is not HTTP', 'hello\r\n\r\n'],
		[
			'an invalid content length',
			'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
		],
		['an invalid header name', 'GET / HTTP/1.1\r\nHo st: x\r\n\r\n'],
		['huge headers', `GET / HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`],
		['an unknown method', 'BREW /api/ver1.0/user/ HTTP/1.1\r\nHost: x\r\n\r\n'],
	])('refuses %s and stays available', async (_name, text) => {
		expect(await sendRaw(text)).toMatch(/^HTTP\/1\.1 4\d\d/);
		expect((await pbx.client.request('GET', `${BASE}/limit/`)).status).toBe(200);
	});

	/** Sends text over a connection and returns everything that is received until it ends. */
	async function sendRaw(text: string): Promise<string> {
		const { port } = new URL(pbx.sandbox.url);
		return await new Promise((resolve, reject) => {
			let response = '';
			const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
			socket.setTimeout(60_000, () => socket.destroy(new Error('no response')));
			socket.on('data', (data) => (response += data.toString()));
			socket.on('error', reject);
			socket.on('close', () => resolve(response));
		});
	}
});

describe('the journal', () => {
	it('records requests in the journal, and the maximum number of concurrent ones', async () => {
		const sandbox = await startSandbox({ clock: 'virtual' });
		const client = new Client(sandbox.url);
		await client.request('GET', `${BASE}/extension/`, { query: { id: [85201, 85202], page: 1 } });
		await client.request('POST', `${BASE}/extension_group/`, { body: { name: 'A/B' } });
		await client.request('GET', `${BASE}/sound/a%2Fb`);
		expect(sandbox.journal.api()).toMatchObject([
			{
				n: 1,
				method: 'GET',
				path: `${BASE}/extension/`,
				query: { id: ['85201', '85202'], page: '1' },
				operationId: 'listExtensions',
				status: 200,
				acted: false,
			},
			{ n: 2, method: 'POST', body: { name: 'A/B' }, status: 201, acted: true },
			{ n: 3, path: `${BASE}/sound/a%2Fb`, status: 400, acted: false },
		]);
		expect(sandbox.journal.find('POST', 'extension_group')).toHaveLength(1);
		const hold = sandbox.faults.add({ kind: 'hold', times: 7 });
		const requests = Array.from(
			{ length: 7 },
			async () => await client.request('GET', `${BASE}/limit/`),
		);
		await hold.held(7);
		await hold.release();
		await Promise.all(requests);
		expect(sandbox.journal.maxInFlight).toBe(7);
		sandbox.journal.clear();
		expect([sandbox.journal.api(), sandbox.journal.inFlight]).toEqual([[], 0]);
		await sandbox.stop();
	});
});

describe('large numbers', () => {
	it('adds 10,000 tasks in 20 requests and lists 10,000 extensions', async () => {
		const sandbox = await startSandbox({ extensions: 10_000 });
		const client = new Client(sandbox.url);
		for (let batch = 0; batch < 20; batch++) {
			const tasks = Array.from({ length: 500 }, (_, n) => ({
				a_number: String(447700900000 + batch * 500 + n),
				b_number: '1844*0001',
				try_count: 3,
				variables: { name: 'Someone' },
			}));
			const { status, json } = await client.request('POST', `${BASE}/task_scheduler/2/tasks/`, {
				body: { tasks },
			});
			expect(status).toBe(201);
			expect((json as { tasks: Json[] }).tasks.map((task) => task.a_number)).toEqual(
				tasks.map((task) => task.a_number),
			);
		}
		const { json } = await client.request('GET', `${BASE}/task_scheduler/2`);
		expect(json).toMatchObject({ task_count: 10_000, sched_task_count: 10_000 });
		let extensionCount = 0;
		for (let page = 1; page < 200; page++) {
			const rows = (
				await client.request('GET', `${BASE}/extension/`, { query: { page, per_page: 100 } })
			).json as Json[];
			if (rows.length === 0) break;
			extensionCount += rows.length;
		}
		expect(extensionCount).toBe(10_000);
		await sandbox.stop();
	});
});
