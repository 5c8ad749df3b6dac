/**
 * Registration of webhooks, and which webhooks the PBX has before and after. In every test there is a
 * webhook of another application too, which must not change.
 */
import type { IDataObject } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import { createEngine } from '../harness/engine.mts';
import { accessToken } from '../harness/fixture.mts';
import { setupTimers } from '../harness/timers.mts';
import type { Trigger } from '../harness/trigger.mts';
import {
	createTriggerFixture,
	expectedWebhooks,
	FOREIGN_WEBHOOK,
	PUBLIC_URL,
	secretOf,
	type TriggerFixture,
} from './fixture.mts';

const FOREIGN = `${FOREIGN_WEBHOOK.event_type} ${FOREIGN_WEBHOOK.method} ${FOREIGN_WEBHOOK.url}`;
const CALL_EVENTS = { events: ['dial-in', 'hangup'] };

const timers = setupTimers();
let fixture: TriggerFixture;
let webhookId: string;
let webhookUrl: string;

beforeAll(async () => (fixture = await createTriggerFixture()));
afterAll(async () => await fixture.close());
beforeEach(() => {
	fixture.sandbox.reset();
	fixture.sandbox.store.phoneEvents.insert({ ...FOREIGN_WEBHOOK });
	fixture.clearLog();
	webhookId = randomUUID();
	webhookUrl = `${PUBLIC_URL}/webhook/${webhookId}/events`;
});
afterEach(() => {
	expect(fixture.webhooks()).toContain(FOREIGN);
	expect(fixture.changes()).not.toContain('DELETE /client/@me/phone_events/');
	expect(fixture.sandbox.errors).toEqual([]);
});

/** The trigger after a restart, after a change or on another machine: with the same ID and its static data. */
const openTrigger = async (
	parameters: IDataObject = CALL_EVENTS,
	staticData?: IDataObject,
	publicUrl = PUBLIC_URL,
) => await fixture.openTrigger(parameters as never, { webhookId, staticData, publicUrl });

async function activateTrigger(parameters?: IDataObject) {
	const trigger = await openTrigger(parameters);
	await trigger.activate();
	fixture.sandbox.journal.clear();
	return trigger;
}

/** The webhooks of the triggers. That of the other application is checked after each test. */
const ownWebhooks = () => fixture.webhooks().filter((webhook) => webhook !== FOREIGN);
const expectedFor = (trigger: Trigger, ...events: string[]) =>
	expectedWebhooks(trigger, webhookUrl, ...(events.length ? events : CALL_EVENTS.events));
/** Lets the next request with this method fail with status 500, or as the options say. */
const failNext = (method: string, options: object = {}) =>
	fixture.sandbox.faults.add({
		kind: 'status',
		status: 500,
		body: { message: 'Out of order' },
		match: { method },
		...options,
	});
type NodeError = Error & { description?: string; httpCode?: string };

/** The error with which a promise is rejected. */
async function rejectionOf(promise: Promise<unknown>): Promise<NodeError> {
	const [result] = await Promise.allSettled([promise]);
	if (result.status === 'fulfilled') throw new Error('The promise was not rejected');
	return result.reason as NodeError;
}

