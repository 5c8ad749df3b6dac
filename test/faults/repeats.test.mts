/** As a tool of an agent, which n8n runs another way: one item a call, all calls in one execution. */
import type { IDataObject } from 'n8n-workflow';

import type { FaultInput } from '../../sandbox/index.mts';
import { accessToken } from '../harness/pbx.mts';
import { useBench } from './support/bench.mts';

const bench = useBench();

const again = { retryOnFail: true, maxTries: 4, waitBetweenTries: 0 };

describe('a tool of an agent', () => {
	const parameters = {
		authentication: 'accessToken',
		resource: 'extensionGroup',
		operation: 'create',
		extensionGroupName: "={{ $fromAI('name', 'Name of the group', 'string') }}",
	};
	const posts = () => bench.sandbox.journal.find('POST', '/extension_group/');
	const groups = () => bench.sandbox.store.extensionGroups.list().map(({ name }) => name);
	const call = async (name: string, settings = {}) =>
		await bench.engine.runAsTool({
			node: 'ringMe',
			parameters,
			args: { name },
			settings,
			credentials: { ringMeApi: accessToken(bench.sandbox) },
		});

	it('does each call of one conversation, also the same one twice', async () => {
		const calls = ['Sales', 'Support', 'Sales'];
		const answers = await bench.engine.runToolCalls({
			node: 'ringMe',
			parameters,
			calls: calls.map((name) => ({ name })),
			credentials: { ringMeApi: accessToken(bench.sandbox) },
		});
		expect(answers.map(({ response }) => (response as IDataObject[])[0].name)).toEqual(calls);
		expect(groups().slice(-3)).toEqual(calls);
	});

	it('tells the agent what failed, all of it in the message: more does not reach the model', async () => {
		bench.sandbox.faults.add({ kind: 'status', status: 400, body: { message: 'No room' } });
		expect((await call('Sales')).error).toBe('The PBX refused: No room. HTTP status 400.');
		bench.sandbox.faults.add({ kind: 'dropAfter' });
		expect((await call('Sales')).error).toBe(
			'The PBX gave no usable answer, so it is unknown whether it did what was asked. It was not sent again, because that could do it twice. Look in the PBX before you repeat it.',
		);
	});

	it('that n8n repeats does not do twice what may have been done', async () => {
		bench.sandbox.faults.add({ kind: 'dropAfter' });
		const { error } = await call('Sales', again);
		expect(error).toContain('unknown whether');
		expect(posts()).toHaveLength(1);
	});

	it('that n8n repeats is done where it was refused', async () => {
		bench.sandbox.faults.add({ kind: 'status', status: 400, times: 2 });
		const { response } = await call('Sales', again);
		expect(response).toMatchObject([{ name: 'Sales' }]);
		expect(posts()).toHaveLength(3);
	});
});

describe('Add Tasks as a tool, where n8n does not know of its own way', () => {
	const tasks = () => bench.sandbox.store.tasks.list();
	const posts = () => bench.sandbox.journal.find('POST', '/tasks/');
	const number = (item: number) => `+44207946000${item}`;
	const times = (item: number) =>
		tasks().filter(({ a_number }) => a_number === number(item)).length;
	const people = (...items: number[]) =>
		JSON.stringify(items.map((item) => ({ a_number: number(item) })));
	const add = async (calls: string[], settings = {}) =>
		await bench.engine.runToolCalls({
			node: 'ringMe',
			parameters: {
				authentication: 'accessToken',
				resource: 'taskScheduler',
				operation: 'addTasks',
				schedulerId: '2',
				taskInput: 'json',
				tasks: "={{ $fromAI('people', 'Whom to call', 'string') }}",
				taskSchedulerTaskOptions: { batchSize: 2 },
			},
			calls: calls.map((each) => ({ people: each })),
			settings,
			credentials: { ringMeApi: accessToken(bench.sandbox) },
		});
	const onBatch = (after: number, fault: FaultInput) =>
		bench.sandbox.faults.add({ match: { method: 'POST' }, after, ...fault });

	it('adds what each call asks for, also the same twice', async () => {
		const answers = await add([people(0, 1, 2), people(3), people(3)]);
		const given = answers.flatMap(({ response }) => response as IDataObject[]);
		expect(given.map(({ a_number }) => a_number)).toEqual([0, 1, 2, 3, 3].map(number));
		expect(new Set(given.map(({ id }) => id)).size).toBe(5);
		expect([0, 1, 2, 3].map(times)).toEqual([1, 1, 1, 2]);
	});

	it('that n8n repeats adds nothing twice: not what was added, nor what may have been', async () => {
		onBatch(1, { kind: 'dropAfter' });
		const [{ error }] = await add([people(0, 1, 2, 3, 4)], again);
		expect(error).toContain('unknown whether');
		const ids = tasks()
			.slice(-4, -2)
			.map(({ id }) => id);
		expect(error).toContain(`2 tasks, IDs ${ids[0]}–${ids[1]}`);
		expect([0, 1, 2, 3].map(times)).toEqual([1, 1, 1, 1]);
	});

	it('that n8n repeats adds what was refused', async () => {
		onBatch(1, { kind: 'status', status: 403 });
		const [{ response }] = await add([people(0, 1, 2, 3, 4)], again);
		expect((response as IDataObject[]).map(({ a_number }) => a_number)).toEqual(
			[0, 1, 2, 3, 4].map(number),
		);
		expect([0, 1, 2, 3, 4].map(times)).toEqual([1, 1, 1, 1, 1]);
		expect(posts()).toHaveLength(4);
	});
});
