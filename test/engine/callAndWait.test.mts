/** Call and Wait in n8n's engine: what is dialed, how long the execution waits, and what ends the wait. */
import type { IDataObject } from 'n8n-workflow';

import { accessToken, contextOf, createFixture, type Fixture } from '../harness/fixture.mts';
import { setupTimers } from '../harness/timers.mts';
import type { RunOptions } from '../harness/types.mts';
import type { ResumeRequest } from '../harness/waiting.mts';
import { startTestServer } from '../support/testServer.mts';

/** The clock of the PBX, far from that of this machine. */
const START = Date.UTC(2026, 0, 15, 9);
const ANSWERED = '447700900001';
const NOT_ANSWERED = '447700900009';
const HOUR = 3_600_000;

let fixture: Fixture;
beforeAll(async () => (fixture = await createFixture({ start: START })));
beforeEach(() => {
	fixture.sandbox.reset();
	fixture.sandbox.faults.clear();
	fixture.sandbox.telephony.setTaskWebhooks({});
});
afterEach(() => expect(fixture.sandbox.errors).toEqual([]));
afterAll(async () => await fixture.sandbox.stop());

/** The pauses between two reads of the task, and those of the retries. */
const timers = setupTimers((ms) => ms < 10_000 || ms === 16_000);

const node = (parameters: IDataObject = {}) => ({
	node: 'ringMe',
	parameters: {
		authentication: 'accessToken',
		resource: 'taskScheduler',
		operation: 'callAndWait',
		schedulerId: '1',
		aNumber: ANSWERED,
		bNumber: '101',
		...(parameters as object),
	},
	credentials: { ringMeApi: accessToken(fixture.sandbox) },
});

const call = async (parameters: IDataObject = {}, options: Partial<RunOptions> = {}) =>
	await fixture.engine.runUntilItWaits({ ...node(parameters), ...options });

/** A date in a field of the node. */
const inMinutes = (minutes: number) =>
	new Date(fixture.sandbox.clock.now() + minutes * 60_000).toISOString();

const additions = () => fixture.sandbox.journal.find('POST', '/tasks/');
const sentTask = () => (additions()[0].body as { tasks: IDataObject[] }).tasks[0];
const advance = async (ms = HOUR) => await fixture.sandbox.clock.advance(ms);

