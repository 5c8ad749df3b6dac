/**
 * Add Tasks with Retry On Fail and expressions that give another value in each try: a task is known by its
 * item and its place, never by its content, and every error says what is in the queue already.
 */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { FaultInput } from '../../sandbox/index.mts';
import { contextOf, links, oAuth2, setupFixture } from '../harness/fixture.mts';
import type { RunOptions } from '../harness/types.mts';
import { startTestServer } from '../support/testServer.mts';

const fixture = setupFixture({ seed: 'empty' });

let schedulerId: string;
beforeEach(() => {
	fixture.engine.n8n.processed.clear();
	const scheduler = fixture.sandbox.store.taskSchedulers.insert({
		name: 'Later tries',
		status: 'off',
	} as never);
	schedulerId = String(scheduler.id);
});

const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const numberOf = (index: number) => `+44207946${1000 + index}`;
const people = (count: number): IDataObject[] =>
	range(count).map((index) => ({ number: numberOf(index) }));

const addTasks = async (
	json: IDataObject[],
	parameters: INodeParameters,
	options: Partial<RunOptions> = {},
) =>
	await fixture.run(
		{
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId,
			taskInput: 'fields',
			aNumber: '={{ $json.number }}',
			...parameters,
		},
		{
			json,
			settings: { id: 'add-tasks', ...RETRY_ON_FAIL },
			workflowId: 'later-tries',
			...options,
		},
	);

const addFault = (fault: FaultInput) =>
	fixture.sandbox.faults.add({ match: { method: 'POST', path: '/tasks/' }, ...fault });
const timesAdded = (count: number) =>
	range(count).map(
		(index) =>
			fixture.sandbox.store.tasks.list().filter(({ a_number }) => a_number === numberOf(index))
				.length,
	);

/** Expressions that give another value in each try, and one of another node. */
const EXPRESSIONS = [
	'{{ $now.toMillis() }}',
	'{{ Math.random() }}',
	"{{ $('Start').itemMatching($itemIndex).json.number + $now.toISO() }}",
];

const PLACES: Array<[string, (expression: string) => INodeParameters]> = [
	['Name', (expression) => ({ taskFields: { name: `=${expression}` } })],
	[
		'Start Time',
		() => ({ taskFields: { startTimeUtc: '={{ $now.plus({ minutes: 5 }).toISO() }}' } }),
	],
	[
		'a variable',
		(expression) => ({
			taskFields: { variables: { rows: [{ name: 'made', value: `=${expression}` }] } },
		}),
	],
	['a default', (expression) => ({ options: { name: `=${expression}` } })],
	['B Number', () => ({ bNumber: '={{ 100 + Math.floor(Math.random() * 800) }}' })],
	[
		'Campaign of Skip People Added Before',
		(expression) => ({
			options: { skipPeopleAddedBefore: true, campaign: `=${expression}` },
		}),
	],
	['Unknown Fields', () => ({ taskInput: 'automatic', unknownFields: 'ignore' })],
];

const CASES = PLACES.flatMap(([place, parametersOf], index) =>
	(index === 0 ? EXPRESSIONS : EXPRESSIONS.slice(index % 3, (index % 3) + 1)).flatMap(
		(expression) =>
			[false, true].map(
				(bypassCustomOperations) =>
					[place, expression, parametersOf, bypassCustomOperations] as const,
			),
	),
).filter(([place, , , isBypassed]) => !(isBypassed && place.startsWith('Campaign')));

/** With two tasks in each batch. */
const inPairs = (parameters: INodeParameters): INodeParameters => ({
	...parameters,
	options: { ...(parameters.options as object), batchSize: 2 },
});

describe('a value that differs in each try', () => {
	const json = people(5).map((each) => ({ ...each, a_number: each.number }));

	it.each(CASES)(
		'in %s, as %s, adds nobody twice after a lost response',
		async (_place, expression, parametersOf, bypassCustomOperations) => {
			addFault({ kind: 'dropAfter' });
			const { error } = await addTasks(json, inPairs(parametersOf(expression)), {
				bypassCustomOperations,
			});
			expect(contextOf(error)?.items).toEqual({ succeeded: [2, 3, 4], unknown: [0, 1] });
			expect(error?.description).toMatch(/^3 people were added, 2 may have been added\. /);
			expect(timesAdded(5)).toEqual([1, 1, 1, 1, 1]);
		},
	);

	it.each(CASES)(
		'in %s, as %s, adds nobody twice after a batch was refused',
		async (_place, expression, parametersOf, bypassCustomOperations) => {
			addFault({ kind: 'status', status: 403, after: 1 });
			const { error, items } = await addTasks(json, inPairs(parametersOf(expression)), {
				bypassCustomOperations,
			});
			expect(error).toBeUndefined();
			expect(links(items)).toEqual(range(5));
			expect(timesAdded(5)).toEqual([1, 1, 1, 1, 1]);
			// The output is what is in the queue, not what the last try has read.
			const stored = new Map(fixture.sandbox.store.tasks.list().map((task) => [task.id, task]));
			for (const { json: task } of items) {
				expect(task.name).toEqual(stored.get(Number(task.id))?.name);
			}
		},
	);

	it('keeps the reason for which somebody was skipped', async () => {
		addFault({ kind: 'status', status: 403, after: 1 });
		const { json: output } = await addTasks(
			[...people(3), ...people(1)],
			inPairs({
				aNumber: '={{ $json.number + ($itemIndex === 3 && $now.toMillis() % 2 ? " " : "") }}',
				options: { skipDuplicates: true },
			}),
		);
		expect(output.map(({ skipped }) => skipped)).toEqual([
			...Array(3).fill(undefined),
			'duplicate',
		]);
		expect(timesAdded(3)).toEqual([1, 1, 1]);
	});
});

