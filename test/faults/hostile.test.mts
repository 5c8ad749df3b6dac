/** Answers that no PBX should give: broken HTTP, lies about lengths, too much, never enough. */
import { setTimeout as pause } from 'node:timers/promises';

import { byId, links } from '../harness/pbx.mts';
import { useBench } from './support/bench.mts';
import {
	credentials,
	inDoubt,
	KINDS,
	kinds,
	shown,
	TOKEN,
	useServers,
	type Kind,
} from './support/hostile.mts';
import { http, type Answer } from './support/rawServer.mts';
import { Waits } from './support/waits.mts';

const bench = useBench({ seed: 'empty' });
const { serve, run } = useServers(bench);

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
	const cases = Object.keys(BROKEN).flatMap((name) => kinds.map((kind) => [name, kind] as const));

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
		expect(result.timeMs).toBeLessThan(20_000);
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
