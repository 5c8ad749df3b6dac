/** Lists that are read page by page, from a PBX that paginates in its own way or not at all. */
import { createFixture, setupFixture } from '../harness/fixture.mts';
import { httpResponse } from './support/rawServer.mts';
import { credentialsFor, OPERATIONS, setupRawServers } from './support/rawServerFixture.mts';

const EXTENSION_COUNT = 250;

const fixture = setupFixture({ extensions: EXTENSION_COUNT });
const { serve } = setupRawServers(fixture);

const list = async (parameters: object) =>
	await fixture.run({ resource: 'extension', operation: 'getMany', ...parameters });
const listAll = async () => await list({ returnAll: true });
const extensionIds = () => fixture.sandbox.store.extensions.list().map(({ id }) => id);
/** The requested pages by number, with their sizes. Several can be in flight at once. */
const requestedPages = () =>
	fixture.sandbox.journal
		.api()
		.map(({ query }) => [Number(query.page), Number(query.per_page)])
		.sort(([a], [b]) => a - b);

describe('Return All', () => {
	it.each([
		[10_000, 102],
		[10_001, 102],
		[99, 2],
		[100, 3],
		[1, 2],
	])('reads a list of %i with at most %i requests', async (extensions, maxRequests) => {
		const large = await createFixture({ extensions });
		const { json, error } = await large.run({
			resource: 'extension',
			operation: 'getMany',
			returnAll: true,
		});
		expect(error).toBeUndefined();
		expect(json.map(({ id }) => id)).toEqual(
			large.sandbox.store.extensions.list().map(({ id }) => id),
		);
		expect(large.sandbox.journal.api().length).toBeLessThanOrEqual(maxRequests);
		expect(large.sandbox.journal.maxInFlight).toBeLessThanOrEqual(5);
		await large.sandbox.stop();
	});

	it.each([1, 7, 20, 99])('reads all records from a PBX whose pages have at most %i', async (n) => {
		fixture.sandbox.faults.add({ kind: 'capPerPage', n, times: Infinity });
		expect((await listAll()).json.map(({ id }) => id)).toEqual(extensionIds());
	});

	it('fails instead of returning an incomplete list when the PBX repeats its first page', async () => {
		fixture.sandbox.faults.add({ kind: 'repeatPage', times: Infinity });
		const { json, error } = await listAll();
		expect(json).toEqual([]);
		expect(error?.message).toContain('the same page repeatedly');
		expect(requestedPages().length).toBeLessThanOrEqual(4);
	});

	it('retries a page whose request failed', async () => {
		fixture.sandbox.faults.add({ kind: 'status', status: 503, retryAfter: 0, after: 1 });
		expect((await listAll()).json.map(({ id }) => id)).toEqual(extensionIds());
		const pages = requestedPages();
		expect(pages).toHaveLength(5);
		expect(new Set(pages.map(([page]) => page))).toEqual(new Set([1, 2, 3, 4]));
	});

	it('returns a complete list although a page behind its end fails', async () => {
		const total = 300;
		const server = await serve((socket, { path }) => {
			const page = Number(new URL(path, 'http://pbx').searchParams.get('page'));
			const length = page <= total / 100 ? 100 : 0;
			const records = Array.from({ length }, (_, index) => ({ id: (page - 1) * 100 + index }));
			const isBehindEnd = page > total / 100 + 1;
			socket.end(httpResponse(isBehindEnd ? 400 : 200, JSON.stringify(records)));
		});
		const { json, error } = await fixture.run(OPERATIONS.list, {
			credentials: credentialsFor(server),
		});
		expect(error).toBeUndefined();
		expect(json.map(({ id }) => id)).toEqual(Array.from({ length: total }, (_, id) => id));
		expect(server.requests.length).toBeGreaterThan(total / 100 + 1);
	});

	it.each(['html200', 'emptyBody', 'wrongShape'] as const)(
		'fails instead of returning an incomplete list when a later page is not one (%s)',
		async (kind) => {
			fixture.sandbox.faults.add({ kind, after: 2 });
			const { json, error } = await listAll();
			expect(error).toBeDefined();
			expect(json).toEqual([]);
		},
	);
});

