import assert from 'node:assert/strict';

import { startSandbox, type Sandbox } from '../../../sandbox/index.mts';
import { parseRun, type Workflow } from '../../support/n8n/editor.mts';
import { publishWebhook } from '../../support/n8n/publish.mts';
import type { N8nCluster } from './cluster.mts';
import { waitForExecutions } from './executions.mts';
import type { Postgres } from './postgres.mts';
import { createWorkflowFactory } from './queueWorkflows.mts';

const RUNS_AT_ONCE = 4;
const PEOPLE = 500;
/** After so many repetitions with one workflow comes a new one, whose memory is empty. */
const REPETITIONS_PER_WORKFLOW = 4;

/**
 * Lets several runs add the same list at the same moment with 'Skip People Added Before', repeatedly, and checks that
 * each person is in the queue of the PBX once.
 *
 * @returns the IDs of all executions
 */
export async function addSameLists(
	cluster: N8nCluster,
	postgres: Postgres,
	repetitions: number,
): Promise<string[]> {
	const sandbox = await startSandbox({ clock: 'virtual' });
	try {
		const ids: string[] = [];
		const workflows = await createWorkflowFactory(cluster.editor, sandbox);
		for (let first = 0; first < repetitions; first += REPETITIONS_PER_WORKFLOW) {
			const options = { skipPeopleAddedBefore: true, campaign: 'Spring' };
			const workflow = await workflows.addTasks('Adds the same list', options);
			const url = `${cluster.url}/webhook/${String(workflow.nodes[0].parameters.path)}`;
			await publishWebhook(cluster.editor, workflow, url);
			const count = Math.min(REPETITIONS_PER_WORKFLOW, repetitions - first);
			for (let index = 0; index < count; index++) {
				await addAtOnce(url, first + index);
				await check(sandbox, postgres, workflow, first + index, (index + 1) * RUNS_AT_ONCE);
			}
			// The last list again, when nothing else runs.
			await addAtOnce(url, first + count - 1);
			const executions = await check(
				sandbox,
				postgres,
				workflow,
				first + count - 1,
				(count + 1) * RUNS_AT_ONCE,
			);
			ids.push(...executions.map(({ id }) => id));
			await cluster.editor.unpublish(workflow);
		}
		assert.deepEqual(sandbox.errors, []);
		return ids;
	} finally {
		await sandbox.stop();
	}
}

const numberOf = (list: number, person: number) =>
	`+44${String(7_000_000_000 + list * PEOPLE + person)}`;

async function addAtOnce(url: string, list: number) {
	const people = Array.from({ length: PEOPLE }, (_, person) => ({
		a_number: numberOf(list, person),
		b_number: '101',
	}));
	const body = JSON.stringify({ people });
	const headers = { 'content-type': 'application/json' };
	await Promise.all(
		Array.from({ length: RUNS_AT_ONCE }, async () => {
			assert.equal((await fetch(url, { method: 'POST', headers, body })).status, 200);
		}),
	);
}

/** Each person of the list is in the queue once, and came out of one run as a task, of the others as skipped. */
async function check(
	{ store }: Sandbox,
	postgres: Postgres,
	workflow: Workflow,
	list: number,
	executionCount: number,
) {
	const executions = await waitForExecutions(postgres, workflow, executionCount);
	const times = new Map<unknown, number>();
	for (const { a_number } of store.tasks.list()) {
		times.set(a_number, (times.get(a_number) ?? 0) + 1);
	}
	const counts = Array.from({ length: PEOPLE }, (_, person) => times.get(numberOf(list, person)));
	assert.deepEqual(
		counts.filter((count) => count !== 1),
		[],
		`${counts.filter((count) => count === undefined).length} people of list ${list} are not in the queue, ${counts.filter((count) => count! > 1).length} more than once`,
	);
	for (const { status, data } of executions) {
		const output = parseRun(status, data).nodes['Add Tasks']?.[0].data?.main?.[0] ?? [];
		assert.equal(output.length, PEOPLE);
	}
	return executions;
}
