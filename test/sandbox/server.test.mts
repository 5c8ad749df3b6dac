import { connect } from 'node:net';
import fc from 'fast-check';
import { startSandbox } from '../../sandbox/index.mts';
import type { Sandbox } from '../../sandbox/index.mts';
import { Client } from './support/client.mts';
import type { Json } from './support/client.mts';

const BASE = '/api/ver1.0/client/@me';

describe('the hourly limit', () => {
	it('is told on each answer, shared by all tokens, and new every hour', async () => {
		const sandbox = await startSandbox({
			clock: 'virtual',
			rateLimit: 3,
			start: Date.UTC(2026, 0, 5, 10, 59),
		});
		const client = new Client(sandbox.url);
		const ask = async (path = `${BASE}/limit/`, authorization?: null) => {
			const { status, headers, json } = await client.ask('GET', path, { authorization });
			const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
				Number(headers.get(`x-ratelimit-${name}`)),
			);
			return { status, limit, remaining, reset, json };
		};
		expect(await ask()).toMatchObject({ status: 200, limit: 3, remaining: 2, reset: 60 });
		expect(await ask(undefined, null)).toMatchObject({ status: 401, remaining: 1, reset: 60 });
		await sandbox.clock.advance(15_000);
		expect(await ask(`${BASE}/did/1`)).toMatchObject({ status: 404, remaining: 0, reset: 45 });
		expect(await ask()).toMatchObject({
			...{ status: 429, remaining: 0, reset: 45 },
			json: { message: 'Rate limit exceeded', status: 'rate_limit_exceeded' },
		});
		await sandbox.clock.advance(45_000);
		expect(await ask()).toMatchObject({ status: 200, remaining: 2, reset: 3600 });
		await sandbox.stop();
	});
});

