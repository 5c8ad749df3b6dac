import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import type { Sandbox } from '../../sandbox/index.mts';
import {
	whatFailed,
	type Item,
	type RunResult,
	type Workflow,
	type WorkflowNode,
} from '../n8n/editor.mts';

/** Real time that the scheduler gets for all tasks, on a clock that runs many times as fast. */
const WORK_TIMEOUT_MS = 180_000;
const POLL_MS = 200;

type StoredTask = NonNullable<ReturnType<Sandbox['store']['tasks']['get']>>;

/** A person on the list, and the task that was made of it. */
export interface Person {
	name: string;
	number: string;
	/** As n8n's node returned it; undefined: it returned none for this person */
	taskId?: number;
}

/**
 * Who went into the Add Tasks node of a run, and which task came out for each, by the links between items.
 *
 * @throws Error when the run failed, or has no such node
 */
export function peopleIn(workflow: Workflow, run: RunResult): Person[] {
	if (run.status !== 'success') throw new Error(whatFailed(run));
	const node = workflow.nodes.find(isAddTasks);
	const done = node && run.nodes[node.name]?.[0];
	if (!done) {
		throw new Error(
			`The run of "${workflow.name}" did not come to a node that adds tasks. Delete the workflow in the editor to get the example back at the next start.`,
		);
	}
	const before = done.source[0]?.previousNode ?? '';
	const people = run.nodes[before]?.[0].data?.main?.[0] ?? [];
	const tasks = done.data?.main?.flatMap((output) => output ?? []) ?? [];
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

/** How many of these people's tasks the PBX has worked through. */
export function countFinished(people: Person[], { store }: Sandbox): number {
	return people.filter(({ taskId }) => stored(store, taskId)?.status === 'finished').length;
}

/**
 * Waits until the PBX has worked through the tasks of these people, within reason.
 *
 * @throws the signal's reason when it is aborted
 */
export async function untilCalled(
	people: Person[],
	sandbox: Sandbox,
	signal: AbortSignal,
): Promise<void> {
	const tasks = people.filter(({ taskId }) => stored(sandbox.store, taskId));
	const started = Date.now();
	while (countFinished(people, sandbox) < tasks.length && Date.now() - started < WORK_TIMEOUT_MS) {
		await sleep(POLL_MS, undefined, { signal });
	}
}

/** What the PBX has for each person: a table to print, and what is wrong with it (empty: nothing). */
export function report(
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
		const task = stored(store, taskId);
		if (!task) problems.push(`${name} (${number}): no task was added`);
		else if (task.status !== 'finished')
			problems.push(`${name} (${number}): task ${task.id} is ${task.status}`);
		table.push([
			name,
			number,
			task?.id ?? 'missing',
			task?.status ?? '',
			task?.finish_result ?? '',
			task ? attemptsOf(task) : '',
			task?.finish_comment ?? '',
		]);
	}
	if (people.length === 0) problems.push('There was nobody on the list.');
	return { table: table.toString(), problems };
}

function stored(store: Sandbox['store'], id: number | undefined): StoredTask | undefined {
	return id === undefined ? undefined : store.tasks.get(id);
}

/** The call records of a task name the attempt they belong to. */
function attemptsOf({ cdr }: StoredTask): number {
	const lines = JSON.parse(cdr ?? '[]') as Array<{ attempt: number }>;
	return Math.max(0, ...lines.map(({ attempt }) => attempt));
}
