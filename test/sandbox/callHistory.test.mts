import { formatUtc } from '../../sandbox/state/time.mts';
import type { Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';

const BASE = '/api/ver1.0/client/@me';
const pbx = setupSandbox();

const get = async (path: string, query: Json = {}) =>
	await pbx.client.request('GET', `${BASE}/${path}`, { query });
const period = { start_datetime: '2025-11-01 00:00:00', end_datetime: '2026-01-31 23:59:59' };

it('lists a call with its parts, and without them as part of the same calls', async () => {
	const call = await pbx.sandbox.telephony.incomingCall({
		from: '447700900123',
		to: ['101', '102'],
		answeredBy: '102',
		ring: 5,
		talk: 60,
	});
	const end = pbx.sandbox.clock.now();
	const query = { ...period, per_page: 1 };
	const [withParts] = ((await get('call_history/', query)).json as { call_history: Json[] })
		.call_history;
	expect(withParts).toMatchObject({
		call_uuid: call.id,
		flow: 'in',
		result: 'bridged',
		duration: 65,
		bridged_duration: 60,
		bridged_username: '1844*102',
		from_username: '447700900123',
		init_time_gmt: formatUtc(end - 65_000),
		hangup_time_gmt: formatUtc(end),
	});
	const parts = withParts.cdr as Json[];
	expect(parts.map(({ extension_name, result }) => [extension_name, result])).toEqual([
		['1844*101', 'not answered'],
		['1844*102', 'answered'],
	]);
	const [record] = pbx.sandbox.store.records.list().slice(-1);
	expect(parts[1]).toMatchObject({ record_uuid: record.record_uuid, duration: 60 });
	const { cdr: _parts, ...withoutParts } = withParts;
	expect((await get('calls/', query)).json).toEqual({
		page: 1,
		per_page: 1,
		order: 'desc',
		calls: [withoutParts],
	});
});

it.each(['BUSY', 'NOANSWER', 'CANCEL', 'CONGESTION'] as const)(
	'lists a call that ended with %s as not connected',
	async (status) => {
		const { id } = await pbx.sandbox.telephony.outgoingCall({
			from: '101',
			to: '447700900123',
			answered: false,
			status,
		});
		const results = { BUSY: 'busy', NOANSWER: 'not answered', CANCEL: 'not answered' };
		expect((await get(`call_history/${id}`)).json).toMatchObject({
			flow: 'out',
			result: { ...results, CONGESTION: 'failed' }[status],
			bridged_duration: null,
			bridged_time_gmt: null,
			from_username: '1844*101',
			to_username: '447700900123',
		});
	},
);

it('responds with 404 for a call that is not over', async () => {
	const call = pbx.sandbox.telephony.incomingCall({
		from: '447700900123',
		ring: 5,
		talk: 60,
		live: true,
	});
	await pbx.sandbox.clock.advance(10_000);
	const [{ id }] = pbx.sandbox.telephony.calls.current();
	expect((await get(`call_history/${id}`)).status).toBe(404);
	await pbx.sandbox.clock.advance(60_000);
	await call;
	expect((await get(`call_history/${id}`)).status).toBe(200);
});

it('refuses a second request for calls while one is running', async () => {
	const hold = pbx.sandbox.faults.add({ kind: 'hold', acts: true });
	const first = get('calls/', period);
	await hold.held();
	for (const path of ['call_history/', 'calls/stats/']) {
		expect((await get(path, period)).status).toBe(429);
	}
	await hold.release();
	expect((await first).status).toBe(200);
});

it('has every recording and voicemail in the history of calls', () => {
	const { pastCalls, records, voicemails } = pbx.sandbox.store;
	const inHistory = pastCalls.list().flatMap(({ cdr }) => cdr.map((part) => part.record_uuid));
	const files = [...records.list(), ...voicemails.list()];
	expect(inHistory).toEqual(expect.arrayContaining(files.map((file) => file.record_uuid)));
	expect(pastCalls.size).toBeGreaterThan(files.length);
});