describe('hostile input', () => {
	let sandbox: Sandbox;
	let client: Client;

	beforeAll(async () => {
		sandbox = await startSandbox({ clock: 'virtual' });
		client = new Client(sandbox.url);
	});
	afterAll(async () => {
		await sandbox.stop();
		expect(sandbox.errors).toEqual([]);
	});

	/** Refused in the PBX's own form. */
	function refused({ status, json }: { status: number; json: unknown }): void {
		expect(status).toBeGreaterThanOrEqual(400);
		expect(status).toBeLessThan(500);
		expect(typeof (json as Json).message).toBe('string');
	}
	const post = async (body: string | Uint8Array, type: string | null = 'application/json') =>
		await client.send(`${BASE}/extension_group/`, {
			method: 'POST',
			body: body as BodyInit,
			headers: { authorization: 'Bearer sandbox-token', ...(type ? { 'content-type': type } : {}) },
		});

	it.each([
		['broken JSON', '{"name": "x"'],
		['no JSON', 'name=x'],
		['a number', '5'],
		['null', 'null'],
		['a JSON text of JSON', '"{\\"name\\":\\"x\\"}"'],
		['a list', '[{"name":"x"}]'],
		['a prototype', '{"name":"x","__proto__":{"a":1}}'],
		['a constructor', '{"name":"x","constructor":{"prototype":{"a":1}}}'],
		['nothing', ''],
		['deep nesting', `{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`],
	])('%s is refused', async (_what, body) => {
		refused(await post(body));
		expect(sandbox.store.extensionGroups.size).toBe(2);
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
	])('a body of type %s is refused', async (type, body) => {
		refused(await post(body, type));
	});

	it('a huge body is refused', async () => {
		const answer = await post(JSON.stringify({ name: 'x'.repeat(13 * 1024 * 1024) }));
		expect(answer.status).toBe(413);
		refused(answer);
	});

	it('any path is answered', async () => {
		const piece = fc.oneof(
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
				fc.array(piece, { maxLength: 6 }),
				fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
				async (pieces, method) => {
					const answer = await raw(
						`${method} /${pieces.join('/')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
					);
					expect(Number(answer.slice(9, 12))).toBeGreaterThanOrEqual(400);
					expect(Number(answer.slice(9, 12))).toBeLessThan(500);
				},
			),
			{ numRuns: 100 },
		);
	});

	it('any query is answered', async () => {
		await fc.assert(
			fc.asyncProperty(fc.string({ maxLength: 40 }), async (query) => {
				const { status } = await client.ask(
					'GET',
					`${BASE}/extension/?${query.replace(/[#\s]/g, '')}`,
				);
				expect([200, 400]).toContain(status);
			}),
			{ numRuns: 100 },
		);
	});

	it('any JSON is answered', async () => {
		await fc.assert(
			fc.asyncProperty(fc.json(), async (body) => refused(await post(body))),
			{ numRuns: 100 },
		);
	});

	it.each([
		['no HTTP at all', 'hello\r\n\r\n'],
		['a bad length', 'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'],
		['a bad header', 'GET / HTTP/1.1\r\nHo st: x\r\n\r\n'],
		['huge headers', `GET / HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`],
		['another method', 'BREW /api/ver1.0/user/ HTTP/1.1\r\nHost: x\r\n\r\n'],
	])('%s is refused', async (_what, text) => {
		expect(await raw(text)).toMatch(/^HTTP\/1\.1 4\d\d/);
		expect((await client.ask('GET', `${BASE}/limit/`)).status).toBe(200);
	});

	/** Sends text as it is and returns what comes until the end. */
	async function raw(text: string): Promise<string> {
		const { port } = new URL(sandbox.url);
		return await new Promise((resolve, reject) => {
			let answer = '';
			const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
			socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
			socket.on('data', (data) => (answer += data.toString()));
			socket.on('error', reject);
			socket.on('close', () => resolve(answer));
		});
	}
});

describe('the journal', () => {
	it('notes what was asked, in order, and how much at once', async () => {
		const sandbox = await startSandbox({ clock: 'virtual', latencyMs: 20 });
		const client = new Client(sandbox.url);
		await client.ask('GET', `${BASE}/extension/`, { query: { id: [85201, 85202], page: 1 } });
		await client.ask('POST', `${BASE}/extension_group/`, { body: { name: 'A/B' } });
		await client.ask('GET', `${BASE}/sound/a%2Fb`);
		expect(sandbox.journal.api()).toMatchObject([
			{
				...{ n: 1, method: 'GET', path: `${BASE}/extension/`, status: 200, acted: false },
				...{ query: { id: ['85201', '85202'], page: '1' }, operationId: 'listExtensions' },
			},
			{ n: 2, method: 'POST', body: { name: 'A/B' }, status: 201, acted: true },
			{ n: 3, path: `${BASE}/sound/a%2Fb`, status: 400, acted: false },
		]);
		expect(sandbox.journal.find('POST', 'extension_group')).toHaveLength(1);
		await Promise.all(
			Array.from({ length: 7 }, async () => await client.ask('GET', `${BASE}/limit/`)),
		);
		expect(sandbox.journal.maxInFlight).toBe(7);
		sandbox.journal.clear();
		expect([sandbox.journal.api(), sandbox.journal.inFlight]).toEqual([[], 0]);
		await sandbox.stop();
	});
});

describe('size and speed', () => {
	it('takes 10 000 tasks in 20 requests and lists 10 000 extensions', async () => {
		const began = performance.now();
		const sandbox = await startSandbox({ extensions: 10_000 });
		const client = new Client(sandbox.url);
		for (let batch = 0; batch < 20; batch++) {
			const tasks = Array.from({ length: 500 }, (_, n) => ({
				...{ a_number: String(447700900000 + batch * 500 + n), b_number: '1844*0001' },
				...{ try_count: 3, variables: { name: 'Someone' } },
			}));
			const { status, json } = await client.ask('POST', `${BASE}/task_scheduler/2/tasks/`, {
				body: { tasks },
			});
			expect(status).toBe(201);
			expect((json as { tasks: Json[] }).tasks.map((task) => task.a_number)).toEqual(
				tasks.map((task) => task.a_number),
			);
		}
		const { json } = await client.ask('GET', `${BASE}/task_scheduler/2`);
		expect(json).toMatchObject({ task_count: 10_000, sched_task_count: 10_000 });
		let listed = 0;
		for (let page = 1; page < 200; page++) {
			const rows = (
				await client.ask('GET', `${BASE}/extension/`, { query: { page, per_page: 100 } })
			).json as Json[];
			if (rows.length === 0) break;
			listed += rows.length;
		}
		expect(listed).toBe(10_000);
		// About 1 s; the bound only catches work that grows with the square of the size.
		expect(performance.now() - began).toBeLessThan(40_000);
		await sandbox.stop();
	});
});
