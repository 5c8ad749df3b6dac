/** Results of tasks, from Add Tasks over the PBX to a RingMe Trigger that listens on a real port. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { oAuth2 } from '../harness/fixture.mts';
import type { Trigger } from '../harness/trigger.mts';
import { isShortWait, setupTimers } from '../harness/timers.mts';
import { waitFor } from '../support/waitFor.mts';
import { TASK_WEBHOOK_FORMS } from '../support/taskWebhookForms.mts';
import { createTriggerFixture, FORM, secretOf, type TriggerFixture } from './fixture.mts';

const SCHEDULER = 2;
const HOUR = 3_600_000;
/** After it, the trigger responds although the task is not read. */
const RESPONSE_TIME_MS = 2_000;
/** After it, a task is read again that should be finished. */
const SECOND_READING_MS = 1_000;
/** Whether the second reading comes at once; a test that changes the task before it fires it. */
let isReadAgainAtOnce = true;

const timers = setupTimers(
	(ms) => isShortWait(ms) && (isReadAgainAtOnce || ms !== SECOND_READING_MS),
);

let fixture: TriggerFixture;
beforeAll(async () => (fixture = await createTriggerFixture({ instantCalls: true })));
afterAll(async () => await fixture.close());
beforeEach(() => {
	fixture.sandbox.reset();
	switchScheduler('on');
});
afterEach(() => {
	expect(fixture.sandbox.errors).toEqual([]);
});

const switchScheduler = (status: 'on' | 'off') =>
	fixture.sandbox.store.taskSchedulers.update(SCHEDULER, {
		status,
		interval_id: null,
		concurrent_task_limit: 100,
	});
const credentials = () => ({ ringMeOAuth2Api: oAuth2(fixture.sandbox) });

/** A published trigger for events of tasks, with the same credential as `addTasks`. */
async function openTrigger(parameters: INodeParameters = {}, options = {}): Promise<Trigger> {
	const trigger = await fixture.openTrigger(
		{ authentication: 'oAuth2', events: ['task-finished'], ...parameters },
		{ credentials: credentials(), ...options },
	);
	await trigger.activate();
	return trigger;
}

/** Adds a task for each person, with the index as key. @returns the tasks on the PBX */
async function addTasks(trigger: Trigger, count: number, options: IDataObject = {}) {
	const json = Array.from({ length: count }, (_, n) => ({
		row: n,
		a_number: `+44770090001${n}`,
		b_number: '101',
		name: `Person ${n}`,
	}));
	const { error } = await fixture.engine.run({
		node: 'ringMe',
		parameters: {
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: String(SCHEDULER),
			unknownFields: 'ignore',
			options: { reportResultsTo: trigger.url(), resultKey: '={{ $json.row }}', ...options },
		} as INodeParameters,
		credentials: credentials(),
		json,
	});
	if (error) throw error;
	return fixture.sandbox.store.tasks.list().slice(-count);
}

/** Lets the PBX dial, and waits until a number of reports are handled: it has the responses earlier. */
async function dial(trigger: Trigger, reports: number) {
	await fixture.sandbox.clock.advance(HOUR);
	await fixture.sandbox.telephony.idle();
	await waitFor(`${reports} reports`, () => reportsTo(trigger).length >= reports);
}

/** The items that started the workflow, by key. */
const startedWith = (trigger: Trigger) =>
	trigger.deliveries
		.flatMap(({ items = [] }) => items.map(({ json }) => json))
		.sort((a, b) => Number(a.key) - Number(b.key));

const reportsTo = (trigger: Trigger) =>
	trigger.deliveries.filter(({ path }) => path.includes('?report='));

/** The signed part of a task's URL. */
const reportOf = (url: unknown) => new URL(String(url)).searchParams.get('report') ?? '';

/** Sends what the PBX sends when a task is finished. */
const report = async (trigger: Trigger, token: string, fields: Record<string, string> = {}) =>
	await trigger.deliver({
		query: { report: token },
		headers: { 'content-type': FORM },
		body: new URLSearchParams(fields).toString(),
	});

const taskReads = () => fixture.sandbox.journal.find('GET', '/task/');