describe('activation', () => {
	it('creates one webhook per event with a secret of 32 bytes, and changes nothing at the next activation', async () => {
		const trigger = await openTrigger();
		expect(ownWebhooks()).toEqual([]);
		await trigger.activate();
		expect(ownWebhooks()).toEqual(expectedFor(trigger));
		expect(Buffer.from(secretOf(trigger), 'base64url')).toHaveLength(32);
		await trigger.activate();
		expect(ownWebhooks()).toEqual(expectedFor(trigger));
		expect(fixture.changes()).toHaveLength(2);
	});

	it('uses another secret for every workflow', async () => {
		const [first, second] = [
			await activateTrigger(),
			await fixture.openTrigger(CALL_EVENTS, { publicUrl: PUBLIC_URL }),
		];
		await second.activate();
		expect(secretOf(first)).not.toBe(secretOf(second));
		expect(ownWebhooks()).toHaveLength(4);
		await second.deactivate();
		expect(ownWebhooks()).toEqual(expectedFor(first));
	});

	it('registers test and production URLs independently', async () => {
		const production = await activateTrigger();
		const test = await fixture.openTrigger(CALL_EVENTS, {
			webhookId,
			publicUrl: PUBLIC_URL,
			isTest: true,
		});
		await test.activate();
		const testUrl = webhookUrl.replace('/webhook/', '/webhook-test/');
		expect(ownWebhooks()).toEqual(
			[
				...expectedFor(production),
				...expectedWebhooks(test, testUrl, ...CALL_EVENTS.events),
			].sort(),
		);
		await test.deactivate();
		expect(ownWebhooks()).toEqual(expectedFor(production));
	});

	it('fails without a selected event, and for an unknown one', async () => {
		const trigger = await openTrigger({ events: [] });
		expect((await rejectionOf(trigger.activate())).message).toBe('No event is selected');
		const unknown = await openTrigger({ events: ['={{ "ring" }}'] });
		expect((await rejectionOf(unknown.activate())).message).toBe('There is no event "ring"');
		expect(ownWebhooks()).toEqual([]);
	});

	it.each([
		['http://localhost:5678', /PBX cannot reach n8n at http:\/\/localhost:5678, unless/],
		['https://192.168.1.20', /PBX cannot reach n8n at https:\/\/192\.168\.1\.20, unless/],
		['http://n8n.example.com', /call n8n at http:\/\/n8n\.example\.com without encryption/],
	])('logs a warning for the URL %s', async (publicUrl, warning) => {
		const trigger = await openTrigger(CALL_EVENTS, undefined, publicUrl);
		await trigger.activate();
		expect(fixture.logText()).toMatch(warning);
		await trigger.deactivate();
	});

	it('logs no warning for a public https URL', async () => {
		await activateTrigger();
		expect(fixture.engine.n8n.logs.filter(({ level }) => level === 'warn')).toEqual([]);
	});
});

describe('a new activation without changes', () => {
	it('changes nothing on the PBX after a restart of n8n', async () => {
		const before = await activateTrigger();
		const engine = await createEngine();
		const after = await engine.trigger({
			node: 'ringMeTrigger',
			parameters: { authentication: 'accessToken', ...CALL_EVENTS },
			credentials: { ringMeApi: accessToken(fixture.sandbox) },
			webhookId,
			publicUrl: PUBLIC_URL,
			staticData: before.staticData,
		});
		await after.activate('init');
		await after.close();
		expect(fixture.changes()).toEqual([]);
		expect(ownWebhooks()).toEqual(expectedFor(before));
	});

	it('changes nothing on the PBX when a second main process takes over', async () => {
		const first = await activateTrigger();
		const second = await openTrigger(CALL_EVENTS, first.staticData);
		await second.activate('leadershipChange');
		expect(fixture.changes()).toEqual([]);
		expect(ownWebhooks()).toEqual(expectedFor(first));
	});

	it('deletes duplicates of two simultaneous main processes at the next activation', async () => {
		const first = await activateTrigger();
		await first.deactivate();
		const { staticData } = first;
		const mains = await Promise.all([
			openTrigger(CALL_EVENTS, staticData),
			openTrigger(CALL_EVENTS, staticData),
		]);
		await Promise.all(mains.map(async (main) => await main.activate('leadershipChange')));
		expect(new Set(ownWebhooks())).toEqual(new Set(expectedFor(first)));
		await mains[0].activate('init');
		expect(ownWebhooks()).toEqual(expectedFor(first));
	});
});

