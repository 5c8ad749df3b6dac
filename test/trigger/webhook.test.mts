/** Requests of the PBX and of others to the webhook of a RingMe Trigger that listens on a real port. */
import type { IDataObject } from 'n8n-workflow';
import crypto from 'node:crypto';

import type { Trigger } from '../harness/trigger.mts';
import { setupTimers } from '../harness/timers.mts';
import { createTriggerFixture, FORM, secretOf, type TriggerFixture } from './fixture.mts';

const EVENTS = [
	'dial-in',
	'dial-out',
	'answer',
	'hangup',
	'message-in',
	'message-out',
	'voicemail',
];
const HANGUP = {
	EventType: 'hangup',
	EventTime: '1502985686478202',
	CallID: 'c',
	SubCallID: '7-a',
	CallFlow: 'in',
	CallStatus: 'ANSWER',
};

setupTimers();
let fixture: TriggerFixture;
beforeAll(async () => (fixture = await createTriggerFixture()));
afterAll(async () => await fixture.close());
beforeEach(() => fixture.sandbox.reset());
afterEach(() => expect(fixture.sandbox.errors).toEqual([]));

async function openActiveTrigger(parameters: IDataObject = {}, options = {}) {
	const trigger = await fixture.openTrigger({ events: EVENTS, ...parameters } as never, options);
	await trigger.activate();
	return trigger;
}

/** The items that started the workflow, in order. */
const startedWith = (trigger: Trigger) =>
	trigger.deliveries.flatMap(({ items = [] }) => items.map(({ json }) => json));

const post = async (trigger: Trigger, fields: Record<string, string>, query = {}) =>
	await trigger.deliver({
		query: { secret: secretOf(trigger), ...query },
		headers: { 'content-type': FORM },
		body: new URLSearchParams(fields).toString(),
	});

