import { startSandbox } from '../../sandbox/index.mts';
import type { Sandbox } from '../../sandbox/index.mts';
import { startTestServer, type TestServer } from '../support/testServer.mts';
import { Client } from './support/client.mts';
import type { Json } from './support/client.mts';

const BASE = '/api/ver1.0/client/@me';
let sandbox: Sandbox;
let client: Client;
let hook: TestServer;
let hookUrl: string;
let received: Array<Record<string, string>>;

beforeAll(async () => {
	sandbox = await startSandbox({ clock: 'virtual' });
	client = new Client(sandbox.url);
	hook = await startTestServer(({ body }, response) => {
		received.push(Object.fromEntries(new URLSearchParams(body)));
		response.end();
	});
	hookUrl = `${hook.url}/hook`;
});
beforeEach(() => {
	sandbox.reset();
	received = [];
});
afterAll(async () => {
	await sandbox.stop();
	expect(sandbox.errors).toEqual([]);
	await hook.stop();
});

const control = async (method: string, path: string, body?: unknown) =>
	await client.ask(method, `/_control/${path}`, { authorization: null, body });
const register = async (event_type: string) =>
	await client.ask('POST', `${BASE}/phone_events/`, {
		body: { url: hookUrl, method: 'POST', event_type },
	});

describe('over HTTP', () => {
	it('names what there is', async () => {
		const { json } = await control('GET', '');
		expect(json).toEqual(
			expect.arrayContaining(['POST /_control/calls/incoming', 'GET /_control/journal']),
		);
		expect(json).not.toContain('GET /_control/');
	});

	it('faults are set, listed and cleared', async () => {
		const body = { kind: 'status', status: 503, match: { path: '/did/' }, times: 'always' };
		expect((await control('POST', 'faults', body)).status).toBe(201);
		expect((await client.ask('GET', `${BASE}/did/`)).status).toBe(503);
		expect((await control('GET', 'faults')).json).toMatchObject([{ kind: 'status', hits: 1 }]);
		expect((await control('DELETE', 'faults')).status).toBe(204);
		expect((await client.ask('GET', `${BASE}/did/`)).status).toBe(200);
	});

	it('the journal is read and cleared, without the control requests', async () => {
		await client.ask('GET', `${BASE}/did/`);
		await client.ask('GET', `${BASE}/limit/`);
		expect((await control('GET', 'journal?last=1')).json).toMatchObject([
			{ path: `${BASE}/limit/` },
		]);
		expect((await control('GET', 'journal?api=true')).json).toHaveLength(2);
		await control('DELETE', 'journal');
		expect((await control('GET', 'journal')).json).toEqual([]);
	});

	it('tables are read', async () => {
		expect((await control('GET', 'state/extensions')).json).toHaveLength(20);
		expect((await control('GET', 'state/client')).json).toMatchObject({ id: 4321 });
		expect((await control('GET', 'state/sounds')).text).not.toContain('"audio"');
		expect((await control('GET', 'state/constructor')).status).toBe(404);
	});

	it('tokens are revoked and expired, and all goes back to the start', async () => {
		await control('POST', 'tokens/revoke', { token: 'sandbox-token' });
		expect((await client.ask('GET', `${BASE}/did/`)).status).toBe(401);
		expect((await control('POST', 'tokens/revoke', { token: 'sandbox-token' })).status).toBe(404);
		await control('POST', 'tokens/expire');
		await control('POST', 'reset');
		expect((await client.ask('GET', `${BASE}/did/`)).status).toBe(200);
	});

	it('the clock moves', async () => {
		const { now } = (await control('GET', 'clock')).json as { now: number };
		expect((await control('POST', 'clock/advance', { ms: 5000 })).json).toEqual({
			now: now + 5000,
		});
	});

	it.each([
		['faults', { kind: 'earthquake' }],
		['faults', { kind: 'slow', ms: 1e12 }],
		['faults', { kind: 'slow', unknown: 1 }],
		['faults', []],
		['clock/advance', { ms: -1 }],
		['clock/advance', {}],
		['calls/incoming', {}],
		['calls/outgoing', { to: '1', nonsense: true }],
		['messages', { text: 5 }],
		['voicemails', { from: '' }],
		['agents/1/login', {}],
		['agents/x/logout', {}],
		['nothing', {}],
	])('%s %j is refused', async (path, body) => {
		const answer = await control('POST', path, body);
		expect(answer.status).toBeGreaterThanOrEqual(400);
		expect(answer.status).toBeLessThan(500);
		expect(typeof (answer.json as Json).message).toBe('string');
	});
});

