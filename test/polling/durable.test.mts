/** The RingMe Polling Trigger with n8n's durable scheduler, which gives a poll little time and forgets some. */
import { createEngine, type Engine } from '../harness/engine.mts';
import { accessToken } from '../harness/fixture.mts';
import { setupTimers } from '../harness/timers.mts';
import { startTestServer } from '../support/testServer.mts';
import {
	createPollingFixture,
	HOUR_MS,
	MINUTE_MS,
	recordIds,
	type PollingFixture,
} from './fixture.mts';

const START = Date.UTC(2026, 2, 10, 9);
/** n8n's default. */
const BUDGET_MS = 36_000;
const INTERVAL_MS = 5 * MINUTE_MS;

/** All time limits of downloads are fired by the tests. */
const timers = setupTimers(() => false);
let engine: Engine;
let pbx: PollingFixture;

beforeAll(async () => (engine = await createEngine()));

beforeEach(async () => {
	pbx = await createPollingFixture(engine, START);
});
afterEach(async () => {
	expect(pbx.sandbox.errors).toEqual([]);
	await pbx.close();
});

describe.each([true, false])('with durable cursors: %s', (durableCursors) => {
	const scheduler = { durableCursors, budgetMs: BUDGET_MS };
	const download = { download: true, minimumInterval: 1 };

	it('a record between publishing and the first scheduled poll is reported, and no older one', async () => {
		pbx.addRecording(HOUR_MS);
		const poller = await pbx.openPoller({}, { scheduler });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const recent = pbx.addRecording(MINUTE_MS);
		const late = pbx.addRecording(2 * HOUR_MS);
		await poller.poll();
		await pbx.advance(INTERVAL_MS);
		await poller.poll();
		expect(poller.errors).toEqual([]);
		expect(recordIds(poller.executions)).toEqual([late, recent]);
	});

	it('a poll within the minimum interval sends no request', async () => {
		const poller = await pbx.openPoller({ minimumInterval: 5 }, { scheduler });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		await poller.poll();
		pbx.takeRequests();
		await pbx.advance(MINUTE_MS);
		await poller.poll();
		expect(pbx.takeRequests()).toEqual([]);
	});

	/** A poll in which the PBX holds the download of a record until its time is up. */
	async function pollWhileHeld(
		poll: () => Promise<void>,
		hold: ReturnType<typeof pbx.sandbox.faults.add>,
		timeoutMs: number,
	) {
		const before = hold.hits;
		const polling = poll();
		await hold.held(before + 1);
		await pbx.advance(timeoutMs);
		timers.fire(timeoutMs);
		await polling;
		expect(hold.hits).toBe(before + 1);
	}

	it('a file that stalls is tried once and does not stop the others of the poll', async () => {
		const poller = await pbx.openPoller(download, { scheduler });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const [stalled, ...others] = [3000, 2000, 1000].map((ago) => pbx.addRecording(ago));
		const hold = pbx.sandbox.faults.add({
			kind: 'hold',
			match: { path: new RegExp(stalled) },
			times: Infinity,
		});
		await pollWhileHeld(async () => await poller.poll(), hold, BUDGET_MS / 2);
		expect(recordIds(poller.executions)).toEqual(others);
		// All of the time of a poll, as no other file waits.
		for (let n = 0; n < 2; n++) {
			await pbx.advance(INTERVAL_MS);
			await pollWhileHeld(async () => await poller.poll(), hold, BUDGET_MS);
		}
		expect(recordIds(poller.executions)).toEqual([...others, stalled]);
		const { json } = poller.executions.at(-1)?.[0] ?? {};
		expect(json?.downloadError).toMatch(/\S/);
		expect(json?.downloadError).not.toMatch(/cancel/i);
		expect(poller.errors).toEqual([]);
	});

	it('a file that stalled before waits until the new ones have theirs', async () => {
		const poller = await pbx.openPoller(download, { scheduler });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const stalled = pbx.addRecording(3000);
		const hold = pbx.sandbox.faults.add({
			kind: 'hold',
			match: { path: new RegExp(stalled) },
			times: Infinity,
		});
		await pollWhileHeld(async () => await poller.poll(), hold, BUDGET_MS);
		await pbx.advance(INTERVAL_MS);
		const added = pbx.addRecording();
		pbx.takeRequests();
		await pollWhileHeld(async () => await poller.poll(), hold, BUDGET_MS);
		expect(pbx.takeRequests().slice(-2)).toEqual([
			expect.stringContaining(added),
			expect.stringContaining(stalled),
		]);
		expect(recordIds(poller.executions)).toEqual([added]);
	});
});

it('a file whose bytes stop coming is given up when its time is up', async () => {
	let isPublished = false;
	const record = { record_uuid: '1-A', init_time_gmt: '2026-03-10 09:00:00', duration: 1 };
	let begun: () => void;
	const hasBegun = new Promise<void>((resolve) => (begun = resolve));
	const server = await startTestServer(async (request, response) => {
		await Promise.resolve();
		if (request.path.includes('1-A')) {
			response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': 1_000_000 });
			response.write(Buffer.alloc(100_000, 'ID3'), () => begun());
			return;
		}
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(JSON.stringify(isPublished && request.path.includes('page=1') ? [record] : []));
	});
	const poller = await pbx.openPoller({ download: true }, {
		scheduler: { durableCursors: true, budgetMs: BUDGET_MS },
		credentials: { ringMeApi: { ...accessToken(pbx.sandbox), baseUrl: server.url } },
	} as never);
	await poller.publish();
	isPublished = true;
	await pbx.advance(INTERVAL_MS);
	const polling = poller.poll();
	await hasBegun;
	timers.fire(BUDGET_MS);
	await polling;
	expect(poller.executions).toEqual([]);
	expect(poller.errors).toEqual([]);
	await server.stop();
});