describe('the call', () => {
	it('is added once, starts ten seconds ahead on the clock of the PBX and expires with the wait', async () => {
		const { status, run } = await call({ waitAmount: 30, waitUnit: 'minutes' });
		expect(status).toBe('waiting');
		expect(additions()).toHaveLength(1);
		expect(sentTask()).toMatchObject({
			a_number: ANSWERED,
			b_number: '101',
			url_after: expect.stringContaining('/webhook-waiting/') as string,
		});
		const { start_time_utc: start, global_expires: expires } = sentTask();
		const delay = Date.parse(`${String(start).replace(' ', 'T')}Z`) - fixture.sandbox.clock.now();
		expect(delay).toBeGreaterThanOrEqual(10_000);
		expect(delay).toBeLessThan(20_000);
		expect(delay / 1000 + Number(expires)).toBeGreaterThan(1795);
		expect(delay / 1000 + Number(expires)).toBeLessThanOrEqual(1810);
		const wait = Number(run.data.waitTill) - Date.now();
		expect(wait).toBeGreaterThan(HOUR / 2 - 60_000);
		expect(wait).toBeLessThan(HOUR / 2 + 60_000);
	});

	it('has the options that the user set, and its numbers without spaces, brackets and dashes', async () => {
		const start = inMinutes(20);
		await call({
			aNumber: '+44 (7700) 900-001',
			options: {
				name: 'Ann',
				tryCount: 3,
				globalExpires: 600,
				startTimeUtc: start,
				variables: { rows: [{ name: 'order', value: '17' }] },
			},
		});
		expect(sentTask()).toMatchObject({
			a_number: '+447700900001',
			name: 'Ann',
			try_count: 3,
			global_expires: 600,
			start_time_utc: start.slice(0, 19).replace('T', ' '),
			variables: { order: '17' },
		});
	});

	it('may wait without a limit', async () => {
		const { run } = await call({ limitWaitTime: false });
		expect(new Date(run.data.waitTill ?? 0).getFullYear()).toBe(3000);
		expect(sentTask()).toMatchObject({ global_expires: 86_400 });
	});

	it.each([
		['two items', {}, { inputItemsCount: 2 }],
		['a task scheduler that is off', { schedulerId: '2' }, {}],
		['an invalid number of attempts', { options: { tryCount: 51 } }, {}],
		['no number at all', { aNumber: '', bNumber: '' }, {}],
		[
			'a start after the end of the wait',
			{ options: { startTimeUtc: '2026-01-15T10:00:00Z' } },
			{},
		],
		['no time to wait', { waitAmount: 0 }, {}],
		['an expression in Operation', { operation: '={{ "callAndWait" }}' }, {}],
	])('is not made for %s', async (_, parameters, options) => {
		const { error } = await call(parameters, options);
		expect(error).toBeDefined();
		expect(additions()).toEqual([]);
	});

	it('is not made if it would start after the end of the wait', async () => {
		const { error } = await call({ options: { startTimeUtc: inMinutes(61) } });
		expect(error?.message).toMatch(/'Start Time'/);
		expect(additions()).toEqual([]);
	});

	it('is not made if only this machine can reach n8n, and the PBX is another one', async () => {
		const credential = { ...accessToken(fixture.sandbox), baseUrl: 'https://pbx.example.com' };
		const { error } = await call({}, { credentials: { ringMeApi: credential } });
		expect(error?.description).toMatch(/WEBHOOK_URL/);
	});

	it('is refused with the two ways to call many people', async () => {
		const { error } = await call({}, { inputItemsCount: 2 });
		expect(error?.description).toMatch(/'Loop Over Items'.*'Add Tasks'.*'Report Results To'/);
	});

	it('is refused as a tool of an AI agent, with the operations to use instead', async () => {
		const { response, error } = await fixture.engine.runAsTool(node());
		expect(JSON.stringify([response, error])).toMatch(/'Add Tasks'.*'Get Task'/);
		expect(fixture.sandbox.journal.api()).toEqual([]);
	});

	it.each(['dropAfter', 'dropBefore'] as const)(
		'is not repeated by Retry On Fail after a lost response (%s)',
		async (kind) => {
			fixture.sandbox.faults.add({ kind, match: { method: 'POST' } });
			const { error } = await call(
				{},
				{ settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 } },
			);
			expect(contextOf(error)?.items).toEqual({ unknown: [0] });
			expect(additions()).toHaveLength(1);
		},
	);

	it('is made by a later try after a failure that came before it', async () => {
		fixture.sandbox.faults.add({ kind: 'status', status: 500, match: { method: 'GET' } });
		const { status } = await call(
			{},
			{ settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 } },
		);
		expect(status).toBe('waiting');
		expect(additions()).toHaveLength(1);
	});

	it('gives each item its error with Continue On Fail', async () => {
		const { json } = await call({}, { inputItemsCount: 2, onError: 'continueRegularOutput' });
		expect(json).toHaveLength(2);
		expect(json[1].error).toMatch(/one call at a time/);
		expect(additions()).toEqual([]);
	});
});

