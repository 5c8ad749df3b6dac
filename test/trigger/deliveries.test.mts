/** What the PBX sends, and what others send, to a RingMe Trigger that listens on a real port. */
import type { IDataObject } from 'n8n-workflow';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../harness/n8n.mts';
import type { Trigger } from '../harness/trigger.mts';
import { FORM, openWorld, secretOf, type World } from './world.mts';

const EVENTS = [
	...['dial-in', 'dial-out', 'answer', 'hangup'],
	...['message-in', 'message-out', 'voicemail'],
];
const HANGUP = {
	EventType: 'hangup',
	EventTime: '1502985686478202',
	CallID: 'c',
	SubCallID: '7-a',
	CallFlow: 'in',
	CallStatus: 'ANSWER',
};

let world: World;
beforeAll(async () => (world = await openWorld()));
afterAll(async () => await world.close());
beforeEach(() => world.sandbox.reset());
afterEach(() => expect(world.sandbox.errors).toEqual([]));

async function listening(parameters: IDataObject = {}, options = {}) {
	const trigger = await world.open({ events: EVENTS, ...parameters } as never, options);
	await trigger.activate();
	return trigger;
}

/** Everything that started the workflow, in order. */
const started = (trigger: Trigger) =>
	trigger.deliveries.flatMap(({ items = [] }) => items.map(({ json }) => json));

const post = async (trigger: Trigger, fields: Record<string, string>, query = {}) =>
	await trigger.deliver({
		query: { secret: secretOf(trigger), ...query },
		headers: { 'content-type': FORM },
		body: new URLSearchParams(fields).toString(),
	});

