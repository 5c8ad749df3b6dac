/** Add Tasks through n8n's engine against the sandbox PBX: what was asked for, what was done. */
import type { IDataObject } from 'n8n-workflow';

import { links, oAuth2, openBench, type Bench } from '../harness/pbx.mts';

const SCHEDULER = 2;

let bench: Bench;
beforeAll(async () => (bench = await openBench()));
beforeEach(() => bench.sandbox.reset());
afterEach(() => expect(bench.sandbox.errors).toEqual([]));
afterAll(async () => await bench.sandbox.stop());

const person = (index: number): IDataObject => ({
	a_number: `+4420794${60000 + index}`,
	b_number: '101',
	name: `Person ${index}`,
});
const people = (count: number) => Array.from({ length: count }, (_, index) => person(index));

const add = async (
	json: IDataObject[],
	parameters: IDataObject = {},
	options: Parameters<Bench['run']>[1] = {},
) =>
	await bench.run(
		{
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: String(SCHEDULER),
			...(parameters as object),
		},
		{ json, ...options },
	);

const added = () =>
	[...bench.sandbox.store.tasks.values()].filter((task) => task.scheduler_id === SCHEDULER);
const batches = () => bench.sandbox.journal.find('POST', '/tasks/');
const reads = () => bench.sandbox.journal.find('GET', /task_scheduler\/\d+$/);
const numbers = (tasks: object[]) => tasks.map((task) => (task as { a_number?: unknown }).a_number);

describe('many items', () => {
	it('go in few requests, come out in order, each linked to its own', async () => {
		const before = added().length;
		const json = people(10_000);
		const { items, status } = await add(json);
		expect(status).toBe('success');
		expect(batches()).toHaveLength(20);
		expect(reads()).toHaveLength(1);
		expect(links(items)).toEqual(json.map((_, index) => index));
		expect(numbers(items.map((item) => item.json))).toEqual(numbers(json));
		expect(numbers(added().slice(before))).toEqual(numbers(json));
	});

	it('go in batches of the chosen size', async () => {
		await add(people(25), { taskSchedulerTaskOptions: { batchSize: 10 } });
		expect(batches().map(({ body }) => (body as { tasks: unknown[] }).tasks.length)).toEqual([
			10, 10, 5,
		]);
	});

	it('of several schedulers go to theirs', async () => {
		const json = people(6).map((each, index) => ({ ...each, to: (index % 2) + 1 }));
		const { items } = await add(json, { schedulerId: '={{ $json.to }}', unknownFields: 'ignore' });
		expect(batches().map(({ path }) => path.split('/').at(-3))).toEqual(['1', '2']);
		expect(numbers(items.map((item) => item.json))).toEqual(numbers(json));
		expect(links(items)).toEqual([0, 1, 2, 3, 4, 5]);
	});

	it('that call the same people twice lose the repetition, if asked', async () => {
		const { items, hints } = await add([...people(3), ...people(4)], {
			taskSchedulerTaskOptions: { skipDuplicates: true },
		});
		expect(links(items)).toEqual([0, 1, 2, 6]);
		expect(hints.map(({ message }) => message)).toContainEqual(expect.stringContaining('3 of 7'));
	});
});

