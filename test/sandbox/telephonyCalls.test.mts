import { TelephonyInputError } from '../../sandbox/telephony/index.mts';
import { toGmt } from '../../sandbox/telephony/time.mts';
import {
	CALL_EVENTS,
	createBench,
	register,
	startReceiver,
	type Bench,
	type Receiver,
} from './telephonyBench.mts';

let receiver: Receiver;
let bench: Bench;

beforeEach(async () => {
	receiver = await startReceiver();
	bench = createBench();
	bench.telephony.start();
	register(bench, `${receiver.url}/hook`, CALL_EVENTS);
});
afterEach(async () => {
	bench.telephony.stop();
	await receiver.close();
});

const bodies = () => receiver.requests.map(({ body }) => body);
/** `type status flow extension` of each event, per leg in its order. */
function perLeg(): string[][] {
	const legs = new Map<string, string[]>();
	for (const body of bodies()) {
		const line = `${body.EventType} ${body.CallStatus} ${body.SubCallID.split('-')[0]}`;
		legs.set(body.SubCallID, [...(legs.get(body.SubCallID) ?? []), line]);
	}
	return [...legs.values()].sort((one, other) => (one[0] < other[0] ? -1 : 1));
}

describe('an incoming call', () => {
	it('is told in the PBX form: strings, microseconds, one id per call and per leg', async () => {
		const [phone] = bench.phones;
		const call = await bench.telephony.incomingCall({
			from: '+12025550177',
			fromName: 'Ada',
			ring: 4,
			talk: 60,
			tellsRecord: true,
		});
		const ends = bench.clock.now();
		expect(bodies().map(({ EventType }) => EventType)).toEqual(['dial-in', 'answer', 'hangup']);
		const [dial, answer, hangup] = bodies();
		expect(dial).toEqual({
			EventType: 'dial-in',
			EventTime: expect.stringMatching(/^\d{16}$/),
			CallID: expect.stringMatching(/^[0-9a-f]{32}$/),
			SubCallID: expect.stringMatching(new RegExp(`^${phone.id}-[0-9a-f]{32}$`)),
			CallAPIID: expect.stringMatching(/^\d{10}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
			CallFlow: 'in',
			CallStatus: 'CALLING',
			CallerIDNum: '+12025550177',
			CallerIDName: 'Ada',
			CalledNumber: '1844*101',
			CalledExtension: '1844*101@sip.example.test',
			CalledExtensionID: String(phone.id),
			CalledDID: '12025550100',
		});
		expect(dial.CallID).toBe(call.id);
		expect(dial.CallAPIID.slice(11).replaceAll('-', '')).toBe(call.id);
		for (const later of [answer, hangup]) {
			for (const name of ['CallID', 'SubCallID', 'CallAPIID'] as const) {
				expect(later[name]).toBe(dial[name]);
			}
			expect(later.CallStatus).toBe('ANSWER');
		}
		const ms = (event: Record<string, string>) => Math.floor(Number(event.EventTime) / 1000);
		expect([dial, answer, hangup].map(ms)).toEqual([ends - 64_000, ends - 60_000, ends]);
		expect(Number(hangup.Duration)).toBe(Number(hangup.EventTime) - Number(dial.EventTime));
		const [record] = bench.store.records.list();
		expect(hangup.RecID).toBe(record.record_uuid.toLowerCase());
		expect(record).toMatchObject({
			record_uuid: expect.stringMatching(new RegExp(`^${phone.id}-[0-9A-F]{32}$`)),
			call_uuid: call.id,
			extension_id: phone.id,
			flow: 'in',
			result: 'answered',
			duration: 60,
			init_time_gmt: toGmt(ends - 64_000),
			start_time_gmt: toGmt(ends - 60_000),
			hangup_time_gmt: toGmt(ends),
			from_username: '+12025550177',
			to_username: '1844*101',
			did_number: '12025550100',
		});
	});

	it('rings several phones with one CallID; one answers, the others stop', async () => {
		const [one, two, three] = bench.phones;
		await bench.telephony.incomingCall({
			from: '+12025550177',
			to: [101, 102, 103].map(String),
			answeredBy: '102',
		});
		expect(new Set(bodies().map(({ CallID }) => CallID)).size).toBe(1);
		const missed = ({ id }: { id: number }) => [`dial-in CALLING ${id}`, `hangup CANCEL ${id}`];
		expect(perLeg()).toEqual([
			missed(one),
			[`dial-in CALLING ${two.id}`, `answer ANSWER ${two.id}`, `hangup ANSWER ${two.id}`],
			missed(three),
		]);
		expect(bench.store.records.list().map(({ extension_id }) => extension_id)).toEqual([two.id]);
	});

	it.each(['BUSY', 'NOANSWER', 'CANCEL', 'CONGESTION', 'CHANUNAVAIL'] as const)(
		'can be missed: %s, with no recording',
		async (status) => {
			await bench.telephony.incomingCall({ from: '+12025550177', answered: false, status });
			const { id } = bench.phones[0];
			expect(perLeg()).toEqual([[`dial-in CALLING ${id}`, `hangup ${status} ${id}`]]);
			expect(bodies()[1]).not.toHaveProperty('RecID');
			expect(bench.store.records.size).toBe(0);
		},
	);

	it('through a queue also ends with a hangup of the queue that tells whether it was bridged', async () => {
		const through = bench.queue.id;
		await bench.telephony.incomingCall({ from: '+12025550177', through, talk: 30, to: '103' });
		expect(
			bodies()
				.map(({ EventType }) => EventType)
				.sort(),
		).toEqual(['answer', 'dial-in', 'hangup', 'hangup']);
		const dial = bodies().find(({ EventType }) => EventType === 'dial-in')!;
		expect(dial.CallerExtension).toBe('1844*201@sip.example.test');
		const bridged = bodies().find(({ Bridged }) => Bridged)!;
		expect(bridged).toMatchObject({ EventType: 'hangup', Bridged: 'yes', CallStatus: 'ANSWER' });
		expect(bridged.SubCallID).toMatch(new RegExp(`^${through}-`));
		expect(Math.round(Number(bridged.BridgedDuration) / 1e6)).toBe(30);

		receiver.requests.length = 0;
		await bench.telephony.incomingCall({ from: '+12025550177', through, answered: false });
		const lost = bodies().find(({ Bridged }) => Bridged)!;
		expect(lost).toMatchObject({ Bridged: 'no', BridgedDuration: '0', CallStatus: 'CANCEL' });
	});

	it('is an internal call when an extension calls', async () => {
		const [one, two] = bench.phones;
		await bench.telephony.incomingCall({ from: '101', to: '102' });
		const legs = perLeg();
		expect(legs).toEqual([
			[`dial-in CALLING ${two.id}`, `answer ANSWER ${two.id}`, `hangup ANSWER ${two.id}`],
			[`dial-out CALLING ${one.id}`, `answer ANSWER ${one.id}`, `hangup ANSWER ${one.id}`],
		]);
		const dialIn = bodies().find(({ EventType }) => EventType === 'dial-in')!;
		expect(dialIn).toMatchObject({
			CallerIDNum: '1844*101',
			CallerExtensionID: String(one.id),
			CalledExtensionID: String(two.id),
		});
		expect(dialIn).not.toHaveProperty('CalledDID');
	});

	it('leaves out RecID now and then, and nothing else differs from run to run', async () => {
		const run = async () => {
			const other = createBench();
			register(other, `${receiver.url}/hook`, CALL_EVENTS);
			receiver.requests.length = 0;
			for (let n = 0; n < 200; n++) await other.telephony.incomingCall({ from: `+1202555${n}` });
			other.telephony.stop();
			return bodies();
		};
		const first = await run();
		expect(await run()).toEqual(first);
		const hangups = first.filter(({ EventType }) => EventType === 'hangup');
		const without = hangups.filter(({ RecID }) => !RecID).length;
		expect(without).toBeGreaterThan(0);
		expect(without).toBeLessThan(30);
	});
});

describe('an outgoing call', () => {
	it('is told as dial-out, answer, hangup of the calling extension', async () => {
		const { id } = bench.phones[1];
		await bench.telephony.outgoingCall({ from: id, to: '+12025550121', transferred: true });
		expect(perLeg()).toEqual([
			[`dial-out CALLING ${id}`, `answer ANSWER ${id}`, `hangup ANSWER ${id}`],
		]);
		expect(bodies()[0]).toMatchObject({
			CallFlow: 'out',
			CallerIDNum: '1844*102',
			CallerExtension: '1844*102@sip.example.test',
			CallerExtensionID: String(id),
			CalledNumber: '+12025550121',
			Transfered: 'yes',
		});
		expect(bodies()[0]).not.toHaveProperty('CalledExtension');
		expect(bench.store.records.list()[0]).toMatchObject({ flow: 'out', extension_id: id });
	});

	it.each([
		['+12025550121', 'ANSWER'],
		['+12025550126', 'NOANSWER'],
		['+12025550127', 'BUSY'],
		['+12025550128', 'BUSY'],
		['+12025550129', 'NOANSWER'],
		['+12025550100', 'CONGESTION'],
		['102', 'ANSWER'],
		['104', 'CHANUNAVAIL'],
	])('to %s ends as %s', async (to, status) => {
		bench.phones[3].status = 'blocked';
		await bench.telephony.outgoingCall({ from: '101', to });
		expect(bodies().at(-1)!.CallStatus).toBe(status);
	});
});

describe('a live call', () => {
	it('takes its time, shows among the current calls, and is over after the hangup', async () => {
		const { clock, telephony, store } = bench;
		const done = telephony.incomingCall({ from: '+12025550177', ring: 5, talk: 20, live: true });
		await clock.advance(1);
		expect(bodies().map(({ EventType }) => EventType)).toEqual(['dial-in']);
		const row = { extension_id: bench.phones[0].id, call_flow: 'IN', answer_time_gmt: null };
		expect(store.calls.list()).toEqual([expect.objectContaining(row)]);
		expect(telephony.calls.current()).toHaveLength(1);
		await clock.advance(5_000);
		expect(bodies().map(({ EventType }) => EventType)).toEqual(['dial-in', 'answer']);
		expect(store.calls.list()[0]).toMatchObject({ answer_time_gmt: expect.any(String) });
		expect(store.records.size).toBe(0);
		await clock.advance(20_000);
		expect((await done).legs[0].status).toBe('ANSWER');
		expect(store.calls.size).toBe(0);
		expect(telephony.calls.current()).toHaveLength(0);
		expect(store.records.size).toBe(1);
	});

	it('is dropped without a word when the telephony stops', async () => {
		const done = bench.telephony.incomingCall({ from: '+12025550177', live: true });
		await bench.clock.advance(1);
		bench.telephony.stop();
		await done;
		await bench.clock.advance(600_000);
		expect(bodies()).toHaveLength(1);
		expect(bench.store.calls.size).toBe(0);
	});
});

describe('deliveries of events', () => {
	it('go to each registration of that type, by its method, and to no other', async () => {
		const { store, telephony } = bench;
		store.phoneEvents.clear();
		register(bench, `${receiver.url}/all?k=1`, CALL_EVENTS, 'GET');
		register(bench, `${receiver.url}/twice`, ['hangup', 'hangup']);
		await telephony.outgoingCall({ to: '+12025550121' });
		const lines = receiver.requests.map(
			({ method, path, query, body }) => `${method} ${path} ${query.EventType ?? body.EventType}`,
		);
		expect(lines.sort()).toEqual([
			'GET /all answer',
			'GET /all dial-out',
			'GET /all hangup',
			'POST /twice hangup',
			'POST /twice hangup',
		]);
		expect(receiver.requests[0].query.k).toBe('1');
		expect(telephony.deliveries).toHaveLength(5);
	});

	it('never disturb the call, whatever the receiver does', async () => {
		bench.store.phoneEvents.clear();
		receiver.answer = (_request, response) => void response.socket!.destroy();
		register(bench, receiver.url, CALL_EVENTS);
		const call = await bench.telephony.incomingCall({ from: '+12025550177' });
		expect(call.legs[0].status).toBe('ANSWER');
		expect(bench.telephony.deliveries.map(({ error }) => error)).toEqual(
			Array(3).fill('ECONNRESET'),
		);
	});
});

describe('bad input', () => {
	it.each([
		['an unknown extension', { from: '+12025550177', to: '999' }, /no extension 999/],
		['an unknown field', { from: '+12025550177', colour: 'red' }, /colour/],
		['a wrong type', { from: 7 }, /^from: /],
		['a negative time', { from: '+12025550177', ring: -1 }, /^ring: /],
		['an answer that fails', { from: '+12025550177', answered: true, status: 'BUSY' }, /^status/],
		['an answer by a silent phone', { from: '+12025550177', answeredBy: '104' }, /^answeredBy/],
	])('%s is refused before anything happens', async (_name, input, message) => {
		const refused = bench.telephony.incomingCall(input as { from: string });
		await expect(refused).rejects.toThrow(TelephonyInputError);
		await expect(refused).rejects.toThrow(message);
		expect(bench.telephony.calls.current()).toHaveLength(0);
		expect(receiver.requests).toHaveLength(0);
	});
});