describe('repair', () => {
	it('creates the webhooks again after the PBX lost all of them', async () => {
		const trigger = await activateTrigger();
		for (const { id, url } of fixture.sandbox.store.phoneEvents.list()) {
			if (url !== FOREIGN_WEBHOOK.url) fixture.sandbox.store.phoneEvents.delete(id);
		}
		expect(ownWebhooks()).toEqual([]);
		await trigger.activate('init');
		expect(ownWebhooks()).toEqual(expectedFor(trigger));
	});

	it('creates a webhook again that was deleted by hand', async () => {
		const trigger = await activateTrigger();
		const { phoneEvents } = fixture.sandbox.store;
		phoneEvents.delete(phoneEvents.find(({ url }) => url.includes('event=dial-in'))?.id ?? 0);
		expect(ownWebhooks()).toEqual(expectedFor(trigger, 'hangup'));
		await trigger.activate('init');
		expect(ownWebhooks()).toEqual(expectedFor(trigger));
		expect(fixture.changes()).toEqual(['POST /client/@me/phone_events/']);
	});

	it.each([
		['method', { method: 'GET' }],
		['event', { event_type: 'answer' }],
	] as const)('restores the %s of a webhook that was changed by hand', async (_, change) => {
		const trigger = await activateTrigger();
		const { phoneEvents } = fixture.sandbox.store;
		phoneEvents.update(phoneEvents.find(({ url }) => url.includes(webhookId))?.id ?? 0, change);
		await trigger.activate('init');
		expect(ownWebhooks()).toEqual(expectedFor(trigger));
	});

	it('leaves a webhook to another application whose URL it got by hand', async () => {
		const trigger = await activateTrigger();
		const { phoneEvents } = fixture.sandbox.store;
		const takenId = phoneEvents.find(({ url }) => url.includes('event=dial-in'))?.id ?? 0;
		phoneEvents.update(takenId, { url: 'https://other.example.com/' });
		await trigger.activate('init');
		const foreign = 'dial-in POST https://other.example.com/';
		expect(ownWebhooks()).toEqual([foreign, ...expectedFor(trigger)].sort());
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([foreign]);
	});

	it('deletes a duplicate webhook', async () => {
		const trigger = await activateTrigger();
		const { phoneEvents } = fixture.sandbox.store;
		const { id: _, ...webhook } = phoneEvents.list().at(-1)!;
		phoneEvents.insert(webhook);
		expect(ownWebhooks()).toHaveLength(3);
		await trigger.activate('init');
		expect(ownWebhooks()).toEqual(expectedFor(trigger));
	});

	it('creates and deletes only the difference after the selected events changed', async () => {
		const before = await activateTrigger();
		const unchangedId = fixture.sandbox.store.phoneEvents.find(({ url }) =>
			url.includes('event=hangup'),
		)?.id;
		const after = await openTrigger({ events: ['hangup', 'answer'] }, before.staticData);
		await after.activate('update');
		expect(ownWebhooks()).toEqual(expectedFor(after, 'hangup', 'answer'));
		expect(fixture.sandbox.store.phoneEvents.get(unchangedId ?? 0)?.event_type).toBe('hangup');
		expect(fixture.changes()).toHaveLength(2);
	});

	it('replaces the webhooks after the public URL changed', async () => {
		const before = await activateTrigger();
		const after = await openTrigger(CALL_EVENTS, before.staticData, 'https://new.example.com');
		await after.activate('init');
		const newUrl = `https://new.example.com/webhook/${webhookId}/events`;
		expect(ownWebhooks()).toEqual(expectedWebhooks(after, newUrl, ...CALL_EVENTS.events));
		await after.deactivate();
		expect(ownWebhooks()).toEqual([]);
	});

	it('leaves the webhooks of the first n8n after the workflow was copied to another n8n', async () => {
		const first = await activateTrigger();
		const copied = { ...first.staticData, instance: 'another n8n' };
		const second = await openTrigger(CALL_EVENTS, copied, 'https://staging.example.com');
		await second.activate();
		const stagingUrl = `https://staging.example.com/webhook/${webhookId}/events`;
		const stagingWebhooks = expectedWebhooks(second, stagingUrl, ...CALL_EVENTS.events);
		expect(ownWebhooks()).toEqual([...expectedFor(first), ...stagingWebhooks].sort());
		await second.deactivate();
		expect(ownWebhooks()).toEqual(expectedFor(first));
	});

	it('replaces the webhook of an activation that crashed before n8n saved its static data', async () => {
		const crashed = await activateTrigger({ events: ['dial-in'] });
		expect(ownWebhooks()).toEqual(expectedFor(crashed, 'dial-in'));
		const after = await openTrigger();
		await after.activate('init');
		expect(secretOf(after)).not.toBe(secretOf(crashed));
		expect(ownWebhooks()).toEqual(expectedFor(after));
	});

	it('deletes the webhook of a crashed activation at deactivation', async () => {
		await activateTrigger({ events: ['dial-in'] });
		await (await openTrigger()).deactivate();
		expect(ownWebhooks()).toEqual([]);
	});
});

