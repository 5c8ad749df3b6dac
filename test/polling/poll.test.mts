/** The RingMe Polling Trigger in n8n's poll context, against the sandbox PBX. */
import { createEngine, type Engine } from '../harness/engine.mts';
import { contextOf } from '../harness/fixture.mts';
import { setupTimers } from '../harness/timers.mts';
import { settle } from '../support/settle.mts';
import {
	callIds,
	createPollingFixture,
	HOUR_MS,
	MINUTE_MS,
	recordIds,
	type PollingFixture,
} from './fixture.mts';

const START = Date.UTC(2026, 2, 10, 9);
const INTERVAL_MS = 5 * MINUTE_MS;

setupTimers();
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

describe('the first poll', () => {
	it('starts no workflow for recordings that exist when the workflow is published', async () => {
		pbx.addRecording(HOUR_MS);
		const poller = await pbx.openPoller();
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		await poller.poll();
		expect(poller.executions).toEqual([]);
		expect(poller.errors).toEqual([]);
	});

	it('fails the publication if the token is rejected', async () => {
		pbx.sandbox.faults.add({ kind: 'status', status: 401, times: Infinity });
		const poller = await pbx.openPoller();
		await expect(poller.publish()).rejects.toMatchObject({ httpCode: '401' });
		expect(poller.staticData).toEqual({});
	});

	it('treats records as new that appear after it, even of calls before it', async () => {
		const poller = await pbx.openPoller();
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const late = pbx.addRecording(5 * HOUR_MS);
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual([late]);
	});
});

