/** Waiting for the PBX, and being cancelled meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';

import type { FaultInput } from '../../sandbox/index.mts';
import { useBench } from './support/bench.mts';
import { groupsOf, names } from './support/groups.mts';
import { RawServer } from './support/rawServer.mts';

const bench = useBench();
const { create, posts, onGroup } = groupsOf(bench);
const requests = () => bench.sandbox.journal.api();

describe('cancelling', () => {
	/**
	 * @param unseen how many requests may be on their way to the PBX when it is cancelled
	 * @returns the number of requests that reached the PBX
	 */
	const cancelled = async (
		when: () => boolean,
		run: (signal: AbortSignal) => Promise<{ status: string }>,
		unseen: number,
	) => {
		const stop = new AbortController();
		const running = run(stop.signal);
		for (let tries = 0; tries < 500 && !when(); tries++) await pause(10);
		stop.abort();
		const start = Date.now();
		const { length } = requests();
		const { status } = await running;
		expect(status).toBe('canceled');
		expect(Date.now() - start).toBeLessThan(10_000);
		await pause(200);
		expect(requests().length - length).toBeLessThanOrEqual(unseen);
		return requests().length;
	};

	it('sends nothing more', async () => {
		bench.sandbox.faults.add({ kind: 'slow', ms: 300, times: Infinity });
		const sent = await cancelled(
			() => posts().length === 5,
			(signal) => create(30, { signal }),
			0,
		);
		expect(sent).toBe(5);
	});

	it('ends a wait for the next hour', async () => {
		bench.sandbox.faults.add({ kind: 'rateLimit', reset: 50, times: Infinity });
		const sent = await cancelled(
			() => posts().filter(({ status }) => status === 429).length === 5,
			(signal) => create(10, { signal }),
			0,
		);
		expect(sent).toBe(5);
	});

	it('ends paging', async () => {
		bench.sandbox.faults.add({ kind: 'endless', times: Infinity });
		await cancelled(
			() => requests().length > 3,
			(signal) =>
				bench.run({ resource: 'extension', operation: 'getMany', returnAll: true }, { signal }),
			1,
		);
	});

	it('ends Add Tasks between two batches', async () => {
		bench.sandbox.faults.add({ kind: 'slow', ms: 60, match: { method: 'POST' }, times: Infinity });
		const parameters = {
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			taskSchedulerTaskOptions: { batchSize: 1 },
		};
		const json = names(20).map((_, item) => ({ a_number: `+4420794600${item}` }));
		const sent = await cancelled(
			() => requests().length > 2,
			(signal) => bench.run(parameters, { json, signal }),
			1,
		);
		expect(sent).toBeLessThan(20);
	});
});

/** Three waits of one, two and four seconds, each less up to half as jitter. */
function expectBackOff(waits: number[]) {
	expect(waits).toHaveLength(3);
	for (const [retry, wait] of waits.entries()) {
		expect(wait).toBeGreaterThanOrEqual(500 * 2 ** retry);
		expect(wait).toBeLessThanOrEqual(1000 * 2 ** retry);
	}
}

describe('waits', () => {
	it('are as long as the PBX says, or double', async () => {
		onGroup(0, { kind: 'statsBusy', times: 3 });
		expect((await create(1)).items).toHaveLength(1);
		expectBackOff(bench.waits.begun);
	});

	it.each([
		['429', { kind: 'rateLimit', reset: 61 }],
		['503', { kind: 'status', status: 503, retryAfter: 61 }],
		[
			'a date',
			{
				kind: 'status',
				status: 503,
				headers: { 'retry-after': new Date(Date.now() + 90_000).toUTCString() },
			},
		],
	] as Array<[string, FaultInput]>)(
		'of more than a minute are told instead: %s',
		async (_, fault) => {
			bench.sandbox.faults.add({ ...fault, times: Infinity });
			const { error, timeMs } = await bench.run({ resource: 'extension', operation: 'getMany' });
			expect(timeMs).toBeLessThan(30_000);
			expect(requests()).toHaveLength(1);
			expect(error).toBeDefined();
		},
	);

	it('for a PBX that is not there end, too, and nothing is in doubt', async () => {
		const gone = await RawServer.open(() => {});
		const credentials = { ringMeApi: { baseUrl: gone.url, accessToken: 'x', client: '@me' } };
		await gone.close();
		const { error } = await create(1, { credentials });
		expect(error?.message).toBe('The PBX cannot be reached');
		expect(error?.description).toBe('Check the Base URL of the credential, or try again later.');
		expectBackOff(bench.waits.begun);
	});

	it('that get nowhere end after four tries', async () => {
		bench.sandbox.faults.add({ kind: 'dropBefore', times: Infinity });
		const { error } = await bench.run({ resource: 'extension', operation: 'getMany' });
		expect(error?.message).toBe('The PBX gave no answer');
		expect(requests()).toHaveLength(4);
	});

	it('for a used-up hour are the last: the items that follow are told the time', async () => {
		bench.sandbox.faults.add({ kind: 'rateLimit', reset: 1800, times: Infinity });
		const { json } = await create(50, { onError: 'continueRegularOutput' });
		expect(json).toHaveLength(50);
		for (const { error, message } of json) {
			expect(error).toBe('The hourly request limit of the PBX is used up');
			expect(message).toMatch(/Requests work again at \d\d:\d\d:\d\d UTC, in 30 minutes/);
		}
		expect(posts().length).toBeLessThanOrEqual(5);
	});
});