describe('events of the PBX', () => {
	it('starts the workflow when an inbound call rings, is answered and ends', async () => {
		const trigger = await openActiveTrigger();
		await fixture.sandbox.telephony.incomingCall({
			from: '+447700900123',
			fromName: 'Ann Example',
			to: '102',
			ring: 5,
			talk: 60,
			includesRecId: true,
		});
		const items = startedWith(trigger);
		expect(items.map(({ event }) => event)).toEqual(['dial-in', 'answer', 'hangup']);
		expect(new Set(items.map(({ callId }) => callId)).size).toBe(1);
		const [ringing, answered, ended] = items;
		expect(ringing).toMatchObject({
			direction: 'in',
			status: 'CALLING',
			from: '+447700900123',
			fromName: 'Ann Example',
			extension: expect.stringMatching(/^\d+\*102$/),
			extensionId: expect.any(Number),
			raw: { EventType: 'dial-in', CallFlow: 'in', CallerIDNum: '+447700900123' },
		});
		expect(ended).toMatchObject({ status: 'ANSWER', missed: false, recordId: expect.any(String) });
		const secondsBetween = (earlier: IDataObject, later: IDataObject) =>
			(Date.parse(String(later.time)) - Date.parse(String(earlier.time))) / 1000;
		expect(secondsBetween(ringing, answered)).toBeCloseTo(5, 2);
		expect(ended.duration).toBeCloseTo(60, 2);
		for (const { time, raw } of items) {
			expect(String(time).slice(-7, -1)).toBe(String((raw as IDataObject).EventTime).slice(-6));
		}
		expect(trigger.deliveries.every(({ status }) => status === 200)).toBe(true);
	});

	it('starts the workflow for outbound and internal calls, and not for internal ones with the filter', async () => {
		const unfiltered = await openActiveTrigger();
		const filtered = await openActiveTrigger({ filters: { ignoreInternal: true } });
		await fixture.sandbox.telephony.outgoingCall({
			from: '101',
			to: '447700900124',
			answered: true,
		});
		await fixture.sandbox.telephony.outgoingCall({ from: '101', to: '102', answered: true });
		expect(startedWith(filtered).map(({ event }) => event)).toEqual([
			'dial-out',
			'answer',
			'hangup',
		]);
		expect(startedWith(unfiltered)).toHaveLength(3 + 6);
	});

	it('starts the workflow only for missed calls with Missed Calls Only', async () => {
		const trigger = await openActiveTrigger({ events: ['hangup'], filters: { missedOnly: true } });
		const call = { from: '+447700900123', to: '102' };
		await fixture.sandbox.telephony.incomingCall({ ...call, answered: true });
		expect(startedWith(trigger)).toEqual([]);
		await fixture.sandbox.telephony.incomingCall({ ...call, answered: false });
		expect(startedWith(trigger)).toMatchObject([{ event: 'hangup', missed: true }]);
	});

	it('starts the workflow for text messages, voicemails and events that the API page does not list', async () => {
		const trigger = await openActiveTrigger();
		const { telephony, store } = fixture.sandbox;
		await telephony.message({ direction: 'in', remote: '447700900123', text: 'Привет & hello' });
		await telephony.message({ direction: 'out', remote: '447700900123', text: 'Hi' });
		await telephony.voicemail({ from: '+447700900123', duration: 12 });
		const [event] = store.phoneEvents.list();
		// Newer PBXs have events that the API page does not list.
		store.phoneEvents.insert({ ...event, event_type: 'extension-call-status' as never });
		await telephony.callStatusChanged({ extension: '101', from: 3, to: null });
		expect(startedWith(trigger)).toMatchObject([
			{ event: 'message-in', direction: 'in', from: '447700900123', text: 'Привет & hello' },
			{ event: 'message-out', direction: 'out', to: '447700900123', text: 'Hi' },
			{ event: 'voicemail', direction: 'in', from: '+447700900123', duration: 12 },
			{ event: 'call-status-change', oldStatusId: 3, newStatusId: null },
		]);
	});

	it('ignores events that are not selected, and starts the workflow for unknown ones', async () => {
		const trigger = await openActiveTrigger({ events: ['answer'] });
		await post(trigger, { ...HANGUP });
		await post(trigger, { ...HANGUP, EventType: 'fax-in', page: '1' });
		expect(startedWith(trigger)).toMatchObject([{ event: 'fax-in', raw: { page: '1' } }]);
	});

	it('accepts events by GET if the method of the webhook was changed', async () => {
		const trigger = await openActiveTrigger({ events: ['hangup'] });
		for (const { id } of fixture.sandbox.store.phoneEvents.list()) {
			fixture.sandbox.store.phoneEvents.update(id, { method: 'GET' });
		}
		await fixture.sandbox.telephony.incomingCall({ from: '+447700900123', to: '102' });
		expect(trigger.deliveries).toMatchObject([{ method: 'GET', status: 200 }]);
		const [{ raw, event }] = startedWith(trigger);
		expect(event).toBe('hangup');
		expect(Object.keys(raw as object)).not.toContain('secret');
		expect((raw as IDataObject).event).toBeUndefined();
	});

	it('outputs the fields as received without Simplify', async () => {
		const trigger = await openActiveTrigger({ simplify: false });
		await post(trigger, HANGUP);
		await post(trigger, { src_number: '1', text: '' });
		expect(startedWith(trigger)).toEqual([
			{ event: 'hangup', ...HANGUP },
			{ event: 'message-in', src_number: '1', text: '' },
		]);
	});

	it('responds with an empty 200 whether the event starts the workflow or not', async () => {
		const trigger = await openActiveTrigger({ filters: { direction: 'out' } });
		const ignored = await post(trigger, HANGUP);
		const matching = await post(trigger, { ...HANGUP, CallFlow: 'out' });
		const duplicate = await post(trigger, { ...HANGUP, CallFlow: 'out' });
		for (const { status, body } of [ignored, matching, duplicate]) {
			expect([status, body]).toEqual([200, '']);
		}
		expect(startedWith(trigger)).toHaveLength(1);
	});
});

describe('duplicate events', () => {
	it('starts the workflow once for an event that arrives ten times, five of them at once', async () => {
		const trigger = await openActiveTrigger();
		await Promise.all(Array.from({ length: 5 }, async () => await post(trigger, HANGUP)));
		for (let count = 0; count < 5; count++) await post(trigger, HANGUP);
		expect(startedWith(trigger)).toHaveLength(1);
		expect(trigger.deliveries.map(({ status }) => status)).toEqual(Array(10).fill(200));
	});

	it('starts the workflow for each leg of a call', async () => {
		const trigger = await openActiveTrigger();
		await post(trigger, HANGUP);
		await post(trigger, { ...HANGUP, SubCallID: '8-b' });
		expect(startedWith(trigger)).toHaveLength(2);
	});

	it('starts the workflow for every duplicate while it is tested', async () => {
		const trigger = await openActiveTrigger({}, { isTest: true });
		await post(trigger, HANGUP);
		await post(trigger, HANGUP);
		expect(startedWith(trigger)).toHaveLength(2);
	});

	it('starts every workflow that receives the same event', async () => {
		const triggers = [await openActiveTrigger(), await openActiveTrigger()];
		for (const trigger of triggers) await post(trigger, HANGUP);
		expect(triggers.map((trigger) => startedWith(trigger).length)).toEqual([1, 1]);
	});
});

