/** Answers that no PBX should give: redirects, broken HTTP, lies about lengths, too much, never enough. */
import type { IDataObject } from 'n8n-workflow';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { byId, links, openBench, type Bench } from '../harness/pbx.mts';
import type { RunResult } from '../harness/types.mts';
import { http, RawServer, type RawRequest } from './support/rawServer.mts';
import { Waits } from './support/waits.mts';

let bench: Bench;
let waits: Waits;
const open: RawServer[] = [];
beforeAll(async () => {
	bench = await openBench({ seed: 'empty' });
	waits = new Waits();
});
afterEach(async () => {
	for (const server of open.splice(0)) await server.close();
});
afterAll(async () => {
	waits.end();
	await bench.sandbox.stop();
});

type Answer = (socket: Socket, request: RawRequest) => void | Promise<void>;
const serve = async (answer: Answer) => {
	const server = await RawServer.open(answer);
	open.push(server);
	return server;
};

const TOKEN = 'a-token-of-the-test';
const credentials = (server: RawServer) => ({
	ringMeApi: { baseUrl: server.url, accessToken: TOKEN, client: '@me' },
});
type Kind = keyof typeof KINDS;
const KINDS = {
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
	bulk: { resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' },
} satisfies Record<string, object>;

const run = async (server: RawServer, kind: Kind, more: IDataObject = {}) =>
	await bench.run(
		{ ...KINDS[kind], ...(more as object) },
		{
			credentials: credentials(server),
			...(kind === 'bulk' && { json: [{ a_number: '+442079460001' }] }),
		},
	);
const shown = ({ error }: RunResult) => `${error?.message} / ${error?.description}`;
const inDoubt = /unknown whether/;

describe('a redirect', () => {
	it.each(Object.keys(KINDS) as Kind[])(
		'to another host is told, and not followed: %s',
		async (kind) => {
			for (const status of [301, 302, 303, 307, 308]) {
				const other = await serve((socket) => void socket.end(http(200, '[]')));
				const location = `${other.url}/api/ver1.0/x?y=1`;
				const pbx = await serve((socket) => void socket.end(http(status, '', { location })));
				const result = await run(pbx, kind);
				expect(result.error?.message).toBe('The PBX sends the request to another address');
				expect(result.error?.description).toContain(new URL(other.url).origin);
				expect(shown(result)).not.toMatch(inDoubt);
				expect(other.requests).toEqual([]);
				expect(pbx.requests).toHaveLength(1);
			}
		},
	);

	it('at the same host is followed by reads, with the token', async () => {
		const pbx = await serve((socket, { path }) => {
			if (path.startsWith('/moved')) return void socket.end(http(200, '{"id":5}'));
			socket.end(http(301, '', { location: '/moved?a=1&b=%D0%B6' }));
		});
		const { json } = await run(pbx, 'get');
		expect(json).toEqual([{ id: 5 }]);
		expect(pbx.requests.map(({ path }) => path)).toEqual([
			'/api/ver1.0/client/@me/extension/5',
			'/moved?a=1&b=%D0%B6',
		]);
		expect(pbx.requests[1].headers.authorization).toBe(`Bearer ${TOKEN}`);
	});

	it('at the same host is not followed by writes, which would lose their body', async () => {
		const pbx = await serve((socket) => void socket.end(http(302, '', { location: '/moved' })));
		const result = await run(pbx, 'create');
		expect(result.error?.message).toBe('The PBX sends the request to another address');
		expect(pbx.requests).toHaveLength(1);
	});

	it.each([
		'/',
		'//',
		'http://',
		'x:y',
		'',
		'\\\\',
		'http://[',
		'/api/ver1.0/client/@me/extension/5',
	])('in a circle or to nowhere ends: %j', async (location) => {
		const pbx = await serve((socket) => void socket.end(http(302, '', { location })));
		const result = await run(pbx, 'get');
		expect(result.error).toBeDefined();
		expect(pbx.requests.length).toBeLessThanOrEqual(6);
	});
});

describe('broken HTTP', () => {
	const BROKEN: Record<string, Answer> = {
		'no HTTP': (socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
		nothing: (socket) => void socket.end(),
		'half a head': (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Ty'),
		'a head that never ends': (socket) => {
			socket.write('HTTP/1.1 200 OK\r\n');
			socket.end(`x: ${'y'.repeat(200_000)}\r\n\r\n`);
		},
		'a shorter body than promised': (socket) =>
			void socket.end(http(200, '[{"id":1}]', { 'content-length': '500' })),
		'a longer body than promised': (socket) =>
			void socket.end(http(200, '[{"id":1}]', { 'content-length': '5' })),
		'a broken chunk': (socket) =>
			void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n'),
		'chunks without an end': (socket) =>
			void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n'),
		'gzip that is none': (socket) =>
			void socket.end(http(200, '[{"id":1}]', { 'content-encoding': 'gzip' })),
	};
	const cases = Object.keys(BROKEN).flatMap((name) =>
		(Object.keys(KINDS) as Kind[]).map((kind) => [name, kind] as const),
	);

	it.each(cases)('%s: %s', async (name, kind) => {
		const pbx = await serve(BROKEN[name]);
		const result = await run(pbx, kind);
		expect(result.error?.message).toBeTruthy();
		expect(result.json).toEqual([]);
		expect(shown(result)).not.toContain(TOKEN);
		// Add Tasks reads the scheduler first, so nothing was sent that could be in doubt.
		const writes = ['create', 'update', 'delete'].includes(kind);
		if (writes) expect(result.error?.message).toMatch(inDoubt);
		else expect(shown(result)).not.toMatch(inDoubt);
		// What came of the file was whole, though it was none.
		const isWhole = kind === 'download' && name === 'a longer body than promised';
		expect(pbx.requests).toHaveLength(kind === 'create' || isWhole ? 1 : 4);
	});
});

describe('time', () => {
	const NEVER: Record<string, Answer> = {
		'no answer': () => {},
		'half an answer': (socket) =>
			void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{"id":'),
	};

	it.each(
		Object.keys(NEVER).flatMap((name) =>
			(['get', 'list', 'create', 'download'] as Kind[]).map((kind) => [name, kind] as const),
		),
	)("ends by the user's timeout: %s, %s", async (name, kind) => {
		const pbx = await serve(NEVER[name]);
		const result = await run(pbx, kind, { requestOptions: { timeout: 100 } });
		expect(result.error).toBeDefined();
		expect(result.timeMs).toBeLessThan(6000);
		expect(pbx.requests).toHaveLength(kind === 'create' ? 1 : 4);
		if (kind === 'create') expect(result.error?.message).toMatch(inDoubt);
	});

	it.each([
		['get', 30_000],
		['create', 30_000],
		['download', 300_000],
		['bulk', 30_000],
	] as Array<[Kind, number]>)('is long enough without one: %s, %i ms', async (kind, expected) => {
		const asked: number[] = [];
		const own = new Waits(1, (ms) => {
			asked.push(ms);
			return false;
		});
		const pbx = await serve((socket) => void socket.end(http(400, '{"message":"no"}')));
		await run(pbx, kind);
		own.end();
		expect(asked).toContain(expected);
	});
});

describe('50 MB of JSON', () => {
	const record = JSON.stringify({ id: 5, comment: 'x'.repeat(1000) });
	const list = `[${Array(50_000).fill(record).join(',')}]`;

	it('in a list are taken', async () => {
		const pages = [list, '[]'];
		const pbx = await serve((socket) => void socket.end(http(200, pages.shift() ?? '[]')));
		const result = await run(pbx, 'list');
		// They are all the same record.
		expect(result.json).toHaveLength(1);
		expect(result.error).toBeUndefined();
	});

	it.each(['get', 'create', 'update'] as Kind[])(
		'where a record belongs are an error: %s',
		async (kind) => {
			const pbx = await serve((socket) => void socket.end(http(200, list)));
			const result = await run(pbx, kind);
			expect(result.error).toBeDefined();
			expect(shown(result).length).toBeLessThan(2000);
		},
	);

	it('in a refusal are cut to a sentence', async () => {
		const pbx = await serve((socket) => void socket.end(http(400, list)));
		expect(shown(await run(pbx, 'get')).length).toBeLessThan(2000);
	});

	it('in the refusal of a file are not even read', async () => {
		let sent = 0;
		const pbx = await serve(async (socket) => {
			socket.write('HTTP/1.1 400 X\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n');
			while (sent < 50e6 && !socket.destroyed) {
				sent += 1e5;
				if (!socket.write('x'.repeat(1e5))) await pause(1);
			}
			socket.end();
		});
		const result = await run(pbx, 'download');
		expect(shown(result)).toContain('xxx');
		expect(shown(result).length).toBeLessThan(2000);
		expect(sent).toBeLessThan(40e6);
	});
});

describe('the token', () => {
	it('goes to the PBX only, and not over plain http', async () => {
		const { error } = await bench.run(KINDS.get, {
			credentials: { ringMeApi: { baseUrl: 'http://pbx.example', accessToken: TOKEN } },
		});
		expect(error?.message).toBe('The Base URL of the credential cannot be used');
	});

	it('that was fetched under way is hidden, if the PBX repeats it', async () => {
		const pbx = await serve((socket, { path, headers }) => {
			if (path === '/oauth/token') {
				const access_token = `fresh-token-${pbx.requests.length}`;
				return void socket.end(http(200, JSON.stringify({ access_token, token_type: 'Bearer' })));
			}
			const { authorization } = headers;
			const status = authorization.endsWith('-1') ? 401 : 400;
			socket.end(http(status, JSON.stringify({ message: `Bad header: ${authorization}` })));
		});
		const oAuth2 = {
			baseUrl: pbx.url,
			grantType: 'clientCredentials',
			clientId: 'x',
			clientSecret: 'the-secret',
		};
		for (const kind of ['create', 'bulk'] as const) {
			const result = await bench.run(
				{ ...KINDS[kind], authentication: 'oAuth2' },
				{ credentials: { ringMeOAuth2Api: oAuth2 }, json: [{ a_number: '+442079460001' }] },
			);
			expect(shown(result)).toContain('Bad header: Bearer ***');
			expect(JSON.stringify([result.error, result.logs])).not.toContain('fresh-token');
		}
	});
});

describe('answers in another order than asked', () => {
	it('are linked to the items that they belong to', async () => {
		const pbx = await serve(async (socket, { path }) => {
			const id = Number(path.split('/').pop());
			await pause((10 - id) * 10);
			socket.end(http(200, JSON.stringify({ id })));
		});
		const json = Array.from({ length: 10 }, (_, id) => ({ id }));
		const { items } = await bench.run(
			{ ...KINDS.get, extensionId: byId('={{ $json.id }}') },
			{ credentials: credentials(pbx), json },
		);
		expect(items.map((item) => item.json)).toEqual(json);
		expect(links(items)).toEqual(json.map(({ id }) => id));
	});
});
