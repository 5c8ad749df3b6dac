/** Responses that no PBX should send: broken HTTP, wrong lengths, too much data, no end. */
import { once } from 'node:events';

import { byId, links, setupFixture } from '../harness/fixture.mts';
import { errorText, OUTCOME_UNKNOWN } from './support/outcomes.mts';
import { httpResponse, type RawResponder } from './support/rawServer.mts';
import {
	credentialsFor,
	operationNames,
	OPERATIONS,
	setupRawServers,
	TOKEN,
	type OperationName,
} from './support/rawServerFixture.mts';

const fixture = setupFixture({ seed: 'empty' });
const { serve, run } = setupRawServers(fixture);

describe('a response that is not valid HTTP', () => {
	const RESPONDERS: Record<string, RawResponder> = {
		'no HTTP': (socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
		nothing: (socket) => void socket.end(),
		'half a head': (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Ty'),
		'a head of 200 kB': (socket) => {
			socket.write('HTTP/1.1 200 OK\r\n');
			socket.end(`x: ${'y'.repeat(200_000)}\r\n\r\n`);
		},
		'a body shorter than announced': (socket) =>
			void socket.end(httpResponse(200, '[{"id":1}]', { 'content-length': '500' })),
		'a body longer than announced': (socket) =>
			void socket.end(httpResponse(200, '[{"id":1}]', { 'content-length': '5' })),
		'a broken chunk': (socket) =>
			void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n'),
		'chunks without an end': (socket) =>
			void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n'),
		'gzip that is not gzip': (socket) =>
			void socket.end(httpResponse(200, '[{"id":1}]', { 'content-encoding': 'gzip' })),
	};
	const cases = operationNames.flatMap((operation) =>
		Object.keys(RESPONDERS).map((response) => [operation, response] as const),
	);

	it.each(cases)('fails the operation "%s" when the PBX sends %s', async (operation, response) => {
		const server = await serve(RESPONDERS[response]);
		const result = await run(server, operation);
		expect(result.error?.message).toBeTruthy();
		expect(result.json).toEqual([]);
		expect(errorText(result)).not.toContain(TOKEN);
		// Add Tasks reads the scheduler first, so no write was sent whose outcome could be unknown.
		const isWrite = ['create', 'update', 'delete'].includes(operation);
		if (isWrite) expect(result.error?.message).toMatch(OUTCOME_UNKNOWN);
		else expect(errorText(result)).not.toMatch(OUTCOME_UNKNOWN);
		// The first bytes of a body that is too long are a complete response, although not a file.
		const isComplete = operation === 'download' && response === 'a body longer than announced';
		expect(server.requests).toHaveLength(operation === 'create' || isComplete ? 1 : 4);
	});
});

it.each([
	['JSON', '{"message":"The recording is not ready"}'],
	['HTML', '<html><title>Maintenance</title></html>'],
])('refuses %s with the media type of a sound', async (_, body) => {
	const server = await serve(
		(socket) => void socket.end(httpResponse(200, body, { 'content-type': 'audio/mpeg' })),
	);
	const result = await run(server, 'download');
	expect(result.error?.message).toBe('The PBX returned no file');
	expect(errorText(result)).toMatch(/not ready|Maintenance/);
});

describe('a response that never ends', () => {
	const TIMEOUTS_MS = {
		get: 30_000,
		list: 30_000,
		create: 30_000,
		download: 300_000,
		addTasks: 30_000,
	};
	const RESPONSES = {
		nothing: '',
		'half a response': 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{"id":',
	};
	const cases = (Object.keys(TIMEOUTS_MS) as Array<keyof typeof TIMEOUTS_MS>).flatMap((operation) =>
		Object.entries(RESPONSES).map(([name, text]) => [operation, name, text] as const),
	);

	it.each(cases)(
		'ends the operation "%s" after the timeout when the PBX sends %s',
		async (operation, _, text) => {
			const { timers } = fixture;
			const timeoutMs = TIMEOUTS_MS[operation];
			const server = await serve(async (socket) => {
				if (text && operation === 'download') {
					// That of the body begins when its head has arrived.
					socket.write(text);
					await timers.begun(timeoutMs);
					timers.fire(timeoutMs);
				} else {
					await new Promise<void>((sent) => socket.write(text, () => sent()));
					expect(timers.timeOut(socket.remotePort)).toBe(timeoutMs);
				}
			});
			const result = await run(server, operation);
			expect(result.error).toBeDefined();
			expect(server.requests).toHaveLength(operation === 'create' ? 1 : 4);
			if (operation === 'create') expect(result.error?.message).toMatch(OUTCOME_UNKNOWN);
		},
	);
});

describe('a response of 50 MB', () => {
	const MAX_ERROR_LENGTH = 2000;
	const record = JSON.stringify({ id: 5, comment: 'x'.repeat(1000) });
	const list = `[${Array(50_000).fill(record).join(',')}]`;

	it('is accepted as a page of a list', async () => {
		const pages = [list, '[]'];
		const server = await serve((socket) => {
			socket.end(httpResponse(200, pages.shift() ?? '[]'));
		});
		const result = await run(server, 'list');
		expect(result.error).toBeUndefined();
		// All 50,000 records have the same ID.
		expect(result.json).toHaveLength(1);
	});

	it.each(['get', 'create', 'update'] as OperationName[])(
		'fails the operation "%s" with a short error when it is a list instead of a record',
		async (operation) => {
			const server = await serve((socket) => void socket.end(httpResponse(200, list)));
			const result = await run(server, operation);
			expect(result.error).toBeDefined();
			expect(errorText(result).length).toBeLessThan(MAX_ERROR_LENGTH);
		},
	);

	it('is shortened in the error when its status is 400', async () => {
		const server = await serve((socket) => void socket.end(httpResponse(400, list)));
		expect(errorText(await run(server, 'get')).length).toBeLessThan(MAX_ERROR_LENGTH);
	});

	it('is not read to the end when the status of a file download is 400', async () => {
		let sentBytes = 0;
		const server = await serve(async (socket) => {
			socket.write('HTTP/1.1 400 X\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n');
			while (sentBytes < 50e6 && !socket.destroyed) {
				sentBytes += 1e5;
				if (!socket.write('x'.repeat(1e5))) {
					await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
				}
			}
			socket.end();
		});
		const result = await run(server, 'download');
		expect(errorText(result)).toContain('xxx');
		expect(errorText(result).length).toBeLessThan(MAX_ERROR_LENGTH);
		expect(sentBytes).toBeLessThan(40e6);
	});
});

it('links each record to its item when responses arrive in another order than the requests', async () => {
	const json = Array.from({ length: 10 }, (_, id) => ({ id }));
	// Five requests are in flight; the last one has the first response.
	const waiting: Array<() => void> = [];
	const server = await serve((socket, { path }) => {
		const id = Number(path.split('/').pop());
		waiting.push(() => socket.end(httpResponse(200, JSON.stringify({ id }))));
		if (waiting.length === 5) for (const respond of waiting.splice(0).reverse()) respond();
	});
	const { items } = await fixture.run(
		{ ...OPERATIONS.get, extensionId: byId('={{ $json.id }}') },
		{ credentials: credentialsFor(server), json },
	);
	expect(items.map((item) => item.json)).toEqual(json);
	expect(links(items)).toEqual(json.map(({ id }) => id));
});