describe('a failed activation', () => {
	it('deletes the webhooks that it created', async () => {
		failNext('POST', { after: 1 });
		const error = await rejectionOf((await openTrigger()).activate());
		expect(error.message).toMatch(/unknown whether the request was executed/);
		expect(ownWebhooks()).toEqual([]);
	});

	it('does not delete webhooks that existed before', async () => {
		const before = await activateTrigger({ events: ['hangup'] });
		failNext('POST', { after: 1 });
		const after = await openTrigger({ events: ['answer', 'dial-in', 'hangup'] }, before.staticData);
		await rejectionOf(after.activate('update'));
		expect(ownWebhooks()).toEqual(expectedFor(before, 'hangup'));
	});

	it('deletes a webhook whose response was lost', async () => {
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const error = await rejectionOf((await openTrigger()).activate());
		expect(error.message).toMatch(/unknown whether/);
		expect(ownWebhooks()).toEqual([]);
	});

	it('names a webhook that it could not delete, which the next activation uses', async () => {
		failNext('POST', { after: 1 });
		failNext('DELETE', { times: Infinity });
		const trigger = await openTrigger();
		const error = await rejectionOf(trigger.activate());
		const [left] = fixture.sandbox.store.phoneEvents.list().slice(-1);
		expect(error.description).toContain(
			`Webhooks possibly left on the PBX: Inbound Call of all phones (ID ${left.id}).`,
		);
		expect(fixture.logText()).toContain(`Inbound Call of all phones (ID ${left.id})`);
		expect(ownWebhooks()).toEqual(expectedFor(trigger, 'dial-in'));

		fixture.sandbox.faults.clear();
		await trigger.activate();
		expect(ownWebhooks()).toEqual(expectedFor(trigger));
		expect(fixture.sandbox.store.phoneEvents.get(left.id)?.event_type).toBe('dial-in');
	});

	it('reports the limit of the PBX if there is no room for its webhooks', async () => {
		fixture.sandbox.store.limits.event_limit = 2;
		const error = await rejectionOf((await openTrigger()).activate());
		expect(error.message).toBe(
			'The PBX allows 2 webhooks, and there is no room for the 2 that are needed',
		);
		expect(error.description).toMatch(/'Get Many' of Phone Event, Extension Event and Agent Event/);
		expect(ownWebhooks()).toEqual([]);
	});

	it('reports the reason if the PBX rejects the request', async () => {
		failNext('POST', { status: 403, body: { message: 'No', status: 'user_access_type_deny' } });
		const error = await rejectionOf((await openTrigger()).activate());
		expect(error.httpCode).toBe('403');
		expect(error.message).toBe('The PBX does not allow this request');
		expect(error.description).toMatch(/read-only access/);
	});

	it('names all webhooks that may be left if the PBX fails during the activation', async () => {
		failNext('POST', { after: 1 });
		failNext('GET', { after: 1 });
		const trigger = await openTrigger();
		const error = await rejectionOf(trigger.activate());
		expect(error.description).toContain(
			'Webhooks possibly left on the PBX: Inbound Call of all phones, Call Ended of all phones.',
		);
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
	});

	it('shows no secrets in errors and logs', async () => {
		const trigger = await activateTrigger();
		const url = `${webhookUrl}?secret=${secretOf(trigger)}`;
		failNext('GET', { body: { message: `bad url ${url} of sandbox-token` } });
		const error = await rejectionOf(trigger.activate());
		const shown = JSON.stringify([error, error.message, error.description, error.stack]);
		expect(shown).toContain('bad url');
		expect(shown + fixture.logText()).not.toContain(secretOf(trigger));
		expect(shown + fixture.logText()).not.toContain('sandbox-token');
	});
});

