/** The node as a tool of an AI agent: n8n calls it with one item per call, all in one execution. */
import type { IDataObject } from 'n8n-workflow';

import type { FaultInput } from '../../sandbox/index.mts';
import { accessToken, setupFixture } from '../harness/fixture.mts';
import { OUTCOME_UNKNOWN } from './support/outcomes.mts';

const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 4, waitBetweenTries: 0 };

const fixture = setupFixture();

describe('a write as a tool', () => {
	const parameters = {
		authentication: 'accessToken',
		resource: 'extensionGroup',
		operation: 'create',
		extensionGroupName: "={{ $fromAI('name', 'Name of the group', 'string') }}",
	};
	const requests = () => fixture.sandbox.journal.find('POST', '/extension_group/');
	const createGroup = async (name: string, settings = {}) =>
		await fixture.engine.runAsTool({
			node: 'ringMe',
			parameters,
			args: { name },
			settings,
			credentials: { ringMeApi: accessToken(fixture.sandbox) },
		});

	it('executes each call of one conversation, also two equal ones', async () => {
		const names = ['Sales', 'Support', 'Sales'];
		const results = await fixture.engine.runToolCalls({
			node: 'ringMe',
			parameters,
			calls: names.map((name) => ({ name })),
			credentials: { ringMeApi: accessToken(fixture.sandbox) },
		});
		expect(results.map(({ response }) => (response as IDataObject[])[0].name)).toEqual(names);
		const groups = fixture.sandbox.store.extensionGroups.list();
		expect(groups.slice(-3).map(({ name }) => name)).toEqual(names);
	});

	it('has the whole error in its message, because the model sees nothing else', async () => {
		fixture.sandbox.faults.add({ kind: 'status', status: 400, body: { message: 'No room' } });
		const rejected = await createGroup('Sales');
		expect(rejected.error).toContain('No room');
		expect(rejected.error).toContain('HTTP status 400.');
		fixture.sandbox.faults.add({ kind: 'dropAfter' });
		const unknown = await createGroup('Sales');
		expect(unknown.error).toMatch(OUTCOME_UNKNOWN);
	});

	it('is not executed twice by Retry On Fail when its outcome is unknown', async () => {
		fixture.sandbox.faults.add({ kind: 'dropAfter' });
		const { error } = await createGroup('Sales', RETRY_ON_FAIL);
		expect(error).toMatch(OUTCOME_UNKNOWN);
		expect(requests()).toHaveLength(1);
	});

	it('is executed by Retry On Fail after the PBX rejected it', async () => {
		fixture.sandbox.faults.add({ kind: 'status', status: 400, times: 2 });
		const { response } = await createGroup('Sales', RETRY_ON_FAIL);
		expect(response).toMatchObject([{ name: 'Sales' }]);
		expect(requests()).toHaveLength(3);
	});
});

describe('Add Tasks as a tool, where n8n bypasses its custom operation', () => {
	const tasks = () => fixture.sandbox.store.tasks.list();
	const number = (person: number) => `+44207946000${person}`;
	const countTasks = (person: number) =>
		tasks().filter(({ a_number }) => a_number === number(person)).length;
	const people = (...numbers: number[]) =>
		JSON.stringify(numbers.map((person) => ({ a_number: number(person) })));
	const addTasks = async (calls: string[], settings = {}) =>
		await fixture.engine.runToolCalls({
			node: 'ringMe',
			parameters: {
				authentication: 'accessToken',
				resource: 'taskScheduler',
				operation: 'addTasks',
				schedulerId: '2',
				taskInput: 'json',
				tasks: "={{ $fromAI('people', 'Whom to call', 'string') }}",
				options: { batchSize: 2 },
			},
			calls: calls.map((each) => ({ people: each })),
			settings,
			credentials: { ringMeApi: accessToken(fixture.sandbox) },
		});
	const addFaultToBatch = (index: number, fault: FaultInput) =>
		fixture.sandbox.faults.add({ match: { method: 'POST' }, after: index, ...fault });

	it('adds the tasks of each call, also of two equal ones', async () => {
		const results = await addTasks([people(0, 1, 2), people(3), people(3)]);
		const created = results.flatMap(({ response }) => response as IDataObject[]);
		expect(created.map(({ a_number }) => a_number)).toEqual([0, 1, 2, 3, 3].map(number));
		expect(new Set(created.map(({ id }) => id)).size).toBe(5);
		expect([0, 1, 2, 3].map(countTasks)).toEqual([1, 1, 1, 2]);
	});

	it('adds no task twice with Retry On Fail: neither those added nor those of unknown outcome', async () => {
		addFaultToBatch(1, { kind: 'dropAfter' });
		const [{ error }] = await addTasks([people(0, 1, 2, 3, 4)], RETRY_ON_FAIL);
		expect(error).toMatch(OUTCOME_UNKNOWN);
		const [first, second] = tasks()
			.slice(-4, -2)
			.map(({ id }) => id);
		expect(error).toContain(`IDs ${first}–${second}`);
		expect([0, 1, 2, 3].map(countTasks)).toEqual([1, 1, 1, 1]);
	});

	it('adds the tasks of a rejected batch with Retry On Fail', async () => {
		addFaultToBatch(1, { kind: 'status', status: 403 });
		const [{ response }] = await addTasks([people(0, 1, 2, 3, 4)], RETRY_ON_FAIL);
		expect((response as IDataObject[]).map(({ a_number }) => a_number)).toEqual(
			[0, 1, 2, 3, 4].map(number),
		);
		expect([0, 1, 2, 3, 4].map(countTasks)).toEqual([1, 1, 1, 1, 1]);
		expect(fixture.sandbox.journal.find('POST', '/tasks/')).toHaveLength(4);
	});
});