describe('what happens on the PBX', () => {
	it('is told to the addresses registered through the API', async () => {
		for (const event of ['dial-in', 'hangup', 'message-in', 'voicemail']) await register(event);
		await control('POST', 'calls/incoming', {
			from: '447700900123',
			to: 85201,
			did: '442079460100',
		});
		expect(received.map(({ EventType }) => EventType)).toEqual(['dial-in', 'hangup']);
		expect(received[0]).toMatchObject({ CallerIDNum: '447700900123', CalledExtensionID: '85201' });
		await control('POST', 'messages', { remote: '447700900123', text: 'Hello' });
		expect(received[2]).toMatchObject({ text: 'Hello', src_number: '447700900123' });
		await control('POST', 'voicemails', { from: '447700900123', extension: 85201 });
		expect(received).toHaveLength(4);
		expect(sandbox.store.voicemails.size).toBe(7);
	});

	it('leaves a recording that can be downloaded by the id in the event', async () => {
		await register('hangup');
		await control('POST', 'calls/outgoing', { to: '447700900123', talk: 20, tellsRecord: true });
		const { RecID } = received[0];
		expect(RecID).toMatch(/^\d+-[0-9a-f]{32}$/);
		const record = sandbox.store.records.list().at(-1);
		const answer = await client.ask('GET', `${BASE}/record/${RecID}`);
		expect([answer.status, answer.bytes.length]).toEqual([200, record?.record_file_size]);
	});

	it('is told when an agent logs out through the API or at the phone', async () => {
		const agent = sandbox.store.agents.list()[0].id;
		for (const event_type of ['agent-login', 'agent-logout']) {
			const body = { url: hookUrl, method: 'POST', event_type };
			await client.ask('POST', `${BASE}/agent/local/${agent}/event/`, { body });
		}
		await client.ask('PUT', `${BASE}/agent/local/${agent}`, { body: { status: 'logged_out' } });
		await sandbox.telephony.idle();
		await control('POST', `agents/${agent}/login`);
		await control('POST', `agents/${agent}/login`);
		await sandbox.agentLogout(agent);
		await sandbox.agentLogin(agent);
		expect(received).toMatchObject([
			{ agent_status: 'logged_out', event_source: 'api', agent_id: String(agent) },
			{ agent_status: 'available', event_source: 'phone' },
			{ agent_status: 'logged_out', event_source: 'phone' },
			{ agent_status: 'available', event_source: 'phone' },
		]);
	});

	it('works through the tasks of a scheduler that is on', async () => {
		const tasks = [{ a_number: '447700900001', b_number: '1844*101', url_after: hookUrl }];
		const added = await client.ask('POST', `${BASE}/task_scheduler/2/tasks/`, { body: { tasks } });
		const { id } = (added.json as { tasks: Array<{ id: number }> }).tasks[0];
		const task = async () =>
			(await client.ask('GET', `${BASE}/task_scheduler/2/task/${id}`)).json as Json;
		await sandbox.clock.advance(3_600_000);
		expect((await task()).status).toBe('scheduled');
		await client.ask('PUT', `${BASE}/task_scheduler/2`, { body: { status: 'on' } });
		await sandbox.clock.advance(3_600_000);
		expect(await task()).toMatchObject({
			status: 'finished',
			finish_result: expect.stringMatching(/^(success|failed)$/),
		});
		expect(received).toHaveLength(1);
		const scheduler = await client.ask('GET', `${BASE}/task_scheduler/2`);
		expect(scheduler.json).toMatchObject({ task_count: 1, sched_task_count: 0 });
	});
});
