/**
 * Add Tasks, compared with the contract for each Task Input: several items become one request with every
 * field of a task that the contract defines, or only with a number.
 */
import fc from 'fast-check';
import type { INodeParameters, INodeProperties } from 'n8n-workflow';

import { API_ROOT, loadContract, type ApiOperation } from '../../sandbox/http/contract.mts';
import { byId, setupFixture, links } from '../harness/fixture.mts';
import { Client, type Json } from '../sandbox/support/client.mts';
import { Requests, type Extent } from '../sandbox/support/requests.mts';
import { enterValue } from './support/controls.mts';
import { BuiltNode, camelCase } from './support/node.mts';
import { mergeAsExpressions, toWireRequest } from './support/requests.mts';

const SCHEDULER = 1;

const fixture = setupFixture();
let node: BuiltNode;
let operation: ApiOperation;
beforeAll(async () => {
	operation = (await loadContract()).byId.get('addTasks') as ApiOperation;
	node = new BuiltNode(fixture.engine.n8n, fixture.engine.description('ringMe'));
});

const taskSchema = () => operation.body?.schema.properties?.tasks.items ?? {};
const nodeOperation = () => node.operationsFor(operation)[0];

/** The node's inputs for one task, at the top level and in a collection: named like the fields of the contract. */
function fieldsOf(task: Json) {
	const shown = node.shownInputs({ ...nodeOperation(), choices: { taskInput: 'fields' } });
	const { options } = shown.find(({ name }) => name === 'taskFields') as INodeProperties;
	const taskFields: INodeParameters = {};
	const parameters: INodeParameters = { taskFields };
	for (const [key, value] of Object.entries(task)) {
		const isField = ({ name }: INodeProperties) => name === camelCase(key);
		const shownInput = shown.find(isField);
		const input = shownInput ?? (options as INodeProperties[]).find(isField);
		if (!input) throw new Error(`The node has no input for ${key}`);
		const { stored } = enterValue(input, taskSchema().properties?.[key] ?? {}, value);
		(shownInput ? parameters : taskFields)[input.name] = stored as never;
	}
	return parameters;
}

const baseParameters = (taskInput: string) => ({
	...node.baseParameters(nodeOperation()),
	schedulerId: byId(SCHEDULER).value,
	taskInput,
});

/** Parameters and items that should add the tasks, by Task Input. */
const inputsFor: Record<string, (tasks: Json[]) => ReturnType<typeof mergeAsExpressions>> = {
	'Map Automatically': (tasks) => ({
		parameters: baseParameters('automatic'),
		json: tasks as never[],
	}),
	'Map Each Field': (tasks) =>
		mergeAsExpressions(
			tasks.map((task) => ({ ...baseParameters('fields'), ...fieldsOf(task) })),
			['taskInput'],
		),
	JSON: (tasks) => ({
		parameters: { ...baseParameters('json'), tasks: '={{ $json.list }}' },
		json: [{ list: tasks as never[] }],
	}),
};

describe.each(Object.keys(inputsFor))('Add Tasks with %s', (taskInput) => {
	it.each<Extent>(['all', 'required'])(
		`sends %s fields of tasks with ${taskInput}`,
		async (extent) => {
			const requests = new Requests(
				await loadContract(),
				fixture.sandbox,
				new Client(fixture.sandbox.url),
				extent,
			);
			await fc.assert(
				fc.asyncProperty(requests.body(operation), async (body) => {
					const tasks = body.tasks as Json[];
					const { parameters, json } = inputsFor[taskInput](tasks);
					fixture.sandbox.journal.clear();
					const { error, items } = await fixture.run(parameters, { json });
					expect(error?.message).toBeUndefined();
					// First the scheduler is read, for its status and number of tasks.
					const [reading, ...additions] = fixture.sandbox.journal.api();
					expect(reading).toMatchObject({ operationId: 'getTaskScheduler', status: 200 });
					expect(additions.map(toWireRequest)).toEqual([
						{
							method: 'POST',
							path: `${API_ROOT}/client/@me/task_scheduler/${SCHEDULER}/tasks/`,
							query: {},
							body: { tasks },
						},
					]);
					expect(additions[0].status).toBe(201);
					expect(links(items)).toEqual(tasks.map((_, index) => (taskInput === 'JSON' ? 0 : index)));
					const names = Object.keys(taskSchema().properties ?? {});
					for (const task of tasks) {
						expect(Object.keys(task).sort()).toEqual(
							extent === 'all' ? names.sort() : ['a_number'],
						);
					}
				}),
				{ numRuns: 3, endOnFailure: true },
			);
		},
	);
});
