/** The call history and voicemails, through n8n's engine against the sandbox PBX. */
import type { INodeParameters } from 'n8n-workflow';

import { parseUtc } from '../../sandbox/state/time.mts';
import { byId, searchList, setupFixture } from '../harness/fixture.mts';

// The lists of the editor show the last week by the clock of n8n.
const fixture = setupFixture({ start: Date.now(), statsMs: 1 });

const DAY_MS = 86_400_000;

/** The last days as inputs of a date range. */
const lastDays = (resource: string, days: number) => ({
	[`${resource}StartDatetime`]: new Date(fixture.sandbox.clock.now() - days * DAY_MS).toISOString(),
	[`${resource}EndDatetime`]: new Date(fixture.sandbox.clock.now()).toISOString(),
});

const getCalls = async (parameters: INodeParameters = {}) =>
	await fixture.run({
		resource: 'call',
		operation: 'getMany',
		returnAll: true,
		...lastDays('call', 90),
		...parameters,
	});

/** The calls of the last 90 days, newest first. */
const pastCalls = () =>
	fixture.sandbox.store.pastCalls
		.list()
		.sort((a, b) => b.init_time_gmt.localeCompare(a.init_time_gmt));

describe('Call, Get Many', () => {
	it('returns every call of a long date range once, newest first', async () => {
		const { json, error } = await getCalls();
		expect(error?.message).toBeUndefined();
		expect(json.map(({ call_uuid }) => call_uuid)).toHaveLength(pastCalls().length);
		expect(new Set(json.map(({ call_uuid }) => call_uuid)).size).toBe(json.length);
		const times = json.map(({ init_time_gmt }) => String(init_time_gmt));
		expect(times).toEqual([...times].sort().reverse());
		// The PBX refuses a second request of this kind while one is running.
		expect(fixture.sandbox.journal.maxInFlight).toBe(1);
		expect(fixture.sandbox.journal.api().every(({ status }) => status === 200)).toBe(true);
	});

	it('returns the ten simplified fields, with the parts of each call only on request', async () => {
		const simple = await getCalls({ returnAll: false, limit: 1 });
		expect(Object.keys(simple.json[0])).toEqual([
			'call_uuid',
			'init_time_gmt',
			'flow',
			'result',
			'from_username',
			'to_username',
			'did_number',
			'duration',
			'bridged_duration',
		]);
		const [{ call_uuid, cdr }] = pastCalls();
		const full = await getCalls({ returnAll: false, limit: 1, callList: 'call_history' });
		expect(full.json).toEqual([expect.objectContaining({ call_uuid, cdr })]);
	});

	it('requests only calls that match the filters', async () => {
		const { extension_id } = pastCalls().find(({ flow }) => flow === 'out')!;
		const { json } = await getCalls({
			callFilters: { flow: 'out', extensionId: byId(extension_id), order: 'asc' },
		});
		const expected = pastCalls()
			.filter((call) => call.flow === 'out' && call.extension_id === extension_id)
			.map(({ call_uuid }) => call_uuid)
			.reverse();
		expect(json.map(({ call_uuid }) => call_uuid)).toEqual(expected);
	});

	it.each([
		['a bare list', [{ call_uuid: 'a' }], [{ call_uuid: 'a' }]],
		['a list under another name', { list: [{ call_uuid: 'a' }] }, [{ call_uuid: 'a' }]],
		['an empty list', { page: 1, calls: [] }, []],
	])('accepts %s as the response', async (_name, body, expected) => {
		fixture.sandbox.faults.add({ kind: 'status', status: 200, body, match: { path: '/calls/' } });
		fixture.sandbox.faults.add({
			kind: 'status',
			status: 200,
			body: [],
			match: { path: '/calls/' },
			times: Infinity,
		});
		const { json, error } = await getCalls({ ...lastDays('call', 1), simplify: false });
		expect(error?.message).toBeUndefined();
		expect(json).toEqual(expected);
	});

	it('rejects a response without a list of calls', async () => {
		fixture.sandbox.faults.add({ kind: 'status', status: 200, body: { calls: [{ id: 1 }] } });
		const { error } = await getCalls();
		expect(error?.message).toBe('The response does not come from the RingMe API');
	});
});

it('returns a call of the history with its parts, and says when there is none', async () => {
	const call = pastCalls().find(({ result }) => result === 'bridged')!;
	const get = async (uuid: string) =>
		await fixture.run({ resource: 'call', operation: 'get', callUuid: byId(uuid) });
	// Events have the same ID in lower case.
	const { json } = await get(call.call_uuid.toLowerCase());
	expect(json).toEqual([expect.objectContaining({ call_uuid: call.call_uuid, result: 'bridged' })]);
	expect((json[0].cdr as object[]).length).toBe(1);
	expect((await get('unknown')).error?.message).toBe('The PBX has no call unknown');
});

it('returns the statistics of calls as they came', async () => {
	const { json } = await fixture.run({
		resource: 'call',
		operation: 'getStatistics',
		...lastDays('call', 90),
	});
	const total = (flow: string) => pastCalls().filter((call) => call.flow === flow).length;
	expect(json).toEqual([{ in: { total: total('in') }, out: { total: total('out') } }]);
});

it('returns the voicemails of a long date range, and downloads and deletes one of them', async () => {
	const { store } = fixture.sandbox;
	const { json } = await fixture.run({
		resource: 'voicemail',
		operation: 'getMany',
		returnAll: true,
		...lastDays('voicemail', 90),
	});
	expect(json.map(({ record_uuid }) => record_uuid)).toEqual(
		store.voicemails.list().map(({ record_uuid }) => record_uuid),
	);
	expect(Object.keys(json[0])).toHaveLength(10);
	const recordUuid = byId(String(json[0].record_uuid));
	const file = await fixture.run({ resource: 'voicemail', operation: 'download', recordUuid });
	expect(file.items[0].binary?.data.mimeType).toMatch(/^audio\/(x-)?wav$/);
	await fixture.run({ resource: 'voicemail', operation: 'delete', recordUuid });
	expect(store.voicemails.get(String(json[0].record_uuid))).toBeUndefined();
});

describe('the lists of the editor', () => {
	const lastWeek = <T extends { init_time_gmt: string }>(rows: T[]) =>
		rows.filter(
			({ init_time_gmt }) =>
				Number(parseUtc(init_time_gmt)) >= fixture.sandbox.clock.now() - 7 * DAY_MS,
		);

	it('offer the calls of the last week, with caller, called number and length', async () => {
		const [newest] = pastCalls();
		const results = await searchList(fixture, 'searchCall');
		expect(results.map(({ value }) => value)).toEqual(
			lastWeek(pastCalls()).map(({ call_uuid }) => call_uuid),
		);
		const number = (name: string | null) => String(name).replace(/^\d+\*/, '');
		expect(results[0].name).toContain(
			`: ${number(newest.from_username)} → ${number(newest.to_username)}, `,
		);
		for (const { name, value } of results) {
			const { result } = fixture.sandbox.store.pastCalls.get(String(value))!;
			expect([result, name.endsWith('not connected')]).toEqual([result, result !== 'bridged']);
		}
	});

	it('offer the voicemails of the last week', async () => {
		const results = await searchList(fixture, 'searchVoicemail');
		const expected = lastWeek(fixture.sandbox.store.voicemails.list());
		expect(results.map(({ value }) => value)).toEqual(
			expected.map(({ record_uuid }) => record_uuid),
		);
		expect(results[0].name).toMatch(/: 447700900110 → 101, 0:05$/);
	});
});