describe('requests that do not come from the PBX', () => {
	const json = { 'content-type': 'application/json' };
	const form = { 'content-type': FORM };
	const body = new URLSearchParams(HANGUP).toString();
	const deeplyNested = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
	type WebhookRequest = Parameters<Trigger['deliver']>[0];
	let secretOfAnotherTrigger: string;

	beforeEach(async () => {
		const trigger = await openActiveTrigger();
		secretOfAnotherTrigger = secretOf(trigger);
	});

	it.each<[string, number, (secret: string) => WebhookRequest]>([
		['a request without a secret', 401, () => ({ headers: form, body })],
		['a wrong secret', 401, () => ({ headers: form, body, query: { secret: 'guess' } })],
		['an empty secret', 401, () => ({ headers: form, body, query: { secret: '' } })],
		[
			'half of the secret',
			401,
			(secret) => ({ headers: form, body, query: { secret: secret.slice(0, 20) } }),
		],
		[
			'the secret of another workflow',
			401,
			() => ({ headers: form, body, query: { secret: secretOfAnotherTrigger } }),
		],
		[
			'the secret in the body',
			401,
			(secret) => ({ headers: form, body: `${body}&secret=${secret}` }),
		],
		[
			'the secret in a header',
			401,
			(secret) => ({ headers: { ...form, secret, authorization: secret }, body }),
		],
		[
			'the secret as a list',
			401,
			(secret) => ({ headers: form, body, query: { 'secret[]': secret } }),
		],
		[
			'a body of 1 MB without the secret',
			401,
			() => ({ headers: form, body: `a=${'x'.repeat(1024 * 1024)}` }),
		],
		[
			'a body of 1 MB with the secret',
			400,
			(secret) => ({ headers: form, body: `a=${'x'.repeat(1024 * 1024)}`, query: { secret } }),
		],
		['deeply nested JSON without the secret', 401, () => ({ headers: json, body: deeplyNested })],
		[
			'deeply nested JSON with the secret',
			400,
			(secret) => ({ headers: json, body: deeplyNested, query: { secret } }),
		],
		['a nested query', 400, (secret) => ({ query: { secret, 'a[b][c]': '1' } })],
		[
			'JSON instead of a form',
			400,
			(secret) => ({ headers: json, body: JSON.stringify(HANGUP), query: { secret } }),
		],
		[
			'plain text',
			400,
			(secret) => ({ headers: { 'content-type': 'text/plain' }, body, query: { secret } }),
		],
		['a GET without a query', 401, () => ({ method: 'GET' })],
		[
			'a GET with the secret and without an event',
			400,
			(secret) => ({ method: 'GET', query: { secret } }),
		],
		['a POST with an empty body', 400, (secret) => ({ headers: form, query: { secret } })],
	])('rejects %s with status %i and starts no workflow', async (_, status, createRequest) => {
		const trigger = await openActiveTrigger();
		const response = await trigger.deliver(createRequest(secretOf(trigger)));
		expect([response.status, response.body]).toEqual([status, '']);
		expect(response.delivery.error).toBeUndefined();
		expect(startedWith(trigger)).toEqual([]);
		expect((await post(trigger, HANGUP)).status).toBe(200);
		expect(startedWith(trigger)).toHaveLength(1);
	});

	it('rejects every request to a trigger that was never activated', async () => {
		const trigger = await fixture.openTrigger({ events: EVENTS });
		for (const secret of ['', 'undefined', 'null']) {
			expect((await trigger.deliver({ headers: form, body, query: { secret } })).status).toBe(401);
		}
		expect(startedWith(trigger)).toEqual([]);
	});

	it('logs a rejected request without its contents', async () => {
		const trigger = await openActiveTrigger();
		fixture.clearLog();
		await trigger.deliver({ headers: form, body, query: { secret: 'guess' } });
		expect(fixture.logText()).toContain('rejected a request without the secret');
		expect(fixture.logText()).not.toMatch(/guess|1502985686478202/);
	});

	it('compares secrets by their digests in constant time, whatever their length', async () => {
		const trigger = await openActiveTrigger();
		const compare = jest.spyOn(crypto, 'timingSafeEqual');
		try {
			const secret = secretOf(trigger);
			const secrets = ['', 'x', secret.slice(0, -1), secret.replace(/.$/, '*'), secret];
			for (const received of secrets) {
				await trigger.deliver({ headers: form, body, query: { secret: received } });
			}
			const digest = (text: string) => crypto.createHash('sha256').update(text).digest();
			expect(compare.mock.calls).toEqual(
				secrets.map((received) => [digest(received), digest(secret)]),
			);
		} finally {
			compare.mockRestore();
		}
	});
});

it('starts the workflow once for every event of 200 simultaneous calls', async () => {
	const trigger = await openActiveTrigger({ events: ['dial-in', 'answer', 'hangup'] });
	const { telephony } = fixture.sandbox;
	await Promise.all(
		Array.from({ length: 200 }, async (_, index) => {
			await telephony.incomingCall({ from: `+4477009${10000 + index}`, to: '102', answered: true });
		}),
	);
	const legs = startedWith(trigger).map(({ event, legId }) => `${event} ${legId}`);
	expect(legs).toHaveLength(600);
	expect(new Set(legs).size).toBe(600);
});
