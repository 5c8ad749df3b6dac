/** The option Report Results To of Add Tasks in n8n's engine: what is sent, and what is refused before anything is. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { createFixture, oAuth2, type Fixture } from '../harness/fixture.mts';
import { setupTimers } from '../harness/timers.mts';
import type { Trigger } from '../harness/trigger.mts';
import type { RunOptions } from '../harness/types.mts';
import { startTestServer, type Responder, type TestServer } from '../support/testServer.mts';

setupTimers();
let fixture: Fixture;
let trigger: Trigger;
const servers: Array<TestServer | Trigger> = [];

beforeAll(async () => {
	fixture = await createFixture();
	trigger = await openTrigger();
});
beforeEach(() => fixture.sandbox.reset());
afterEach(async () => {
	expect(fixture.sandbox.errors).toEqual([]);
	for (const each of servers.splice(0)) await ('stop' in each ? each.stop() : each.close());
});
afterAll(async () => {
	await trigger.close();
	await fixture.sandbox.stop();
});

const credentials = (more: IDataObject = {}) => ({
	ringMeOAuth2Api: { ...oAuth2(fixture.sandbox), ...more } as ReturnType<typeof oAuth2>,
});

async function openTrigger(parameters: INodeParameters = {}, more: object = {}): Promise<Trigger> {
	return await fixture.engine.trigger({
		node: 'ringMeTrigger',
		parameters: { authentication: 'oAuth2', events: ['task-finished'], ...parameters },
		credentials: credentials(),
		...more,
	});
}

async function openServer(respond: Responder): Promise<TestServer> {
	const server = await startTestServer(respond);
	servers.push(server);
	return server;
}

const people = (count: number): IDataObject[] =>
	Array.from({ length: count }, (_, row) => ({ row, a_number: `+44207946001${row}` }));

const addTasks = async (options: IDataObject, { parameters, ...more }: Partial<RunOptions> = {}) =>
	await fixture.engine.run({
		node: 'ringMe',
		parameters: {
			authentication: 'oAuth2',
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			unknownFields: 'ignore',
			simplify: false,
			options: options as INodeParameters,
			...parameters,
		},
		credentials: credentials(),
		json: people(3),
		...more,
	});

const sentTasks = () =>
	fixture.sandbox.journal
		.find('POST', '/tasks/')
		.flatMap(({ body }) => (body as { tasks: IDataObject[] }).tasks);
const messagesOf = (hints: Array<{ message: string }>) => hints.map(({ message }) => message);
/** What the signed part of a URL says. */
const payloadOf = (url: unknown) => {
	const [payload] = (new URL(String(url)).searchParams.get('report') ?? '').split('.');
	return JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[];
};

