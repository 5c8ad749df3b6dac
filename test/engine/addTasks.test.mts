/** Add Tasks in n8n's engine against the sandbox PBX: the requests, the created tasks and the output. */
import type { IDataObject } from 'n8n-workflow';

import { contextOf, setupFixture, links, oAuth2, type Fixture } from '../harness/fixture.mts';

const SCHEDULER = 2;

const fixture = setupFixture();

const person = (index: number): IDataObject => ({
	a_number: `+4420794${60000 + index}`,
	b_number: '101',
	name: `Person ${index}`,
});
const people = (count: number) => range(0, count - 1).map(person);

/** Whole numbers from the first to the last. */
const range = (first: number, last: number) =>
	Array.from({ length: last - first + 1 }, (_, index) => first + index);

const addTasks = async (
	json: IDataObject[],
	parameters: IDataObject = {},
	options: Parameters<Fixture['run']>[1] = {},
) =>
	await fixture.run(
		{
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: String(SCHEDULER),
			...(parameters as object),
		},
		{ json, ...options },
	);

/** The tasks that the scheduler has. */
const storedTasks = () =>
	[...fixture.sandbox.store.tasks.values()].filter((task) => task.scheduler_id === SCHEDULER);
const batches = () => fixture.sandbox.journal.find('POST', '/tasks/');
const schedulerRequests = () => fixture.sandbox.journal.find('GET', /task_scheduler\/\d+$/);
const numbersOf = (tasks: object[]) =>
	tasks.map((task) => (task as { a_number?: unknown }).a_number);

describe('Add Tasks with many items', () => {
	it('sends many items in few requests and returns the tasks in input order, each linked to its item', async () => {
		const before = storedTasks().length;
		const json = people(10_000);
		const { items, status } = await addTasks(json);
		expect(status).toBe('success');
		expect(batches()).toHaveLength(20);
		expect(schedulerRequests()).toHaveLength(1);
		expect(links(items)).toEqual(json.map((_, index) => index));
		expect(numbersOf(items.map((item) => item.json))).toEqual(numbersOf(json));
		expect(numbersOf(storedTasks().slice(before))).toEqual(numbersOf(json));
	});

	it('sends batches of the selected size', async () => {
		await addTasks(people(25), { options: { batchSize: 10 } });
		expect(batches().map(({ body }) => (body as { tasks: unknown[] }).tasks.length)).toEqual([
			10, 10, 5,
		]);
	});

	it('sends the tasks of several schedulers to their own scheduler', async () => {
		const json = people(6).map((fields, index) => ({
			...fields,
			scheduler: (index % 2) + 1,
		}));
		const { items } = await addTasks(json, {
			schedulerId: '={{ $json.scheduler }}',
			unknownFields: 'ignore',
		});
		expect(batches().map(({ path }) => path.split('/').at(-3))).toEqual(['1', '2']);
		expect(numbersOf(items.map((item) => item.json))).toEqual(numbersOf(json));
		expect(links(items)).toEqual([0, 1, 2, 3, 4, 5]);
	});

	it('skips tasks with the same numbers if Skip Duplicates is on', async () => {
		const { items, hints } = await addTasks([...people(3), ...people(4)], {
			options: { skipDuplicates: true },
		});
		expect(links(items)).toEqual([0, 1, 2, 3, 4, 5, 6]);
		expect(items.map(({ json }) => json.skipped)).toEqual([
			...Array(3).fill(undefined),
			...Array(3).fill('duplicate'),
			undefined,
		]);
		const [{ body }] = batches();
		expect(numbersOf((body as { tasks: object[] }).tasks)).toEqual(numbersOf(people(4)));
		expect(hints.map(({ message }) => message)).toContainEqual(expect.stringContaining('3 of 7'));
	});
});

