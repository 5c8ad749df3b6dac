import Table from 'cli-table3';
import type { Sandbox } from '../../sandbox/index.mts';
import {
	describeFailure,
	type Item,
	type RunResult,
	type Workflow,
	type WorkflowNode,
} from '../../test/support/n8n/editor.mts';

type StoredTask = NonNullable<ReturnType<Sandbox['store']['tasks']['get']>>;

/** A person on the list and the task that was added for it. */
export interface Person {
	name: string;
	number: string;
	/** As the node returned it; undefined if it returned none for this person */
	taskId?: number;
}

/**
 * The people in the input of a run's Add Tasks node, with their tasks by the links between items.
 *
 * @throws Error when the run failed, or did not reach such a node
 */
export function readPeople(workflow: Workflow, run: RunResult): Person[] {
	if (run.status !== 'success') throw new Error(describeFailure(run));
	const node = workflow.nodes.find(isAddTasks);
	const nodeRun = node && run.nodes[node.name]?.[0];
	if (!nodeRun) {
		throw new Error(
			`The run of "${workflow.name}" did not reach a node that adds tasks. Delete the workflow in the editor; the next start imports the example again.`,
		);
	}
	const previousNode = nodeRun.source[0]?.previousNode ?? '';
	const people = run.nodes[previousNode]?.[0].data?.main?.[0] ?? [];
	const tasks = nodeRun.data?.main?.flatMap((output) => output ?? []) ?? [];
	return people.map(({ json }, index) => {
		const id = tasks.find((task) => pairedIndex(task) === index)?.json.id;
		return {
			name: String(json.name ?? ''),
			number: String(json.a_number ?? ''),
			taskId: typeof id === 'number' ? id : undefined,
		};
	});
}

function isAddTasks({ type, parameters }: WorkflowNode): boolean {
	// n8n does not keep a parameter that has its default.
	const { resource = 'taskScheduler', operation = 'addTasks' } = parameters;
	return (
		type === 'n8n-nodes-ringme.ringMe' && resource === 'taskScheduler' && operation === 'addTasks'
	);
}

function pairedIndex({ pairedItem }: Item): number | undefined {
	const [first] = [pairedItem].flat();
	return typeof first === 'object' ? first.item : first;
}

/** How many of these people's tasks are finished. */
export function countFinished(people: Person[], { store }: Sandbox): number {
	return people.filter(({ taskId }) => findTask(store, taskId)?.status === 'finished').length;
}

/** The tasks of these people on the PBX: a table to print, and the problems, in case there are some. */
export function reportTasks(
	people: Person[],
	{ store }: Sandbox,
): { table: string; problems: string[] } {
	const table = new Table({
		head: ['Person', 'Number', 'Task', 'Status', 'Result', 'Attempts', 'What happened'],
		style: { head: [], border: [] },
		chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
	});
	const problems: string[] = [];
	for (const { name, number, taskId } of people) {
		const task = findTask(store, taskId);
		if (!task) problems.push(`${name} (${number}): no task was added`);
		else if (task.status !== 'finished')
			problems.push(`${name} (${number}): task ${task.id} is ${task.status}`);
		table.push([
			name,
			number,
			task?.id ?? 'missing',
			task?.status ?? '',
			task?.finish_result ?? '',
			task ? countAttempts(task) : '',
			task?.finish_comment ?? '',
		]);
	}
	if (people.length === 0) problems.push('Nobody is on the list.');
	return { table: table.toString(), problems };
}

function findTask(store: Sandbox['store'], id: number | undefined): StoredTask | undefined {
	return id === undefined ? undefined : store.tasks.get(id);
}

/** Each call record of a task has the number of its attempt. */
function countAttempts({ cdr }: StoredTask): number {
	const records = JSON.parse(cdr ?? '[]') as Array<{ attempt: number }>;
	return Math.max(0, ...records.map(({ attempt }) => attempt));
}