describe('the wait', () => {
	it('does not begin if the task was finished before the response to its creation', async () => {
		fixture.sandbox.telephony.setTaskWebhooks({ beforeResponse: true });
		const { status, json } = await call();
		expect(status).toBe('success');
		expect(json).toMatchObject([{ status: 'finished', finish_result: 'success', timedOut: false }]);
	});

	it('begins although the task cannot be read in time', async () => {
		const fault = fixture.sandbox.faults.add({
			kind: 'hold',
			match: { method: 'GET', path: /\/task\// },
		});
		const waiting = call();
		await fault.held();
		// Half of the time until the call starts.
		timers.fire(5_000);
		const { status, run } = await waiting;
		expect(status).toBe('waiting');
		expect(Number(run.data.waitTill)).toBeGreaterThan(Date.now());
		fixture.sandbox.faults.clear();
	});

	it('does not begin if the call was over when the task was read once more', async () => {
		let reads = 0;
		const pbx = await startTestServer(({ method, path, body }, response) => {
			const isTask = path.includes('/task/');
			if (isTask) reads++;
			// The first read takes so long that the call starts and ends meanwhile.
			if (isTask) response.setHeader('date', new Date(START + HOUR).toUTCString());
			else response.setHeader('date', new Date(START).toUTCString());
			response.writeHead(method === 'POST' ? 201 : 200, { 'content-type': 'application/json' });
			const scheduler = { id: 1, name: 'Calls', status: 'on', task_count: 0 };
			const task = { id: 5, start_time_utc: '2026-01-15 09:00:10' };
			const answer = isTask
				? { ...task, status: reads === 1 ? 'scheduled' : 'finished' }
				: method === 'POST'
					? { tasks: [{ ...task, ...(JSON.parse(body) as { tasks: object[] }).tasks[0] }] }
					: scheduler;
			response.end(JSON.stringify(answer));
		});
		const credential = { ...accessToken(fixture.sandbox), baseUrl: pbx.url };
		const { status, json } = await call({}, { credentials: { ringMeApi: credential } });
		await pbx.stop();
		expect(status).toBe('success');
		expect(json).toMatchObject([{ id: 5, status: 'finished', timedOut: false }]);
		expect(reads).toBe(2);
	});

	it.each<[string, ResumeRequest]>([
		['a form', { body: { task_id: '1', event: 'after' } }],
		['JSON', { body: { anything: [1, 2] } }],
		['no body', { body: undefined, query: undefined }],
		['text', { body: 'finished' }],
		['a GET', { method: 'GET', query: { TaskID: '1' } }],
	])('ends with the finished task, reported by %s', async (_, request) => {
		const { resume } = await call({ aNumber: NOT_ANSWERED });
		await advance();
		const { items } = await resume(request);
		expect(items).toMatchObject([
			{
				json: { status: 'finished', finish_result: 'failed', timedOut: false },
				pairedItem: { item: 0 },
			},
		]);
	});

	it('ends once, however often the PBX reports the result', async () => {
		const { resume } = await call();
		await advance();
		const results = await Promise.all([resume(), resume(), resume({ method: 'GET' })]);
		expect(results.filter(({ items }) => items)).toHaveLength(1);
		expect(results.filter(({ status }) => status === 200)).toHaveLength(2);
	});

	it('goes on after a request about a task that is not finished, which has its response at once', async () => {
		const { resume } = await call();
		const result = await resume();
		expect(result).toEqual({ status: 200, items: undefined });
		await advance();
		expect((await resume()).items).toHaveLength(1);
	});

	it('ends if the PBX finishes the task only after it has the response', async () => {
		const { resume } = await call();
		timers.beforeEnd = advance;
		const ends = await resume();
		expect(ends.items).toMatchObject([{ json: { status: 'finished' } }]);
	});

	it('ends although the PBX cannot be asked at first', async () => {
		const { resume } = await call();
		await advance();
		fixture.sandbox.faults.add({ kind: 'status', status: 500, match: { method: 'GET' }, times: 3 });
		const { items } = await resume();
		expect(items).toMatchObject([{ json: { status: 'finished' } }]);
	});

	it('goes on with a response that asks for a repetition while the PBX cannot be asked', async () => {
		const { resume } = await call();
		await advance();
		fixture.sandbox.faults.add({
			kind: 'status',
			status: 500,
			match: { method: 'GET' },
			times: Infinity,
		});
		const result = await resume();
		expect(result).toEqual({ status: 503, items: undefined });
		fixture.sandbox.faults.clear();
		expect((await resume()).items).toHaveLength(1);
	});

	it('goes on if the task is gone', async () => {
		const { resume, json } = await call();
		fixture.sandbox.store.tasks.delete(Number(json[0].id));
		expect((await resume()).items).toBeUndefined();
	});

	it('leaves the task as last known for the time when it is up', async () => {
		const { run } = await call();
		const [entry] = run.data.executionData?.nodeExecutionStack ?? [];
		expect(entry.data.main).toMatchObject([
			[{ json: { status: 'scheduled', a_number: ANSWERED, timedOut: true } }],
		]);
	});

	it('ends for the PBX client and the scheduler that an expression gave', async () => {
		const { resume } = await call(
			{ schedulerId: '={{ $json.scheduler + 0 }}', client: '={{ $json.client }}' },
			{ json: [{ scheduler: 1, client: '@me' }] },
		);
		await advance();
		expect((await resume()).items).toHaveLength(1);
	});
});

describe('the secret of the resume URL', () => {
	it('is in no output, with and without Simplify', async () => {
		const { json, run, resume } = await call({ simplify: false });
		await advance();
		const { items } = await resume();
		const waiting = run.data.executionData?.nodeExecutionStack[0].data.main;
		const texts = JSON.stringify([json, items, waiting, run.data.executionData?.contextData]);
		expect(sentTask().url_after).toBeDefined();
		expect(texts).not.toContain('webhook-waiting');
		expect(json[0]).toHaveProperty('create_date_utc');
	});

	it('is not in an error in which the PBX repeats what was sent', async () => {
		const scheduler = { id: 1, name: 'Calls', status: 'on', task_count: 0 };
		const pbx = await startTestServer(({ method, body }, response) => {
			response.writeHead(method === 'POST' ? 400 : 200, { 'content-type': 'application/json' });
			response.end(
				method === 'POST' ? JSON.stringify({ message: body }) : JSON.stringify(scheduler),
			);
		});
		try {
			const credential = { ...accessToken(fixture.sandbox), baseUrl: pbx.url };
			const { error, run, logs } = await call({}, { credentials: { ringMeApi: credential } });
			const secret = run.data.resumeToken;
			expect(pbx.requests.find(({ method }) => method === 'POST')?.body).toContain(secret);
			expect(error?.message).toContain('url_after');
			expect(JSON.stringify([error, error?.message, run.data.resultData, logs])).not.toContain(
				secret,
			);
		} finally {
			await pbx.stop();
		}
	});
});