describe('a poll', () => {
	it('reports new recordings in one execution, oldest first, in the simplified form', async () => {
		const poller = await pbx.openPoller();
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const newer = pbx.addRecording(MINUTE_MS);
		const older = pbx.addRecording(2 * MINUTE_MS, {
			flow: 'in',
			from_username: '447700900123',
			to_username: '1844*101',
			init_time_gmt: '2026-03-10 09:03:00.250000',
		});
		await poller.poll();
		expect(poller.executions).toHaveLength(1);
		expect(recordIds(poller.executions)).toEqual([older, newer]);
		const [{ json }] = poller.executions[0];
		expect(json).toMatchObject({
			event: 'recording',
			time: '2026-03-10T09:03:00.250Z',
			direction: 'in',
			from: '447700900123',
			to: '1844*101',
			extensionId: expect.any(Number) as number,
			duration: expect.any(Number) as number,
			recordId: older,
			raw: { record_uuid: older },
		});
	});

	it('returns the record as it came without Simplify', async () => {
		const poller = await pbx.openPoller({ simplify: false });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const id = pbx.addRecording();
		await poller.poll();
		expect(poller.executions[0][0].json).toMatchObject({ event: 'recording', record_uuid: id });
		expect(poller.executions[0][0].json).not.toHaveProperty('raw');
	});

	it('reports a recording once, also after a restart of n8n', async () => {
		const poller = await pbx.openPoller();
		await poller.publish();
		const reported = [];
		for (let n = 0; n < 4; n++) {
			await pbx.advance(INTERVAL_MS);
			reported.push(pbx.addRecording());
			await poller.poll();
			await pbx.advance(INTERVAL_MS);
			await poller.publish();
		}
		expect(recordIds(poller.executions)).toEqual(reported);
	});

	it('finds what happened while n8n was off, over more pages than one and two months', async () => {
		const poller = await pbx.openPoller();
		await poller.publish();
		poller.stop();
		const expected: string[] = [];
		for (let day = 0; day < 70; day++) {
			await pbx.advance(24 * HOUR_MS);
			for (let n = 0; n < 4; n++) expected.push(pbx.addRecording((4 - n) * MINUTE_MS));
		}
		pbx.takeRequests();
		await poller.publish();
		expect(recordIds(poller.executions)).toEqual(expected);
		expect(pbx.takeRequests().length).toBeGreaterThan(4);
	});

	it('reports nothing and loses nothing when a page fails', async () => {
		const poller = await pbx.openPoller();
		await poller.publish();
		const saved = poller.staticData;
		await pbx.advance(INTERVAL_MS);
		const expected = Array.from({ length: 150 }, (_, n) => pbx.addRecording(151_000 - n * 1000));
		pbx.sandbox.faults.add({ kind: 'status', status: 500, after: 1 });
		await poller.poll();
		expect(poller.executions).toEqual([]);
		expect(poller.errors).toMatchObject([{ httpCode: '500' }]);
		expect(contextOf(poller.errors[0])).toBeDefined();
		expect(poller.staticData).toEqual(saved);
		await pbx.advance(INTERVAL_MS);
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual(expected);
	});

	it('is skipped without a request within the minimum interval', async () => {
		const poller = await pbx.openPoller({ minimumInterval: 5 });
		await poller.publish();
		pbx.takeRequests();
		const id = pbx.addRecording();
		for (let minute = 1; minute < 5; minute++) {
			await pbx.advance(MINUTE_MS);
			await poller.poll();
			expect(pbx.takeRequests()).toEqual([]);
		}
		// A second early, as n8n's timers are now and then.
		await pbx.advance(MINUTE_MS - 1000);
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual([id]);
	});

	it('sends no request until the hourly limit is over', async () => {
		const poller = await pbx.openPoller({ minimumInterval: 1 });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		pbx.addRecording();
		pbx.sandbox.faults.add({ kind: 'rateLimit', reset: 1800 });
		await poller.poll();
		expect(poller.errors).toMatchObject([{ httpCode: '429' }]);
		pbx.takeRequests();
		await pbx.advance(29 * MINUTE_MS);
		await poller.poll();
		expect(pbx.takeRequests()).toEqual([]);
		await pbx.advance(MINUTE_MS);
		await poller.poll();
		expect(poller.executions).toHaveLength(1);
		expect(poller.errors).toHaveLength(1);
	});

	it('does not overlap with one that takes longer than the interval', async () => {
		const poller = await pbx.openPoller({ minimumInterval: 1 });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		pbx.addRecording();
		const hold = pbx.sandbox.faults.add({ kind: 'hold' });
		const first = poller.poll();
		await hold.held();
		await pbx.advance(INTERVAL_MS);
		const second = poller.poll();
		await settle();
		await hold.release();
		await Promise.all([first, second]);
		expect(poller.executions).toHaveLength(1);
	});

	it('starts anew when something else is watched', async () => {
		const poller = await pbx.openPoller();
		await poller.publish();
		pbx.addRecording();
		await pbx.advance(INTERVAL_MS);
		await poller.publish({
			authentication: 'accessToken',
			client: String(pbx.sandbox.store.client.id),
		});
		expect(poller.executions).toEqual([]);
	});
});

describe.each([
	['ahead', 20 * MINUTE_MS],
	['late', -20 * MINUTE_MS],
])("n8n's clock that is %s of the PBX's by 20 minutes", (_, difference) => {
	it('loses and repeats no recording', async () => {
		pbx.setClockDifference(difference);
		const old = Array.from({ length: 8 }, (__, hour) => pbx.addRecording(hour * HOUR_MS));
		const poller = await pbx.openPoller();
		await poller.publish();
		const expected: string[] = [];
		for (let n = 0; n < 100; n++) {
			await pbx.advance(INTERVAL_MS);
			expected.push(pbx.addRecording((n % 6) * HOUR_MS));
			await poller.poll();
		}
		expect(recordIds(poller.executions).sort()).toEqual(expected.sort());
		expect(old).toHaveLength(8);
	});
});

describe('filters', () => {
	it('report only the recordings that match', async () => {
		const poller = await pbx.openPoller({
			filters: { direction: 'in', minDuration: 30, ignoreInternal: true },
		});
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const external = { from_username: '447700900123', to_username: '1844*101', duration: 60 };
		const match = pbx.addRecording(5000, { ...external, flow: 'in' });
		pbx.addRecording(4000, { ...external, flow: 'out' });
		pbx.addRecording(3000, { ...external, flow: 'in', duration: 29 });
		pbx.addRecording(2000, { ...external, flow: 'in', from_username: '1844*102' });
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual([match]);
	});

	it.each(['85219', '1844*109', '109'])('find the extension given as %s', async (extension) => {
		const poller = await pbx.openPoller({
			filters: {
				extensions: { rows: [{ extension: { __rl: true, mode: 'id', value: extension } }] },
			},
		});
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const match = pbx.addRecording(0, { extension_id: 85219, extension_name: '1844*109' });
		pbx.addRecording(0, { extension_id: 85218, extension_name: '1844*108' });
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual([match]);
	});
});

