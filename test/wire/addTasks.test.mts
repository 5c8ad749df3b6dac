/**
 * Add Tasks against the contract, in each of its three ways of input: many items become one request
 * that has every field of a task which the contract knows, or only a number.
 */
import fc from 'fast-check';
import type { INodeProperties } from 'n8n-workflow';

import { API_ROOT, loadContract, type ApiOperation } from '../../sandbox/http/contract.mts';
import { byId, links, openBench, type Bench } from '../harness/pbx.mts';
import { Client, type Json } from '../sandbox/support/client.mts';
import { Requests, type Extent } from '../sandbox/support/requests.mts';
import { enter } from './support/controls.mts';
import { BuiltNode, camel } from './support/node.mts';
import { fromItems, onWire } from './support/requests.mts';

const SCHEDULER = 1;

let bench: Bench;
let node: BuiltNode;
let operation: ApiOperation;
beforeAll(async () => {
	bench = await openBench();
	operation = (await loadContract()).byId.get('addTasks') as ApiOperation;
	node = new BuiltNode(bench.engine.n8n, bench.engine.description('ringMe'));
});
beforeEach(() => bench.sandbox.reset());
afterEach(() => expect(bench.sandbox.errors).toEqual([]));
afterAll(async () => await bench.sandbox.stop());

const schema = () => operation.body?.schema.properties?.tasks.items ?? {};
const place = () => node.find(operation)[0];

/** The node's inputs for one task: named like the fields of the contract. */
function fieldsOf(task: Json) {
	const shown = node.shown({ ...place(), choices: { taskInput: 'fields' } });
	const { options } = shown.find(({ name }) => name === 'task') as INodeProperties;
	const inputs = options as INodeProperties[];
	return Object.fromEntries(
		Object.entries(task).map(([key, value]) => {
			const input = inputs.find(({ name }) => name === camel(key));
			if (!input) throw new Error(`no input for ${key}`);
			return [input.name, enter(input, schema().properties?.[key] ?? {}, value).stored];
		}),
	);
}

const base = (taskInput: string) => ({
	...node.base(place()),
	schedulerId: byId(SCHEDULER).value,
	taskInput,
});

/** Parameters and items that should add the tasks. */
const ways: Record<string, (tasks: Json[]) => ReturnType<typeof fromItems>> = {
	'Map Automatically': (tasks) => ({ parameters: base('automatic'), json: tasks as never[] }),
	'Map Each Field': (tasks) =>
		fromItems(
			tasks.map((task) => ({ ...base('fields'), task: fieldsOf(task) as never })),
			['taskInput'],
		),
	JSON: (tasks) => ({
		parameters: { ...base('json'), tasks: '={{ $json.list }}' },
		json: [{ list: tasks as never[] }],
	}),
};

describe.each(Object.keys(ways))('%s', (way) => {
	it.each<Extent>(['all', 'required'])('sends %s fields of a task', async (extent) => {
		const requests = new Requests(
			await loadContract(),
			bench.sandbox,
			new Client(bench.sandbox.url),
			extent,
		);
		await fc.assert(
			fc.asyncProperty(requests.body(operation), async (body) => {
				const tasks = body.tasks as Json[];
				const { parameters, json } = ways[way](tasks);
				bench.sandbox.journal.clear();
				const { error, items } = await bench.run(parameters, { json });
				expect(error?.message).toBeUndefined();
				// Whether it is on, and how many tasks it has, is asked first.
				const [look, ...adding] = bench.sandbox.journal.api();
				expect(look).toMatchObject({ operationId: 'getTaskScheduler', status: 200 });
				expect(adding.map(onWire)).toEqual([
					{
						method: 'POST',
						path: `${API_ROOT}/client/@me/task_scheduler/${SCHEDULER}/tasks/`,
						query: {},
						body: { tasks },
					},
				]);
				expect(adding[0].status).toBe(201);
				expect(links(items)).toEqual(tasks.map((_, index) => (way === 'JSON' ? 0 : index)));
				const names = Object.keys(schema().properties ?? {});
				for (const task of tasks) {
					expect(Object.keys(task).sort()).toEqual(extent === 'all' ? names.sort() : ['a_number']);
				}
			}),
			{ numRuns: 3, endOnFailure: true },
		);
	});
});
