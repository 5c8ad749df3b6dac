/**
 * Add Tasks where n8n bypasses its custom operation, as its Engine 2.0 does: n8n calls
 * the node for each item, and the node sends the tasks of all of them together.
 */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { FaultInput } from '../../sandbox/index.mts';
import { contextOf, createFixture, links, type Fixture } from '../harness/fixture.mts';
import { setupTimers } from '../harness/timers.mts';
import type { RunOptions } from '../harness/types.mts';

setupTimers();
let fixture: Fixture;
beforeAll(async () => (fixture = await createFixture()));
beforeEach(() => fixture.sandbox.reset());
afterEach(() => expect(fixture.sandbox.errors).toEqual([]));
afterAll(async () => await fixture.sandbox.stop());

const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 };

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const numberOf = (index: number) => `+44207946${1000 + index}`;
const people = (count: number): IDataObject[] =>
	range(count).map((index) => ({ a_number: numberOf(index), b_number: '101' }));

const addTasks = async (
	json: IDataObject[],
	parameters: INodeParameters = {},
	options: Partial<RunOptions> = {},
) =>
	await fixture.run(
		{
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			unknownFields: 'ignore',
			...parameters,
		},
		{ json, bypassCustomOperations: true, ...options },
	);

const batchSizes = () =>
	fixture.sandbox.journal
		.find('POST', '/tasks/')
		.map(({ body }) => (body as { tasks: unknown[] }).tasks.length);
const timesAdded = (index: number) =>
	fixture.sandbox.store.tasks.list().filter(({ a_number }) => a_number === numberOf(index)).length;

it('sends the tasks of all items in batches, and outputs each with its item', async () => {
	const json = people(1_100);
	const { items } = await addTasks(json);
	expect(batchSizes()).toEqual([500, 500, 100]);
	expect(fixture.sandbox.journal.api()).toHaveLength(4);
	expect(links(items)).toEqual(range(1_100));
	expect(items.map((item) => item.json.a_number)).toEqual(json.map(({ a_number }) => a_number));
});

it('evaluates parameters for each item', async () => {
	const json = range(4).map((index) => ({ number: numberOf(index), scheduler: 1 + (index % 2) }));
	await addTasks(json, {
		schedulerId: '={{ $json.scheduler }}',
		taskInput: 'fields',
		aNumber: '={{ $json.number.trim() }}',
		taskFields: { name: '={{ "Call " + $itemIndex }}' },
	});
	const requests = fixture.sandbox.journal.find('POST', '/tasks/');
	expect(requests.map(({ path }) => path.split('/').at(-3))).toEqual(['1', '2']);
	expect(requests.map(({ body }) => (body as { tasks: object[] }).tasks)).toEqual([
		[
			{ a_number: numberOf(0), name: 'Call 0' },
			{ a_number: numberOf(2), name: 'Call 2' },
		],
		[
			{ a_number: numberOf(1), name: 'Call 1' },
			{ a_number: numberOf(3), name: 'Call 3' },
		],
	]);
});

describe('the outcomes are those of the custom operation', () => {
	const faults: Array<[string, FaultInput | undefined, IDataObject[]]> = [
		['an invalid item', undefined, [...people(3), { name: 'Nobody' }, ...people(1)]],
		['a number that the PBX rejects', undefined, [...people(3), { a_number: '12' }, ...people(1)]],
		['a lost response', { kind: 'dropAfter' }, people(5)],
		['a batch that was half applied', { kind: 'halfBatch' }, people(5)],
		['a rejected token', { kind: 'status', status: 401, times: Infinity }, people(5)],
		['no access', { kind: 'status', status: 403 }, people(5)],
	];

	it.each(
		faults.flatMap((fault) =>
			(['stopWorkflow', 'continueRegularOutput'] as const).map(
				(onError) => [...fault, onError] as const,
			),
		),
	)('after %s', async (_name, fault, json, onError) => {
		const results = [];
		for (const bypassCustomOperations of [false, true]) {
			fixture.sandbox.reset();
			if (fault) fixture.sandbox.faults.add({ match: { method: 'POST' }, after: 1, ...fault });
			const { error, items } = await addTasks(
				json,
				{ options: { batchSize: 2 } },
				{ onError, bypassCustomOperations },
			);
			results.push({
				message: error?.message,
				description: error?.description,
				itemIndex: contextOf(error)?.itemIndex,
				items: contextOf(error)?.items,
				output: items,
				requests: fixture.sandbox.journal.api().map(({ method, body }) => [method, body]),
			});
		}
		expect(results[1]).toEqual(results[0]);
	});
});

it.each([true, false])(
	'repeats nothing with Retry On Fail that was added or may have been (bypassing the custom operation: %j)',
	async (bypassCustomOperations) => {
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const { error } = await addTasks(
			people(5),
			{ options: { batchSize: 2 } },
			{ settings: RETRY_ON_FAIL, bypassCustomOperations },
		);
		expect(contextOf(error)?.items).toEqual({ succeeded: [0, 1, 4], unknown: [2, 3] });
		expect(range(5).map(timesAdded)).toEqual([1, 1, 1, 1, 1]);
	},
);

it('adds with Retry On Fail what was refused before', async () => {
	fixture.sandbox.faults.add({ kind: 'status', status: 403, match: { method: 'POST' }, after: 1 });
	const { items } = await addTasks(
		people(5),
		{ options: { batchSize: 2 } },
		{ settings: RETRY_ON_FAIL },
	);
	expect(links(items)).toEqual(range(5));
	expect(range(5).map(timesAdded)).toEqual([1, 1, 1, 1, 1]);
});

it('sends nothing if a parameter of one item cannot be evaluated', async () => {
	const json = [...people(3), { a_number: null }] as IDataObject[];
	const { error } = await addTasks(json, { schedulerId: '={{ $json.a_number.length && 2 }}' });
	expect(error).toBeDefined();
	expect(batchSizes()).toEqual([]);
});
