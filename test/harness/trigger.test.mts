/** The trigger side of the engine harness: hooks, and real requests to a webhook. */
import { fileURLToPath } from 'node:url';

import { createEngine, type Engine } from './engine.mts';
import { ThingServer } from './fixtures/server.mts';
import type { Trigger, TriggerOptions } from './trigger.mts';

const packageFolder = fileURLToPath(new URL('./fixtures/', import.meta.url));

let engine: Engine;
let server: ThingServer;
const triggers: Trigger[] = [];

beforeEach(async () => {
	engine = await createEngine({ packageFolder });
	server = await ThingServer.open();
});
afterEach(async () => {
	await Promise.all(triggers.splice(0).map(async (trigger) => await trigger.close()));
	await server.close();
});

async function openTrigger(options: Partial<TriggerOptions> = {}) {
	const trigger = await engine.trigger({
		node: 'thingTrigger',
		credentials: { thingSessionApi: { baseUrl: server.baseUrl, user: 'ann', token: '' } },
		...options,
	});
	triggers.push(trigger);
	return trigger;
}

/** The webhooks that the trigger registered at the service. */
const registrations = () =>
	server.requestsTo('/hooks').map(({ body }) => JSON.parse(body) as Record<string, string>);

describe('the hooks of a trigger', () => {
	it('registers a webhook once, until it is deleted', async () => {
		const trigger = await openTrigger({ parameters: { event: '={{ "ma" + "de" }}' } });
		expect(await trigger.hook('checkExists')).toBe(false);
		await trigger.activate();
		expect(registrations()).toEqual([
			{ url: trigger.url(), event: 'made', activation: 'activate' },
		]);
		expect(trigger.staticData).toEqual({ id: 'hook-1' });

		await trigger.activate('init');
		expect(registrations()).toHaveLength(1);
		await trigger.deactivate();
		expect(trigger.staticData).toEqual({});
		await trigger.activate('init');
		expect(registrations()[1].activation).toBe('init');
	});

	it('finds the webhook of an earlier activation in the static data', async () => {
		const trigger = await openTrigger({ staticData: { id: 'old' } });
		expect(await trigger.hook('checkExists')).toBe(true);
	});

	it('registers different URLs for test and production, with the public host', async () => {
		const test = await openTrigger({ isTest: true });
		await test.activate();
		const production = await openTrigger({
			publicUrl: 'https://n8n.example.com/',
			webhookId: 'my-id',
		});
		await production.activate();
		const [first, second] = registrations();
		expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/webhook-test\/[\w-]+\/thing$/);
		expect(first).toMatchObject({ url: test.url(), activation: 'manual' });
		expect(second.url).toBe('https://n8n.example.com/webhook/my-id/thing');
	});
});

describe('a request to the webhook', () => {
	const headers = { 'x-secret': 'open', 'content-type': 'application/x-www-form-urlencoded' };

	it('starts an execution for a request and sends the response that the description defines', async () => {
		const trigger = await openTrigger();
		const body = 'event=made&tag=1&tag=2';
		const response = await trigger.deliver({ headers, body });
		expect(response).toMatchObject({ status: 200, body: '' });
		expect(response.delivery).toMatchObject({
			method: 'POST',
			items: [{ json: { event: 'made', tag: ['1', '2'], raw: body } }],
		});
		const json = { 'x-secret': 'open', 'content-type': 'application/json; charset=utf-8' };
		const second = await trigger.deliver({ headers: json, body: '{"event":"gone"}' });
		expect(second.delivery.items?.[0].json.event).toBe('gone');
		expect(trigger.deliveries).toHaveLength(2);
	});

	it('lets the node respond without starting an execution', async () => {
		const trigger = await openTrigger();
		const rejected = await trigger.deliver({ body: 'event=made' });
		expect(rejected.status).toBe(401);
		expect(rejected.delivery.items).toBeUndefined();

		const setup = await trigger.deliver({
			method: 'GET',
			query: { challenge: 'x y' },
			webhook: 'setup',
		});
		expect(setup).toMatchObject({ status: 200, body: 'x y', delivery: { items: undefined } });
	});

	it('responds with an error status if the node throws or has no such webhook', async () => {
		const trigger = await openTrigger();
		const broken = await trigger.deliver({ headers, body: 'broken=1' });
		expect(broken.status).toBe(500);
		expect(broken.delivery.error?.message).toBe('broken delivery');
		expect((await trigger.deliver({ method: 'PUT' })).status).toBe(404);
	});

	it('matches simultaneous requests with their own executions', async () => {
		const trigger = await openTrigger();
		const bodies = ['event=a', 'event=b', 'event=c'];
		const responses = await Promise.all(
			bodies.map(async (body) => await trigger.deliver({ headers, body })),
		);
		expect(responses.map(({ delivery }) => delivery.items?.[0].json.raw)).toEqual(bodies);
	});

	it('waits for a request that another client sends', async () => {
		const trigger = await openTrigger();
		const delivery = trigger.next();
		await fetch(trigger.url(), { method: 'POST', headers, body: 'event=made' });
		expect((await delivery).items).toHaveLength(1);
	});
});