describe('the result of each task', () => {
	it.each(TASK_WEBHOOK_FORMS)(
		'starts the workflow once with its own key, although the PBX sends it twice as %j',
		async (form) => {
			fixture.sandbox.telephony.setTaskWebhooks({ ...form, times: 2 });
			const trigger = await openTrigger();
			const tasks = await addTasks(trigger, 5);
			await dial(trigger, 10);
			expect(reportsTo(trigger).map(({ status }) => status)).toEqual(Array(10).fill(200));
			const items = startedWith(trigger);
			expect(items.map(({ key }) => key)).toEqual([0, 1, 2, 3, 4]);
			const hasId = form.taskId !== false && form.payload !== 'empty';
			for (const [index, { id }] of tasks.entries()) {
				const { finish_result } = fixture.sandbox.store.tasks.get(id) ?? {};
				expect(items[index]).toMatchObject({ event: 'task-finished', schedulerId: '2' });
				expect(items[index].raw).not.toHaveProperty('report');
				if (hasId) {
					expect(items[index]).toMatchObject({
						taskId: id,
						status: 'finished',
						result: finish_result,
						name: `Person ${index}`,
					});
					expect(items[index]).not.toHaveProperty('note');
				} else {
					expect(items[index]).not.toHaveProperty('taskId');
					expect(items[index].note).toMatch(/did not send the ID/);
				}
			}
		},
	);

	it('is the whole task without Simplify, with the variables of the task', async () => {
		const trigger = await openTrigger({ simplify: false });
		const [{ id }] = await addTasks(trigger, 1, {
			variables: { rows: [{ name: 'order', value: '17' }] },
		});
		await dial(trigger, 1);
		const [{ task, ...item }] = startedWith(trigger);
		expect(item).toMatchObject({ event: 'task-finished', key: 0, taskId: id });
		expect(task).toMatchObject({ id, status: 'finished', variables: { order: '17' } });
	});

	it('is not read without Get Task Details', async () => {
		const trigger = await openTrigger({ options: { getTaskDetails: false } });
		const [{ id }] = await addTasks(trigger, 1);
		await dial(trigger, 1);
		expect(startedWith(trigger)).toEqual([
			{
				event: 'task-finished',
				key: 0,
				schedulerId: '2',
				taskId: id,
				raw: expect.objectContaining({ task_id: String(id) }),
			},
		]);
		expect(taskReads()).toEqual([]);
	});

	it('comes with Task Connected too where both are asked for', async () => {
		const trigger = await openTrigger({ events: ['task-finished', 'task-connected'] });
		await addTasks(trigger, 2, { reportConnectedCalls: true });
		await dial(trigger, 4);
		const events = startedWith(trigger).map(({ key, event }) => `${key} ${event}`);
		expect(events.sort()).toEqual([
			'0 task-connected',
			'0 task-finished',
			'1 task-connected',
			'1 task-finished',
		]);
	});

	it('comes for each of two tasks with the same key', async () => {
		const trigger = await openTrigger();
		await addTasks(trigger, 2, { resultKey: 'same' });
		await addTasks(trigger, 1, { resultKey: 'same' });
		fixture.sandbox.telephony.setTaskWebhooks({ payload: 'empty', times: 2 });
		await dial(trigger, 6);
		expect(startedWith(trigger).map(({ key }) => key)).toEqual(['same', 'same', 'same']);
	});

	it('has no key where none was given', async () => {
		const trigger = await openTrigger();
		await addTasks(trigger, 1, { resultKey: undefined });
		await dial(trigger, 1);
		expect(startedWith(trigger)).toMatchObject([{ key: null, status: 'finished' }]);
	});

	it.each<[string, RequestInit, IDataObject]>([
		[
			'JSON text',
			{ headers: { 'content-type': 'application/json' }, body: '{"a":{"b":[1]}}' },
			{ a: { b: [1] } },
		],
		[
			'a JSON list',
			{ headers: { 'content-type': 'application/json' }, body: '[1,2]' },
			{ body: [1, 2] },
		],
		['plain text', { headers: { 'content-type': 'text/plain' }, body: 'done' }, { body: 'done' }],
		['an unknown type', { headers: { 'content-type': 'application/octet-stream' }, body: 'x' }, {}],
		[
			'too many fields',
			{
				headers: { 'content-type': FORM },
				body: 'a=1&'.repeat(10) + Array.from({ length: 300 }, (_, n) => `f${n}=1`).join('&'),
			},
			{},
		],
		[
			'a large body',
			{ headers: { 'content-type': FORM }, body: `a=${'x'.repeat(1024 * 1024)}` },
			{},
		],
		[
			'deeply nested JSON',
			{
				headers: { 'content-type': 'application/json' },
				body: `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
			},
			{},
		],
	])('starts the workflow whatever the PBX sends: %s', async (_, init, raw) => {
		const trigger = await openTrigger();
		const [{ url_after }] = await addTasks(trigger, 1);
		const { status } = await trigger.deliver({ ...init, query: { report: reportOf(url_after) } });
		expect(status).toBe(200);
		expect(startedWith(trigger)).toMatchObject([{ event: 'task-finished', key: 0, raw }]);
	});
});

describe('a report that was not signed for this task', () => {
	type Case = (
		token: string,
		other: { token: string; taskId: string },
	) => [string, Record<string, string>?];
	const change = (token: string, from: unknown, to: unknown) => {
		const [payload, signature] = token.split('.');
		const values = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[];
		const changed = values.map((value) => (value === from ? to : value));
		return `${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${signature}`;
	};
	it.each<[string, Case]>([
		['without a signature', (token) => [token.split('.')[0]]],
		['with an empty report', () => ['']],
		['with another key', (token) => [change(token, 0, 1)]],
		['with another event', (token) => [change(token, 'task-finished', 'task-connected')]],
		['with another task scheduler', (token) => [change(token, '2', '1')]],
		[
			'with the key of somebody else under this signature',
			(token, { token: other }) => [`${other.split('.')[0]}.${token.split('.')[1]}`],
		],
		["with somebody else's task", (token, { taskId }) => [token, { task_id: taskId }]],
		[
			"with somebody else's task as JSON names it",
			(token, { taskId }) => [token, { 'task[id]': taskId, TaskID: taskId }],
		],
	])('starts nothing %s', async (_, createCase) => {
		const trigger = await openTrigger({ events: ['task-finished', 'task-connected'] });
		const [own, other] = await addTasks(trigger, 2);
		const [token, fields] = createCase(reportOf(own.url_after), {
			token: reportOf(other.url_after),
			taskId: String(other.id),
		});
		const response = await report(trigger, token, fields);
		expect([response.status, response.body]).toEqual([401, '']);
		expect(startedWith(trigger)).toEqual([]);
		// The real reports still arrive.
		await dial(trigger, 3);
		expect(startedWith(trigger).map(({ key }) => key)).toEqual([0, 1]);
	});

	it('starts nothing with the report of another workflow or of another application', async () => {
		const trigger = await openTrigger();
		const another = await openTrigger();
		const stranger = await openTrigger(
			{},
			{
				webhookId: new URL(trigger.url()).pathname.split('/')[2],
				credentials: { ringMeOAuth2Api: { ...oAuth2(fixture.sandbox), clientSecret: 'stranger' } },
			},
		);
		const [{ url_after }] = await addTasks(another, 1);
		const [{ url_after: own }] = await addTasks(trigger, 1);
		expect((await report(trigger, reportOf(url_after))).status).toBe(401);
		expect((await report(stranger, reportOf(own))).status).toBe(401);
		for (const each of [trigger, stranger]) expect(startedWith(each)).toEqual([]);
	});

	it('starts nothing where the event is not selected', async () => {
		const events = ['task-finished', 'task-connected'];
		const both = await openTrigger({ events });
		const [task] = await addTasks(both, 1, { reportConnectedCalls: true });
		const webhookId = new URL(both.url()).pathname.split('/')[2];
		const trigger = await openTrigger({ events: ['task-finished'] }, { webhookId });
		expect((await report(trigger, reportOf(task.url_success))).status).toBe(200);
		expect(startedWith(trigger)).toEqual([]);
	});

	it('starts nothing as the event of a phone, although the secret of the registered webhook is right', async () => {
		const trigger = await openTrigger({ events: ['hangup', 'task-finished'] });
		const response = await trigger.deliver({
			query: { secret: secretOf(trigger), event: 'task-finished' },
			headers: { 'content-type': FORM },
			body: 'EventType=task-finished&key=1',
		});
		expect(response.status).toBe(400);
		expect(startedWith(trigger)).toEqual([]);
	});

	it('is logged without its contents', async () => {
		const trigger = await openTrigger();
		const [{ url_after }] = await addTasks(trigger, 1);
		fixture.clearLog();
		await report(trigger, `${reportOf(url_after)}x`);
		expect(fixture.logText()).toContain('rejected a report without a valid signature');
		expect(fixture.logText()).not.toContain(reportOf(url_after).slice(0, 20));
	});
});

describe('the task of a report', () => {
	type Body = (own: number, other: number) => unknown;
	it.each<[string, Body]>([
		[
			'a variable is called task_id',
			(own, other) => ({ task_id: own, variables: { task_id: other } }),
		],
		['a variable comes first', (own, other) => ({ variables: { task_id: other }, task_id: own })],
		['its own ID is called id', (own, other) => ({ variables: { task_id: other }, id: own })],
		[
			'its own ID is the one in task',
			(own, other) => ({ data: { TaskID: other }, task: { id: own } }),
		],
		['its own ID comes among others', (own, other) => ({ task_id: [other, own] })],
		['an ID that no task has comes first', (own) => ({ task_id: 999_999, TaskID: own })],
		['only a list has it', (own, other) => ({ tasks: [{ task_id: other }, { task_id: own }] })],
		['it is text with blanks', (own) => ({ 'Task ID': ` ${own} ` })],
		['the body is a list', (own) => [{ task_id: own }]],
	])('is found where %s', async (_, bodyOf) => {
		const trigger = await openTrigger();
		const [own, other] = await addTasks(trigger, 2);
		const { status } = await trigger.deliver({
			query: { report: reportOf(own.url_after) },
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(bodyOf(own.id, other.id)),
		});
		expect(status).toBe(200);
		expect(startedWith(trigger)).toMatchObject([{ key: 0, taskId: own.id, name: 'Person 0' }]);
	});

	it.each<[string, (other: number) => unknown]>([
		['a variable', (other) => ({ variables: { task_id: other } })],
		['a list', (other) => ({ history: [{ task_id: other }, { task_id: other + 1 }] })],
		['a bare ID', (other) => ({ id: other })],
		['an object with odd names', () => ({ task_id: [{ toString: 'x' }] })],
	])('is not that of %s, and the workflow starts with the key', async (_, bodyOf) => {
		const trigger = await openTrigger();
		const [own, other] = await addTasks(trigger, 2);
		const { status, delivery } = await trigger.deliver({
			query: { report: reportOf(own.url_after) },
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(bodyOf(other.id)),
		});
		expect([status, delivery.error]).toEqual([200, undefined]);
		const [item] = startedWith(trigger);
		expect(item).toMatchObject({ key: 0, note: expect.stringContaining('did not send the ID') });
		expect(item).not.toHaveProperty('taskId');
		expect(item).not.toHaveProperty('result');
	});
});

describe('further reports of the same task and event', () => {
	it.each<[string, Record<string, string>]>([
		['without its ID', {}],
		['with another delivery ID', { id: 'delivery-2' }],
		['with other fields', { event: 'x', attempt: '2' }],
		['with the ID of another task', { task_id: '999999' }],
	])('start nothing %s, at once or later', async (_, fields) => {
		const trigger = await openTrigger();
		const [{ id, url_after }] = await addTasks(trigger, 1);
		const token = reportOf(url_after);
		await dial(trigger, 1);
		await Promise.all([0, 1, 2].map(async () => await report(trigger, token, fields)));
		await report(trigger, token, { task_id: String(id), ...fields });
		expect(startedWith(trigger)).toMatchObject([{ key: 0, taskId: id, status: 'finished' }]);
	});

	it('start nothing although several arrive at once', async () => {
		const trigger = await openTrigger();
		const [{ id, url_after }] = await addTasks(trigger, 1);
		const forms = [{ task_id: String(id) }, {}, { id: '7' }, { task_id: String(id), n: '2' }];
		const responses = await Promise.all(
			forms.map(async (fields) => await report(trigger, reportOf(url_after), fields as never)),
		);
		expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
		expect(startedWith(trigger)).toHaveLength(1);
	});

	it('start the workflow if those before were of another task', async () => {
		const trigger = await openTrigger();
		const [own, other] = await addTasks(trigger, 2);
		const token = reportOf(own.url_after);
		const responses = await Promise.all(
			[other.id, own.id].map(async (id) => await report(trigger, token, { task_id: String(id) })),
		);
		expect(responses.map(({ status }) => status)).toEqual([401, 200]);
		expect(startedWith(trigger)).toMatchObject([{ key: 0, taskId: own.id }]);
	});
});

describe('a signed URL that the PBX changed', () => {
	it.each<[string, (url: string, id: number) => string]>([
		['with a second question mark', (url, id) => `${url}?task_id=${id}&status=finished`],
		['with an encoded question mark', (url, id) => `${url}%3Ftask_id=${id}`],
		['with a question mark that is encoded twice', (url, id) => `${url}%253Ftask_id=${id}`],
		['with an encoded ampersand', (url, id) => `${url}%26task_id=${id}`],
		['with parameters before its own', (url, id) => url.replace('?', `?task_id=${id}&`)],
		['with its query twice', (url, id) => `${url}&${url.split('?')[1]}&task_id=${id}`],
	])('is accepted %s', async (_, change) => {
		const trigger = await openTrigger();
		const [{ id, url_after }] = await addTasks(trigger, 1);
		const response = await fetch(change(String(url_after), id), { method: 'POST' });
		expect(response.status).toBe(200);
		expect(startedWith(trigger)).toMatchObject([
			{ key: 0, taskId: id, raw: { task_id: String(id) } },
		]);
	});

	it.each(['', '?', '?report='])(
		'is not accepted without its signature, with "%s"',
		async (end) => {
			const trigger = await openTrigger();
			const [{ url_after }] = await addTasks(trigger, 1);
			const forged = `${String(url_after).slice(0, -1)}${end}`;
			expect((await fetch(forged, { method: 'POST' })).status).toBe(401);
			expect(startedWith(trigger)).toEqual([]);
		},
	);
});

describe('a PBX that cannot be asked', () => {
	it.each([
		[{ kind: 'dropBefore', times: Infinity } as const, /did not respond/],
		[{ kind: 'status', status: 503, times: Infinity } as const, /could not process/],
		[{ kind: 'rateLimit', retryAfter: 3600, times: Infinity } as const, /rate limit/],
		[{ kind: 'html200', times: Infinity } as const, /does not come from the RingMe API/],
	])('costs no result, and the workflow starts once with a note: %j', async (fault, note) => {
		const trigger = await openTrigger();
		const tasks = await addTasks(trigger, 3);
		fixture.sandbox.faults.add({ ...fault, match: { path: '/task/' } });
		fixture.sandbox.telephony.setTaskWebhooks({ times: 2 });
		await dial(trigger, 6);
		const items = startedWith(trigger);
		expect(items.map(({ key, taskId }) => [key, taskId])).toEqual(
			tasks.map(({ id }, index) => [index, id]),
		);
		for (const item of items) {
			expect(item.note).toMatch(note);
			expect(item).not.toHaveProperty('status');
		}
		expect(trigger.deliveries.every(({ status, error }) => status === 200 && !error)).toBe(true);
	});

	it('is not asked for each of many reports, and is asked again later', async () => {
		const trigger = await openTrigger();
		const tasks = await addTasks(trigger, 8);
		fixture.sandbox.faults.add({
			kind: 'rateLimit',
			retryAfter: 3600,
			times: 1,
			match: { path: '/task/' },
		});
		for (const { id, url_after } of tasks) {
			await report(trigger, reportOf(url_after), { task_id: String(id) });
		}
		expect(taskReads()).toHaveLength(1);
		expect(startedWith(trigger)).toHaveLength(8);
		const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * HOUR);
		try {
			const [later] = await addTasks(trigger, 1);
			await report(trigger, reportOf(later.url_after), { task_id: String(later.id) });
		} finally {
			now.mockRestore();
		}
		expect(taskReads().length).toBeGreaterThan(1);
	});

	it('gets the response before the task is read if that takes long', async () => {
		const trigger = await openTrigger();
		switchScheduler('off');
		const [{ id, url_after }] = await addTasks(trigger, 1);
		const hold = fixture.sandbox.faults.add({ kind: 'hold', match: { path: '/task/' } });
		const body = new URLSearchParams({ task_id: String(id) });
		const responded = fetch(String(url_after), { method: 'POST', body });
		await hold.held();
		timers.fire(RESPONSE_TIME_MS);
		expect((await responded).status).toBe(200);
		expect(startedWith(trigger)).toEqual([]);
		await hold.release();
		await trigger.next();
		expect(startedWith(trigger)).toMatchObject([{ taskId: id, status: 'scheduled' }]);
	});
});

describe('a task that is not finished when it is reported', () => {
	it('starts the workflow once with a note, and again when it is finished', async () => {
		switchScheduler('off');
		const trigger = await openTrigger();
		const [{ id, url_after }] = await addTasks(trigger, 1);
		const fields = { task_id: String(id) };
		await report(trigger, reportOf(url_after), fields);
		await report(trigger, reportOf(url_after), fields);
		expect(startedWith(trigger)).toMatchObject([
			{ key: 0, taskId: id, status: 'scheduled', note: expect.stringContaining('"scheduled"') },
		]);
		fixture.sandbox.store.tasks.update(id, { status: 'finished', finish_result: 'success' });
		await report(trigger, reportOf(url_after), fields);
		await report(trigger, reportOf(url_after), fields);
		expect(startedWith(trigger)).toHaveLength(2);
		expect(startedWith(trigger).at(-1)).toMatchObject({ status: 'finished', result: 'success' });
	});

	it('is read a second time, as the PBX may report the end a moment early', async () => {
		switchScheduler('off');
		const trigger = await openTrigger();
		const [{ id, url_after }] = await addTasks(trigger, 1);
		isReadAgainAtOnce = false;
		const delivered = report(trigger, reportOf(url_after), { task_id: String(id) });
		await timers.begun(SECOND_READING_MS);
		isReadAgainAtOnce = true;
		fixture.sandbox.store.tasks.update(id, { status: 'finished', finish_result: 'success' });
		timers.fire(SECOND_READING_MS);
		await delivered;
		expect(startedWith(trigger)).toMatchObject([{ status: 'finished' }]);
		expect(startedWith(trigger)[0]).not.toHaveProperty('note');
	});

	it('starts the workflow without an ID that the PBX does not know', async () => {
		const trigger = await openTrigger();
		const [{ url_after }] = await addTasks(trigger, 1);
		await report(trigger, reportOf(url_after), { task_id: '999999' });
		const [item] = startedWith(trigger);
		expect(item).toMatchObject({ key: 0, note: expect.stringContaining('999999') });
		expect(item).not.toHaveProperty('taskId');
	});
});

describe('publishing with events of tasks', () => {
	it('asks the PBX for nothing if there are no other events', async () => {
		const trigger = await openTrigger({ events: ['task-connected', 'task-finished'] });
		await trigger.activate();
		await trigger.deactivate();
		expect(fixture.sandbox.journal.all()).toEqual([]);
	});

	it('registers webhooks for the other events only, and deletes them when they are no longer selected', async () => {
		const trigger = await openTrigger({ events: ['hangup', 'task-finished'] });
		expect(fixture.webhooks()).toEqual([expect.stringMatching(/^hangup POST /)]);
		const later = await openTrigger(
			{ events: ['task-finished'] },
			{ staticData: trigger.staticData },
		);
		expect(fixture.webhooks()).toEqual([]);
		expect(later.staticData.registered).toEqual([]);
	});

	it('fails with an access token, and says what to do', async () => {
		const trigger = await fixture.openTrigger({ events: ['task-finished'] });
		await expect(trigger.activate()).rejects.toMatchObject({
			message: 'Task events need an OAuth2 credential',
			description: expect.stringContaining("Choose 'OAuth2'"),
		});
		expect(fixture.sandbox.journal.all()).toEqual([]);
	});
});

describe('the check by Add Tasks', () => {
	const check = async (trigger: Trigger, nonce: string, method = 'GET') =>
		await trigger.deliver({
			method,
			webhook: method === 'GET' ? 'setup' : 'default',
			query: { reportCheck: nonce },
		});

	it('is responded to with a proof for its text, and starts nothing', async () => {
		const trigger = await openTrigger({ events: ['hangup', 'task-finished'] });
		const responses = [];
		for (const nonce of ['a'.repeat(32), 'b'.repeat(32)])
			responses.push(await check(trigger, nonce));
		const bodies = responses.map(({ body }) => JSON.parse(body));
		for (const body of bodies) {
			expect(body).toEqual({
				ringMeTrigger: {
					events: ['task-finished'],
					isTest: false,
					proof: expect.stringMatching(/^[\w-]{43}$/),
				},
			});
		}
		expect(bodies[0].ringMeTrigger.proof).not.toBe(bodies[1].ringMeTrigger.proof);
		expect(startedWith(trigger)).toEqual([]);
	});

	it.each(['', 'short', 'x'.repeat(65), 'a b c d e f g h i j k'])(
		'is rejected with the text "%s"',
		async (nonce) => {
			expect((await check(await openTrigger(), nonce)).status).toBe(400);
		},
	);

	it('has no proof with an access token', async () => {
		const trigger = await fixture.openTrigger({ events: ['hangup'] });
		const { body } = await check(trigger, 'a'.repeat(32));
		expect(JSON.parse(body)).toEqual({ ringMeTrigger: { events: [], isTest: false } });
	});
});
