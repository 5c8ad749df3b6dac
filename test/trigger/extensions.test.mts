/**
 * The filter 'Extensions': webhooks are registered for each of them, and for all phones where the PBX does
 * not allow that. In every test there are webhooks of another application too, which must not change.
 */
import type { INodeParameters } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import type { FaultInput } from '../../sandbox/index.mts';
import { setupTimers } from '../harness/timers.mts';
import type { Trigger } from '../harness/trigger.mts';
import {
	createTriggerFixture,
	expectedWebhooks,
	FOREIGN_WEBHOOK,
	PUBLIC_URL,
	type TriggerFixture,
} from './fixture.mts';

const EVENTS = ['dial-in', 'hangup'];
const FALLBACK = /registered for all phones instead of the selected extensions/;

setupTimers();
let fixture: TriggerFixture;
let webhookId: string;
/** IDs of the phones 101 and 102, and of the queue and the IVR of the sandbox. */
let first: number;
let second: number;
let queue: number;
let ivr: number;
let foreign: string[];

beforeAll(async () => (fixture = await createTriggerFixture()));
afterAll(async () => await fixture.close());
beforeEach(() => {
	fixture.sandbox.reset();
	fixture.clearLog();
	webhookId = randomUUID();
	const { extensions, extensionEvents, phoneEvents } = fixture.sandbox.store;
	const idOf = (matches: (extension: { name: string; type: string }) => boolean) =>
		extensions.find(matches)?.id ?? 0;
	first = idOf(({ name }) => name.endsWith('*101'));
	second = idOf(({ name }) => name.endsWith('*102'));
	queue = idOf(({ type }) => type === 'queue');
	ivr = idOf(({ type }) => type === 'ivr');
	phoneEvents.insert({ ...FOREIGN_WEBHOOK });
	extensionEvents.insert({ ...FOREIGN_WEBHOOK, extension_id: first });
	foreign = fixture.webhooks();
});
afterEach(() => {
	expect(fixture.webhooks()).toEqual(expect.arrayContaining(foreign));
	expect(fixture.sandbox.errors).toEqual([]);
});

const filters = (...extensions: Array<number | string>): INodeParameters => ({
	filters: {
		extensions: {
			rows: extensions.map((value) => ({
				extension: { __rl: true, mode: 'id', value: String(value) },
			})),
		},
	},
});

const openTrigger = async (parameters: INodeParameters, options = {}) =>
	await fixture.openTrigger(
		{ events: EVENTS, ...parameters },
		{ publicUrl: PUBLIC_URL, webhookId, ...options },
	);

async function activateTrigger(parameters: INodeParameters, options = {}) {
	const trigger = await openTrigger(parameters, options);
	await trigger.activate();
	return trigger;
}

const ownWebhooks = () => fixture.webhooks().filter((webhook) => !foreign.includes(webhook));
const expectedFor = (trigger: Trigger, ...webhooks: string[]) =>
	expectedWebhooks(trigger, `${PUBLIC_URL}/webhook/${webhookId}/events`, ...webhooks);
const ofExtensions = (trigger: Trigger, ...ids: number[]) =>
	expectedFor(trigger, ...ids.flatMap((id) => EVENTS.map((event) => `extension/${id} ${event}`)));
const ofAllPhones = (trigger: Trigger) => expectedFor(trigger, ...EVENTS);
const refuse = (fault: Partial<FaultInput> = {}) =>
	fixture.sandbox.faults.add({
		kind: 'status',
		status: 404,
		body: { message: 'Not found' },
		match: { path: /\/extension\/\d+\/event/ },
		times: Infinity,
		...fault,
	} as FaultInput);

describe('a filter that is set and has no value', () => {
	it.each<[string, INodeParameters]>([
		['an extension without a value', filters('')],
		['one of two extensions without a value', filters('101', ' ')],
		['no extension', { filters: { extensions: {} } }],
		['a tag without a value', { filters: { tag: '={{ "" }}' } }],
		['a call status without a value', { filters: { callStatus: [] } }],
		['a direction without a value', { filters: { direction: '={{ undefined }}' } }],
	])('refuses to publish with %s, before anything is sent', async (_, parameters) => {
		await expect(activateTrigger(parameters)).rejects.toThrow('is set, but it is empty');
		expect(fixture.changes()).toEqual([]);
	});
});