it('fails with a filter that is set and has no value, before anything is sent', async () => {
	const poller = await pbx.openPoller({ filters: { extensions: { rows: [{ extension: '' }] } } });
	await expect(poller.publish()).rejects.toThrow("'Extensions' is set, but it is empty");
	expect(pbx.takeRequests()).toEqual([]);
});

describe('Download', () => {
	const parameters = { download: true, minimumInterval: 1 };

	it('adds the audio to each item', async () => {
		const poller = await pbx.openPoller({ ...parameters, binaryPropertyName: 'audio' });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const id = pbx.addRecording();
		await poller.poll();
		const [item] = poller.executions[0];
		expect(item.binary?.audio).toMatchObject({ mimeType: 'audio/mpeg', fileName: `${id}.mp3` });
		expect((await pbx.engine.readBinary(item, 'audio')).length).toBeGreaterThan(1000);
	});

	it('tries a failed download again in the next polls, then reports the record without its file', async () => {
		const poller = await pbx.openPoller(parameters);
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const [missing, other] = [pbx.addRecording(2000), pbx.addRecording(1000)];
		pbx.sandbox.faults.add({
			kind: 'status',
			status: 404,
			match: { path: new RegExp(missing) },
			times: Infinity,
		});
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual([other]);
		for (let n = 0; n < 3; n++) {
			await pbx.advance(INTERVAL_MS);
			await poller.poll();
		}
		expect(recordIds(poller.executions)).toEqual([other, missing]);
		const [item] = poller.executions[1];
		expect(item.json.downloadError).toContain(missing);
		expect(item.binary).toBeUndefined();
		expect(poller.errors).toEqual([]);
	});

	it('reports a record whose file was not ready at first, with its file', async () => {
		const poller = await pbx.openPoller(parameters);
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const id = pbx.addRecording();
		pbx.sandbox.faults.add({ kind: 'emptyBody', match: { path: new RegExp(id) } });
		await poller.poll();
		expect(poller.executions).toEqual([]);
		await pbx.advance(INTERVAL_MS);
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual([id]);
		expect(poller.executions[0][0].binary?.data).toBeDefined();
	});

	it('downloads at most 50 files in a poll, and leaves no record behind', async () => {
		const poller = await pbx.openPoller(parameters);
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const expected = Array.from({ length: 120 }, (_, n) =>
			pbx.addRecording((120 - n) * 1000, { duration: 1 }),
		);
		for (let n = 0; n < 4; n++) {
			await poller.poll();
			await pbx.advance(INTERVAL_MS);
		}
		expect(poller.executions.map(({ length }) => length)).toEqual([50, 50, 20]);
		expect(recordIds(poller.executions)).toEqual(expected);
	});

	it('keeps what was downloaded when the hourly limit is exceeded in between', async () => {
		const poller = await pbx.openPoller(parameters);
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const expected = [3000, 2000, 1000].map((ago) => pbx.addRecording(ago));
		pbx.sandbox.faults.add({
			kind: 'rateLimit',
			reset: 1800,
			match: { path: new RegExp(expected[1]) },
		});
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual([expected[0]]);
		await pbx.advance(INTERVAL_MS);
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual(expected);
		expect(poller.errors).toEqual([]);
	});
});