describe('Report Results To', () => {
	it('gives each task a signed URL of its own, with its key', async () => {
		const { json } = await addTasks({
			reportResultsTo: trigger.url(),
			resultKey: '={{ $json.row }}',
		});
		const tasks = sentTasks();
		expect(tasks.map(({ url_after }) => payloadOf(url_after).slice(0, 4))).toEqual(
			[0, 1, 2].map((row) => ['task-finished', '@me', '2', row]),
		);
		expect(new Set(tasks.map(({ url_after }) => payloadOf(url_after)[4])).size).toBe(3);
		for (const { url_after, url_success } of tasks) {
			expect(url_after).toMatch(new RegExp(`^${trigger.url()}\\?report=[\\w-]+\\.[\\w-]{43}$`));
			expect(url_success).toBeUndefined();
		}
		// The records of the PBX are passed on as they came.
		expect(json.map(({ url_after }) => url_after)).toEqual(tasks.map(({ url_after }) => url_after));
	});

	it('starts no workflow and asks the trigger once, whatever the number of tasks', async () => {
		const before = trigger.deliveries.length;
		await addTasks({ reportResultsTo: trigger.url(), batchSize: 1 });
		const deliveries = trigger.deliveries.slice(before);
		expect(deliveries.map(({ status, items }) => [status, items])).toEqual([[200, undefined]]);
	});

	it('leaves the URLs of the user as they are', async () => {
		const own = 'https://crm.example.com/own';
		const both = await openTrigger({ events: ['task-finished', 'task-connected'] });
		servers.push(both);
		await addTasks(
			{
				reportResultsTo: both.url(),
				reportConnectedCalls: true,
				urlSuccess: 'https://crm.example.com/default',
			},
			{ json: [{ ...people(1)[0], url_after: own }, people(2)[1]] },
		);
		const [first, second] = sentTasks();
		expect(first.url_after).toBe(own);
		expect(payloadOf(second.url_after)[0]).toBe('task-finished');
		expect([first, second].map(({ url_success }) => url_success)).toEqual(
			Array(2).fill('https://crm.example.com/default'),
		);
	});

	it('reports connected calls too where asked for', async () => {
		const both = await openTrigger({ events: ['task-finished', 'task-connected'] });
		servers.push(both);
		await addTasks({ reportResultsTo: both.url(), reportConnectedCalls: true });
		for (const { url_after, url_success } of sentTasks()) {
			expect([payloadOf(url_after)[0], payloadOf(url_success)[0]]).toEqual([
				'task-finished',
				'task-connected',
			]);
		}
	});

	it('names the PBX client of the task, with which the trigger reads it', async () => {
		await addTasks({ reportResultsTo: trigger.url() }, { parameters: { client: '4321' } });
		await addTasks(
			{ reportResultsTo: trigger.url() },
			{ credentials: credentials({ client: '4321' }) },
		);
		const clients = sentTasks().map(({ url_after }) => payloadOf(url_after)[1]);
		expect(clients).toEqual(Array(6).fill('4321'));
	});

	it('hints that the PBX may not reach a local address, and sends the tasks', async () => {
		const { hints } = await addTasks({ reportResultsTo: trigger.url() });
		expect(messagesOf(hints)).toContainEqual(expect.stringMatching(/cannot reach n8n at http:/));
		expect(sentTasks()).toHaveLength(3);
	});

	it('does not change tasks of which everybody is skipped, and asks no server', async () => {
		const server = await openServer(() => {});
		const { json } = await addTasks(
			{ reportResultsTo: `${server.url}/webhook/w/events`, consentField: 'consent' },
			{ json: people(3).map((person) => ({ ...person, consent: 'no' })) },
		);
		expect(json.map(({ skipped }) => skipped)).toEqual(Array(3).fill('no consent'));
		expect(server.requests).toEqual([]);
	});

	it('gives a task the same URL in each try, so that none is added twice', async () => {
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { path: '/tasks/' }, times: 1 });
		const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 };
		const { error } = await addTasks(
			{ reportResultsTo: trigger.url(), resultKey: '={{ $json.row }}' },
			{ settings },
		);
		expect(error).toBeDefined();
		expect(sentTasks()).toHaveLength(3);
		expect(
			fixture.sandbox.store.tasks
				.list()
				.slice(-3)
				.map(({ url_after }) => url_after),
		).toEqual(sentTasks().map(({ url_after }) => url_after));
	});

	it('shows the client secret and the derived secret nowhere', async () => {
		const { run, hints, logs } = await addTasks({ reportResultsTo: trigger.url() });
		const text = JSON.stringify([run, hints, logs, sentTasks()]);
		expect(text).not.toContain(oAuth2(fixture.sandbox).clientSecret);
	});

	it('works for the fallback as a tool of an AI agent', async () => {
		const { response } = await fixture.engine.runAsTool({
			node: 'ringMe',
			parameters: {
				authentication: 'oAuth2',
				resource: 'taskScheduler',
				operation: 'addTasks',
				schedulerId: '2',
				taskInput: 'fields',
				aNumber: '+442079460010',
				options: { reportResultsTo: trigger.url(), resultKey: 'lead 7' },
			},
			credentials: credentials(),
		});
		expect(JSON.stringify(response)).toContain('+442079460010');
		expect(payloadOf(sentTasks()[0].url_after)[3]).toBe('lead 7');
	});
});

describe('Result Key', () => {
	it.each<[string, unknown, RegExp]>([
		['nothing', undefined, /is empty for this item/],
		['an empty text', '', /is empty for this item/],
		['null', null, /is empty for this item/],
		['an object', { a: 1 }, /neither text nor a number/],
		['201 characters', 'x'.repeat(201), /has 201 characters/],
	])('refuses %s before anything is sent', async (_, value, message) => {
		const json = [people(1)[0], { ...people(2)[1], row: value as IDataObject[string] }];
		const { error } = await addTasks(
			{ reportResultsTo: trigger.url(), resultKey: '={{ $json.row }}' },
			{ json },
		);
		expect(error?.message).toMatch(message);
		expect(error).toMatchObject({ context: { itemIndex: 1, items: { notSent: [0, 1] } } });
		expect(fixture.sandbox.journal.api()).toEqual([]);
	});

	it.each(['x'.repeat(200), 'ж'.repeat(200), '\u{1F600}'.repeat(100), 'a b&c=d/?#%', 0, 1.5])(
		'is passed on exactly: %s',
		async (row) => {
			await addTasks(
				{ reportResultsTo: trigger.url(), resultKey: '={{ $json.row }}' },
				{ json: [{ ...people(1)[0], row }] },
			);
			expect(payloadOf(sentTasks()[0].url_after)[3]).toBe(row);
		},
	);

	it('that makes the URL too long is an error of its item', async () => {
		const { json, error } = await addTasks(
			{ reportResultsTo: `${trigger.url()}?a=${'x'.repeat(1_700)}`, resultKey: '={{ $json.row }}' },
			{
				json: [people(1)[0], { ...people(2)[1], row: 'y'.repeat(200) }],
				onError: 'continueRegularOutput',
			},
		);
		expect(error).toBeUndefined();
		expect(json[1].error).toMatch(/would have \d+ characters/);
		expect(sentTasks()).toHaveLength(1);
	});
});

