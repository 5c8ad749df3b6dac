/** Agent events: registered at each agent, told by each agent. */
import type { INodeParameters } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import { accessToken } from '../harness/pbx.mts';
import { lines, openWorld, PUBLIC, type World } from './world.mts';

let world: World;
let webhookId: string;
beforeAll(async () => (world = await openWorld()));
afterAll(async () => await world.close());
beforeEach(() => {
	world.sandbox.reset();
	webhookId = randomUUID();
});
afterEach(() => expect(world.sandbox.errors).toEqual([]));

const open = async (parameters: INodeParameters, options = {}) =>
	await world.open(
		{ events: ['agent-login', 'agent-logout'], ...parameters },
		{
			publicUrl: PUBLIC,
			webhookId,
			...options,
		},
	);
const chosen = (...agents: string[]) => ({ agentScope: 'selected', agents });
const places = () =>
	world.sandbox.store.agents.list().map(({ agent_type, id }) => `${agent_type}/${id}`);
const address = () => `${PUBLIC}/webhook/${webhookId}/events`;
const both = (agents: string[]) =>
	agents.flatMap((at) => [`${at} agent-login`, `${at} agent-logout`]);
const someOf = (kind: string) => places().find((place) => place.startsWith(kind)) ?? '';

it('All Agents are local and remote ones', async () => {
	const trigger = await open({});
	await trigger.activate();
	expect(places().length).toBeGreaterThan(3);
	expect(world.registered()).toEqual(lines(trigger, address(), ...both(places())));
	await trigger.activate('init');
	expect(world.changes()).toHaveLength(2 * places().length);
	await trigger.deactivate();
	expect(world.registered()).toEqual([]);
});

it('Selected Agents, together with events of phones', async () => {
	const agents = [someOf('local'), someOf('remote')];
	const trigger = await open({ events: ['hangup', 'agent-login'], ...chosen(...agents) });
	await trigger.activate();
	const wanted = ['hangup', ...agents.map((agent) => `${agent} agent-login`)];
	expect(world.registered()).toEqual(lines(trigger, address(), ...wanted));
});

it('another choice of agents moves the registrations', async () => {
	const [local, remote] = [someOf('local'), someOf('remote')];
	const before = await open(chosen(local));
	await before.activate();
	const after = await open(chosen(remote), { staticData: before.staticData });
	await after.activate('update');
	expect(world.registered()).toEqual(lines(after, address(), ...both([remote])));
});

it('an agent who was deleted: switched off without trouble, not switched on again', async () => {
	const agent = someOf('local');
	const trigger = await open(chosen(agent));
	await trigger.activate();
	const { agents, agentEvents } = world.sandbox.store;
	for (const { id } of agentEvents.list()) agentEvents.delete(id);
	agents.delete(Number(agent.split('/')[1]));
	await trigger.deactivate();
	await expect(trigger.activate()).rejects.toThrow(
		`The PBX has no ${agent.replace('/', ' agent ')}`,
	);
	expect(world.registered()).toEqual([]);
});

it('an agent ID that is none is named', async () => {
	const trigger = await open(chosen('={{ "../../user" }}'));
	await expect(trigger.activate()).rejects.toThrow('There is no agent "../../user"');
	expect(world.changes()).toEqual([]);
});

it('a failure at one agent takes back those of the others', async () => {
	world.sandbox.faults.add({
		kind: 'status',
		status: 500,
		match: { method: 'POST', path: '/agent/remote/' },
	});
	await expect((await open({})).activate()).rejects.toThrow();
	expect(world.registered()).toEqual([]);
});

it('at most five requests are under way', async () => {
	const { agents } = world.sandbox.store;
	const { id: _, ...one } = agents.list()[0];
	for (let n = 0; n < 40; n++) agents.insert({ ...one, name: `Agent ${n}` });
	world.sandbox.journal.clear();
	await (await open({})).activate();
	expect(world.registered()).toHaveLength(2 * places().length);
	expect(world.sandbox.journal.maxInFlight).toBeLessThanOrEqual(5);
});

it('the list to choose from has all of them, by name', async () => {
	const options = await world.engine.loadOptions('getAgents', {
		node: 'ringMeTrigger',
		parameters: { authentication: 'accessToken' },
		credentials: { ringMeApi: accessToken(world.sandbox) },
	});
	expect(options.map(({ value }) => value)).toEqual(places());
	expect(options[0].name).toBe('Sam (local)');
});

it('the list says why it is empty', async () => {
	const loading = world.engine.loadOptions('getAgents', {
		node: 'ringMeTrigger',
		parameters: { authentication: 'accessToken' },
		credentials: { ringMeApi: { ...accessToken(world.sandbox), accessToken: 'old' } },
	});
	await expect(loading).rejects.toThrow('The PBX does not accept the token');
});

it('logins and logouts arrive, with who it is', async () => {
	const trigger = await open(chosen(someOf('local'), someOf('remote')), { publicUrl: undefined });
	await trigger.activate();
	const { store, telephony } = world.sandbox;
	const became = async (place: string, status: 'available' | 'logged_out') => {
		const agent = store.agents.get(Number(place.split('/')[1]))!;
		agent.status = status;
		await telephony.agentStatusChanged(agent, 'phone');
	};
	// Sam is logged in to begin with, Remo is not.
	await became(someOf('local'), 'logged_out');
	await became(someOf('local'), 'available');
	await became(someOf('remote'), 'available');
	await became(someOf('remote'), 'logged_out');
	const json = trigger.deliveries.map(({ items: [item] = [] }) => item?.json);
	expect(json.map((each) => each?.event)).toEqual([
		'agent-logout',
		'agent-login',
		'agent-login',
		'agent-logout',
	]);
	const [sam, , remo] = json;
	expect(sam).toMatchObject({
		...{ status: 'logged_out', agentType: 'local', source: 'phone' },
		...{ agentId: Number(someOf('local').split('/')[1]) },
		extension: expect.stringMatching(/^\d+\*\d+$/),
	});
	expect(remo).toMatchObject({ agentType: 'remote', number: '447700900101' });
});
