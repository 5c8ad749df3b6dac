/**
 * What happens to registrations, and what the PBX holds before and after. In every situation another
 * program's registration is there too, and must be left alone.
 */
import type { IDataObject } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import { createEngine } from '../harness/engine.mts';
import { accessToken } from '../harness/pbx.mts';
import type { Trigger } from '../harness/trigger.mts';
import { FOREIGN, lines, openWorld, PUBLIC, secretOf, type World } from './world.mts';

const FOREIGN_LINE = `${FOREIGN.event_type} ${FOREIGN.method} ${FOREIGN.url}`;
const CALLS = { events: ['dial-in', 'hangup'] };

let world: World;
let webhookId: string;
let address: string;

beforeAll(async () => (world = await openWorld()));
afterAll(async () => await world.close());
beforeEach(() => {
	world.sandbox.reset();
	world.sandbox.store.phoneEvents.insert({ ...FOREIGN });
	world.engine.n8n.logs.length = 0;
	webhookId = randomUUID();
	address = `${PUBLIC}/webhook/${webhookId}/events`;
});
afterEach(() => {
	expect(world.registered()).toContain(FOREIGN_LINE);
	expect(world.changes()).not.toContain('DELETE /client/@me/phone_events/');
	expect(world.sandbox.errors).toEqual([]);
});

/** The node as n8n has it after a restart, a change or on another machine: same id, kept data. */
const open = async (
	parameters: IDataObject = CALLS,
	staticData?: IDataObject,
	publicUrl = PUBLIC,
) => await world.open(parameters as never, { webhookId, staticData, publicUrl });

async function activated(parameters?: IDataObject) {
	const trigger = await open(parameters);
	await trigger.activate();
	world.sandbox.journal.clear();
	return trigger;
}

/** Everything of ours; that the other program's is there too is looked at after each test. */
const ours = () => world.registered().filter((line) => line !== FOREIGN_LINE);
const wanted = (trigger: Trigger, ...events: string[]) =>
	lines(trigger, address, ...(events.length ? events : CALLS.events));
const fail = (method: string, more: object = {}) =>
	world.sandbox.faults.add({
		kind: 'status',
		status: 500,
		body: { message: 'Out of order' },
		match: { method },
		...more,
	});
const failing = async (work: Promise<unknown>): Promise<Error & { description?: string }> =>
	await work.then(
		() => {
			throw new Error('It did not fail');
		},
		(error: Error) => error,
	);

describe('switched on', () => {
	it('registers each event once, with a secret of 32 bytes, and asks no more after that', async () => {
		const trigger = await open();
		expect(ours()).toEqual([]);
		await trigger.activate();
		expect(ours()).toEqual(wanted(trigger));
		expect(Buffer.from(secretOf(trigger), 'base64url')).toHaveLength(32);
		await trigger.activate();
		expect(ours()).toEqual(wanted(trigger));
		expect(world.changes()).toHaveLength(2);
	});

	it('gives every workflow a secret of its own', async () => {
		const [one, other] = [await activated(), await world.open(CALLS, { publicUrl: PUBLIC })];
		await other.activate();
		expect(secretOf(one)).not.toBe(secretOf(other));
		expect(ours()).toHaveLength(4);
		await other.deactivate();
		expect(ours()).toEqual(wanted(one));
	});

	it('keeps the test address and the real one apart', async () => {
		const real = await activated();
		const test = await world.open(CALLS, { webhookId, publicUrl: PUBLIC, isTest: true });
		await test.activate();
		const testAddress = address.replace('/webhook/', '/webhook-test/');
		expect(ours()).toEqual([...wanted(real), ...lines(test, testAddress, ...CALLS.events)].sort());
		await test.deactivate();
		expect(ours()).toEqual(wanted(real));
	});

	it('needs something to listen to', async () => {
		const trigger = await open({ events: [] });
		expect((await failing(trigger.activate())).message).toBe('There is nothing to listen to');
		const wrong = await open({ events: ['={{ "ring" }}'] });
		expect((await failing(wrong.activate())).message).toBe('There is no event "ring"');
		expect(ours()).toEqual([]);
	});

	it.each([
		['http://localhost:5678', /PBX cannot reach n8n at http:\/\/localhost:5678, unless/],
		['https://192.168.1.20', /PBX cannot reach n8n at https:\/\/192\.168\.1\.20, unless/],
		['http://n8n.example.com', /call n8n at http:\/\/n8n\.example\.com unencrypted/],
	])('warns that the PBX cannot call %s', async (publicUrl, warning) => {
		const trigger = await open(CALLS, undefined, publicUrl);
		await trigger.activate();
		expect(world.logged()).toMatch(warning);
		await trigger.deactivate();
	});

	it('says nothing about a public https address', async () => {
		await activated();
		expect(world.engine.n8n.logs.filter(({ level }) => level === 'warn')).toEqual([]);
	});
});

