import { TelephonyInputError } from '../../sandbox/telephony/index.mts';
import { formatUtc } from '../../sandbox/state/time.mts';
import {
	CALL_EVENTS,
	createTelephony,
	registerWebhooks,
	setupTelephony,
} from './support/telephonyFixture.mts';

const pbx = setupTelephony();

beforeEach(() => {
	pbx.telephony.start();
	registerWebhooks(pbx, `${pbx.receiver.url}/hook`, CALL_EVENTS);
});

/** The fields of the received events. */
const events = () => pbx.receiver.requests.map(({ body }) => body);
/** `type status extension-id` of the events of each leg, in their order. */
function eventsByLeg(): string[][] {
	const legs = new Map<string, string[]>();
	for (const { EventType, CallStatus, SubCallID } of events()) {
		const line = `${EventType} ${CallStatus} ${SubCallID.split('-')[0]}`;
		legs.set(SubCallID, [...(legs.get(SubCallID) ?? []), line]);
	}
	return [...legs.values()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

describe('an incoming call', () => {
	it('reports an incoming call with strings, microseconds, and one id per call and leg', async () => {
		const [phone] = pbx.phones;
		const call = await pbx.telephony.incomingCall({
			from: '+12025550177',
			fromName: 'Ada',
			ring: 4,
			talk: 60,
			includesRecId: true,
		});
		const end = pbx.clock.now();
		expect(events().map(({ EventType }) => EventType)).toEqual(['dial-in', 'answer', 'hangup']);
		const [dial, answer, hangup] = events();
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
		expect([dial, answer, hangup].map(ms)).toEqual([end - 64_000, end - 60_000, end]);
		// Talking only, as in captured events.
		expect(Number(hangup.Duration)).toBe(Number(hangup.EventTime) - Number(answer.EventTime));
		expect(hangup.RecID).toBe(hangup.SubCallID);
		const [record] = pbx.store.records.list();
		expect(hangup.RecID).toBe(record.record_uuid.toLowerCase());
		expect(record).toMatchObject({
			record_uuid: expect.stringMatching(new RegExp(`^${phone.id}-[0-9A-F]{32}$`)),
			call_uuid: call.id,
			extension_id: phone.id,
			flow: 'in',
			result: 'answered',
			duration: 60,
			init_time_gmt: formatUtc(end - 64_000),
			start_time_gmt: formatUtc(end - 60_000),
			hangup_time_gmt: formatUtc(end),
			from_username: '+12025550177',
			to_username: '1844*101',
			did_number: '12025550100',
		});
	});

	it('rings several phones with one CallID, and the others stop when one answers', async () => {
		const [first, second, third] = pbx.phones;
		await pbx.telephony.incomingCall({
			from: '+12025550177',
			to: [101, 102, 103].map(String),
			answeredBy: '102',
		});
		expect(new Set(events().map(({ CallID }) => CallID)).size).toBe(1);
		const missed = ({ id }: { id: number }) => [`dial-in CALLING ${id}`, `hangup CANCEL ${id}`];
		expect(eventsByLeg()).toEqual([
			missed(first),
			[`dial-in CALLING ${second.id}`, `answer ANSWER ${second.id}`, `hangup ANSWER ${second.id}`],
			missed(third),
		]);
		expect(pbx.store.records.list().map(({ extension_id }) => extension_id)).toEqual([second.id]);
	});

	it.each(['BUSY', 'NOANSWER', 'CANCEL', 'CONGESTION', 'CHANUNAVAIL'] as const)(
		'ends an unanswered call with the status %s and without a recording',
		async (status) => {
			await pbx.telephony.incomingCall({ from: '+12025550177', answered: false, status });
			const { id } = pbx.phones[0];
			expect(eventsByLeg()).toEqual([[`dial-in CALLING ${id}`, `hangup ${status} ${id}`]]);
			expect(events()[1]).not.toHaveProperty('RecID');
			expect(events()[1].Duration).toBe('0');
			expect(pbx.store.records.size).toBe(0);
		},
	);

	it('reports that a call came to a queue and that it ended, and whether it was bridged', async () => {
		const through = pbx.queue.id;
		await pbx.telephony.incomingCall({ from: '+12025550177', through, talk: 30, to: '103' });
		expect(
			events()
				.map(({ EventType }) => EventType)
				.sort(),
		).toEqual(['answer', 'dial-in', 'dial-in', 'hangup', 'hangup']);
		const ofQueue = events().filter(({ SubCallID }) => SubCallID.startsWith(`${through}-`));
		expect(ofQueue.map(({ EventType }) => EventType)).toEqual(['dial-in', 'hangup']);
		const dial = events().find(
			({ EventType, SubCallID }) => EventType === 'dial-in' && !SubCallID.startsWith(`${through}-`),
		)!;
		expect(dial.CallerExtension).toBe('1844*201@sip.example.test');
		const bridged = events().find(({ Bridged }) => Bridged)!;
		expect(bridged).toMatchObject({ EventType: 'hangup', Bridged: 'yes', CallStatus: 'ANSWER' });
		expect(bridged.SubCallID).toMatch(new RegExp(`^${through}-`));
		expect(Math.round(Number(bridged.BridgedDuration) / 1e6)).toBe(30);

		pbx.receiver.requests.length = 0;
		await pbx.telephony.incomingCall({ from: '+12025550177', through, answered: false });
		const missed = events().find(({ Bridged }) => Bridged)!;
		expect(missed).toMatchObject({ Bridged: 'no', BridgedDuration: '0', CallStatus: 'CANCEL' });
	});

	it('reports an internal call from both of its extensions', async () => {
		const [first, second] = pbx.phones;
		await pbx.telephony.incomingCall({ from: '101', to: '102' });
		const legs = eventsByLeg();
		expect(legs).toEqual([
			[`dial-in CALLING ${second.id}`, `answer ANSWER ${second.id}`, `hangup ANSWER ${second.id}`],
			[`dial-out CALLING ${first.id}`, `answer ANSWER ${first.id}`, `hangup ANSWER ${first.id}`],
		]);
		const dialIn = events().find(({ EventType }) => EventType === 'dial-in')!;
		expect(dialIn).toMatchObject({
			CallerIDNum: '1844*101',
			CallerExtensionID: String(first.id),
			CalledExtensionID: String(second.id),
		});
		expect(dialIn).not.toHaveProperty('CalledDID');
	});

	it('sometimes omits the RecID, and reports the same events in every run', async () => {
		const run = async () => {
			const other = createTelephony();
			registerWebhooks(other, `${pbx.receiver.url}/hook`, CALL_EVENTS);
			pbx.receiver.requests.length = 0;
			for (let n = 0; n < 200; n++) await other.telephony.incomingCall({ from: `+1202555${n}` });
			other.telephony.stop();
			return events();
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
	it('reports an outgoing call as dial-out, answer and hangup of the calling extension', async () => {
		const { id } = pbx.phones[1];
		await pbx.telephony.outgoingCall({ from: id, to: '+12025550121', transferred: true });
		expect(eventsByLeg()).toEqual([
			[`dial-out CALLING ${id}`, `answer ANSWER ${id}`, `hangup ANSWER ${id}`],
		]);
		expect(events()[0]).toMatchObject({
			CallFlow: 'out',
			CallerIDNum: '1844*102',
			CallerExtension: '1844*102@sip.example.test',
			CallerExtensionID: String(id),
			CalledNumber: '+12025550121',
			Transfered: 'yes',
		});
		expect(events()[0]).not.toHaveProperty('CalledExtension');
		expect(pbx.store.records.list()[0]).toMatchObject({ flow: 'out', extension_id: id });
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
	])('ends an outgoing call to %s with the status %s', async (to, status) => {
		pbx.phones[3].status = 'blocked';
		await pbx.telephony.outgoingCall({ from: '101', to });
		expect(events().at(-1)!.CallStatus).toBe(status);
	});
});

describe('a live call', () => {
	it('runs a live call on the clock and lists it as active until the hangup', async () => {
		const { clock, telephony, store } = pbx;
		const call = telephony.incomingCall({ from: '+12025550177', ring: 5, talk: 20, live: true });
		await clock.advance(1);
		expect(events().map(({ EventType }) => EventType)).toEqual(['dial-in']);
		const row = { extension_id: pbx.phones[0].id, call_flow: 'IN', answer_time_gmt: null };
		expect(store.calls.list()).toEqual([expect.objectContaining(row)]);
		expect(telephony.calls.current()).toHaveLength(1);
		await clock.advance(5_000);
		expect(events().map(({ EventType }) => EventType)).toEqual(['dial-in', 'answer']);
		expect(store.calls.list()[0]).toMatchObject({ answer_time_gmt: expect.any(String) });
		expect(store.records.size).toBe(0);
		await clock.advance(20_000);
		expect((await call).legs[0].status).toBe('ANSWER');
		expect(store.calls.size).toBe(0);
		expect(telephony.calls.current()).toHaveLength(0);
		expect(store.records.size).toBe(1);
	});

	it('drops a live call without further events when the telephony is stopped', async () => {
		const call = pbx.telephony.incomingCall({ from: '+12025550177', live: true });
		await pbx.clock.advance(1);
		pbx.telephony.stop();
		await call;
		await pbx.clock.advance(600_000);
		expect(events()).toHaveLength(1);
		expect(pbx.store.calls.size).toBe(0);
	});
});

describe('deliveries of events', () => {
	it("sends an event to every webhook of its type, by the webhook's method, and to no other", async () => {
		const { store, telephony } = pbx;
		store.phoneEvents.clear();
		registerWebhooks(pbx, `${pbx.receiver.url}/all?k=1`, CALL_EVENTS, 'GET');
		registerWebhooks(pbx, `${pbx.receiver.url}/twice`, ['hangup', 'hangup']);
		await telephony.outgoingCall({ to: '+12025550121' });
		const lines = pbx.receiver.requests.map(
			({ method, path, query, body }) => `${method} ${path} ${query.EventType ?? body.EventType}`,
		);
		expect(lines.sort()).toEqual([
			'GET /all answer',
			'GET /all dial-out',
			'GET /all hangup',
			'POST /twice hangup',
			'POST /twice hangup',
		]);
		expect(pbx.receiver.requests[0].query.k).toBe('1');
		expect(telephony.deliveries).toHaveLength(5);
	});

	it('finishes a call although the receiver of its events drops the connections', async () => {
		pbx.store.phoneEvents.clear();
		pbx.receiver.respond = (_request, response) => void response.socket!.destroy();
		registerWebhooks(pbx, pbx.receiver.url, CALL_EVENTS);
		const call = await pbx.telephony.incomingCall({ from: '+12025550177' });
		expect(call.legs[0].status).toBe('ANSWER');
		expect(pbx.telephony.deliveries.map(({ error }) => error)).toEqual(Array(3).fill('ECONNRESET'));
	});
});

describe('invalid input', () => {
	it.each([
		['an unknown extension', { from: '+12025550177', to: '999' }, /no extension 999/],
		['an unknown field', { from: '+12025550177', colour: 'red' }, /colour/],
		['a wrong type', { from: 7 }, /^from: /],
		['a negative time', { from: '+12025550177', ring: -1 }, /^ring: /],
		[
			'a failure status for an answered call',
			{ from: '+12025550177', answered: true, status: 'BUSY' },
			/^status/,
		],
		[
			'an answer by a phone that does not ring',
			{ from: '+12025550177', answeredBy: '104' },
			/^answeredBy/,
		],
	])('refuses a call with %s before anything happens', async (_name, input, message) => {
		const refused = pbx.telephony.incomingCall(input as { from: string });
		await expect(refused).rejects.toThrow(TelephonyInputError);
		await expect(refused).rejects.toThrow(message);
		expect(pbx.telephony.calls.current()).toHaveLength(0);
		expect(pbx.receiver.requests).toHaveLength(0);
	});
});

describe('a call that the API starts', () => {
	const start = (details: { sources?: string[]; tag?: string } = {}) => {
		const [owner] = pbx.phones;
		return pbx.telephony.control.start({
			owner,
			sources: ['102'],
			destination: '12025550121',
			autoAnswerSource: 1,
			autoAnswerDestination: 1,
			...details,
		});
	};

	it('reports the tag in every event of the call, also of the transferred one', async () => {
		const call = start({ tag: 'order 7' });
		await pbx.clock.advance(3000);
		const [leg] = call.legs;
		pbx.telephony.control.transfer(call, leg, '103', true);
		await pbx.clock.advance(300_000);
		expect(events().map(({ EventType }) => EventType)).toEqual(
			expect.arrayContaining(['dial-in', 'dial-out', 'answer', 'hangup']),
		);
		expect(new Set(events().map(({ Tag }) => Tag))).toEqual(new Set(['order 7']));
		expect(new Set(events().map(({ CallID }) => CallID))).toEqual(new Set([call.id]));
	});

	it('reports no event of the phone that starts the call itself', async () => {
		const call = start({ sources: ['101'] });
		await pbx.clock.advance(300_000);
		expect(new Set(events().map(({ SubCallID }) => SubCallID))).toEqual(
			new Set([call.legs[1].subCallId]),
		);
		expect(events()[0]).toMatchObject({ EventType: 'dial-out', CalledNumber: '12025550121' });
	});

	it('is not connected if no source answers', async () => {
		const call = pbx.telephony.control.start({
			owner: pbx.phones[0],
			sources: ['12025550107', '12025550109'],
			destination: '102',
		});
		await pbx.clock.advance(60_000);
		expect(call.legs.map(({ status }) => status)).toEqual(['BUSY', 'NOANSWER']);
		expect(pbx.store.pastCalls.get(call.id)).toMatchObject({
			result: 'not answered',
			bridged_duration: null,
		});
	});
});