describe('the three inputs', () => {
	const sent = () => (batches()[0].body as { tasks: IDataObject[] }).tasks;

	it('Map Automatically takes both spellings, types, times in UTC and empty cells', async () => {
		await add([
			{
				aNumber: 442079460001,
				b_number: '101',
				extensionId: '',
				try_count: '3',
				tryAgainPause: 30,
				start_time_utc: '2026-05-31 18:00:00',
				globalExpires: null,
				variables: '{"appointment":"Monday"}',
				callback_params: { caller_id_name: 'Example' },
				url_after: 'https://example.com/after',
			},
		]);
		expect(sent()).toEqual([
			{
				a_number: '442079460001',
				b_number: '101',
				try_count: 3,
				try_again_pause: 30,
				start_time_utc: '2026-05-31 18:00:00',
				variables: { appointment: 'Monday' },
				callback_params: { caller_id_name: 'Example' },
				url_after: 'https://example.com/after',
			},
		]);
	});

	it('Map Automatically refuses, keeps as variables or leaves out what is not of a task', async () => {
		const json = [{ ...person(1), row: 3, note: '' }];
		const refused = await add(json);
		expect(refused.error?.message).toBe('A task has no field "row"');
		expect(batches()).toHaveLength(0);
		await add(json, { unknownFields: 'variables' });
		expect(sent()[0].variables).toEqual({ row: '3' });
		bench.sandbox.journal.clear();
		await add(json, { unknownFields: 'ignore' });
		expect(sent()).toEqual([person(1)]);
	});

	it('Map Each Field evaluates expressions for each item, times in the zone of the workflow', async () => {
		const { items } = await add([{ phone: '+442079460001' }, { phone: '+442079460002' }], {
			taskInput: 'fields',
			task: {
				aNumber: '={{ $json.phone }}',
				name: '={{ "Call " + $itemIndex }}',
				extensionId: { __rl: true, mode: 'list', value: firstExtension() },
				startTimeUtc: '2026-05-31T18:00:00+03:00',
				variables: { rows: [{ name: 'order', value: '={{ $json.phone.slice(-1) }}' }] },
			},
		});
		expect(sent()).toEqual(
			[1, 2].map((n) => ({
				a_number: `+44207946000${n}`,
				name: `Call ${n - 1}`,
				extension_id: firstExtension(),
				start_time_utc: '2026-05-31 15:00:00',
				variables: { order: String(n) },
			})),
		);
		expect(links(items)).toEqual([0, 1]);
	});

	it('Map Each Field gives the same for dragged fields as n8n evaluates', async () => {
		const json = [{ phone: '+442079460001', 'full name': 'Ann' }, { phone: '+442079460002' }];
		const parameters = (text: (plain: string) => string) => ({
			taskInput: 'fields',
			task: { aNumber: text('$json.phone'), name: text('$json["full name"]') },
		});
		await add(
			json,
			parameters((plain) => `={{ ${plain} }}`),
		);
		const dragged = sent();
		bench.sandbox.journal.clear();
		await add(
			json,
			parameters((plain) => `={{ (${plain}) }}`),
		);
		expect(dragged).toEqual(sent());
		expect(dragged).toEqual([
			{ a_number: '+442079460001', name: 'Ann' },
			{ a_number: '+442079460002' },
		]);
	});

	it('JSON makes several tasks of one item, each linked to it', async () => {
		const { items } = await add([{ tasks: people(2) }, { tasks: JSON.stringify(people(1)) }], {
			taskInput: 'json',
			tasks: '={{ $json.tasks }}',
		});
		expect(links(items)).toEqual([0, 0, 1]);
		expect(batches()).toHaveLength(1);
	});

	it('defaults fill what a task does not say', async () => {
		await add([person(1), { ...person(2), try_count: 5 }], {
			taskSchedulerTaskOptions: { tryCount: 2, urlAfter: 'https://example.com/after' },
		});
		expect(sent().map((task) => [task.try_count, task.url_after])).toEqual([
			[2, 'https://example.com/after'],
			[5, 'https://example.com/after'],
		]);
	});

	it('defaults and the PBX client may differ from item to item', async () => {
		const json = [1, 2, 3].map((key) => ({ key, client: key === 2 ? '4321' : '@me' }));
		const { items } = await add(json, {
			unknownFields: 'ignore',
			options: { client: '={{ $json.client }}' },
			taskSchedulerTaskOptions: {
				bNumber: '101',
				urlAfter: '=https://example.com/after/{{ $json.key }}',
			},
		});
		expect(links(items)).toEqual([0, 1, 2]);
		expect(batches().map(({ path }) => path.split('/').at(4))).toEqual(['@me', '4321']);
		const tasks = batches().flatMap(({ body }) => (body as { tasks: IDataObject[] }).tasks);
		expect(tasks.map((task) => task.url_after)).toEqual([
			'https://example.com/after/1',
			'https://example.com/after/3',
			'https://example.com/after/2',
		]);
	});

	const firstExtension = () => [...bench.sandbox.store.extensions.values()][0].id;
});

