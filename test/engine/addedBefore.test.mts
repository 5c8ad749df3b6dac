/**
 * *Skip People Added Before* in n8n's engine. The store of the harness loses parallel changes as n8n's
 * does; two engines are two workers, which share it.
 */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { contextOf, createFixture, links, accessToken, type Fixture } from '../harness/fixture.mts';
import { createEngine, type Engine } from '../harness/engine.mts';
import type { ProcessedStore } from '../harness/processedStore.mts';
import { setupTimers } from '../harness/timers.mts';
import type { RunOptions } from '../harness/types.mts';

const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 };

setupTimers();
let fixture: Fixture;
let otherWorker: Engine;
let store: ProcessedStore;
beforeAll(async () => {
	fixture = await createFixture();
	otherWorker = await createEngine();
	store = fixture.engine.n8n.processed;
});
beforeEach(() => {
	fixture.sandbox.reset();
	store.clear();
});
afterEach(() => expect(fixture.sandbox.errors).toEqual([]));
afterAll(async () => await fixture.sandbox.stop());

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const numberOf = (index: number) => `+44207946${1000 + index}`;
const people = (count: number, first = 0): IDataObject[] =>
	range(count).map((index) => ({ a_number: numberOf(first + index), b_number: '101' }));

/** Runs the same node of the same workflow each time. */
const addTasks = async (
	json: IDataObject[],
	{
		options = {},
		parameters = {},
		engine = fixture.engine,
		settings = {},
		...more
	}: {
		options?: INodeParameters;
		parameters?: INodeParameters;
		engine?: Engine;
	} & Partial<RunOptions> = {},
) =>
	await engine.run({
		node: 'ringMe',
		parameters: {
			authentication: 'accessToken',
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			options: { skipPeopleAddedBefore: true, ...options },
			...parameters,
		},
		credentials: { ringMeApi: accessToken(fixture.sandbox) },
		json,
		workflowId: 'campaign',
		settings: { id: 'add-tasks', ...settings },
		...more,
	});

const timesAdded = (index: number) =>
	fixture.sandbox.store.tasks.list().filter(({ a_number }) => a_number === numberOf(index)).length;
const batches = () => fixture.sandbox.journal.find('POST', '/tasks/');
const skippedOf = (json: IDataObject[]) => json.map(({ skipped }) => skipped);

describe('Skip People Added Before', () => {
	it('adds nobody of the same list again, and outputs everybody with the reason, in order', async () => {
		await addTasks(people(3));
		const { items, json, hints } = await addTasks(people(4));
		expect(skippedOf(json)).toEqual(['added before', 'added before', 'added before', undefined]);
		expect(links(items)).toEqual([0, 1, 2, 3]);
		expect(json[0]).toMatchObject({ a_number: numberOf(0), b_number: '101' });
		expect(range(4).map(timesAdded)).toEqual([1, 1, 1, 1]);
		expect(hints.map(({ message }) => message)).toContain('Skipped 3 of 4 tasks: 3 added before.');
	});

	it('is off by default', async () => {
		const options = { skipPeopleAddedBefore: false };
		await addTasks(people(1), { options });
		await addTasks(people(1), { options });
		expect(timesAdded(0)).toBe(2);
		expect(store.accesses).toBe(0);
	});

	it('remembers people for each campaign, task scheduler and PBX client apart', async () => {
		await addTasks(people(1), { options: { campaign: 'Spring' } });
		await addTasks(people(1), { options: { campaign: 'Autumn' } });
		await addTasks(people(1), { options: { campaign: 'Autumn' }, parameters: { client: '4321' } });
		await addTasks(people(1), {
			options: { campaign: 'Autumn' },
			parameters: { schedulerId: '1' },
		});
		expect(timesAdded(0)).toBe(4);
		const { json } = await addTasks(people(1), { options: { campaign: 'Spring' } });
		expect(skippedOf(json)).toEqual(['added before']);
	});

	it('knows a person by the digits of both numbers, and extensions by their ID', async () => {
		const [first, second] = fixture.sandbox.store.extensions.list().map(({ id }) => id);
		const added = [
			{ a_number: '+44 20 7946 1000', b_number: '101' },
			{ a_number: '+44 20 7946 1000', b_number: '102' },
			{ extension_id: first },
			{ extension_id: second },
		];
		expect(skippedOf((await addTasks(added)).json)).toEqual(Array(4).fill(undefined));
		const { json } = await addTasks([
			{ a_number: '442079461000', b_number: 101 },
			{ extension_id: String(first) },
		]);
		expect(skippedOf(json)).toEqual(['added before', 'added before']);
	});

	it('adds a person once who is in the list twice', async () => {
		const { json } = await addTasks([
			...people(1),
			{ a_number: numberOf(0).slice(1), b_number: '101' },
		]);
		expect(skippedOf(json)).toEqual([undefined, 'duplicate']);
		expect(batches()).toHaveLength(1);
	});

	it('puts no number into the store', async () => {
		await addTasks(people(2));
		expect(JSON.stringify(store)).not.toContain(numberOf(0).slice(1));
		expect(store.size).toBe(3);
	});

	it('keeps people of unknown outcome, and forgets those who were certainly not added', async () => {
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'POST' }, after: 1 });
		const options = { batchSize: 2 };
		const { error } = await addTasks(people(6), { options });
		expect(contextOf(error)?.items).toEqual({
			succeeded: [0, 1],
			unknown: [2, 3],
			notSent: [4, 5],
		});
		const { json } = await addTasks(people(6), { options });
		expect(skippedOf(json)).toEqual([...Array(4).fill('added before'), undefined, undefined]);
		expect(range(6).map(timesAdded)).toEqual([1, 1, 1, 1, 1, 1]);
	});

	it.each([{ method: 'POST' }, { method: 'GET' }])(
		'adds the same list after a run in which the PBX refused everything (%j)',
		async (match) => {
			fixture.sandbox.faults.add({ kind: 'status', status: 403, match });
			expect((await addTasks(people(2))).error).toBeDefined();
			expect(skippedOf((await addTasks(people(2))).json)).toEqual([undefined, undefined]);
			expect(range(2).map(timesAdded)).toEqual([1, 1]);
		},
	);

	it('forgets only the invalid person with Continue On Fail', async () => {
		const list = [...people(2), { a_number: 'nobody', b_number: '101' }];
		await addTasks(list, { onError: 'continueRegularOutput' });
		const { json } = await addTasks(list, { onError: 'continueRegularOutput' });
		expect(skippedOf(json)).toEqual(['added before', 'added before', undefined]);
		expect(json[2].error).toBeDefined();
	});

	it('records nobody if an item is invalid and nothing is sent', async () => {
		expect((await addTasks([...people(1), { name: 'No number' }])).error).toBeDefined();
		expect(store.accesses).toBe(0);
	});

	it('does not take what an earlier try of Retry On Fail recorded for added before', async () => {
		fixture.sandbox.faults.add({
			kind: 'status',
			status: 403,
			match: { method: 'POST' },
			after: 1,
		});
		const { json } = await addTasks(people(4), {
			options: { batchSize: 2 },
			settings: RETRY_ON_FAIL,
		});
		expect(skippedOf(json)).toEqual(Array(4).fill(undefined));
		expect(range(4).map(timesAdded)).toEqual([1, 1, 1, 1]);
		expect(skippedOf((await addTasks(people(4))).json)).toEqual(Array(4).fill('added before'));
	});
});

