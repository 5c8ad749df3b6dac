/** Delays between retries, and cancellation of the execution during them. */
import type { FaultInput } from '../../sandbox/index.mts';

import { settle } from '../support/settle.mts';
import { extensionGroups } from './support/extensionGroups.mts';
import { setupFixture } from '../harness/fixture.mts';
import { errorText, OUTCOME_UNKNOWN } from './support/outcomes.mts';
import { RawServer } from './support/rawServer.mts';

/** The longest delay that the node accepts. It does not pass in these tests. */
const LONGEST_DELAY_S = 60;

const fixture = setupFixture();
const groups = extensionGroups(fixture);
const requests = () => fixture.sandbox.journal.api();

const listExtensions = async (parameters = {}, options = {}) =>
	await fixture.run({ resource: 'extension', operation: 'getMany', ...parameters }, options);

describe('an execution that is canceled', () => {
	/**
	 * Cancels a run.
	 *
	 * @param moment when
	 * @param unseen how many requests may be on their way to the PBX at that moment
	 * @returns the number of requests that reached the PBX
	 */
	async function cancelAt(
		moment: Promise<unknown>,
		start: (signal: AbortSignal) => Promise<{ status: string }>,
		unseen: number,
	): Promise<number> {
		const controller = new AbortController();
		const running = start(controller.signal);
		await moment;
		controller.abort();
		const sent = requests().length;
		const { status } = await running;
		expect(status).toBe('canceled');
		await fixture.sandbox.faults.release();
		await settle();
		expect(requests().length - sent).toBeLessThanOrEqual(unseen);
		return requests().length;
	}

	const hold = (fault: Partial<FaultInput> = {}) =>
		fixture.sandbox.faults.add({ kind: 'hold', times: Infinity, ...fault });

	it('sends no further requests', async () => {
		const sent = await cancelAt(
			hold().held(5),
			async (signal) => await groups.create(30, { signal }),
			0,
		);
		expect(sent).toBe(5);
	});

	it('does not wait for the end of a rate limit', async () => {
		fixture.sandbox.faults.add({ kind: 'rateLimit', reset: LONGEST_DELAY_S, times: Infinity });
		const sent = await cancelAt(
			fixture.timers.begun(LONGEST_DELAY_S * 1000, 5),
			async (signal) => await groups.create(10, { signal }),
			0,
		);
		expect(sent).toBe(5);
	});

	it('reads no further pages', async () => {
		fixture.sandbox.faults.add({ kind: 'endless', times: 3 });
		const fault = hold();
		await cancelAt(
			fault.held(),
			async (signal) => await listExtensions({ returnAll: true }, { signal }),
			5,
		);
	});

	it('sends no further batches of Add Tasks', async () => {
		const fault = hold({ match: { method: 'POST' }, after: 1 });
		const json = Array.from({ length: 20 }, (_, item) => ({ a_number: `+4420794600${item}` }));
		const sent = await cancelAt(
			fault.held(),
			async (signal) =>
				await fixture.run(
					{
						resource: 'taskScheduler',
						operation: 'addTasks',
						schedulerId: '2',
						options: { batchSize: 1 },
					},
					{ json, signal },
				),
			0,
		);
		expect(sent).toBe(3);
	});
});

describe('the node', () => {
	/** Three delays of one, two and four seconds, each less up to half as jitter. */
	function expectBackOff(delays: number[]) {
		expect(delays).toHaveLength(3);
		for (const [retry, ms] of delays.entries()) {
			expect(ms).toBeGreaterThanOrEqual(500 * 2 ** retry);
			expect(ms).toBeLessThanOrEqual(1000 * 2 ** retry);
		}
	}

	it('doubles the delay with each retry when the PBX does not say how long to wait', async () => {
		groups.addFault(0, { kind: 'statsBusy', times: 3 });
		expect((await groups.create(1)).items).toHaveLength(1);
		expectBackOff(fixture.timers.waits);
	});

	it.each([
		['a rate limit', '429', { kind: 'rateLimit', reset: 61 }],
		['status 503', '503', { kind: 'status', status: 503, retryAfter: 61 }],
		[
			'status 503 with a date',
			'503',
			{
				kind: 'status',
				status: 503,
				headers: { 'retry-after': new Date(Date.now() + 86_400_000).toUTCString() },
			},
		],
	] as Array<[string, string, FaultInput]>)(
		'fails at once when the PBX asks to wait longer than a minute by %s',
		async (_, httpCode, fault) => {
			fixture.sandbox.faults.add({ ...fault, times: Infinity });
			const { error } = await listExtensions();
			expect(error).toMatchObject({ httpCode });
			expect(requests()).toHaveLength(1);
			expect(fixture.timers.waits).toEqual([]);
		},
	);

	it('fails with a known outcome after three retries when the PBX cannot be reached', async () => {
		const stopped = await RawServer.open(() => {});
		const credentials = { ringMeApi: { baseUrl: stopped.url, accessToken: 'x', client: '@me' } };
		await stopped.close();
		const result = await groups.create(1, { credentials });
		expect(errorText(result)).toContain("'Base URL'");
		expect(errorText(result)).not.toMatch(OUTCOME_UNKNOWN);
		expectBackOff(fixture.timers.waits);
	});

	it('fails after four attempts without a response', async () => {
		fixture.sandbox.faults.add({ kind: 'dropBefore', times: Infinity });
		const { error } = await listExtensions();
		expect(error).toBeDefined();
		expect(requests()).toHaveLength(4);
	});

	it('sends no further requests after the hourly limit, and tells each item the time', async () => {
		fixture.sandbox.faults.add({ kind: 'rateLimit', reset: 1800, times: Infinity });
		const { json } = await groups.create(50, { onError: 'continueRegularOutput' });
		expect(json).toHaveLength(50);
		for (const { error, message } of json) {
			expect(error).toBe(json[0].error);
			expect(message).toMatch(/\d\d:\d\d:\d\d UTC, in 30 minutes/);
		}
		expect(groups.requests().length).toBeLessThanOrEqual(5);
	});
});
