/** What is read of a failed request, whatever the PBX and n8n's HTTP helper give. */
import fc from 'fast-check';

import { RequestError } from '../../nodes/shared/errors/requestError';
import { toNodeError } from '../../nodes/shared/errors/toNodeError';
import { safeName, fileName } from '../../nodes/shared/files/fileName';
import { readFurtherPages } from '../../nodes/shared/lists/pagination';
import { parseError, parseErrorBody } from '../../nodes/shared/transport/parseError';
import { extractRecords } from '../../nodes/shared/transport/records';
import { call } from '../../nodes/RingMe/resources/call';

const NODE = {
	id: '1',
	name: 'RingMe',
	type: 'ringMe',
	typeVersion: 1,
	position: [0, 0] as [number, number],
	parameters: {},
};
const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;

/** The details of a response with an error status. */
const detailsOf = async (status: number, headers: Record<string, unknown>, data: unknown = '') =>
	await parseError({ response: { status, headers, data } });

describe('The wait that a PBX asks for', () => {
	it.each<[string, string, number]>([
		['seconds', '30', 30_000],
		['seconds with blanks', ' 30 ', 30_000],
		['a negative number', '-5', 0],
		['more than a day', '99999999', DAY_MS],
		['more seconds than a date has', '1e300', DAY_MS],
	])('is bounded: %s', async (_, header, wait) => {
		expect((await detailsOf(429, { 'retry-after': header })).retryAfterMs).toBe(wait);
	});

	it.each<[string, (time: number) => string]>([
		['seconds since 1970', (time) => String(Math.ceil(time / 1000))],
		['milliseconds since 1970', (time) => String(time)],
		['an HTTP date', (time) => new Date(time).toUTCString()],
	])('can be a time: %s', async (_, header) => {
		const headers = {
			'x-ratelimit-remaining': '0',
			'x-ratelimit-reset': header(Date.now() + HOUR_MS),
		};
		const { retryAfterMs = 0 } = await detailsOf(429, headers);
		expect(retryAfterMs).toBeGreaterThan(0);
		expect(retryAfterMs).toBeLessThanOrEqual(HOUR_MS + 1000);
	});

	it.each(['soon', '', 'NaN', '0x'])('is unknown for "%s"', async (header) => {
		expect((await detailsOf(429, { 'retry-after': header })).retryAfterMs).toBeUndefined();
	});
});

describe('An error', () => {
	it('can be worded whatever the PBX responds', async () => {
		const headers = fc.dictionary(
			fc.constantFrom(
				'retry-after',
				'x-ratelimit-reset',
				'x-ratelimit-remaining',
				'location',
				'content-type',
			),
			fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String), fc.constant(null)),
		);
		const body = fc.oneof(fc.string(), fc.jsonValue(), fc.uint8Array(), fc.constant(undefined));
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 300, max: 599 }),
				headers,
				body,
				async (status, sent, data) => {
					const details = await detailsOf(status, sent, data);
					for (const method of ['GET', 'POST'] as const) {
						const error = toNodeError(new RequestError(details, { method }), {
							node: NODE,
							itemIndex: 0,
						});
						expect(error.message).not.toBe('');
					}
				},
			),
		);
	});

	it.each(['title', 'h1', 'p'])(
		'of a page with 20 million characters of "<%s" is read in linear time',
		(name) => {
			const { message } = parseErrorBody(`<${name}`.repeat(20_000_000 / 5));
			expect(message.length).toBeLessThanOrEqual(65_536);
		},
	);

	it('of a page in another charset is decoded, or has no message', () => {
		const bytes = Buffer.from([0xce, 0xf8, 0xe8, 0xe1, 0xea, 0xe0]);
		expect(parseErrorBody(bytes, 'text/plain; charset=windows-1251').message).toBe('Ошибка');
		expect(parseErrorBody(bytes.toString('utf8')).message).toBe('');
	});

	it('of a broken connection is not that of one that was not made', async () => {
		const broken = {
			isAxiosError: true,
			code: 'EHOSTUNREACH',
			syscall: 'read',
			message: 'read EHOSTUNREACH',
		};
		const notMade = {
			isAxiosError: true,
			code: 'EHOSTUNREACH',
			syscall: 'connect',
			message: 'connect EHOSTUNREACH',
		};
		expect(await parseError(broken)).toMatchObject({ kind: 'interrupted' });
		expect(await parseError(notMade)).toMatchObject({ kind: 'connection' });
	});

	it('of a token response without a token is one of the token request', async () => {
		const error = await parseError(new Error('Unable to sign without access token'));
		expect(error).toMatchObject({ kind: 'http', isTokenRequest: true });
	});
});

describe('Records', () => {
	it('are none where the PBX returns null in place of a list', () => {
		const { getManyActive, getMany } = call.operations;
		expect(extractRecords(getManyActive, { call_list: null })).toEqual([]);
		expect(extractRecords(getMany, { calls: null })).toEqual([]);
	});

	it('of a list that has pages although none are documented are read to its end', async () => {
		const records = Array.from({ length: 45 }, (_, id) => ({ id }));
		const pageOf = (page: number) => records.slice((page - 1) * 20, page * 20);
		const read = async (fetch: (page: number) => unknown, limit = Infinity) =>
			await readFurtherPages(async (page) => fetch(page) as typeof records, limit);
		expect(await read(pageOf)).toEqual(records);
		expect(await read(pageOf, 30)).toEqual(records.slice(0, 30));
		expect(await read(() => records)).toEqual(records);
		expect(await read((page) => (page === 1 ? records : undefined))).toEqual(records);
	});
});

describe('A file name', () => {
	it('of 2 million blanks is read in linear time', () => {
		expect(safeName(`a${' '.repeat(2_000_000)}b`)).toMatch(/^a/);
		expect(safeName(`${'. '.repeat(1_000_000)}`)).toBe('');
	});

	it('that ends with a date gets the extension of its type', () => {
		const header = 'attachment; filename="call 12.05.2026"';
		expect(fileName(header, 'recording 1', 'audio/mpeg')).toBe('call 12.05.2026.mp3');
		expect(fileName('attachment; filename="call.mp3"', 'x', 'audio/mpeg')).toBe('call.mp3');
	});
});