describe('Limit', () => {
	it.each([
		[1, [[1, 1]]],
		[50, [[1, 50]]],
		[100, [[1, 100]]],
		[
			150,
			[
				[1, 100],
				[2, 100],
			],
		],
		[
			EXTENSION_COUNT,
			[
				[1, 100],
				[2, 100],
				[3, 100],
			],
		],
	])('of %i requests no more pages than necessary', async (limit, pages) => {
		const { json } = await list({ limit });
		expect(json.map(({ id }) => id)).toEqual(extensionIds().slice(0, limit));
		expect(requestedPages()).toEqual(pages);
	});

	it('is reached even if the pages are smaller than requested', async () => {
		fixture.sandbox.faults.add({ kind: 'capPerPage', n: 20, times: Infinity });
		const { json } = await list({ limit: 50 });
		expect(json.map(({ id }) => id)).toEqual(extensionIds().slice(0, 50));
	});
});

describe('a list', () => {
	/** Offset and number of the records that a PBX returns for a page. */
	type Paging = (page: number, size: number, total: number) => { offset: number; count: number };

	const PAGINGS: Record<string, Paging> = {
		'returns everything at once': (_page, _size, total) => ({ offset: 0, count: total }),
		'returns the last page for a page past the end': (page, size, total) => {
			const lastPage = Math.max(1, Math.ceil(total / size));
			return { offset: (Math.min(page, lastPage) - 1) * size, count: size };
		},
		'returns 30 of a page of the requested size': (page, size) => ({
			offset: (page - 1) * size,
			count: Math.min(size, 30),
		}),
		'returns pages of 30': (page, size) => ({
			offset: (page - 1) * Math.min(size, 30),
			count: Math.min(size, 30),
		}),
		'returns one record more than requested': (page, size) => ({
			offset: (page - 1) * size,
			count: size + 1,
		}),
	};
	const cases = Object.keys(PAGINGS).flatMap((paging) =>
		[0, 1, 30, 99, 100, 101, 200, 1000]
			.filter((total) => total !== 100 || paging !== 'returns everything at once')
			.map((total) => [total, paging] as const),
	);

	it.each([10, 20, 25, 50, 100])(
		'is refused if the PBX always returns the same %i records, which may be a page of it',
		async (size) => {
			const records = Array.from({ length: size }, (_, index) => ({ id: index + 1 }));
			const server = await serve((socket) => {
				socket.end(httpResponse(200, JSON.stringify(records)));
			});
			const { error } = await fixture.run(OPERATIONS.list, {
				credentials: credentialsFor(server),
			});
			expect(error?.message).toContain('the same page repeatedly');
		},
	);

	it.each(cases)('of %i records is read completely if the PBX %s', async (total, paging) => {
		const server = await serve((socket, { path }) => {
			const { searchParams } = new URL(path, 'http://pbx');
			const page = Number(searchParams.get('page'));
			const size = Number(searchParams.get('per_page'));
			const { offset, count } = PAGINGS[paging](page, size, total);
			const length = Math.max(0, Math.min(count, total - offset));
			const records = Array.from({ length }, (_, index) => ({ id: offset + index + 1 }));
			socket.end(httpResponse(200, JSON.stringify(records)));
		});
		const { json, error } = await fixture.run(OPERATIONS.list, {
			credentials: credentialsFor(server),
		});
		expect(error).toBeUndefined();
		expect(json.map(({ id }) => id)).toEqual(Array.from({ length: total }, (_, id) => id + 1));
		expect(server.requests.length).toBeLessThanOrEqual(Math.ceil(total / 30) + 6);
	});
});