describe('webhooks of extensions', () => {
	it('are registered for the selected extensions only, and deleted again', async () => {
		const trigger = await activateTrigger(filters(first, second));
		expect(ownWebhooks()).toEqual(ofExtensions(trigger, first, second));
		await trigger.activate('init');
		expect(fixture.changes()).toHaveLength(4);
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
		expect(fixture.logText()).not.toMatch(FALLBACK);
	});

	it('are registered for an extension that is given by its number or its name', async () => {
		const trigger = await activateTrigger(filters('101', '1844*102', first));
		expect(ownWebhooks()).toEqual(ofExtensions(trigger, first, second));
	});

	it('are registered together with those of agents', async () => {
		const [{ agent_type, id }] = fixture.sandbox.store.agents.list();
		const agent = `${agent_type}/${id}`;
		const trigger = await activateTrigger({
			...filters(first),
			events: ['hangup', 'agent-login'],
			agentScope: 'selected',
			agents: [agent],
		});
		expect(ownWebhooks()).toEqual(
			expectedFor(trigger, `extension/${first} hangup`, `${agent} agent-login`),
		);
	});

	it('are registered for all events of a queue, and for those that an IVR has', async () => {
		const trigger = await activateTrigger({
			...filters(queue, ivr),
			events: ['answer', 'hangup'],
		});
		expect(ownWebhooks()).toEqual(
			expectedFor(
				trigger,
				`extension/${queue} answer`,
				`extension/${queue} hangup`,
				`extension/${ivr} hangup`,
			),
		);
	});

	it('are not registered for an IVR alone if it has none of the events', async () => {
		const trigger = await activateTrigger({ ...filters(ivr), events: ['dial-out'] });
		expect(ownWebhooks()).toEqual(expectedFor(trigger, 'dial-out'));
	});

	it('move to another extension if the filter changes', async () => {
		const before = await activateTrigger(filters(first));
		const after = await openTrigger(filters(second), { staticData: before.staticData });
		await after.activate('update');
		expect(ownWebhooks()).toEqual(ofExtensions(after, second));
	});

	it('replace those of all phones, and are replaced by them, if the filter is added or removed', async () => {
		const without = await activateTrigger({});
		expect(ownWebhooks()).toEqual(ofAllPhones(without));
		const filtered = await openTrigger(filters(first), { staticData: without.staticData });
		await filtered.activate('update');
		expect(ownWebhooks()).toEqual(ofExtensions(filtered, first));
		const again = await openTrigger({}, { staticData: filtered.staticData });
		await again.activate('update');
		expect(ownWebhooks()).toEqual(ofAllPhones(again));
	});

	it('are created again if they were deleted by hand', async () => {
		const trigger = await activateTrigger(filters(first));
		const { extensionEvents } = fixture.sandbox.store;
		extensionEvents.delete(extensionEvents.find(({ url }) => url.includes(webhookId))?.id ?? 0);
		await trigger.activate('init');
		expect(ownWebhooks()).toEqual(ofExtensions(trigger, first));
	});

	it('are deleted after a failed activation, also one whose response was lost', async () => {
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const trigger = await openTrigger(filters(first, second));
		await expect(trigger.activate()).rejects.toThrow(/unknown whether/);
		expect(ownWebhooks()).toEqual([]);
		expect(fixture.logText()).not.toMatch(FALLBACK);
	});

	it('are named if they cannot be deleted, and deleted the next time', async () => {
		const trigger = await activateTrigger(filters(first));
		fixture.sandbox.faults.add({ kind: 'status', status: 500, match: { method: 'DELETE' } });
		await expect(trigger.deactivate()).rejects.toThrow();
		const [{ id }] = fixture.sandbox.store.extensionEvents.list().slice(-1);
		expect(fixture.logText()).toMatch(
			new RegExp(`possibly left on the PBX: [^,]* of extension ${first} \\(ID \\d+\\)\\.`),
		);
		expect(id).toBeGreaterThan(0);
		expect(ownWebhooks()).toHaveLength(1);
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
	});

	it('are gone without an error after the extension was deleted', async () => {
		const trigger = await activateTrigger(filters(second));
		const { extensions, extensionEvents } = fixture.sandbox.store;
		extensions.delete(second);
		for (const { id, url } of extensionEvents.list()) {
			if (url.includes(webhookId)) extensionEvents.delete(id);
		}
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
	});
});

