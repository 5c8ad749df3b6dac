import assert from 'node:assert/strict';

import { startSandbox, type Sandbox } from '../../../sandbox/index.mts';
import type { TaskWebhookOptions } from '../../../sandbox/telephony/index.mts';
import { parseRun } from '../../support/n8n/editor.mts';
import { publishForTasks, publishWebhook } from '../../support/n8n/publish.mts';
import { TASK_WEBHOOK_FORMS } from '../../support/taskWebhookForms.mts';
import { waitFor } from '../../support/waitFor.mts';
import type { N8nCluster } from './cluster.mts';
import { readExecutions, sortByValue, waitForExecutions } from './executions.mts';
import type { Postgres } from './postgres.mts';
import { createWorkflowFactory, type WorkflowFactory } from './queueWorkflows.mts';

/**
 * Per form; all of them are reported at the same moment, twice. `REPORT_PEOPLE=1000 npm run test:e2e -- queue` takes
 * more than the default. n8n has two connections to PostgreSQL unless it is told otherwise, and a PBX that waits no
 * longer than ten seconds for a response gives up where n8n waits for one of them.
 */
const PEOPLE = Number(process.env.REPORT_PEOPLE ?? 5);

/**
 * Adds people with 'Report Results To', lets the PBX dial them as fast as it can, and checks that each result comes
 * back once with its own key, for each form of the PBX's requests.
 *
 * @returns what came back, without what differs each time
 */
export async function reportResults(
	cluster: N8nCluster,
	postgres: Postgres,
): Promise<Record<string, unknown[]>> {
	const sandbox = await startSandbox({ clock: 'real', instantCalls: true });
	try {
		sandbox.store.taskSchedulers.update(1, {
			status: 'on',
			interval_id: null,
			concurrent_task_limit: PEOPLE,
		});
		const workflows = await createWorkflowFactory(cluster.editor, sandbox);
		const results: Record<string, unknown[]> = {};
		for (const form of TASK_WEBHOOK_FORMS) {
			sandbox.telephony.setTaskWebhooks({ ...form, times: 2 });
			results[JSON.stringify(form)] = await reportForm(cluster, postgres, sandbox, workflows, form);
		}
		assert.deepEqual(sandbox.errors, []);
		return results;
	} finally {
		await sandbox.stop();
	}
}

async function reportForm(
	{ editor, url }: N8nCluster,
	postgres: Postgres,
	sandbox: Sandbox,
	workflows: WorkflowFactory,
	form: TaskWebhookOptions,
): Promise<unknown[]> {
	const receives = await workflows.trigger('Receives results', ['task-finished']);
	const triggerUrl = await publishForTasks(editor, receives, url);
	const adds = await workflows.addTasks('Adds tasks with reports', {
		reportResultsTo: triggerUrl,
		resultKey: '={{ $json.row }}',
	});
	const webhookUrl = `${url}/webhook/${String(adds.nodes[0].parameters.path)}`;
	await publishWebhook(editor, adds, webhookUrl);
	const first = sandbox.telephony.deliveries.length;
	const people = Array.from({ length: PEOPLE }, (_, n) => ({
		row: n + 2,
		a_number: `+4477${String(n).padStart(8, '0')}`,
		b_number: '101',
		name: `Person ${n}`,
	}));
	const headers = { 'content-type': 'application/json' };
	const body = JSON.stringify({ people });
	assert.equal((await fetch(webhookUrl, { method: 'POST', headers, body })).status, 200);

	await waitForExecutions(postgres, receives, PEOPLE);
	// The second requests and superfluous executions have arrived when all requests have their response.
	await waitFor('the response to every report', () => {
		const deliveries = sandbox.telephony.deliveries.slice(first);
		return deliveries.length >= PEOPLE * 2 && deliveries;
	});
	const deliveries = sandbox.telephony.deliveries.slice(first);
	assert.equal(deliveries.length, PEOPLE * 2);
	assert.deepEqual([...new Set(deliveries.map((each) => each.error ?? each.status))], [200]);
	const executions = await waitForExecutions(postgres, receives, PEOPLE);
	await editor.unpublish(receives);
	await editor.unpublish(adds);
	const [added] = await readExecutions(postgres, adds);
	assert.equal(added.status, 'success');

	const items = executions.map(({ status, data }) => {
		const [item, ...others] = parseRun(status, data).nodes['RingMe']?.[0].data?.main?.[0] ?? [];
		assert.deepEqual(others, []);
		return item.json;
	});
	assert.deepEqual(
		items.map(({ key }) => Number(key)).sort((a, b) => a - b),
		people.map(({ row }) => row),
	);
	const hasId = form.taskId !== false && form.payload !== 'empty';
	return sortByValue(items.map((item) => withoutIds(item, sandbox, hasId)));
}

/** Checks an item against the task of the PBX, and removes what differs each time. */
function withoutIds(
	{ raw: _raw, taskId, ...item }: Record<string, unknown>,
	{ store }: Sandbox,
	hasId: boolean,
) {
	const { event, key, schedulerId, note } = item;
	assert.deepEqual([event, schedulerId], ['task-finished', '1']);
	assert.equal(typeof note, hasId ? 'undefined' : 'string');
	if (!hasId) {
		assert.equal(taskId, undefined);
		return item;
	}
	const task = store.tasks.get(taskId as number);
	assert.equal(task?.name, `Person ${Number(key) - 2}`);
	assert.deepEqual([item.status, item.result], ['finished', task?.finish_result]);
	return item;
}