describe('a failed check of the webhooks', () => {
	it.each([500, 429, 401, 403])(
		'throws at status %i instead of reporting that no webhook exists',
		async (status) => {
			const trigger = await activateTrigger();
			failNext('GET', { status, times: Infinity, headers: { 'retry-after': '7200' } });
			await rejectionOf(trigger.hook('checkExists', { activation: 'init' }));
			expect(fixture.changes()).toEqual([]);
			expect(ownWebhooks()).toEqual(expectedFor(trigger));
		},
	);

	it('throws if the response does not come from the RingMe API', async () => {
		const trigger = await activateTrigger();
		fixture.sandbox.faults.add({ kind: 'html200', match: { method: 'GET' } });
		const error = await rejectionOf(trigger.hook('checkExists', { activation: 'init' }));
		expect(error.message).toBe('The response does not come from the RingMe API');
	});
});

describe('deactivation', () => {
	it('deletes its own webhooks by their IDs', async () => {
		const trigger = await activateTrigger();
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
		expect(fixture.changes()).toEqual([
			expect.stringMatching(/^DELETE \/client\/@me\/phone_event\/\d+$/),
			expect.stringMatching(/^DELETE \/client\/@me\/phone_event\/\d+$/),
		]);
		expect(trigger.staticData.registered).toEqual([]);
	});

	it('succeeds if the webhooks no longer exist or never existed', async () => {
		const trigger = await activateTrigger();
		fixture.sandbox.faults.add({
			kind: 'status',
			status: 404,
			match: { method: 'DELETE' },
			acts: true,
		});
		await trigger.deactivate();
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
		await (await fixture.openTrigger(CALL_EVENTS)).deactivate();
	});

	it('names the webhooks that are left if the PBX is down, and the next activation uses them', async () => {
		const trigger = await activateTrigger();
		const ids = fixture.sandbox.store.phoneEvents
			.list()
			.slice(-2)
			.map(({ id }) => id);
		const down = fixture.sandbox.faults.add({ kind: 'refuse' });
		const error = await rejectionOf(trigger.deactivate());
		expect(error.message).toBe('The PBX cannot be reached');
		expect(fixture.logText()).toContain(
			`Webhooks possibly left on the PBX: Inbound Call of all phones (ID ${ids[0]}), Call Ended of all phones (ID ${ids[1]}).`,
		);
		expect(ownWebhooks()).toEqual(expectedFor(trigger));

		// The PBX is up again while the node waits, which then sends the refused request again.
		timers.beforeEnd = async () => await down.release();
		await trigger.activate();
		expect(ownWebhooks()).toEqual(expectedFor(trigger));
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
	});

	it('deletes the others if one webhook cannot be deleted, and that one the next time', async () => {
		const trigger = await activateTrigger();
		failNext('DELETE');
		await rejectionOf(trigger.deactivate());
		expect(ownWebhooks()).toHaveLength(1);
		const [{ id }] = fixture.sandbox.store.phoneEvents.list().slice(-1);
		expect(fixture.logText()).toMatch(
			new RegExp(`Webhooks possibly left on the PBX: [^,]*\\(ID ${id}\\)\\.`),
		);
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
	});
});