describe('webhooks of all phones are registered instead', () => {
	/** Activates twice, then deactivates: the second activation must change nothing. */
	async function expectAllPhones(parameters: INodeParameters, reason: RegExp) {
		const trigger = await activateTrigger(parameters);
		expect(ownWebhooks()).toEqual(ofAllPhones(trigger));
		expect(fixture.logText()).toMatch(FALLBACK);
		expect(fixture.logText()).toMatch(reason);
		fixture.sandbox.journal.clear();
		await trigger.activate('init');
		expect(fixture.changes()).toEqual([]);
		expect(ownWebhooks()).toEqual(ofAllPhones(trigger));
		return trigger;
	}

	it('if the limit of the PBX has no room for those of the extensions, without trying', async () => {
		fixture.sandbox.store.limits.event_limit = 5;
		await expectAllPhones(filters(first, second), /The PBX allows 5 webhooks/);
		const attempts = fixture.sandbox.journal.api().filter(({ path }) => /\/event\//.test(path));
		expect(attempts.filter(({ method }) => method !== 'GET')).toEqual([]);
	});

	it('if the PBX reaches the limit while they are created, of which none is left', async () => {
		refuse({
			status: 403,
			body: { message: 'The event limit is reached (3)', status: 'limit_exceeded' },
			match: { method: 'POST', path: /\/extension\/\d+\/event/ },
			after: 1,
		});
		await expectAllPhones(filters(first, second), /no room for the 4 that are needed/);
	});

	it.each([403, 404])('if the PBX responds with %i to requests for them', async (status) => {
		refuse({ status });
		await expectAllPhones(filters(first, second), FALLBACK);
	});

	it('if the PBX refuses an event of an extension', async () => {
		refuse({
			status: 400,
			body: { message: 'not allowed for fax-type' },
			match: { method: 'POST', path: /\/extension\/\d+\/event/ },
		});
		await expectAllPhones(filters(first), /not allowed for fax-type/);
	});

	it('if one of the extensions is not on the PBX', async () => {
		await expectAllPhones(filters(first, 999), /There is no extension "999"/);
	});

	it('until the workflow is published again', async () => {
		refuse();
		const trigger = await expectAllPhones(filters(first), FALLBACK);
		fixture.sandbox.faults.clear();
		await trigger.deactivate();
		expect(ownWebhooks()).toEqual([]);
		await trigger.activate();
		expect(ownWebhooks()).toEqual(ofExtensions(trigger, first));
	});

	it('but not if the PBX is out of order', async () => {
		refuse({ status: 500, body: { message: 'Out of order' } });
		const trigger = await openTrigger(filters(first));
		await expect(trigger.activate()).rejects.toThrow();
		expect(ownWebhooks()).toEqual([]);
		expect(fixture.logText()).not.toMatch(FALLBACK);
	});

	it('and the activation fails as without a filter if the PBX refuses these too', async () => {
		refuse({ status: 403, match: { method: 'POST' } });
		const trigger = await openTrigger(filters(first));
		await expect(trigger.activate()).rejects.toThrow('The PBX does not allow this request');
		expect(ownWebhooks()).toEqual([]);
	});
});

it('the same events start the workflow with webhooks of extensions as with those of all phones', async () => {
	const parameters = { ...filters(first, second), events: ['dial-in', 'dial-out', 'hangup'] };
	const byExtension = await activateTrigger(parameters, { publicUrl: undefined });
	refuse();
	webhookId = randomUUID();
	const byFilter = await activateTrigger(parameters, { publicUrl: undefined });
	expect(fixture.logText()).toMatch(FALLBACK);
	const { telephony } = fixture.sandbox;
	await telephony.outgoingCall({ from: '101', to: '102', answered: true });
	await telephony.incomingCall({ from: '+447700900123', to: '102' });
	await telephony.incomingCall({ from: '+447700900123', to: '103' });
	const startedWith = (trigger: Trigger) =>
		trigger.deliveries
			.flatMap(({ items = [] }) => items.map(({ json }) => `${json.legId} ${json.event}`))
			.sort();
	const legsOf = (id: number, event: string) =>
		startedWith(byExtension).filter((each) => each.startsWith(`${id}-`) && each.endsWith(event));
	expect(legsOf(first, 'dial-out')).toHaveLength(1);
	expect(legsOf(second, 'dial-in')).toHaveLength(2);
	expect(startedWith(byExtension)).toHaveLength(6);
	expect(startedWith(byFilter)).toEqual(startedWith(byExtension));
	// The PBX also called the webhooks of all phones for the call to the third extension.
	expect(byExtension.deliveries).toHaveLength(6);
	expect(byFilter.deliveries).toHaveLength(8);
});

it('deletes no webhook of an extension whose list the PBX refuses, and names it', async () => {
	const trigger = await activateTrigger(filters(first));
	refuse({ status: 403, match: { method: 'GET', path: /\/extension\/\d+\/event/ } });
	await expect(trigger.deactivate()).rejects.toThrow();
	expect(fixture.logText()).toContain(`of extension ${first} (ID `);
	fixture.sandbox.faults.clear();
	await trigger.deactivate();
	expect(ownWebhooks()).toEqual([]);
});