describe('a URL that cannot receive results', () => {
	const json =
		(status: number, body: unknown): Responder =>
		(_, response) =>
			void response
				.writeHead(status, { 'content-type': 'application/json' })
				.end(JSON.stringify(body));

	/** Runs Add Tasks, which must fail before anything is sent to the PBX. */
	async function failure(url: string, more: Partial<RunOptions> = {}) {
		const { error, logs } = await addTasks({ reportResultsTo: url }, more);
		expect(fixture.sandbox.journal.all()).toEqual([]);
		expect(JSON.stringify([error, logs])).not.toContain('sandbox-secret');
		return error?.message;
	}

	it.each([
		['not a URL', 'n8n', /is not a URL/],
		['the test URL', 'https://n8n.example.com/webhook-test/w/events', /is the test URL/],
		['another webhook', 'https://n8n.example.com/webhook/w', /is not the URL of a RingMe Trigger/],
	])('is refused without any request: %s', async (_, url, message) => {
		expect(await failure(url)).toMatch(message);
	});

	it('is refused with an access token as credential', async () => {
		const message = await failure(trigger.url(), {
			parameters: { authentication: 'accessToken' },
			credentials: { ringMeApi: { baseUrl: fixture.sandbox.url, accessToken: 'sandbox-token' } },
		}).catch(() => undefined);
		expect(message).toMatch(/needs an OAuth2 credential/);
	});

	it.each<[string, RegExp, Responder]>([
		[
			'n8n without such a webhook',
			/No published workflow/,
			json(404, { code: 404, message: 'The requested webhook "GET w/events" is not registered.' }),
		],
		[
			'an n8n with another webhook',
			/There is no RingMe Trigger/,
			json(200, { message: 'Workflow was started' }),
		],
		[
			'a web page',
			/There is no RingMe Trigger/,
			(_, response) => void response.end('<html></html>'),
		],
		[
			'a page that was not found',
			/There is no RingMe Trigger/,
			(_, response) => void response.writeHead(404).end('nothing'),
		],
		['a login', /There is no RingMe Trigger/, json(401, {})],
		[
			'a redirect',
			/There is no RingMe Trigger/,
			(_, response) => void response.writeHead(302, { location: 'https://example.com' }).end(),
		],
		[
			'a response without end',
			/There is no RingMe Trigger/,
			(_, response) => {
				const write = (error?: Error | null) => {
					if (!error) response.write('x'.repeat(10_000), write);
				};
				write();
			},
		],
		[
			'a false proof',
			/has another credential/,
			json(200, {
				ringMeTrigger: { events: ['task-finished'], isTest: false, proof: 'x'.repeat(43) },
			}),
		],
		[
			'a proof that is no text',
			/has another credential/,
			json(200, { ringMeTrigger: { events: ['task-finished'], isTest: false, proof: [1] } }),
		],
	])('is refused with the response of %s', async (_, message, respond) => {
		const server = await openServer(respond);
		expect(await failure(`${server.url}/webhook/w/events`)).toMatch(message);
		const [request, ...others] = server.requests;
		expect(others).toEqual([]);
		expect(request).toMatchObject({ method: 'GET', body: '' });
		expect(request.path).toMatch(/^\/webhook\/w\/events\?reportCheck=[\w-]{32}$/);
		expect(request.headers.authorization).toBeUndefined();
	});

	it('is refused if the trigger has another credential, an access token, or not the event', async () => {
		const stranger = await openTrigger(
			{},
			{ credentials: credentials({ clientSecret: 'stranger' }) },
		);
		const token = await openTrigger(
			{ authentication: 'accessToken' },
			{
				credentials: { ringMeApi: { baseUrl: fixture.sandbox.url, accessToken: 'sandbox-token' } },
			},
		);
		const calls = await openTrigger({ events: ['hangup'] });
		const test = await openTrigger({}, { isTest: true });
		servers.push(stranger, token, calls, test);
		expect(await failure(stranger.url())).toMatch(/has another credential/);
		expect(await failure(token.url())).toMatch(/has another credential/);
		expect(await failure(calls.url())).toMatch(/does not trigger on 'Task Finished'/);
		expect(await failure(test.url())).toMatch(/is the test URL/);
	});

	it.each<[string, RegExp, Responder]>([
		['a firewall', /status 403/, json(403, {})],
		['a proxy in trouble', /status 502/, json(502, {})],
		['a connection that breaks', /could not reach/, (_, response) => void response.destroy()],
	])(
		'is only hinted at where the PBX may get another response than n8n from %s',
		async (_, hint, respond) => {
			const server = await openServer(respond);
			const { hints, error } = await addTasks({
				reportResultsTo: `${server.url}/webhook/w/events`,
			});
			expect(error).toBeUndefined();
			expect(messagesOf(hints)).toContainEqual(expect.stringMatching(hint));
			expect(sentTasks()).toHaveLength(3);
		},
	);
});