describe('the PBX tells', () => {
	it('of a call from outside: the phone rings, is answered, the call ends', async () => {
		const trigger = await listening();
		await world.sandbox.telephony.incomingCall({
			...{ from: '+447700900123', fromName: 'Ann Example', to: '102', ring: 5, talk: 60 },
			includesRecId: true,
		});
		const items = started(trigger);
		expect(items.map(({ event }) => event)).toEqual(['dial-in', 'answer', 'hangup']);
		expect(new Set(items.map(({ callId }) => callId)).size).toBe(1);
		const [ring, answer, end] = items;
		expect(ring).toMatchObject({
			...{ direction: 'in', status: 'CALLING', from: '+447700900123', fromName: 'Ann Example' },
			...{ extension: expect.stringMatching(/^\d+\*102$/), extensionId: expect.any(Number) },
			raw: { EventType: 'dial-in', CallFlow: 'in', CallerIDNum: '+447700900123' },
		});
		expect(end).toMatchObject({ status: 'ANSWER', missed: false, recordId: expect.any(String) });
		const seconds = (one: IDataObject, other: IDataObject) =>
			(Date.parse(String(one.time)) - Date.parse(String(other.time))) / 1000;
		expect(seconds(answer, ring)).toBeCloseTo(5, 2);
		expect(end.duration).toBeCloseTo(65, 2);
		for (const { time, raw } of items) {
			expect(String(time).slice(-7, -1)).toBe(String((raw as IDataObject).EventTime).slice(-6));
		}
		expect(trigger.deliveries.every(({ status }) => status === 200)).toBe(true);
	});

	it('of outgoing and internal calls, which can be left out', async () => {
		const all = await listening();
		const some = await listening({ filters: { ignoreInternal: true } });
		await world.sandbox.telephony.outgoingCall({ from: '101', to: '447700900124', answered: true });
		await world.sandbox.telephony.outgoingCall({ from: '101', to: '102', answered: true });
		expect(started(some).map(({ event }) => event)).toEqual(['dial-out', 'answer', 'hangup']);
		expect(started(all)).toHaveLength(3 + 6);
	});

	it('of missed calls', async () => {
		const trigger = await listening({ events: ['hangup'], filters: { missedOnly: true } });
		const call = { from: '+447700900123', to: '102' };
		await world.sandbox.telephony.incomingCall({ ...call, answered: true });
		expect(started(trigger)).toEqual([]);
		await world.sandbox.telephony.incomingCall({ ...call, answered: false });
		expect(started(trigger)).toMatchObject([{ event: 'hangup', missed: true }]);
	});

	it('of messages, voicemail and what else there is', async () => {
		const trigger = await listening();
		const { telephony, store } = world.sandbox;
		await telephony.message({ direction: 'in', remote: '447700900123', text: 'Привет & hello' });
		await telephony.message({ direction: 'out', remote: '447700900123', text: 'Hi' });
		await telephony.voicemail({ from: '+447700900123', duration: 12 });
		const [event] = store.phoneEvents.list();
		// Newer PBXs have events that the API page does not list.
		store.phoneEvents.insert({ ...event, event_type: 'extension-call-status' as never });
		await telephony.callStatusChanged({ extension: '101', from: 3, to: null });
		expect(started(trigger)).toMatchObject([
			{ event: 'message-in', direction: 'in', from: '447700900123', text: 'Привет & hello' },
			{ event: 'message-out', direction: 'out', to: '447700900123', text: 'Hi' },
			{ event: 'voicemail', direction: 'in', from: '+447700900123', duration: 12 },
			{ event: 'call-status-change', oldStatusId: 3, newStatusId: null },
		]);
	});

	it('of nothing that was not chosen', async () => {
		const trigger = await listening({ events: ['answer'] });
		await post(trigger, { ...HANGUP });
		await post(trigger, { ...HANGUP, EventType: 'fax-in', page: '1' });
		expect(started(trigger)).toMatchObject([{ event: 'fax-in', raw: { page: '1' } }]);
	});

	it('by GET, where the registration was switched by hand', async () => {
		const trigger = await listening({ events: ['hangup'] });
		for (const { id } of world.sandbox.store.phoneEvents.list()) {
			world.sandbox.store.phoneEvents.update(id, { method: 'GET' });
		}
		await world.sandbox.telephony.incomingCall({ from: '+447700900123', to: '102' });
		expect(trigger.deliveries).toMatchObject([{ method: 'GET', status: 200 }]);
		const [{ raw, event }] = started(trigger);
		expect(event).toBe('hangup');
		expect(Object.keys(raw as object)).not.toContain('secret');
		expect((raw as IDataObject).event).toBeUndefined();
	});

	it('without Simplify, as it came', async () => {
		const trigger = await listening({ simplify: false });
		await post(trigger, HANGUP);
		await post(trigger, { src_number: '1', text: '' });
		expect(started(trigger)).toEqual([
			{ event: 'hangup', ...HANGUP },
			{ event: 'message-in', src_number: '1', text: '' },
		]);
	});

	it('gets an empty answer, wanted or not', async () => {
		const trigger = await listening({ filters: { direction: 'out' } });
		const ignored = await post(trigger, HANGUP);
		const wanted = await post(trigger, { ...HANGUP, CallFlow: 'out' });
		const again = await post(trigger, { ...HANGUP, CallFlow: 'out' });
		for (const answer of [ignored, wanted, again]) {
			expect([answer.status, answer.body]).toEqual([200, '']);
		}
		expect(started(trigger)).toHaveLength(1);
	});
});

describe('the same delivery', () => {
	it('five times starts one workflow, also all at once', async () => {
		const trigger = await listening();
		await Promise.all(Array.from({ length: 5 }, async () => await post(trigger, HANGUP)));
		for (let n = 0; n < 5; n++) await post(trigger, HANGUP);
		expect(started(trigger)).toHaveLength(1);
		expect(trigger.deliveries.map(({ status }) => status)).toEqual(Array(10).fill(200));
	});

	it('of two legs of a call starts two', async () => {
		const trigger = await listening();
		await post(trigger, HANGUP);
		await post(trigger, { ...HANGUP, SubCallID: '8-b' });
		expect(started(trigger)).toHaveLength(2);
	});

	it('starts the workflow each time while it is tried out', async () => {
		const trigger = await listening({}, { isTest: true });
		await post(trigger, HANGUP);
		await post(trigger, HANGUP);
		expect(started(trigger)).toHaveLength(2);
	});

	it('in another workflow is another one', async () => {
		const triggers = [await listening(), await listening()];
		for (const trigger of triggers) await post(trigger, HANGUP);
		expect(triggers.map((trigger) => started(trigger).length)).toEqual([1, 1]);
	});
});

