/** Agent events: webhooks are registered for each agent, and each agent's events arrive. */
import type { INodeParameters } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import { accessToken } from '../harness/fixture.mts';
import { setupTimers } from '../harness/timers.mts';
import {
	createTriggerFixture,
	expectedWebhooks,
	PUBLIC_URL,
	type TriggerFixture,
} from './fixture.mts';

setupTimers();
let fixture: TriggerFixture;
let webhookId: string;
beforeAll(async () => (fixture = await createTriggerFixture()));
afterAll(async () => await fixture.close());
beforeEach(() => {
	fixture.sandbox.reset();
	webhookId = randomUUID();
});
afterEach(() => expect(fixture.sandbox.errors).toEqual([]));

const openTrigger = async (parameters: INodeParameters, options = {}) =>
	await fixture.openTrigger(
		{ events: ['agent-login', 'agent-logout'], ...parameters },
		{ publicUrl: PUBLIC_URL, webhookId, ...options },
	);
const selected = (...agents: string[]) => ({ agentScope: 'selected', agents });
/** All agents of the PBX, in the form `local/12`. */
const agentScopes = () =>
	fixture.sandbox.store.agents.list().map(({ agent_type, id }) => `${agent_type}/${id}`);
const webhookUrl = () => `${PUBLIC_URL}/webhook/${webhookId}/events`;
/** Both events of the agents. */
const bothEventsOf = (agents: string[]) =>
	agents.flatMap((agent) => [`${agent} agent-login`, `${agent} agent-logout`]);
const firstAgent = (type: 'local' | 'remote') =>
	agentScopes().find((agent) => agent.startsWith(type)) ?? '';

it('registers webhooks for all local and remote agents with All Agents', async () => {
	const trigger = await openTrigger({});
	await trigger.activate();
	expect(agentScopes().length).toBeGreaterThan(3);
	expect(fixture.webhooks()).toEqual(
		expectedWebhooks(trigger, webhookUrl(), ...bothEventsOf(agentScopes())),
	);
	await trigger.activate('init');
	expect(fixture.changes()).toHaveLength(2 * agentScopes().length);
	await trigger.deactivate();
	expect(fixture.webhooks()).toEqual([]);
});

it('registers webhooks for the selected agents together with those for phones', async () => {
	const agents = [firstAgent('local'), firstAgent('remote')];
	const trigger = await openTrigger({ events: ['hangup', 'agent-login'], ...selected(...agents) });
	await trigger.activate();
	const events = ['hangup', ...agents.map((agent) => `${agent} agent-login`)];
	expect(fixture.webhooks()).toEqual(expectedWebhooks(trigger, webhookUrl(), ...events));
});

it('moves the webhooks to another agent if the selection changes', async () => {
	const [local, remote] = [firstAgent('local'), firstAgent('remote')];
	const before = await openTrigger(selected(local));
	await before.activate();
	const after = await openTrigger(selected(remote), { staticData: before.staticData });
	await after.activate('update');
	expect(fixture.webhooks()).toEqual(
		expectedWebhooks(after, webhookUrl(), ...bothEventsOf([remote])),
	);
});

it('deactivates without an error after an agent was deleted, and names the agent at the next activation', async () => {
	const agent = firstAgent('local');
	const trigger = await openTrigger(selected(agent));
	await trigger.activate();
	const { agents, agentEvents } = fixture.sandbox.store;
	for (const { id } of agentEvents.list()) agentEvents.delete(id);
	agents.delete(Number(agent.split('/')[1]));
	await trigger.deactivate();
	await expect(trigger.activate()).rejects.toThrow(
		`The PBX has no ${agent.replace('/', ' agent ')}`,
	);
	expect(fixture.webhooks()).toEqual([]);
});

it('rejects an invalid agent ID and names it', async () => {
	const trigger = await openTrigger(selected('={{ "../../user" }}'));
	await expect(trigger.activate()).rejects.toThrow('There is no agent "../../user"');
	expect(fixture.changes()).toEqual([]);
});

it('deletes the webhooks of the other agents if the registration for one fails', async () => {
	fixture.sandbox.faults.add({
		kind: 'status',
		status: 500,
		match: { method: 'POST', path: '/agent/remote/' },
	});
	await expect((await openTrigger({})).activate()).rejects.toThrow();
	expect(fixture.webhooks()).toEqual([]);
});

it('has at most five requests in flight for many agents', async () => {
	const { agents } = fixture.sandbox.store;
	const { id: _, ...agent } = agents.list()[0];
	for (let number = 0; number < 40; number++) {
		agents.insert({ ...agent, name: `Agent ${number}` });
	}
	fixture.sandbox.journal.clear();
	await (await openTrigger({})).activate();
	expect(fixture.webhooks()).toHaveLength(2 * agentScopes().length);
	expect(fixture.sandbox.journal.maxInFlight).toBeLessThanOrEqual(5);
});

it('lists all agents by name', async () => {
	const options = await fixture.engine.loadOptions('getAgents', {
		node: 'ringMeTrigger',
		parameters: { authentication: 'accessToken' },
		credentials: { ringMeApi: accessToken(fixture.sandbox) },
	});
	expect(options.map(({ value }) => value)).toEqual(agentScopes());
	expect(options[0].name).toBe('Sam (local)');
});

it('fails to list agents with the reason', async () => {
	const loading = fixture.engine.loadOptions('getAgents', {
		node: 'ringMeTrigger',
		parameters: { authentication: 'accessToken' },
		credentials: { ringMeApi: { ...accessToken(fixture.sandbox), accessToken: 'old' } },
	});
	await expect(loading).rejects.toThrow('The PBX rejected the access token');
});

it('starts the workflow for logins and logouts, with the agent', async () => {
	const trigger = await openTrigger(selected(firstAgent('local'), firstAgent('remote')), {
		publicUrl: undefined,
	});
	await trigger.activate();
	const { store, telephony } = fixture.sandbox;
	const setStatus = async (scope: string, status: 'available' | 'logged_out') => {
		const agent = store.agents.get(Number(scope.split('/')[1]))!;
		agent.status = status;
		await telephony.agentStatusChanged(agent, 'phone');
	};
	// At first the local agent is logged in, and the remote agent is not.
	await setStatus(firstAgent('local'), 'logged_out');
	await setStatus(firstAgent('local'), 'available');
	await setStatus(firstAgent('remote'), 'available');
	await setStatus(firstAgent('remote'), 'logged_out');
	const json = trigger.deliveries.map(({ items: [item] = [] }) => item?.json);
	expect(json.map((fields) => fields?.event)).toEqual([
		'agent-logout',
		'agent-login',
		'agent-login',
		'agent-logout',
	]);
	const [localLogout, , remoteLogin] = json;
	expect(localLogout).toMatchObject({
		status: 'logged_out',
		agentType: 'local',
		source: 'phone',
		agentId: Number(firstAgent('local').split('/')[1]),
		extension: expect.stringMatching(/^\d+\*\d+$/),
	});
	expect(remoteLogin).toMatchObject({ agentType: 'remote', number: '447700900101' });
});
