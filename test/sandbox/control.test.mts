import type { Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';
import { waitFor } from '../support/waitFor.mts';
import { startReceiver, type Receiver } from './support/telephonyFixture.mts';

const BASE = '/api/ver1.0/client/@me';
const pbx = setupSandbox();
let receiver: Receiver;

beforeEach(async () => {
	receiver = await startReceiver();
});
afterEach(async () => await receiver.close());

/** The fields of the events that the receiver got. */
const received = () => receiver.requests.map(({ body }) => body);
const control = async (method: string, path: string, body?: unknown) =>
	await pbx.client.request(method, `/_control/${path}`, { authorization: null, body });
const registerWebhook = async (event_type: string) =>
	await pbx.client.request('POST', `${BASE}/phone_events/`, {
		body: { url: receiver.url, method: 'POST', event_type },
	});

describe('the control endpoint', () => {
	it('lists all controls of the control endpoint', async () => {
		const { json } = await control('GET', '');
		expect(json).toEqual(
			expect.arrayContaining(['POST /_control/calls/incoming', 'GET /_control/journal']),
		);
		expect(json).not.toContain('GET /_control/');
	});

	it('adds, lists and clears faults over HTTP', async () => {
		const body = { kind: 'status', status: 503, match: { path: '/did/' }, times: 'always' };
		expect((await control('POST', 'faults', body)).status).toBe(201);
		expect((await pbx.client.request('GET', `${BASE}/did/`)).status).toBe(503);
		expect((await control('GET', 'faults')).json).toMatchObject([{ kind: 'status', hits: 1 }]);
		expect((await control('DELETE', 'faults')).status).toBe(204);
		expect((await pbx.client.request('GET', `${BASE}/did/`)).status).toBe(200);
	});

	it('returns and clears the journal, which has no control requests', async () => {
		await pbx.client.request('GET', `${BASE}/did/`);
		await pbx.client.request('GET', `${BASE}/limit/`);
		expect((await control('GET', 'journal?last=1')).json).toMatchObject([
			{ path: `${BASE}/limit/` },
		]);
		expect((await control('GET', 'journal?api=true')).json).toHaveLength(2);
		await control('DELETE', 'journal');
		expect((await control('GET', 'journal')).json).toEqual([]);
	});

	it('returns the tables without the content of files', async () => {
		expect((await control('GET', 'state/extensions')).json).toHaveLength(20);
		expect((await control('GET', 'state/client')).json).toMatchObject({ id: 4321 });
		expect((await control('GET', 'state/sounds')).text).not.toContain('"audio"');
		expect((await control('GET', 'state/constructor')).status).toBe(404);
	});

	it('sets and returns the form of task webhooks, and a reset restores it', async () => {
		const defaults = {
			method: 'POST',
			payload: 'assumed',
			taskId: true,
			times: 1,
			delaySeconds: 0,
			beforeResponse: false,
		};
		expect((await control('GET', 'task-webhooks')).json).toEqual(defaults);
		await control('POST', 'task-webhooks', { method: 'GET', delaySeconds: 5 });
		await control('POST', 'task-webhooks', { payload: 'empty', times: 2 });
		expect((await control('GET', 'task-webhooks')).json).toEqual({
			...defaults,
			payload: 'empty',
			times: 2,
		});
		await control('POST', 'reset');
		expect((await control('GET', 'task-webhooks')).json).toEqual(defaults);
	});

	it('sets a voice menu, calls it and returns what the caller heard, until a reset', async () => {
		receiver.respond = (_request, response) =>
			void response.end('<Response><TTS lang="en-GB">Hello</TTS><Hangup/></Response>');
		await control('POST', 'call-interactive', { timeoutMs: 5000 });
		expect((await control('GET', 'call-interactive')).json).toMatchObject({ timeoutMs: 5000 });
		const ask = { action: 'call_interactive', call_interactive_url: `${receiver.url}/menu?key=1` };
		const set = await control('POST', 'voice-menus', {
			contexts: { 1: { options: { start: [ask] } } },
		});
		expect(set.json).toEqual({ done: true });
		const calling = control('POST', 'calls/menu', { from: '447700900123' });
		await waitFor('the request of the menu', () => receiver.requests.length > 0);
		await pbx.sandbox.clock.advance(60_000);
		expect((await calling).json).toMatchObject({
			callId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
			heard: [{ kind: 'speech', text: 'Hello', lang: 'en-GB' }],
			path: ['1/start'],
			requests: [{ status: 200, fields: { CalledDID: '442079460100' } }],
			problems: [],
			endedBy: 'menu',
		});
		await control('POST', 'reset');
		const again = await control('POST', 'calls/menu', { from: '447700900123' });
		expect(again).toMatchObject({ status: 400, json: { message: '1844*118 has no voice menu' } });
		expect((await control('GET', 'call-interactive')).json).toMatchObject({ timeoutMs: 10_000 });
	});

	it('revokes and expires tokens, and resets the PBX', async () => {
		await control('POST', 'tokens/revoke', { token: 'sandbox-token' });
		expect((await pbx.client.request('GET', `${BASE}/did/`)).status).toBe(401);
		expect((await control('POST', 'tokens/revoke', { token: 'sandbox-token' })).status).toBe(404);
		await control('POST', 'tokens/expire');
		await control('POST', 'reset');
		expect((await pbx.client.request('GET', `${BASE}/did/`)).status).toBe(200);
	});

	it('advances the virtual clock over HTTP', async () => {
		const { now } = (await control('GET', 'clock')).json as { now: number };
		expect((await control('POST', 'clock/advance', { ms: 5000 })).json).toEqual({
			now: now + 5000,
		});
	});

	it.each([
		['faults', { kind: 'earthquake' }],
		['faults', { kind: 'refuse' }],
		['faults', { kind: 'hold', unknown: 1 }],
		['faults', []],
		['clock/advance', { ms: -1 }],
		['clock/advance', {}],
		['calls/incoming', {}],
		['calls/outgoing', { to: '1', nonsense: true }],
		['messages', { text: 5 }],
		['voicemails', { from: '' }],
		['task-webhooks', { payload: 'xml' }],
		['task-webhooks', { times: 3 }],
		['task-webhooks', { method: 'GET', payload: 'json' }],
		['task-webhooks', { delaySeconds: 5, beforeResponse: true }],
		['task-webhooks', { retries: 1 }],
		['agents/1/login', {}],
		['agents/x/logout', {}],
		['nothing', {}],
	])('refuses a control request to %s with the body %j', async (path, body) => {
		const response = await control('POST', path, body);
		expect(response.status).toBeGreaterThanOrEqual(400);
		expect(response.status).toBeLessThan(500);
		expect(typeof (response.json as Json).message).toBe('string');
	});
});

describe('events on the PBX', () => {
	it('reports calls, messages and voicemails to the webhooks registered through the API', async () => {
		for (const event of ['dial-in', 'hangup', 'message-in', 'voicemail'])
			await registerWebhook(event);
		await control('POST', 'calls/incoming', {
			from: '447700900123',
			to: 85201,
			did: '442079460100',
		});
		expect(received().map(({ EventType }) => EventType)).toEqual(['dial-in', 'hangup']);
		expect(received()[0]).toMatchObject({
			CallerIDNum: '447700900123',
			CalledExtensionID: '85201',
		});
		await control('POST', 'messages', { remote: '447700900123', text: 'Hello' });
		expect(received()[2]).toMatchObject({ text: 'Hello', src_number: '447700900123' });
		await control('POST', 'voicemails', { from: '447700900123', extension: 85201 });
		expect(received()).toHaveLength(4);
		expect(pbx.sandbox.store.voicemails.size).toBe(7);
	});

	it('makes a recording that can be downloaded by the RecID of the hangup event', async () => {
		await registerWebhook('hangup');
		await control('POST', 'calls/outgoing', { to: '447700900123', talk: 20, includesRecId: true });
		const { RecID } = received()[0];
		expect(RecID).toMatch(/^\d+-[0-9a-f]{32}$/);
		const record = pbx.sandbox.store.records.list().at(-1);
		const response = await pbx.client.request('GET', `${BASE}/record/${RecID}`);
		expect([response.status, response.bytes.length]).toEqual([200, record?.record_file_size]);
	});

	it('reports logins and logouts of an agent through the API and at the phone', async () => {
		const agent = pbx.sandbox.store.agents.list()[0].id;
		for (const event_type of ['agent-login', 'agent-logout']) {
			const body = { url: receiver.url, method: 'POST', event_type };
			await pbx.client.request('POST', `${BASE}/agent/local/${agent}/event/`, { body });
		}
		await pbx.client.request('PUT', `${BASE}/agent/local/${agent}`, {
			body: { status: 'logged_out' },
		});
		await pbx.sandbox.telephony.idle();
		await control('POST', `agents/${agent}/login`);
		await control('POST', `agents/${agent}/login`);
		await pbx.sandbox.agentLogout(agent);
		await pbx.sandbox.agentLogin(agent);
		expect(received()).toMatchObject([
			{ agent_status: 'logged_out', event_source: 'api', agent_id: String(agent) },
			{ agent_status: 'available', event_source: 'phone' },
			{ agent_status: 'logged_out', event_source: 'phone' },
			{ agent_status: 'available', event_source: 'phone' },
		]);
	});

	it('runs the tasks of a scheduler once it is switched on', async () => {
		const tasks = [{ a_number: '447700900001', b_number: '1844*101', url_after: receiver.url }];
		const added = await pbx.client.request('POST', `${BASE}/task_scheduler/2/tasks/`, {
			body: { tasks },
		});
		const { id } = (added.json as { tasks: Array<{ id: number }> }).tasks[0];
		const getTask = async () =>
			(await pbx.client.request('GET', `${BASE}/task_scheduler/2/task/${id}`)).json as Json;
		await pbx.sandbox.clock.advance(3_600_000);
		expect((await getTask()).status).toBe('scheduled');
		await pbx.client.request('PUT', `${BASE}/task_scheduler/2`, { body: { status: 'on' } });
		await pbx.sandbox.clock.advance(3_600_000);
		expect(await getTask()).toMatchObject({
			status: 'finished',
			finish_result: expect.stringMatching(/^(success|failed)$/),
		});
		expect(received()).toHaveLength(1);
		const scheduler = await pbx.client.request('GET', `${BASE}/task_scheduler/2`);
		expect(scheduler.json).toMatchObject({ task_count: 1, sched_task_count: 0 });
	});
});