describe('before anything is sent', () => {
	it.each([
		[{ name: 'Nobody' }, 'The task calls nobody'],
		[{ a_number: '+44', try_count: 51 }, 'Max Attempts must be between 1 and 50, not 51'],
		[{ a_number: '+44', try_count: 'often' }, 'Max Attempts is not a whole number: "often"'],
		[
			{ a_number: '+44', start_time_utc: 'tomorrow' },
			'Start Time is not a date and time: "tomorrow"',
		],
		[
			{ a_number: '+44', url_after: 'ftp://example.com' },
			'url_after is not a web address: "ftp://example.com"',
		],
		[{ a_number: '+44', variables: '[1' }, expect.stringMatching(/^Variables is not valid JSON/)],
		[
			{ a_number: '+44', extension_id: 'reception' },
			'Extension is not a whole number: "reception"',
		],
	])('%j stops the run and names its item', async (bad, message) => {
		const { error } = await add([person(0), bad as IDataObject, person(2)]);
		expect(error?.message).toEqual(message);
		expect(error?.description).toContain('Nothing was sent.');
		expect((error as { context?: IDataObject }).context?.itemIndex).toBe(1);
		expect(bench.sandbox.journal.api()).toHaveLength(0);
	});

	it('a bad one is an error item with Continue On Fail, and the others go', async () => {
		const { output } = await add(
			[person(0), { name: 'Nobody' }, person(2)],
			{},
			{ onError: 'continueErrorOutput' },
		);
		expect(links(output[0])).toEqual([0, 2]);
		expect(output[1]).toHaveLength(1);
		expect(links(output[1])).toEqual([1]);
		expect(output[1][0].json.error).toBe('The task calls nobody');
	});

	it('a wrong scheduler is told at once', async () => {
		const { error } = await add(people(3), { schedulerId: '999' });
		expect(error?.message).toBe('The PBX has no task scheduler 999');
		expect(batches()).toHaveLength(0);
	});

	it('a scheduler that is off gives a hint, one that is on gives none', async () => {
		const off = await add(people(1));
		expect(off.hints.map(({ message }) => message)).toContainEqual(
			expect.stringContaining('is off'),
		);
		expect((await add(people(1), { schedulerId: '1' })).hints).toEqual([]);
	});
});

describe('a bad number among 1,000', () => {
	const withBad = () =>
		people(1000).map((each, index) => (index === 700 ? { ...each, a_number: 'x' } : each));

	it('stands alone in the end: 999 added, one error item, nothing twice', async () => {
		const before = added().length;
		const { output } = await add(withBad(), {}, { onError: 'continueErrorOutput' });
		expect(output[0]).toHaveLength(999);
		expect(links(output[1])).toEqual([700]);
		expect(output[1][0].json.error).toContain('The PBX refused');
		const created = numbers(added().slice(before));
		expect(created).toHaveLength(999);
		expect(new Set(created).size).toBe(999);
	});

	it('stops the run without Continue On Fail: those before it are added, none after it', async () => {
		const before = added().length;
		const { error } = await add(withBad());
		expect((error as { context?: IDataObject }).context?.itemIndex).toBe(700);
		expect(error?.description).toContain('Refused: item 700.');
		expect(error?.description).toContain('Added: items 0–699 (700 tasks');
		expect(error?.description).toContain('Not sent: items 701–999.');
		expect(numbers(added().slice(before))).toEqual(numbers(people(700)));
	});

	it.each(['stopWorkflow', 'continueRegularOutput'] as const)(
		'against a PBX that applies half of a refused batch: nothing twice, and the counts (%s)',
		async (onError) => {
			const before = added().length;
			bench.sandbox.faults.add({
				kind: 'halfBatch',
				match: { method: 'POST' },
				times: Infinity,
				onlyRefused: true,
			});
			const { error, json } = await add(withBad(), {}, { onError });
			const created = numbers(added().slice(before));
			expect(new Set(created).size).toBe(created.length);
			expect(batches()).toHaveLength(2);
			if (onError === 'stopWorkflow') {
				expect(error?.description).toContain('Unknown: items 500–999.');
				expect(error?.description).toContain(
					`it counts ${before + 750} now, where ${before + 500} were expected`,
				);
			} else {
				expect(json.filter((each) => each.error)).toHaveLength(500);
				expect(json.filter((each) => each.id)).toHaveLength(500);
			}
		},
	);
});

