/** The trigger side of the engine harness: hooks, and real requests to a webhook. */
import { fileURLToPath } from 'node:url';

import { createEngine, type Engine } from '../harness/engine.mts';
import { ThingServer } from '../harness/fixtures/server.mts';
import type { Trigger, TriggerOptions } from '../harness/trigger.mts';

const packageFolder = fileURLToPath(new URL('../harness/fixtures/', import.meta.url));

let engine: Engine;
let server: ThingServer;
const opened: Trigger[] = [];

beforeEach(async () => {
	engine = await createEngine({ packageFolder });
	server = await ThingServer.open();
});
afterEach(async () => {
	await Promise.all(opened.splice(0).map(async (trigger) => await trigger.close()));
	await server.close();
});

async function open(options: Partial<TriggerOptions> = {}) {
	const trigger = await engine.trigger({
		node: 'thingTrigger',
		credentials: { thingSessionApi: { baseUrl: server.baseUrl, user: 'ann', token: '' } },
		...options,
	});
	opened.push(trigger);
	return trigger;
}

const subscriptions = () =>
	server.to('/hooks').map(({ body }) => JSON.parse(body) as Record<string, string>);

describe('hooks', () => {
	it('create what does not exist yet, once', async () => {
		const trigger = await open({ parameters: { event: '={{ "ma" + "de" }}' } });
		expect(await trigger.hook('checkExists')).toBe(false);
		await trigger.activate();
		expect(subscriptions()).toEqual([
			{ url: trigger.url(), event: 'made', activation: 'activate' },
		]);
		expect(trigger.staticData).toEqual({ id: 'hook-1' });

		await trigger.activate('init');
		expect(subscriptions()).toHaveLength(1);
		await trigger.deactivate();
		expect(trigger.staticData).toEqual({});
		await trigger.activate('init');
		expect(subscriptions()[1].activation).toBe('init');
	});

	it('find what an earlier activation left', async () => {
		const trigger = await open({ staticData: { id: 'old' } });
		expect(await trigger.hook('checkExists')).toBe(true);
	});

	it('know the test address from the real one, and the public from the local', async () => {
		const test = await open({ isTest: true });
		await test.activate();
		const real = await open({ publicUrl: 'https://n8n.example.com/', webhookId: 'my-id' });
		await real.activate();
		const [first, second] = subscriptions();
		expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/webhook-test\/[\w-]+\/thing$/);
		expect(first).toMatchObject({ url: test.url(), activation: 'manual' });
		expect(second.url).toBe('https://n8n.example.com/webhook/my-id/thing');
	});
});

describe('deliveries', () => {
	const headers = { 'x-secret': 'open', 'content-type': 'application/x-www-form-urlencoded' };

	it('start an execution and are answered as the description says', async () => {
		const trigger = await open();
		const body = 'event=made&tag=1&tag=2';
		const answer = await trigger.deliver({ headers, body });
		expect(answer).toMatchObject({ status: 200, body: '' });
		expect(answer.delivery).toMatchObject({
			method: 'POST',
			items: [{ json: { event: 'made', tag: ['1', '2'], raw: body } }],
		});
		const json = { 'x-secret': 'open', 'content-type': 'application/json; charset=utf-8' };
		const second = await trigger.deliver({ headers: json, body: '{"event":"gone"}' });
		expect(second.delivery.items?.[0].json.event).toBe('gone');
		expect(trigger.deliveries).toHaveLength(2);
	});

	it('may be answered without starting anything', async () => {
		const trigger = await open();
		const refused = await trigger.deliver({ body: 'event=made' });
		expect(refused.status).toBe(401);
		expect(refused.delivery.items).toBeUndefined();

		const setup = await trigger.deliver({
			method: 'GET',
			query: { challenge: 'x y' },
			webhook: 'setup',
		});
		expect(setup).toMatchObject({ status: 200, body: 'x y', delivery: { items: undefined } });
	});

	it('that break the node, or find none, get an error', async () => {
		const trigger = await open();
		const broken = await trigger.deliver({ headers, body: 'broken=1' });
		expect(broken.status).toBe(500);
		expect(broken.delivery.error?.message).toBe('broken delivery');
		expect((await trigger.deliver({ method: 'PUT' })).status).toBe(404);
	});

	it('may come at the same time', async () => {
		const trigger = await open();
		const bodies = ['event=a', 'event=b', 'event=c'];
		const answers = await Promise.all(
			bodies.map(async (body) => await trigger.deliver({ headers, body })),
		);
		expect(answers.map(({ delivery }) => delivery.items?.[0].json.raw)).toEqual(bodies);
	});

	it('can be waited for when others send them', async () => {
		const trigger = await open();
		const arriving = trigger.next();
		await fetch(trigger.url(), { method: 'POST', headers, body: 'event=made' });
		expect((await arriving).items).toHaveLength(1);
		await expect(trigger.next(20)).rejects.toThrow('No request reached the webhook within 20 ms');
	});
});