describe('an item with another number of tasks in each try', () => {
	/** Two tries are less than 4,999 milliseconds and more than none apart. */
	const parameters = {
		taskInput: 'json',
		tasks: `={{ $json.number ? [{ a_number: $json.number }] : Array.from({ length: 2 + $now.toMillis() % 4999 }, (_, index) => ({ a_number: '+447700' + (900000 + index) })) }}`,
		options: { batchSize: 5000 },
	};
	const stored = () => fixture.sandbox.store.tasks.list();

	it('is not sent again after a lost response', async () => {
		addFault({ kind: 'dropAfter' });
		const { error } = await addTasks([{}], parameters);
		expect(contextOf(error)?.items).toEqual({ unknown: [0] });
		expect(new Set(stored().map(({ a_number }) => a_number)).size).toBe(stored().length);
		expect(fixture.sandbox.journal.find('POST', '/tasks/')).toHaveLength(1);
	});

	it('keeps its tasks if another one is repeated', async () => {
		const other = fixture.sandbox.store.taskSchedulers.insert({ status: 'off' } as never);
		addFault({ kind: 'status', status: 403, after: 1 });
		const { error, items } = await addTasks([{}, people(1)[0]], {
			...parameters,
			schedulerId: `={{ $json.number ? ${other.id} : ${schedulerId} }}`,
		});
		expect(error).toBeUndefined();
		expect(items).toHaveLength(stored().length);
		expect(new Set(stored().map(({ a_number }) => a_number)).size).toBe(stored().length);
		expect(timesAdded(1)).toEqual([1]);
	});
});

describe('a later try that fails before it sends anything', () => {
	/** A trigger that is published in the first try only. */
	async function startTrigger() {
		const trigger = await fixture.engine.trigger({
			node: 'ringMeTrigger',
			parameters: { events: ['task-finished'] },
			credentials: { ringMeOAuth2Api: oAuth2(fixture.sandbox) },
		});
		const { origin, pathname } = new URL(trigger.url());
		let checks = 0;
		const proxy = await startTestServer(async ({ path }, response) => {
			response.setHeader('content-type', 'application/json');
			if (++checks > 1) {
				response.writeHead(404);
				response.end('{"message":"The requested webhook is not registered."}');
				return;
			}
			response.end(await (await fetch(origin + path)).text());
		});
		const close = async () => void (await Promise.all([trigger.close(), proxy.stop()]));
		return { url: proxy.url + pathname, close };
	}

	it('says what is in the queue already', async () => {
		const trigger = await startTrigger();
		addFault({ kind: 'status', status: 403, after: 1 });
		const { error } = await addTasks(
			people(5),
			{
				authentication: 'oAuth2',
				options: { batchSize: 2, reportResultsTo: trigger.url, resultKey: '={{ $json.number }}' },
			},
			{ credentials: { ringMeOAuth2Api: oAuth2(fixture.sandbox) } },
		);
		await trigger.close();
		expect(timesAdded(5)).toEqual([1, 1, 0, 0, 0]);
		expect(error?.message).toMatch(/No published workflow/);
		expect(contextOf(error)?.items).toEqual({ succeeded: [0, 1], notSent: [2, 3, 4] });
		expect(error?.description).toMatch(/^2 people were added, 3 were not\. /);
		expect(error?.description).toContain('Succeeded: items 0–1 (2 tasks, IDs ');
		expect(error?.description).not.toContain('Nothing was sent');
	});

	it('outputs what is in the queue already with Continue On Fail', async () => {
		const trigger = await startTrigger();
		// n8n tries again if the first item has failed.
		const { json, items } = await addTasks(
			people(3),
			{
				authentication: 'oAuth2',
				schedulerId: `={{ $itemIndex === 0 ? 999 : ${schedulerId} }}`,
				options: { reportResultsTo: trigger.url, resultKey: '={{ $json.number }}' },
			},
			{
				credentials: { ringMeOAuth2Api: oAuth2(fixture.sandbox) },
				onError: 'continueRegularOutput',
			},
		);
		await trigger.close();
		expect(links(items)).toEqual([0, 1, 2]);
		expect(json[0].error).toMatch(/No published workflow/);
		expect(json.slice(1).map(({ a_number }) => a_number)).toEqual([numberOf(1), numberOf(2)]);
		expect(timesAdded(3)).toEqual([0, 1, 1]);
	});
});

describe('a failure of the whole node with Continue On Fail', () => {
	it('is the error of each item, and no item passes as if it were called', async () => {
		const { json, items } = await addTasks(
			people(2),
			{ options: { doNotCall: '={{ $json.missing }}' } },
			{ onError: 'continueRegularOutput', settings: {} },
		);
		expect(links(items)).toEqual([0, 1]);
		for (const { error } of json) expect(error).toMatch(/'Do Not Call'/);
		expect(fixture.sandbox.journal.api()).toEqual([]);
	});
});
