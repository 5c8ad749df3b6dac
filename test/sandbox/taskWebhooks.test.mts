import { startSandbox } from '../../sandbox/index.mts';
import type { TaskWebhookOptions } from '../../sandbox/telephony/index.mts';
import { settle } from '../support/settle.mts';
import { TASK_WEBHOOK_FORMS } from '../support/taskWebhookForms.mts';
import { Client, type ClientResponse, type Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';
import { startReceiver, type Receiver } from './support/telephonyFixture.mts';

const SCHEDULER = '/api/ver1.0/client/@me/task_scheduler/2';
/** As n8n writes and signs URLs, with all that a careless receiver might rewrite. */
const QUERY = '?key=row%2B7+b&sig=a%2Fb%3D&empty=&flag&dup=1&dup=2&%D0%96=%20';
const HOUR = 3_600_000;
const EVENTS = ['before', 'before_again', 'success', 'after'];
/** The number is busy in the first attempt and answers in the second, so that all URLs are called. */
const ANSWERED_SECOND_TIME = '447700900008';
const ANSWERED = '447700900001';

/** A scheduler that dials at any hour. */
const SWITCHED_ON = { status: 'on', interval_id: null, concurrent_task_limit: 1000 } as const;

const pbx = setupSandbox();
let receiver: Receiver;

beforeEach(async () => {
	receiver = await startReceiver();
	pbx.sandbox.store.taskSchedulers.update(2, SWITCHED_ON);
});
afterEach(async () => await receiver.close());

const urls = () =>
	Object.fromEntries(EVENTS.map((event) => [`url_${event}`, `${receiver.url}/${event}${QUERY}`]));
const addTasks = async (tasks: Json[], client = pbx.client) =>
	await client.request('POST', `${SCHEDULER}/tasks/`, { body: { tasks } });
const idsOf = ({ json }: ClientResponse) => (json as { tasks: Json[] }).tasks.map(({ id }) => id);
const control = async (body: TaskWebhookOptions) =>
	expect(
		await pbx.client.request('POST', '/_control/task-webhooks', { authorization: null, body }),
	).toMatchObject({ status: 200 });

/** Runs a task that calls all four URLs. @returns its id */
async function runTask(): Promise<unknown> {
	const task = {
		name: 'Zoë & Söhne',
		a_number: ANSWERED_SECOND_TIME,
		b_number: '1844*101',
		try_count: 2,
		variables: { order: 17 },
	};
	const [id] = idsOf(await addTasks([{ ...task, ...urls() }]));
	await pbx.sandbox.clock.advance(HOUR);
	return id;
}

/** The fields of a received request: those of the PBX in the query of a GET, or in the body. */
function fieldsOf({ method, target, text, body, contentType }: Receiver['requests'][number]): Json {
	if (contentType === 'application/json') return JSON.parse(text) as Json;
	if (method === 'POST') return body;
	const added = target.slice(target.indexOf(QUERY) + QUERY.length);
	return Object.fromEntries(new URLSearchParams(added));
}

describe('the form of task webhooks', () => {
	const forms = TASK_WEBHOOK_FORMS.filter(
		({ delaySeconds, beforeResponse }) => !delaySeconds && !beforeResponse,
	);
	it.each(forms)('delivers the four events of a task once each as %j', async (form) => {
		await control(form);
		const id = await runTask();
		const { method = 'POST', payload = 'assumed', taskId = true } = form;
		expect(receiver.requests.map(({ path }) => path.slice(1))).toEqual(EVENTS);
		for (const [index, request] of receiver.requests.entries()) {
			// The query of the URL stays as it is; the fields of a GET follow it.
			const hasOwnQuery = method === 'GET' && payload !== 'empty';
			const own = `${request.path}${QUERY}${hasOwnQuery ? '&' : ''}`;
			expect(request.target.slice(0, own.length)).toBe(own);
			expect(request.target.length > own.length).toBe(hasOwnQuery);
			expect(request.method).toBe(method);
			const fields = fieldsOf(request);
			const event = EVENTS[index];
			const expected = {
				assumed: { event, name: 'Zoë & Söhne', variables: '{"order":17}', scheduler_id: '2' },
				json: { event, name: 'Zoë & Söhne', variables: { order: 17 }, scheduler_id: 2 },
				otherNames: { EventType: event, Name: 'Zoë & Söhne', SchedulerID: '2' },
				empty: {},
			};
			expect(fields).toMatchObject(expected[payload]);
			const idFields = { assumed: 'task_id', json: 'task_id', otherNames: 'TaskID', empty: '' };
			const sentId = fields[idFields[payload]];
			expect(sentId).toEqual(
				payload === 'empty' || !taskId ? undefined : payload === 'json' ? id : String(id),
			);
			if (payload === 'empty') expect([fields, request.text]).toEqual([{}, '']);
			if (payload === 'otherNames') {
				expect(Object.keys(fields).filter((name) => /^[a-z]|_/.test(name))).toEqual([]);
			}
		}
		const log = pbx.sandbox.telephony.deliveries.slice(-4);
		expect(log.map(({ event, status }) => [event, status])).toEqual(
			EVENTS.map((event) => [event, 200]),
		);
		expect(log.every(({ orderingKey }) => orderingKey === `task-${String(id)}`)).toBe(true);
	});

	it('delivers each event twice at the same time, and records both responses', async () => {
		await control({ times: 2 });
		// The first response waits for the second request.
		const waiting: Array<() => void> = [];
		receiver.respond = async (_request, response) => {
			if (receiver.requests.length % 2 === 1) await new Promise<void>((go) => waiting.push(go));
			else for (const go of waiting.splice(0)) go();
			response.writeHead(receiver.requests.length > 6 ? 500 : 202).end();
		};
		await runTask();
		const paths = receiver.requests.map(({ path }) => path.slice(1));
		expect(paths).toEqual(EVENTS.flatMap((event) => [event, event]));
		for (let n = 0; n < 8; n += 2) {
			expect(receiver.requests[n]).toEqual(receiver.requests[n + 1]);
		}
		expect(pbx.sandbox.telephony.deliveries.slice(-8).map(({ status }) => status)).toEqual([
			202, 202, 202, 202, 202, 202, 500, 500,
		]);
	});

	it('delivers late without holding up the task, with its state at the time of the event', async () => {
		await control({ delaySeconds: 2 * (HOUR / 1000) });
		const id = await runTask();
		const task = pbx.sandbox.store.tasks.get(id as number);
		expect(task?.finish_result).toBe('success');
		expect(receiver.requests).toEqual([]);
		await pbx.sandbox.clock.advance(2 * HOUR);
		const events = receiver.requests.map(({ body }) => `${body.event} ${body.status}`);
		expect(events.sort()).toEqual([
			'after finished',
			'before executed',
			'before_again executed',
			'success executed',
		]);
	});

	it('drops the late deliveries when the PBX is reset', async () => {
		await control({ delaySeconds: 2 * (HOUR / 1000) });
		await runTask();
		pbx.sandbox.reset();
		await pbx.sandbox.clock.advance(2 * HOUR);
		expect(receiver.requests).toEqual([]);
	});
});

describe('deliveries before the response', () => {
	it.each(['virtual', 'real'] as const)(
		'sends all deliveries of added tasks before the response with a %s clock',
		async (clock) => {
			const sandbox = await startSandbox({ clock, taskWebhooks: { beforeResponse: true } });
			sandbox.store.taskSchedulers.update(2, SWITCHED_ON);
			// A receiver that takes a while: the response has to wait for it.
			receiver.respond = async (_request, response) => {
				await settle();
				response.writeHead(204).end();
			};
			const inOneHour = new Date(sandbox.clock.now() + HOUR).toISOString();
			const task = { b_number: '1844*101', try_count: 2, ...urls() };
			const response = await addTasks(
				[
					{ ...task, a_number: ANSWERED_SECOND_TIME },
					{ ...task, a_number: ANSWERED, start_time_utc: inOneHour.slice(0, 19).replace('T', ' ') },
				],
				new Client(sandbox.url),
			);
			const events = sandbox.telephony.deliveries.map(({ event, status }) => `${event} ${status}`);
			const { tasks } = response.json as { tasks: Json[] };
			await sandbox.stop();
			expect(response.status).toBe(201);
			expect(events.sort()).toEqual([
				'after 204',
				'after 204',
				'before 204',
				'before 204',
				'before_again 204',
				'success 204',
				'success 204',
			]);
			// The response has the tasks as they were when they were added.
			expect(tasks.map(({ status }) => status)).toEqual(['scheduled', 'scheduled']);
			expect(sandbox.errors).toEqual([]);
		},
	);

	it('responds without deliveries if the scheduler is off', async () => {
		await control({ beforeResponse: true });
		pbx.sandbox.store.taskSchedulers.update(2, { status: 'off' });
		expect((await addTasks([{ a_number: ANSWERED, ...urls() }])).status).toBe(201);
		expect(receiver.requests).toEqual([]);
	});

	it('sends the deliveries also if the response is lost or the batch is half refused', async () => {
		await control({ beforeResponse: true });
		const task = { a_number: ANSWERED, b_number: '1844*101', url_after: receiver.url };
		pbx.sandbox.faults.add({ kind: 'dropAfter' });
		await expect(addTasks([task])).rejects.toThrow();
		expect(receiver.requests).toHaveLength(1);
		pbx.sandbox.faults.add({ kind: 'halfBatch' });
		expect((await addTasks([task, task])).status).toBe(400);
		expect(receiver.requests).toHaveLength(2);
	});
});

describe('instant calls', () => {
	it.each(['virtual', 'real'] as const)(
		'finishes 1,000 tasks without the time of their calls on a %s clock',
		async (clock) => {
			const sandbox = await startSandbox({ clock, instantCalls: true });
			sandbox.store.taskSchedulers.update(2, SWITCHED_ON);
			const start = sandbox.clock.now();
			const tasks = Array.from({ length: 1000 }, (_, n) => ({
				a_number: `447701${String(n).padStart(6, '0')}`,
				b_number: '1844*101',
				url_after: `${receiver.url}/${n}`,
			}));
			const finished = new Promise<void>((resolve) => {
				receiver.respond = (_request, response) => {
					response.end();
					if (receiver.requests.length === 1000) resolve();
				};
			});
			await addTasks(tasks, new Client(sandbox.url));
			await sandbox.clock.advance(0);
			await finished;
			const elapsed = sandbox.clock.now() - start;
			const rows = sandbox.store.tasks.list();
			await sandbox.stop();
			expect(new Set(receiver.requests.map(({ path }) => path)).size).toBe(1000);
			expect(rows.every(({ status }) => status === 'finished')).toBe(true);
			const failed = rows.filter(({ finish_result }) => finish_result === 'failed');
			// The numbers decide as ever: those that end in 6 to 9 or 00 fail in the first attempt.
			expect(failed).toHaveLength(410);
			if (clock === 'virtual') expect(elapsed).toBe(0);
			expect(sandbox.errors).toEqual([]);
		},
	);
});
