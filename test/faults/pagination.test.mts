/** Lists read page by page, from a PBX that keeps to its own rules of paging, or to none. */
import { openBench } from '../harness/pbx.mts';
import { useBench } from './support/bench.mts';
import { http, RawServer } from './support/rawServer.mts';

const COUNT = 250;
const bench = useBench({ extensions: COUNT });

const list = async (parameters: object) =>
	await bench.run({ resource: 'extension', operation: 'getMany', ...parameters });
const all = async () => await list({ returnAll: true });
const ids = () => bench.sandbox.store.extensions.list().map(({ id }) => id);
const pages = () =>
	bench.sandbox.journal.api().map(({ query }) => [Number(query.page), Number(query.per_page)]);

describe('Return All', () => {
	it.each([
		[10_000, 101],
		[10_001, 102],
		[99, 2],
		[100, 2],
		[1, 2],
	])('of %i takes no more than one request beyond the pages (%i)', async (extensions, requests) => {
		const own = await openBench({ extensions });
		const { json, error } = await own.run({
			resource: 'extension',
			operation: 'getMany',
			returnAll: true,
		});
		expect(error).toBeUndefined();
		expect(json.map(({ id }) => id)).toEqual(
			own.sandbox.store.extensions.list().map(({ id }) => id),
		);
		expect(own.sandbox.journal.api()).toHaveLength(requests);
		expect(own.sandbox.journal.maxInFlight).toBe(1);
		await own.sandbox.stop();
	});

	it.each([1, 7, 20, 99])('gets all from a PBX that gives at most %i a page', async (n) => {
		bench.sandbox.faults.add({ kind: 'capPerPage', n, times: Infinity });
		expect((await all()).json.map(({ id }) => id)).toEqual(ids());
	});

	it('ends with an error where pages repeat, and does not give a part for the whole', async () => {
		bench.sandbox.faults.add({ kind: 'repeatPage', times: Infinity });
		const { json, error } = await all();
		expect(json).toEqual([]);
		expect(error?.message).toContain('the same page again and again');
		expect(pages()).toHaveLength(3);
	});

	it('goes on after a page that was lost', async () => {
		bench.sandbox.faults.add({ kind: 'status', status: 503, retryAfter: 0, after: 1 });
		expect((await all()).json).toHaveLength(COUNT);
		expect(pages()).toEqual([1, 2, 2, 3, 4].map((page) => [page, 100]));
	});

	it.each(['html200', 'emptyBody', 'wrongShape'] as const)(
		'is an error where a later page is none (%s), and not a shorter list',
		async (kind) => {
			bench.sandbox.faults.add({ kind, after: 2 });
			const { json, error } = await all();
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
			COUNT,
			[
				[1, 100],
				[2, 100],
				[3, 100],
			],
		],
	])('%i asks for no more than that', async (limit, asked) => {
		expect((await list({ limit })).json.map(({ id }) => id)).toEqual(ids().slice(0, limit));
		expect(pages()).toEqual(asked);
	});

	it('is reached though the pages are smaller', async () => {
		bench.sandbox.faults.add({ kind: 'capPerPage', n: 20, times: Infinity });
		expect((await list({ limit: 50 })).json.map(({ id }) => id)).toEqual(ids().slice(0, 50));
	});
});

describe('a PBX with other manners', () => {
	/** What it gives for page and size, of so many records. */
	type Manners = (page: number, size: number, total: number) => [first: number, count: number];
	const turn: Manners = (page, size) => [(page - 1) * size, size];
	const MANNERS: Record<string, Manners> = {
		'that gives everything at once': (_page, _size, total) => [0, total],
		'that gives the last page past the end': (page, size, total) =>
			turn(Math.min(page, Math.max(1, Math.ceil(total / size))), size, total),
		'that gives less than asked, but turns pages as asked': (page, size) => [
			(page - 1) * size,
			Math.min(size, 30),
		],
		'that gives less than asked, and turns its own pages': (page, size) => [
			(page - 1) * Math.min(size, 30),
			Math.min(size, 30),
		],
		'that gives one more than asked': (page, size) => [(page - 1) * size, size + 1],
	};
	const cases = Object.keys(MANNERS).flatMap((name) =>
		[0, 1, 30, 99, 100, 101, 200, 1000].map((total) => [name, total] as const),
	);

	it.each(cases)('%s: %i records', async (name, total) => {
		const pbx = await RawServer.open((socket, { path }) => {
			const { searchParams } = new URL(path, 'http://pbx');
			const [page, size] = ['page', 'per_page'].map((key) => Number(searchParams.get(key)));
			const [first, count] = MANNERS[name](page, size, total);
			const length = Math.max(0, Math.min(count, total - first));
			const records = Array.from({ length }, (_, index) => ({ id: first + index + 1 }));
			socket.end(http(200, JSON.stringify(records)));
		});
		const { json, error } = await bench.run(
			{ resource: 'extension', operation: 'getMany', returnAll: true, simplify: false },
			{ credentials: { ringMeApi: { baseUrl: pbx.url, accessToken: 'x', client: '@me' } } },
		);
		await pbx.close();
		expect(error).toBeUndefined();
		expect(json.map(({ id }) => id)).toEqual(Array.from({ length: total }, (_, id) => id + 1));
		expect(pbx.requests.length).toBeLessThanOrEqual(Math.ceil(total / 30) + 2);
	});
});
