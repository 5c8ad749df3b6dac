import { startSandbox } from '../../sandbox/index.mts';
import type { Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';
import { startReceiver, type Receiver } from './support/telephonyFixture.mts';

const BASE = '/api/ver1.0/client/@me';
const DAY_MS = 86_400_000;
const pbx = setupSandbox();
let receiver: Receiver;

beforeEach(async () => {
	receiver = await startReceiver();
});
afterEach(async () => await receiver.close());

const get = async (path: string) => await pbx.client.request('GET', path, { authorization: null });
const post = async (path: string, body: unknown) =>
	await pbx.client.request('POST', `/_control/${path}`, { authorization: null, body });
const addTasks = async (scheduler: number, tasks: Json[]) => {
	const { status } = await pbx.client.request(
		'POST',
		`${BASE}/task_scheduler/${scheduler}/tasks/`,
		{
			body: { tasks },
		},
	);
	expect(status).toBe(201);
};
const progressOf = async (id: number) => {
	const schedulers = (await get('/_control/task-schedulers')).json as Json[];
	return schedulers.find((scheduler) => scheduler.id === id);
};
const answers = { a_number: '447700900011', b_number: '1844*101' };
const answersLater = { ...answers, a_number: '447700900018', try_count: 2, try_again_pause: 600 };
const isBusy = { ...answers, a_number: '447700900017', try_count: 2, try_again_pause: 600 };

describe('the page', () => {
	it('is where the address of the sandbox leads', async () => {
		const { status, headers } = await get('/');
		expect([status, headers.get('location')]).toEqual([302, '/_control/page/']);
	});

	it('consists of files of the sandbox, and its browser loads nothing from elsewhere', async () => {
		const { text, headers } = await get('/_control/page/');
		expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
		expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
		const links = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => link);
		expect(links).toEqual(['data:,', 'page.css', 'page.mjs']);
		for (const [file, type] of [
			['page.css', 'text/css'],
			['page.mjs', 'text/javascript'],
		]) {
			const response = await get(`/_control/page/${file}`);
			expect(response.status).toBe(200);
			expect(response.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
		}
		expect((await get('/_control/page/routes.mts')).status).toBe(404);
	});

	it('is no part of what was asked of the PBX', async () => {
		await get('/_control/page/');
		await get('/_control/access');
		expect(pbx.sandbox.journal.all()).toEqual([]);
	});

	it('shows an ID and a secret with which a token can be got', async () => {
		const { baseUrl, applicationId, applicationSecret } = (await get('/_control/access'))
			.json as Record<string, string>;
		const response = await fetch(`${baseUrl}/oauth/token`, {
			method: 'POST',
			body: new URLSearchParams({
				grant_type: 'client_credentials',
				client_id: applicationId,
				client_secret: applicationSecret,
				scope: 'all',
			}),
		});
		expect(response.status).toBe(200);
		const { access_token } = (await response.json()) as { access_token: string };
		const limit = await pbx.client.request('GET', `${BASE}/limit/`, {
			authorization: `Bearer ${access_token}`,
		});
		expect(limit.status).toBe(200);
	});
});

describe('the controls of the page', () => {
	it('show how far the tasks of each scheduler are', async () => {
		await addTasks(1, [answers, answersLater, isBusy]);
		expect(await progressOf(1)).toMatchObject({ name: 'Spring campaign', status: 'on' });
		expect(await progressOf(1)).toMatchObject({ total: 3, waiting: 3, calling: 0 });
		await pbx.sandbox.clock.advance(1000);
		expect(await progressOf(1)).toMatchObject({ total: 3, waiting: 0, calling: 3 });
		await pbx.sandbox.clock.advance(DAY_MS);
		expect(await progressOf(1)).toMatchObject({ calling: 0, waiting: 0, succeeded: 2, failed: 1 });
		expect(await progressOf(2)).toMatchObject({ status: 'off', total: 0 });
	});

	it('finish the waiting tasks with all attempts, and no more time passes than they take', async () => {
		const before = pbx.sandbox.clock.now();
		await addTasks(1, [{ ...answers, url_after: receiver.url }, answersLater, isBusy]);
		expect((await post('tasks/finish', {})).json).toEqual({ done: true });
		expect(await progressOf(1)).toMatchObject({ total: 3, succeeded: 2, failed: 1 });
		expect(receiver.requests).toHaveLength(1);
		const passed = pbx.sandbox.clock.now() - before;
		expect(passed).toBeGreaterThan(600_000);
		expect(passed).toBeLessThan(1_000_000);
		await post('tasks/finish', {});
		expect(pbx.sandbox.clock.now() - before).toBe(passed);
	});

	it('finish tasks that wait for the calling hours, or for their start within a day', async () => {
		// 15 January 2026 is a Thursday: its office hours end at 18:00.
		await pbx.sandbox.clock.advance(10 * 3_600_000);
		await pbx.client.request('PUT', `${BASE}/task_scheduler/2`, { body: { status: 'on' } });
		await addTasks(2, [answers]);
		await addTasks(1, [{ ...answers, start_time_utc: '2026-01-16 03:00:00' }]);
		await post('tasks/finish', {});
		expect(await progressOf(1)).toMatchObject({ succeeded: 1 });
		expect(await progressOf(2)).toMatchObject({ succeeded: 1 });
		expect(new Date(pbx.sandbox.clock.now()).toISOString()).toMatch(/^2026-01-16T09:0/);
	});

	it('let tasks wait whose scheduler is off, or that start later than in a day, and no time passes', async () => {
		const before = pbx.sandbox.clock.now();
		await addTasks(2, [answers]);
		await addTasks(1, [{ ...answers, start_time_utc: '2026-01-17 09:00:00' }]);
		await post('tasks/finish', {});
		expect(await progressOf(1)).toMatchObject({ waiting: 1 });
		expect(await progressOf(2)).toMatchObject({ waiting: 1 });
		expect(pbx.sandbox.clock.now()).toBe(before);
	});

	it('call the voice menu at once if the call is not live, with what is typed and said', async () => {
		const texts = ['Press or say something', 'You typed 2', 'You said hello'];
		receiver.respond = (_request, response) =>
			void response.end(`<Response><TTS>${texts.shift()}</TTS></Response>`);
		const ask = { action: 'call_interactive', call_interactive_url: receiver.url };
		const start = [ask, { action: 'voice_helper' }, ask, { action: 'voice_helper' }, ask];
		await post('voice-menus', {
			contexts: { 1: { options: { start: [...start, { action: 'hangup' }] } } },
		});
		const before = pbx.sandbox.clock.now();
		const { json } = await post('calls/menu', {
			from: '447700900123',
			inputs: ['2', 'hello'],
			live: false,
		});
		expect(json).toMatchObject({
			heard: [
				{ kind: 'speech', text: 'Press or say something' },
				{ kind: 'speech', text: 'You typed 2' },
				{ kind: 'speech', text: 'You said hello' },
			],
			endedBy: 'menu',
			problems: [],
		});
		expect(receiver.requests.map(({ query }) => query.voice_navigator_STT)).toEqual([
			undefined,
			'',
			'hello',
		]);
		expect(pbx.sandbox.clock.now()).toBeGreaterThan(before);
		expect((await post('calls/menu', { from: '447700900123', to: 101, live: false })).status).toBe(
			400,
		);
	});

	it('give the latest deliveries only, if asked to', async () => {
		for (const event_type of ['dial-in', 'hangup']) {
			const body = { url: receiver.url, method: 'POST', event_type };
			await pbx.client.request('POST', `${BASE}/phone_events/`, { body });
		}
		const numbers = async (query: string) =>
			((await get(`/_control/deliveries${query}`)).json as Array<{ n: number }>).map(({ n }) => n);
		const earlier = (await numbers('')).at(-1) ?? 0;
		for (let n = 0; n < 2; n++) await post('calls/incoming', { from: '447700900123', to: '101' });
		expect((await numbers('')).slice(-4)).toEqual([1, 2, 3, 4].map((n) => earlier + n));
		expect(await numbers('?last=2')).toEqual([3, 4].map((n) => earlier + n));
		expect((await get('/_control/deliveries?last=0')).status).toBe(400);
	});
});

it('has its history in the days before the start of its clock, whenever that is', async () => {
	for (const start of [Date.UTC(2026, 0, 15, 9), Date.UTC(2027, 5, 30, 23, 59), Date.now()]) {
		const { store, stop } = await startSandbox({ clock: 'virtual', start });
		const timesOf = (rows: Array<{ init_time_gmt: string }>) =>
			rows.map(({ init_time_gmt }) => Date.parse(`${init_time_gmt.replace(' ', 'T')}Z`));
		for (const rows of [store.records, store.voicemails, store.pastCalls, store.messages]) {
			const times = timesOf(rows.list() as Array<{ init_time_gmt: string }>);
			expect(times.filter((time) => time > start)).toEqual([]);
			expect(times.filter((time) => time > start - 7 * DAY_MS).length).toBeGreaterThan(1);
		}
		await stop();
	}
});