describe('Task Input', () => {
	const sentTasks = () => (batches()[0].body as { tasks: IDataObject[] }).tasks;

	it('accepts both spellings, other types, times in UTC and empty cells with Map Automatically', async () => {
		await addTasks([
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
		expect(sentTasks()).toEqual([
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

	it('rejects unknown fields, stores them as variables or ignores them with Map Automatically', async () => {
		const json = [{ ...person(1), row: 3, note: '' }];
		const rejected = await addTasks(json);
		expect(rejected.error?.message).toBe('The columns "row", "note" are not fields of a task');
		expect(batches()).toHaveLength(0);
		await addTasks(json, { unknownFields: 'variables' });
		expect(sentTasks()[0].variables).toEqual({ row: '3' });
		fixture.sandbox.journal.clear();
		await addTasks(json, { unknownFields: 'ignore' });
		expect(sentTasks()).toEqual([person(1)]);
	});

	it('evaluates expressions for each item, and times in the time zone of the workflow, with Map Each Field', async () => {
		const { items } = await addTasks([{ phone: '+442079460001' }, { phone: '+442079460002' }], {
			taskInput: 'fields',
			aNumber: '={{ $json.phone }}',
			taskFields: {
				name: '={{ "Call " + $itemIndex }}',
				extensionId: { __rl: true, mode: 'list', value: firstExtension() },
				startTimeUtc: '2026-05-31T18:00:00+03:00',
				variables: { rows: [{ name: 'order', value: '={{ $json.phone.slice(-1) }}' }] },
			},
		});
		expect(sentTasks()).toEqual(
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

	it('sends the same for a simple expression, which it reads itself, as for one that n8n evaluates', async () => {
		const json = [{ phone: '+442079460001', 'full name': 'Ann' }, { phone: '+442079460002' }];
		const parameters = (toExpression: (code: string) => string) => ({
			taskInput: 'fields',
			aNumber: toExpression('$json.phone'),
			taskFields: { name: toExpression('$json["full name"]') },
		});
		await addTasks(
			json,
			parameters((code) => `={{ ${code} }}`),
		);
		const simple = sentTasks();
		fixture.sandbox.journal.clear();
		await addTasks(
			json,
			parameters((code) => `={{ (${code}) }}`),
		);
		expect(simple).toEqual(sentTasks());
		expect(simple).toEqual([
			{ a_number: '+442079460001', name: 'Ann' },
			{ a_number: '+442079460002' },
		]);
	});

	it('creates several tasks from the JSON of one item, each linked to it', async () => {
		const { items } = await addTasks([{ tasks: people(2) }, { tasks: JSON.stringify(people(1)) }], {
			taskInput: 'json',
			tasks: '={{ $json.tasks }}',
		});
		expect(links(items)).toEqual([0, 0, 1]);
		expect(batches()).toHaveLength(1);
	});

	it('uses the default options for fields that a task does not have', async () => {
		await addTasks([person(1), { ...person(2), try_count: 5 }], {
			options: { tryCount: 2, urlAfter: 'https://example.com/after' },
		});
		expect(sentTasks().map((task) => [task.try_count, task.url_after])).toEqual([
			[2, 'https://example.com/after'],
			[5, 'https://example.com/after'],
		]);
	});

	it('evaluates the default options and the PBX client for each item', async () => {
		const json = [1, 2, 3].map((key) => ({ key, client: key === 2 ? '4321' : '@me' }));
		const { items } = await addTasks(json, {
			unknownFields: 'ignore',
			client: '={{ $json.client }}',
			options: {
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

	const firstExtension = () => [...fixture.sandbox.store.extensions.values()][0].id;
});

describe('Add Tasks before it sends anything', () => {
	it.each([
		[{ name: 'Nobody' }, 'The task has no number or extension'],
		[{ a_number: '+44', try_count: 51 }, "'Max Attempts' must be between 1 and 50, not 51"],
		[{ a_number: '+44', try_count: 'often' }, `'Max Attempts' is not a whole number: "often"`],
		[
			{ a_number: '+44', start_time_utc: 'tomorrow' },
			`'Start Time' is not a date and time: "tomorrow"`,
		],
		[
			{ a_number: '+44', url_after: 'ftp://example.com' },
			'url_after is not a URL: "ftp://example.com"',
		],
		[{ a_number: '+44', variables: '[1' }, expect.stringMatching(/^'Variables' is not valid JSON/)],
		[
			{ a_number: '+44', extension_id: 'reception' },
			`'Extension' is not a whole number: "reception"`,
		],
	])('rejects the item %j and names it', async (invalid, message) => {
		const { error } = await addTasks([person(0), invalid as IDataObject, person(2)]);
		expect(error?.message).toEqual(message);
		expect(error?.description).toContain('Nothing was sent.');
		expect(contextOf(error)?.itemIndex).toBe(1);
		expect(fixture.sandbox.journal.api()).toHaveLength(0);
	});

	it('outputs an invalid item as an error item with Continue On Fail, and sends the others', async () => {
		const { output } = await addTasks(
			[person(0), { name: 'Nobody' }, person(2)],
			{},
			{ onError: 'continueErrorOutput' },
		);
		expect(links(output[0])).toEqual([0, 2]);
		expect(output[1]).toHaveLength(1);
		expect(links(output[1])).toEqual([1]);
		expect(output[1][0].json.error).toBe('The task has no number or extension');
	});

	it('fails with the ID of a scheduler that does not exist', async () => {
		const { error } = await addTasks(people(3), { schedulerId: '999' });
		expect(error?.message).toBe('The PBX has no task scheduler 999');
		expect(batches()).toHaveLength(0);
	});

	it('adds a hint for a scheduler that is off, and none for one that is on', async () => {
		const off = await addTasks(people(1));
		expect(off.hints.map(({ message }) => message)).toContainEqual(
			expect.stringContaining('is off'),
		);
		expect((await addTasks(people(1), { schedulerId: '1' })).hints).toEqual([]);
	});
});

describe('Add Tasks with one invalid number among 1,000', () => {
	const peopleWithInvalidNumber = () =>
		people(1000).map((fields, index) => (index === 700 ? { ...fields, a_number: '12' } : fields));

	it('adds the other 999 once and outputs one error item with Continue On Fail', async () => {
		const before = storedTasks().length;
		const { output } = await addTasks(
			peopleWithInvalidNumber(),
			{},
			{ onError: 'continueErrorOutput' },
		);
		expect(output[0]).toHaveLength(999);
		expect(links(output[1])).toEqual([700]);
		expect(output[1][0].json.error).toContain('The PBX rejected the request');
		const created = numbersOf(storedTasks().slice(before));
		expect(created).toHaveLength(999);
		expect(new Set(created).size).toBe(999);
	});

	it('adds those before the invalid number and none after it without Continue On Fail', async () => {
		const before = storedTasks().length;
		const { error } = await addTasks(peopleWithInvalidNumber());
		expect(contextOf(error)?.itemIndex).toBe(700);
		expect(contextOf(error)?.items).toEqual({
			succeeded: range(0, 699),
			failed: [700],
			notSent: range(701, 999),
		});
		expect(error?.description).toContain('Succeeded: items 0–699 (700 tasks, IDs ');
		expect(numbersOf(storedTasks().slice(before))).toEqual(numbersOf(people(700)));
	});

	it.each(['stopWorkflow', 'continueRegularOutput'] as const)(
		'sends no batch again that the PBX applied by half before it rejected it (%s)',
		async (onError) => {
			const before = storedTasks().length;
			fixture.sandbox.faults.add({
				kind: 'halfBatch',
				match: { method: 'POST' },
				times: Infinity,
				onlyRefused: true,
			});
			const { error, json } = await addTasks(peopleWithInvalidNumber(), {}, { onError });
			const created = numbersOf(storedTasks().slice(before));
			expect(new Set(created).size).toBe(created.length);
			expect(batches()).toHaveLength(2);
			if (onError === 'stopWorkflow') {
				expect(contextOf(error)?.items).toEqual({
					succeeded: range(0, 499),
					unknown: range(500, 999),
				});
				expect(error?.description).toContain(
					`now it has ${before + 750}, where ${before + 500} were expected`,
				);
			} else {
				expect(json.filter((fields) => fields.error)).toHaveLength(500);
				expect(json.filter((fields) => fields.id)).toHaveLength(500);
			}
		},
	);
});

describe('Add Tasks whose response is lost', () => {
	it('does not send a batch again whose response was lost, and lists its items as unknown', async () => {
		const before = storedTasks().length;
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const { error } = await addTasks(people(30), { options: { batchSize: 10 } });
		expect(batches()).toHaveLength(2);
		expect(numbersOf(storedTasks().slice(before))).toEqual(numbersOf(people(20)));
		expect(error?.message).toContain('unknown');
		expect(contextOf(error)?.items).toEqual({
			succeeded: range(0, 9),
			unknown: range(10, 19),
			notSent: range(20, 29),
		});
		expect(error?.description).toContain(
			`now it has ${before + 20}, where ${before + 10} were expected`,
		);
	});

	it('says with Continue On Fail that a task was not sent when the scheduler cannot be read after a lost response', async () => {
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' } });
		fixture.sandbox.faults.add({
			kind: 'status',
			status: 403,
			match: { method: 'GET' },
			after: 1,
			times: Infinity,
		});
		const { json } = await addTasks(
			people(2),
			{ options: { batchSize: 1 } },
			{ onError: 'continueRegularOutput' },
		);
		expect(json.map(({ error }) => error)).toEqual([
			expect.stringContaining('unknown whether the request was executed'),
			'Not sent: it is unknown whether the tasks before it were added',
		]);
	});

	it('sends neither added nor unknown tasks again with Retry On Fail', async () => {
		const before = storedTasks().length;
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const { error } = await addTasks(people(30), { options: { batchSize: 10 } }, { settings });
		const created = numbersOf(storedTasks().slice(before));
		expect(new Set(created).size).toBe(created.length);
		expect(contextOf(error)?.items?.unknown).toEqual(range(10, 19));
	});
});

describe('Add Tasks with an OAuth2 token', () => {
	const credentials = () => ({ ringMeOAuth2Api: oAuth2(fixture.sandbox) });

	it('fetches one token for all batches', async () => {
		await addTasks(people(1500), { authentication: 'oAuth2' }, { credentials: credentials() });
		expect(fixture.sandbox.oauth.requests).toBe(1);
	});

	it('renews a token that was revoked between batches, and adds every task once', async () => {
		const before = storedTasks().length;
		fixture.sandbox.faults.add({ kind: 'tokenDeath', match: { method: 'POST' }, after: 1 });
		const json = people(2000);
		const { items, error } = await addTasks(
			json,
			{ authentication: 'oAuth2' },
			{ credentials: credentials() },
		);
		expect(error).toBeUndefined();
		expect(links(items)).toEqual(json.map((_, index) => index));
		expect(numbersOf(storedTasks().slice(before))).toEqual(numbersOf(json));
		expect(fixture.sandbox.oauth.requests).toBe(2);
	});
});

describe('Add Tasks as a tool of an agent', () => {
	it('adds the task of the agent without the custom operation', async () => {
		const { response, error } = await fixture.engine.runAsTool({
			node: 'ringMe',
			parameters: {
				authentication: 'accessToken',
				resource: 'taskScheduler',
				operation: 'addTasks',
				schedulerId: '1',
				taskInput: 'fields',
				aNumber: "={{ $fromAI('number', 'Number to call') }}",
				bNumber: '101',
			},
			args: { number: '+442079460001' },
			credentials: {
				ringMeApi: { baseUrl: fixture.sandbox.url, accessToken: 'sandbox-token', client: '@me' },
			},
		});
		expect(error).toBeUndefined();
		expect(JSON.stringify(response)).toContain('+442079460001');
		expect(batches()).toHaveLength(1);
	});
});