describe('found as left', () => {
	it('an n8n restart changes nothing', async () => {
		const before = await activated();
		const engine = await createEngine();
		const after = await engine.trigger({
			node: 'ringMeTrigger',
			parameters: { authentication: 'accessToken', ...CALLS },
			credentials: { ringMeApi: accessToken(world.sandbox) },
			...{ webhookId, publicUrl: PUBLIC, staticData: before.staticData },
		});
		await after.activate('init');
		await after.close();
		expect(world.changes()).toEqual([]);
		expect(ours()).toEqual(wanted(before));
	});

	it('a second main process that takes over changes nothing', async () => {
		const first = await activated();
		const second = await open(CALLS, first.staticData);
		await second.activate('leadershipChange');
		expect(world.changes()).toEqual([]);
		expect(ours()).toEqual(wanted(first));
	});

	it('two main processes at once: what is one too many goes at the next look', async () => {
		const first = await activated();
		await first.deactivate();
		const { staticData } = first;
		const mains = await Promise.all([open(CALLS, staticData), open(CALLS, staticData)]);
		await Promise.all(mains.map(async (main) => await main.activate('leadershipChange')));
		expect(new Set(ours())).toEqual(new Set(wanted(first)));
		await mains[0].activate('init');
		expect(ours()).toEqual(wanted(first));
	});
});

describe('repairs', () => {
	it('a PBX that lost all events', async () => {
		const trigger = await activated();
		for (const { id, url } of world.sandbox.store.phoneEvents.list()) {
			if (url !== FOREIGN.url) world.sandbox.store.phoneEvents.delete(id);
		}
		expect(ours()).toEqual([]);
		await trigger.activate('init');
		expect(ours()).toEqual(wanted(trigger));
	});

	it('one event that was removed by hand', async () => {
		const trigger = await activated();
		const { phoneEvents } = world.sandbox.store;
		phoneEvents.delete(phoneEvents.find(({ url }) => url.includes('event=dial-in'))?.id ?? 0);
		expect(ours()).toEqual(wanted(trigger, 'hangup'));
		await trigger.activate('init');
		expect(ours()).toEqual(wanted(trigger));
		expect(world.changes()).toEqual(['POST /client/@me/phone_events/']);
	});

	it.each([
		['the method', { method: 'GET' }],
		['the event', { event_type: 'answer' }],
	] as const)('%s that was changed by hand', async (_, change) => {
		const trigger = await activated();
		const { phoneEvents } = world.sandbox.store;
		phoneEvents.update(phoneEvents.find(({ url }) => url.includes(webhookId))?.id ?? 0, change);
		await trigger.activate('init');
		expect(ours()).toEqual(wanted(trigger));
	});

	it('an event that was given to somebody else by hand: it is theirs now', async () => {
		const trigger = await activated();
		const { phoneEvents } = world.sandbox.store;
		const taken = phoneEvents.find(({ url }) => url.includes('event=dial-in'))?.id ?? 0;
		phoneEvents.update(taken, { url: 'https://other.example.com/' });
		await trigger.activate('init');
		const theirs = 'dial-in POST https://other.example.com/';
		expect(ours()).toEqual([theirs, ...wanted(trigger)].sort());
		await trigger.deactivate();
		expect(ours()).toEqual([theirs]);
	});

	it('registrations that are there twice', async () => {
		const trigger = await activated();
		const { phoneEvents } = world.sandbox.store;
		const { id: _, ...one } = phoneEvents.list().at(-1)!;
		phoneEvents.insert(one);
		expect(ours()).toHaveLength(3);
		await trigger.activate('init');
		expect(ours()).toEqual(wanted(trigger));
	});

	it('a changed event list', async () => {
		const before = await activated();
		const kept = world.sandbox.store.phoneEvents.find(({ url }) =>
			url.includes('event=hangup'),
		)?.id;
		const after = await open({ events: ['hangup', 'answer'] }, before.staticData);
		await after.activate('update');
		expect(ours()).toEqual(wanted(after, 'hangup', 'answer'));
		expect(world.sandbox.store.phoneEvents.get(kept ?? 0)?.event_type).toBe('hangup');
		expect(world.changes()).toHaveLength(2);
	});

	it('a changed public address: what was made under the old one goes', async () => {
		const before = await activated();
		const after = await open(CALLS, before.staticData, 'https://new.example.com');
		await after.activate('init');
		const now = `https://new.example.com/webhook/${webhookId}/events`;
		expect(ours()).toEqual(lines(after, now, ...CALLS.events));
		await after.deactivate();
		expect(ours()).toEqual([]);
	});

	it('a workflow that was carried to another n8n leaves those of the first alone', async () => {
		const first = await activated();
		const carried = { ...first.staticData, instance: 'another n8n' };
		const second = await open(CALLS, carried, 'https://staging.example.com');
		await second.activate();
		const staging = `https://staging.example.com/webhook/${webhookId}/events`;
		const theirs = lines(second, staging, ...CALLS.events);
		expect(ours()).toEqual([...wanted(first), ...theirs].sort());
		await second.deactivate();
		expect(ours()).toEqual(wanted(first));
	});

	it('a crash between two creations, nothing saved', async () => {
		const crashed = await activated({ events: ['dial-in'] });
		expect(ours()).toEqual(wanted(crashed, 'dial-in'));
		const after = await open();
		await after.activate('init');
		expect(secretOf(after)).not.toBe(secretOf(crashed));
		expect(ours()).toEqual(wanted(after));
	});

	it('a crash between two creations, switched off instead', async () => {
		await activated({ events: ['dial-in'] });
		await (await open()).deactivate();
		expect(ours()).toEqual([]);
	});
});