describe('an answer that is lost', () => {
	it('is never asked for again, and the error says which items are unknown', async () => {
		const before = added().length;
		bench.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const { error } = await add(people(30), { taskSchedulerTaskOptions: { batchSize: 10 } });
		expect(batches()).toHaveLength(2);
		expect(numbers(added().slice(before))).toEqual(numbers(people(20)));
		expect(error?.message).toContain('unknown');
		expect(error?.description).toContain('Added: items 0–9 (10 tasks');
		expect(error?.description).toContain('Unknown: items 10–19.');
		expect(error?.description).toContain('Not sent: items 20–29.');
		expect(error?.description).toContain(
			`it counts ${before + 20} now, where ${before + 10} were expected`,
		);
	});

	it('is not asked for again by Retry On Fail either, nor is what was added', async () => {
		const before = added().length;
		bench.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const { error } = await add(
			people(30),
			{ taskSchedulerTaskOptions: { batchSize: 10 } },
			{ settings },
		);
		const created = numbers(added().slice(before));
		expect(new Set(created).size).toBe(created.length);
		expect(error?.description).toContain('Unknown: items 10–19.');
	});
});

describe('the token', () => {
	const credentials = () => ({ ringMeOAuth2Api: oAuth2(bench.sandbox) });

	it('is fetched once', async () => {
		await add(people(1500), { authentication: 'oAuth2' }, { credentials: credentials() });
		expect(bench.sandbox.oauth.requests).toBe(1);
	});

	it('revoked in the middle is renewed: nothing lost, nothing twice', async () => {
		const before = added().length;
		bench.sandbox.faults.add({ kind: 'tokenDeath', match: { method: 'POST' }, after: 1 });
		const json = people(2000);
		const { items, error } = await add(
			json,
			{ authentication: 'oAuth2' },
			{ credentials: credentials() },
		);
		expect(error).toBeUndefined();
		expect(links(items)).toEqual(json.map((_, index) => index));
		expect(numbers(added().slice(before))).toEqual(numbers(json));
		expect(bench.sandbox.oauth.requests).toBe(2);
	});
});

describe('as a tool of an agent', () => {
	it('adds the task that the agent asks for, by the declarative way', async () => {
		const { response, error } = await bench.engine.runAsTool({
			node: 'ringMe',
			parameters: {
				authentication: 'accessToken',
				resource: 'taskScheduler',
				operation: 'addTasks',
				schedulerId: '1',
				taskInput: 'fields',
				task: { aNumber: "={{ $fromAI('number', 'Number to call') }}", bNumber: '101' },
			},
			args: { number: '+442079460001' },
			credentials: {
				ringMeApi: { baseUrl: bench.sandbox.url, accessToken: 'sandbox-token', client: '@me' },
			},
		});
		expect(error).toBeUndefined();
		expect(JSON.stringify(response)).toContain('+442079460001');
		expect(batches()).toHaveLength(1);
	});
});