describe('a test in the editor', () => {
	it('shows the latest record that matches, and remembers nothing', async () => {
		const poller = await pbx.openPoller({ filters: { direction: 'in' } });
		const latest = pbx.addRecording(HOUR_MS, { flow: 'in' });
		pbx.addRecording(0, { flow: 'out' });
		expect(recordIds([(await poller.test()) ?? []])).toEqual([latest]);
		expect(poller.staticData).toEqual({});
	});

	it('says that there is no record to show', async () => {
		for (const { record_uuid } of pbx.sandbox.store.records.list()) {
			pbx.sandbox.store.records.delete(record_uuid);
		}
		const poller = await pbx.openPoller();
		await expect(poller.test()).rejects.toThrow('no recording of the last 30 days');
	});
});

describe('New Call', () => {
	const parameters = { event: 'call' };

	it('reports each call once, in the simplified form', async () => {
		pbx.addCall(HOUR_MS);
		const poller = await pbx.openPoller(parameters);
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const inbound = { flow: 'in', from_username: '447700900123', to_username: '1844*101' } as const;
		const missed = pbx.addCall(2000, { ...inbound, bridged_duration: null });
		const answered = pbx.addCall(1000, { ...inbound, bridged_duration: 42 });
		await poller.poll();
		await pbx.advance(INTERVAL_MS);
		await poller.poll();
		expect(callIds(poller.executions)).toEqual([missed, answered]);
		expect(poller.executions[0].map(({ json }) => json)).toMatchObject([
			{ event: 'call', from: '447700900123', to: '1844*101', missed: true },
			{ event: 'call', bridgedDuration: 42, missed: false },
		]);
	});

	it('reports only inbound calls that nobody answered with Missed Calls Only', async () => {
		const poller = await pbx.openPoller({ ...parameters, filters: { missedOnly: true } });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const missed = pbx.addCall(3000, { flow: 'in', bridged_duration: null });
		pbx.addCall(2000, { flow: 'in', bridged_duration: 5 });
		pbx.addCall(1000, { flow: 'out', bridged_duration: null });
		await poller.poll();
		expect(callIds(poller.executions)).toEqual([missed]);
	});
});

describe('New Voicemail', () => {
	it('reports each voicemail once, with its audio', async () => {
		const poller = await pbx.openPoller({ event: 'voicemail', download: true });
		await poller.publish();
		await pbx.advance(INTERVAL_MS);
		const id = pbx.addVoicemail(MINUTE_MS);
		await poller.poll();
		await pbx.advance(INTERVAL_MS);
		await poller.poll();
		expect(recordIds(poller.executions)).toEqual([id]);
		expect(poller.executions[0][0].binary?.data.mimeType).toMatch(/^audio\//);
	});
});

describe.each([
	['the end of May', Date.UTC(2026, 4, 31, 12)],
	['the end of the year', Date.UTC(2026, 11, 31, 12)],
])('A day over %s', (_, start) => {
	it.each(['recording', 'call'])(
		'reports each of 500 of %s once, with late ones, a PBX that is down for an hour and a restart of n8n',
		async (event) => {
			await pbx.advance(start - pbx.sandbox.clock.now());
			const poller = await pbx.openPoller({ event });
			await poller.publish();
			const add = (agoMs: number) =>
				event === 'call' ? pbx.addCall(agoMs) : pbx.addRecording(agoMs);
			const expected: string[] = [];
			const polls = 288;
			for (let n = 0; n < polls; n++) {
				await pbx.advance(INTERVAL_MS);
				// Some began up to five hours ago, and appear only now.
				for (let k = 0; k < 2 && expected.length < 500; k++) {
					expected.push(add(k === 0 ? MINUTE_MS : (n % 300) * MINUTE_MS));
				}
				if (n === 100) {
					// Not 503, which is tried again after real seconds.
					pbx.sandbox.faults.add({ kind: 'status', status: 500, times: Infinity });
				}
				if (n === 112) pbx.sandbox.faults.clear();
				if (n === 180) {
					poller.stop();
					await poller.publish();
				} else {
					await poller.poll();
				}
			}
			await pbx.advance(INTERVAL_MS);
			await poller.poll();
			const reported = event === 'call' ? callIds(poller.executions) : recordIds(poller.executions);
			expect(reported.sort()).toEqual(expected.sort());
			expect(expected).toHaveLength(500);
			expect(poller.errors.length).toBeGreaterThan(0);
		},
	);
});