describe('a forged delivery', () => {
	const json = { 'content-type': 'application/json' };
	const form = { 'content-type': FORM };
	const body = new URLSearchParams(HANGUP).toString();
	const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
	type Forged = Parameters<Trigger['deliver']>[0];
	let other: string;

	beforeEach(async () => {
		const trigger = await listening();
		other = secretOf(trigger);
	});

	it.each<[string, number, (secret: string) => Forged]>([
		['no secret', 401, () => ({ headers: form, body })],
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
			() => ({ headers: form, body, query: { secret: other } }),
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
			'1 MB without the secret',
			401,
			() => ({ headers: form, body: `a=${'x'.repeat(1024 * 1024)}` }),
		],
		[
			'1 MB with it',
			400,
			(secret) => ({ headers: form, body: `a=${'x'.repeat(1024 * 1024)}`, query: { secret } }),
		],
		['deep nesting without the secret', 401, () => ({ headers: json, body: deep })],
		['deep nesting with it', 400, (secret) => ({ headers: json, body: deep, query: { secret } })],
		['a nested query', 400, (secret) => ({ query: { secret, 'a[b][c]': '1' } })],
		[
			'another content type',
			400,
			(secret) => ({ headers: json, body: JSON.stringify(HANGUP), query: { secret } }),
		],
		[
			'plain text',
			400,
			(secret) => ({ headers: { 'content-type': 'text/plain' }, body, query: { secret } }),
		],
		['GET with no query', 401, () => ({ method: 'GET' })],
		['GET with the secret and no event', 400, (secret) => ({ method: 'GET', query: { secret } })],
		['POST with an empty body', 400, (secret) => ({ headers: form, query: { secret } })],
	])('%s: %i, and no workflow', async (_, status, forged) => {
		const trigger = await listening();
		const answer = await trigger.deliver(forged(secretOf(trigger)));
		expect([answer.status, answer.body]).toEqual([status, '']);
		expect(answer.delivery.error).toBeUndefined();
		expect(started(trigger)).toEqual([]);
		expect((await post(trigger, HANGUP)).status).toBe(200);
		expect(started(trigger)).toHaveLength(1);
	});

	it('to a trigger that never registered is refused', async () => {
		const trigger = await world.open({ events: EVENTS });
		for (const secret of ['', 'undefined', 'null']) {
			expect((await trigger.deliver({ headers: form, body, query: { secret } })).status).toBe(401);
		}
		expect(started(trigger)).toEqual([]);
	});

	it('is logged without what it carried', async () => {
		const trigger = await listening();
		world.engine.n8n.logs.length = 0;
		await trigger.deliver({ headers: form, body, query: { secret: 'guess' } });
		expect(world.logged()).toContain('refused a delivery without the right secret');
		expect(world.logged()).not.toMatch(/guess|1502985686478202/);
	});

	it('is compared in constant time', () => {
		const source = readFileSync(join(ROOT, 'nodes/RingMeTrigger/delivery.ts'), 'utf8');
		expect(source).toContain('timingSafeEqual(digest(given), digest(secret))');
		expect(source).not.toMatch(/given [!=]== secret/);
	});
});

it('many calls at once: every event once', async () => {
	const trigger = await listening({ events: ['dial-in', 'answer', 'hangup'] });
	const { telephony } = world.sandbox;
	await Promise.all(
		Array.from({ length: 200 }, async (_, n) => {
			await telephony.incomingCall({ from: `+4477009${10000 + n}`, to: '102', answered: true });
		}),
	);
	const legs = started(trigger).map(({ event, legId }) => `${event} ${legId}`);
	expect(legs).toHaveLength(600);
	expect(new Set(legs).size).toBe(600);
});
