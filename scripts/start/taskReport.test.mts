import { startSandbox, type Sandbox } from '../../sandbox/index.mts';
import { STATIC_TOKEN } from '../../sandbox/oauth/tokens.mts';
import type { Item, RunResult, Workflow } from '../../test/support/n8n/editor.mts';
import { readPeople, reportTasks } from './taskReport.mts';

const list = [
	{ name: 'Answers', a_number: '+447700900011', b_number: '101' },
	{ name: 'Is Busy', a_number: '+447700900017', b_number: '101', try_count: 2 },
	{ name: 'Answers Later', a_number: '+447700900018', b_number: '101', try_count: 2 },
];

const workflow: Workflow = {
	name: 'Test',
	connections: {},
	nodes: [
		{ name: 'List', type: 'n8n-nodes-base.extractFromFile', parameters: {} },
		{ name: 'Add', type: 'n8n-nodes-ringme.ringMe', parameters: { operation: 'addTasks' } },
	],
};

function runOf(tasks: Item[], more: Partial<RunResult> = {}): RunResult {
	const from = (previousNode: string) => [{ previousNode }];
	return {
		status: 'success',
		nodes: {
			List: [{ source: from('Read'), data: { main: [list.map((json) => ({ json }))] } }],
			Add: [{ source: from('List'), data: { main: [tasks] } }],
		},
		...more,
	};
}

describe('the report of npm start', () => {
	let sandbox: Sandbox;
	let added: Item[];

	beforeEach(async () => {
		sandbox = await startSandbox({ clock: 'virtual' });
		const response = await fetch(`${sandbox.url}/api/ver1.0/client/@me/task_scheduler/1/tasks/`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', authorization: `Bearer ${STATIC_TOKEN}` },
			body: JSON.stringify({ tasks: list.map(({ name, ...task }) => ({ ...task, name })) }),
		});
		const { tasks } = (await response.json()) as { tasks: Array<Record<string, unknown>> };
		added = tasks.map((json, item) => ({ json, pairedItem: { item } }));
	});

	afterEach(async () => await sandbox.stop());

	test('shows every person, even if the tasks come back in another order', async () => {
		const people = readPeople(workflow, runOf([...added].reverse()));
		await sandbox.telephony.finishTasks();
		const { table, problems } = reportTasks(people, sandbox);
		expect(problems).toEqual([]);
		const cells = table
			.split('\n')
			.filter((line) => line.includes('+44'))
			.map((line) => line.split('│').map((cell) => cell.trim()))
			.map(([, name, number, id, status, result, attempts]) => [
				name,
				number,
				Number(id),
				status,
				result,
				attempts,
			]);
		expect(cells).toEqual([
			['Answers', '+447700900011', added[0].json.id, 'finished', 'success', '1'],
			['Is Busy', '+447700900017', added[1].json.id, 'finished', 'failed', '2'],
			['Answers Later', '+447700900018', added[2].json.id, 'finished', 'success', '2'],
		]);
	});

	test('names a person for whom no task came back', () => {
		const people = readPeople(workflow, runOf(added.slice(0, 2)));
		expect(reportTasks(people, sandbox).problems).toContain(
			'Answers Later (+447700900018): no task was added',
		);
	});

	test('names a person whose task the PBX does not have', async () => {
		const people = readPeople(workflow, runOf(added));
		await sandbox.clock.advance(3_600_000);
		sandbox.store.tasks.delete(Number(added[1].json.id));
		expect(reportTasks(people, sandbox).problems).toEqual([
			'Is Busy (+447700900017): no task was added',
		]);
	});

	test('names the people whose tasks are not finished', () => {
		const { problems } = reportTasks(readPeople(workflow, runOf(added)), sandbox);
		expect(problems).toHaveLength(list.length);
		expect(problems[0]).toMatch(/^Answers .* is scheduled$/);
	});

	test('is a failure when the list is empty', () => {
		const run = runOf([]);
		run.nodes.List![0].data!.main = [[]];
		expect(reportTasks(readPeople(workflow, run), sandbox).problems).toHaveLength(1);
	});

	test('names the node in which the run failed, and the reason', () => {
		const run = runOf([], { status: 'error' });
		run.nodes.Add![0].error = {
			message: 'The PBX refused',
			description: 'Scheduler 9 is unknown.',
		};
		expect(() => readPeople(workflow, run)).toThrow(
			/"Add".*The PBX refused Scheduler 9 is unknown/,
		);
	});

	test('says when the workflow no longer adds tasks', () => {
		const other = { ...workflow, nodes: workflow.nodes.slice(0, 1) };
		expect(() => readPeople(other, runOf([]))).toThrow(/did not reach a node that adds tasks/);
	});
});