describe('Skip People Added Before in runs at the same moment', () => {
	it.each([
		['one process', 1],
		['two processes', 2],
	])('adds each person exactly once from %s', async (_name, processes) => {
		const engines = [fixture.engine, otherWorker].slice(0, processes);
		store.takesTime = true;
		// The first runs of a node, and later ones.
		for (const first of [0, 100]) {
			const results = await Promise.all(
				range(4).map(async (run) => {
					return await addTasks(people(50, first), { engine: engines[run % processes] });
				}),
			);
			expect(results.map(({ error }) => error)).toEqual(Array(4).fill(undefined));
			expect(range(50).map((index) => timesAdded(first + index))).toEqual(Array(50).fill(1));
		}
	});

	it('adds everybody of lists that overlap', async () => {
		store.takesTime = true;
		await Promise.all([
			addTasks(people(30, 0)),
			addTasks(people(30, 10), { engine: otherWorker }),
			addTasks(people(30, 20)),
		]);
		expect(range(50).map(timesAdded)).toEqual(Array(50).fill(1));
	});
});

it('sends nothing where n8n gives no access to its memory', async () => {
	const { error } = await addTasks(people(2), { bypassCustomOperations: true });
	expect(error?.message).toContain("'Skip People Added Before' cannot be used here");
	expect(contextOf(error)?.items).toEqual({ notSent: [0, 1] });
	expect(batches()).toEqual([]);
});

describe('Skip People Added Before when the database of n8n fails', () => {
	it('goes on when it fails for a moment', async () => {
		store.failures.before = 2;
		expect(skippedOf((await addTasks(people(2))).json)).toEqual([undefined, undefined]);
	});

	it('sends nothing when it fails, and nobody is added twice later', async () => {
		store.failures.before = Infinity;
		const { error } = await addTasks(people(2));
		expect(error?.message).toContain('n8n could not record whom it adds: database is locked');
		expect(contextOf(error)?.items).toEqual({ notSent: [0, 1] });
		expect(batches()).toEqual([]);
		const { json } = await addTasks(people(2), { onError: 'continueRegularOutput' });
		expect(json.map((item) => String(item.error))).toEqual(
			Array(2).fill(expect.stringContaining('Not sent: n8n could not record whom it adds')),
		);
		store.failures.before = 0;
		expect(skippedOf((await addTasks(people(2))).json)).toEqual([undefined, undefined]);
	});

	it('sends nothing when it is unknown what the database has recorded', async () => {
		await addTasks(people(1));
		store.failures.after = 1;
		const { error } = await addTasks(people(2, 1));
		expect(error?.message).toContain('It is unknown what an earlier, failed access has recorded');
		expect(batches()).toHaveLength(1);
	});
});