describe('a creation that fails', () => {
	it('half-way takes back what it made', async () => {
		fail('POST', { after: 1 });
		const error = await failing((await open()).activate());
		expect(error.message).toMatch(/PBX gave no usable answer/);
		expect(ours()).toEqual([]);
	});

	it('half-way keeps what was there before', async () => {
		const before = await activated({ events: ['hangup'] });
		fail('POST', { after: 1 });
		const after = await open({ events: ['answer', 'dial-in', 'hangup'] }, before.staticData);
		await failing(after.activate('update'));
		expect(ours()).toEqual(wanted(before, 'hangup'));
	});

	it('because the answer was lost takes back what was made unseen', async () => {
		world.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const error = await failing((await open()).activate());
		expect(error.message).toMatch(/unknown whether/);
		expect(ours()).toEqual([]);
	});

	it('and cannot be taken back names what is left, which the next one adopts', async () => {
		fail('POST', { after: 1 });
		fail('DELETE', { times: Infinity });
		const trigger = await open();
		const error = await failing(trigger.activate());
		const [left] = world.sandbox.store.phoneEvents.list().slice(-1);
		expect(error.description).toContain(
			`May be left on the PBX: Inbound Call of all phones (ID ${left.id}).`,
		);
		expect(world.logged()).toContain(`Inbound Call of all phones (ID ${left.id})`);
		expect(ours()).toEqual(wanted(trigger, 'dial-in'));

		world.sandbox.faults.clear();
		await trigger.activate();
		expect(ours()).toEqual(wanted(trigger));
		expect(world.sandbox.store.phoneEvents.get(left.id)?.event_type).toBe('dial-in');
	});

	it('for want of room is explained with numbers', async () => {
		world.sandbox.store.limits.event_limit = 2;
		const error = await failing((await open()).activate());
		expect(error.message).toBe(
			'The PBX allows 2 registered events, and there is no room for the 2 that are needed',
		);
		expect(error.description).toMatch(/Phone Event: Get Many and Agent Event: Get Many/);
		expect(ours()).toEqual([]);
	});

	it('for another refusal says what the PBX says', async () => {
		fail('POST', { status: 403, body: { message: 'No', status: 'user_access_type_deny' } });
		const error = await failing((await open()).activate());
		expect(error.message).toBe('The PBX does not allow this');
		expect(error.description).toMatch(/may only read/);
	});

	it('with the PBX gone in the middle names all that may be left', async () => {
		fail('POST', { after: 1 });
		fail('GET', { after: 1 });
		const trigger = await open();
		const error = await failing(trigger.activate());
		expect(error.description).toContain(
			'May be left on the PBX: Inbound Call of all phones, Call Ended of all phones.',
		);
		await trigger.deactivate();
		expect(ours()).toEqual([]);
	});

	it('never shows secrets', async () => {
		const trigger = await activated();
		const url = `${address}?secret=${secretOf(trigger)}`;
		fail('GET', { body: { message: `bad url ${url} of sandbox-token` } });
		const error = await failing(trigger.activate());
		const said = JSON.stringify([error, error.message, error.description, error.stack]);
		expect(said).toContain('bad url');
		expect(said + world.logged()).not.toContain(secretOf(trigger));
		expect(said + world.logged()).not.toContain('sandbox-token');
	});
});

