/** The call history and voicemails, through n8n's engine against the sandbox PBX. */
import type { INodeParameters } from 'n8n-workflow';

import { parseUtc } from '../../sandbox/state/time.mts';
import { byId, searchList, setupFixture } from '../harness/fixture.mts';

// The lists of the editor show the last week by the clock of n8n.
const fixture = setupFixture({ start: Date.now() });

const DAY_MS = 86_400_000;

/** The last days as inputs of a date range. */
const lastDays = (days: number) => ({
	startDatetime: new Date(fixture.sandbox.clock.now() - days * DAY_MS).toISOString(),
	endDatetime: new Date(fixture.sandbox.clock.now()).toISOString(),
});

const getCalls = async (parameters: INodeParameters = {}) =>
	await fixture.run({
		resource: 'call',
		operation: 'getMany',
		returnAll: true,
		...lastDays(90),
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
		const { json, error } = await getCalls({ ...lastDays(1), simplify: false });
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
		...lastDays(90),
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
		...lastDays(90),
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

describe('calls in progress', () => {
	const run = async (operation: string, parameters: INodeParameters = {}) =>
		await fixture.run({ resource: 'call', operation, ...parameters });
	const id = 85201;
	const start = async (callAdditionalFields: INodeParameters = {}, first = ['101']) =>
		await run('start', {
			callExtensionId: byId(id),
			callSrcNum: first,
			callDstNum: '447700900121',
			callAdditionalFields,
		});
	const legs = () => {
		const [call] = fixture.sandbox.telephony.calls.current();
		return (call?.legs ?? []).map(({ extension, flow, status, endTime }) => [
			extension.name.replace(/^.*\*/, ''),
			flow,
			endTime === null ? status : 'ended',
		]);
	};
	const wait = async (seconds: number) => await fixture.sandbox.clock.advance(seconds * 1000);

	it('starts a call: the first phone rings, then the number, and both are connected', async () => {
		const { json } = await start({ autoanswerSrc: 2, autoanswerDst: 3, callDuration: 10 });
		expect(json).toEqual([{ call_api_id: expect.any(String), call_id: expect.any(String) }]);
		expect(legs()).toEqual([['101', 'in', 'CALLING']]);
		await wait(2);
		expect(legs()).toEqual([
			['101', 'in', 'ANSWER'],
			['101', 'out', 'CALLING'],
		]);
		await wait(3);
		expect(legs()[1]).toEqual(['101', 'out', 'ANSWER']);
		await wait(10);
		expect(legs()).toEqual([]);
		expect(fixture.sandbox.store.pastCalls.get(String(json[0].call_id))).toMatchObject({
			flow: 'out',
			result: 'bridged',
			from_username: '101',
			to_username: '447700900121',
			duration: 15,
			bridged_duration: 10,
		});
	});

	it('rings several phones at once, and the others stop when one answers', async () => {
		await start({ waitForPickup: 30 }, ['101', '102', '103']);
		expect(legs().map(([, , status]) => status)).toEqual(['CALLING', 'CALLING', 'CALLING']);
		await wait(12);
		const states = legs().map(([, , status]) => status);
		expect(states.filter((status) => status === 'ended')).toHaveLength(2);
		expect(states).toHaveLength(4);
	});

	it('sends the tag and the auto-answer with the other variables, as text', async () => {
		await start({
			tag: 'order 7',
			autoanswerSrc: 0,
			variables: { rows: [{ name: 'city', value: 'London' }] },
		});
		expect(fixture.sandbox.journal.last()?.body).toEqual({
			src_num: ['101'],
			dst_num: '447700900121',
			variables: { city: 'London', tag: 'order 7', autoanswer_src: '0' },
		});
	});

	it('returns the calls of an extension, transfers one and hangs it up', async () => {
		await start({ autoanswerSrc: 1, autoanswerDst: 1 }, ['102']);
		await wait(5);
		const phone = { callExtensionId: byId(85202) };
		const { json } = await run('getManyActiveOfExtension', { ...phone, returnAll: true });
		expect(json).toEqual([
			expect.objectContaining({ extension_id: 85202, called_number: '1844*102' }),
		]);
		const callApiId = byId(String(json[0].call_api_id));
		const transferred = await run('transfer', {
			...phone,
			callApiId,
			callAction: 'attended_transfer',
			callSendDst: '103',
		});
		expect(transferred.json).toEqual([{ success: true }]);
		expect(legs().map(([name, , status]) => `${name} ${status}`)).toEqual([
			'102 ANSWER',
			'101 ANSWER',
			'103 CALLING',
		]);
		await wait(12);
		expect(legs().map(([name, , status]) => `${name} ${status}`)).toEqual([
			'102 ended',
			'101 ANSWER',
			'103 ANSWER',
		]);
		const active = await searchList(fixture, 'searchCallGetManyActiveOfExtension', {
			callExtensionId: byId(85203),
		});
		expect(active).toHaveLength(1);
		expect(active[0].name).toMatch(/^103 ↔ .*, \d:\d\d$/);
		const hungUp = await run('hangUp', {
			callExtensionId: byId(85203),
			callApiId: byId(String(active[0].value)),
		});
		expect(hungUp.json).toEqual([{ deleted: true }]);
		expect(legs()).toEqual([]);
		const again = await run('hangUp', {
			callExtensionId: byId(85203),
			callApiId: byId(String(active[0].value)),
		});
		expect(again.error?.message).toBe(`The PBX has no active call ${active[0].value}`);
	});

	it('explains @me to a user who is not one of an extension', async () => {
		const { error } = await run('getManyActiveOfExtension', { callExtensionId: byId('@me') });
		expect(error?.message).toBe('The PBX has no extension @me');
		expect(error?.description).toContain('only works for a user of an extension');
	});
});

describe('devices and text messages of an extension', () => {
	const extensionId = byId(85202);

	it('returns whether the phone is connected, and logs its device out', async () => {
		const get = async () =>
			await fixture.run({ resource: 'extension', operation: 'getRegistrations', extensionId });
		expect((await get()).json).toEqual([
			expect.objectContaining({ extension_id: 85202, registered: true }),
		]);
		const [device] = await searchList(fixture, 'searchExtensionGetDevices', { extensionId });
		expect(device.name).toBe('Softphone 5.2 192.0.2.11:5060');
		await fixture.run({
			resource: 'extension',
			operation: 'logOutDevice',
			extensionId,
			registrationId: byId(String(device.value)),
		});
		expect((await get()).json).toEqual([
			{ extension_id: 85202, registered: false, registrations: [] },
		]);
	});

	it('returns no devices, or marks them, if none is registered', async () => {
		const { registrations } = fixture.sandbox.store;
		for (const { registration_id } of registrations.list()) {
			registrations.update(registration_id, { expires_at: 0 });
		}
		const [devices, status] = await Promise.all(
			['getDevices', 'getRegistrations'].map(
				async (operation) => await fixture.run({ resource: 'extension', operation, extensionId }),
			),
		);
		expect([devices.json, devices.error]).toEqual([[], undefined]);
		expect(status.json).toEqual([
			{
				extension_id: 85202,
				registered: false,
				registrations: [expect.objectContaining({ device: 'Softphone 5.2', expired: true })],
			},
		]);
		expect(await searchList(fixture, 'searchExtensionGetDevices', { extensionId })).toEqual([]);
	});

	it('returns and deletes text messages', async () => {
		const { json } = await fixture.run({
			resource: 'message',
			operation: 'getMany',
			messageExtensionId: extensionId,
			returnAll: true,
		});
		expect(json).toEqual([expect.objectContaining({ flow: 'out', text: 'Your order is ready' })]);
		const [entry] = await searchList(fixture, 'searchMessage', {
			messageExtensionId: extensionId,
		});
		expect(entry).toMatchObject({
			name: expect.stringMatching(/: \d+ → \d+: Your order is ready$/) as string,
			value: json[0].id,
		});
		const messageId = byId(String(json[0].id));
		const one = { resource: 'message', messageExtensionId: extensionId, messageId };
		expect((await fixture.run({ ...one, operation: 'get' })).json).toEqual(json);
		await fixture.run({ ...one, operation: 'delete' });
		expect((await fixture.run({ ...one, operation: 'get' })).error?.message).toMatch(
			/has no message/,
		);
	});
});