describe('a look that fails', () => {
	it.each([500, 429, 401, 403])('with %i is an error, not "there is nothing"', async (status) => {
		const trigger = await activated();
		fail('GET', { status, times: Infinity, headers: { 'retry-after': '7200' } });
		await failing(trigger.hook('checkExists', { activation: 'init' }));
		expect(world.changes()).toEqual([]);
		expect(ours()).toEqual(wanted(trigger));
	});

	it('because something else answers is an error too', async () => {
		const trigger = await activated();
		world.sandbox.faults.add({ kind: 'html200', match: { method: 'GET' } });
		const error = await failing(trigger.hook('checkExists', { activation: 'init' }));
		expect(error.message).toBe('The PBX answered with something that is not its API');
	});
});

describe('switched off', () => {
	it('removes its own, by their ids', async () => {
		const trigger = await activated();
		await trigger.deactivate();
		expect(ours()).toEqual([]);
		expect(world.changes()).toEqual([
			expect.stringMatching(/^DELETE \/client\/@me\/phone_event\/\d+$/),
			expect.stringMatching(/^DELETE \/client\/@me\/phone_event\/\d+$/),
		]);
		expect(trigger.staticData.registered).toEqual([]);
	});

	it('is fine with what is gone already, and with what never was', async () => {
		const trigger = await activated();
		world.sandbox.faults.add({
			kind: 'status',
			status: 404,
			match: { method: 'DELETE' },
			acts: true,
		});
		await trigger.deactivate();
		await trigger.deactivate();
		expect(ours()).toEqual([]);
		await (await world.open(CALLS)).deactivate();
	});

	it('while the PBX is down names what is left; switched on again, all is as wanted', async () => {
		const trigger = await activated();
		const ids = world.sandbox.store.phoneEvents
			.list()
			.slice(-2)
			.map(({ id }) => id);
		world.sandbox.faults.add({ kind: 'refuse', ms: 9_000 });
		const error = await failing(trigger.deactivate());
		expect(error.message).toBe('The PBX cannot be reached');
		expect(world.logged()).toContain(
			`May be left on the PBX: Inbound Call of all phones (ID ${ids[0]}), Call Ended of all phones (ID ${ids[1]}).`,
		);
		expect(ours()).toEqual(wanted(trigger));

		world.sandbox.faults.clear();
		await new Promise((resolve) => setTimeout(resolve, 2_500));
		await trigger.activate();
		expect(ours()).toEqual(wanted(trigger));
		await trigger.deactivate();
		expect(ours()).toEqual([]);
	});

	it('removes the others where one cannot be, and that one the next time', async () => {
		const trigger = await activated();
		fail('DELETE');
		await failing(trigger.deactivate());
		expect(ours()).toHaveLength(1);
		const [{ id }] = world.sandbox.store.phoneEvents.list().slice(-1);
		expect(world.logged()).toMatch(new RegExp(`May be left on the PBX: [^,]*\\(ID ${id}\\)\\.`));
		await trigger.deactivate();
		expect(ours()).toEqual([]);
	});
});
