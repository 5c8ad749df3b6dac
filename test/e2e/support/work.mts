import assert from 'node:assert/strict';

import { startSandbox, type Sandbox } from '../../../sandbox/index.mts';
import { parseRun, type Item, type Workflow } from '../../support/n8n/editor.mts';
import { publishTrigger, publishWebhook, unpublishTrigger } from '../../support/n8n/publish.mts';
import type { N8nCluster } from './cluster.mts';
import { assertSame, readExecutions, sortByValue, waitForExecutions } from './executions.mts';
import type { Postgres } from './postgres.mts';
import { createWorkflowFactory } from './queueWorkflows.mts';
import { reportResults } from './reports.mts';

const EVENTS = ['answer', 'dial-in', 'hangup'];
const CALLS = 100;
const CALLS_AT_ONCE = 10;
/** With a phone that rings, is answered and hangs up, a call ends for the queue of the PBX too. */
const EVENTS_PER_CALL = 5;
const RUNS = 8;
const TASKS_PER_RUN = 2_000;

/** Results of the work, without what differs each time. */
export interface WorkResult {
	/** The items of the trigger, one per execution */
	events: unknown[];
	/** The tasks that were added on the PBX */
	tasks: unknown[];
	/** The output of Add Tasks, by execution */
	added: unknown[][];
	/** What came back about the tasks of 'Report Results To', by form of the PBX's requests */
	results: Record<string, unknown[]>;
	/** The IDs of the executions of either workflow */
	executions: Record<'ofCalls' | 'ofLists', string[]>;
}

type Person = ReturnType<typeof peopleOf>[number];

/** Sends calls to a workflow with a RingMe Trigger and lists of people to one with Add Tasks, and checks the results. */
export async function doWork(cluster: N8nCluster, postgres: Postgres): Promise<WorkResult> {
	// The clock stands still at the same time in each run, so that the events are the same.
	const sandbox = await startSandbox({ clock: 'virtual' });
	try {
		const workflows = await createWorkflowFactory(cluster.editor, sandbox);
		const receivesCalls = await workflows.trigger('Receives calls', EVENTS);
		const addsTasks = await workflows.addTasks('Adds tasks');
		const events = await makeCalls(cluster, sandbox, postgres, receivesCalls);
		const lists = await sendLists(cluster, sandbox, postgres, addsTasks);
		// Late and duplicate executions have started by now.
		const ids = async (workflow: Workflow) =>
			(await readExecutions(postgres, workflow)).map(({ id }) => id);
		const executions = { ofCalls: await ids(receivesCalls), ofLists: await ids(addsTasks) };
		assert.equal(executions.ofCalls.length, CALLS * EVENTS_PER_CALL + 1);
		assert.equal(executions.ofLists.length, RUNS);
		assert.deepEqual(sandbox.errors, []);
		return { events, ...lists, executions, results: await reportResults(cluster, postgres) };
	} finally {
		await sandbox.stop();
	}
}

/** @returns the items of the trigger */
async function makeCalls(
	{ editor, url }: N8nCluster,
	sandbox: Sandbox,
	postgres: Postgres,
	workflow: Workflow,
): Promise<unknown[]> {
	const { telephony, store } = sandbox;
	const registered = () => store.phoneEvents.list().map(({ id, ...rest }) => rest);
	store.phoneEvents.insert({
		url: 'http://127.0.0.1:9/of-another-program',
		method: 'POST',
		event_type: 'dial-out',
	});
	const others = registered();
	await publishTrigger(editor, sandbox, workflow, EVENTS.length);
	const ours = registered().slice(others.length);
	assert.deepEqual(ours.map(({ event_type }) => event_type).sort(), EVENTS);
	for (const { url: webhookUrl, method } of ours) {
		assert.ok(webhookUrl.startsWith(`${url}/webhook/`), 'not the address of the main process');
		assert.equal(method, 'POST');
	}

	for (let first = 0; first < CALLS; first += CALLS_AT_ONCE) {
		const callers = Array.from({ length: CALLS_AT_ONCE }, (_, n) => `+447700900${first + n + 100}`);
		await Promise.all(
			callers.map(async (from) => {
				await telephony.incomingCall({ from, to: '101', through: '116', answered: true });
			}),
		);
	}
	const { deliveries } = telephony;
	assert.equal(deliveries.length, CALLS * EVENTS_PER_CALL);
	assert.deepEqual([...new Set(deliveries.map((each) => each.error ?? each.status))], [200]);
	await waitForExecutions(postgres, workflow, deliveries.length);

	// Events that were sent before, and a new one, each five times at once.
	const [{ url: webhookUrl, fields }] = deliveries;
	const next = { ...fields, EventTime: String(Number(fields.EventTime) + 1) };
	await sendFiveTimes(deliveries.slice(-20));
	await sendFiveTimes([{ url: webhookUrl, fields: next }]);
	const executions = await waitForExecutions(postgres, workflow, deliveries.length + 1);
	const runs = executions.map(({ status, data }) => parseRun(status, data).nodes['RingMe']?.[0]);
	const items = runs.map((run) => run?.data?.main?.[0] ?? []);
	assert.ok(items.every(({ length }) => length === 1));
	const outputs = sortByValue(items.map(([{ json }]) => json));
	const raws = outputs.map(({ raw }) => raw);
	assertSame(sortByValue(raws), sortByValue([...deliveries.map((each) => each.fields), next]));

	await unpublishTrigger(editor, sandbox, workflow, others.length);
	assert.deepEqual(registered(), others);
	return outputs;
}

/** Sends each webhook request of the PBX five times, all at once. */
async function sendFiveTimes(
	requests: Array<{ url: string; fields: Record<string, string> }>,
): Promise<void> {
	const repeated = Array.from({ length: 5 }, () => requests).flat();
	const statuses = await Promise.all(
		repeated.map(async ({ url, fields }) => {
			const { status } = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
			return status;
		}),
	);
	assert.ok(statuses.every((status) => status === 200));
}

/** Sends lists of people, all at once. */
async function sendLists(
	{ editor, url }: N8nCluster,
	{ store }: Sandbox,
	postgres: Postgres,
	workflow: Workflow,
): Promise<Pick<WorkResult, 'tasks' | 'added'>> {
	const existing = new Set(store.tasks.list().map(({ id }) => id));
	const [{ parameters }] = workflow.nodes;
	const webhookUrl = `${url}/webhook/${String(parameters.path)}`;
	await publishWebhook(editor, workflow, webhookUrl);
	const lists = Array.from({ length: RUNS }, (_, list) => peopleOf(list));
	await Promise.all(
		lists.map(async (people) => {
			const headers = { 'content-type': 'application/json' };
			const body = JSON.stringify({ people });
			assert.equal((await fetch(webhookUrl, { method: 'POST', headers, body })).status, 200);
		}),
	);
	const executions = await waitForExecutions(postgres, workflow, RUNS);
	await editor.unpublish(workflow);

	const tasks = store.tasks.list().filter(({ id }) => !existing.has(id));
	const numbers = new Map(tasks.map(({ id, a_number }) => [id, a_number]));
	assertSame(
		sortByValue(
			tasks.map(({ a_number, b_number, name, try_count }) => {
				return { a_number, b_number, name, try_count };
			}),
		),
		sortByValue(lists.flat()),
	);
	const added = executions.map(({ status, data }) => {
		const { nodes } = parseRun(status, data);
		const [people, output] = ['One Item per Person', 'Add Tasks'].map((name) => {
			return nodes[name]?.[0].data?.main?.[0] ?? [];
		});
		assert.equal(output.length, TASKS_PER_RUN);
		output.forEach((item, index) => {
			assert.deepEqual(item.pairedItem, { item: index });
			assert.equal(numbers.get(Number(item.json.id)), (people[index].json as Person).a_number);
		});
		return output.map(withoutId);
	});
	return { tasks: sortByValue(tasks.map(({ id, ...task }) => task)), added: sortByValue(added) };
}

const withoutId = ({ json: { id, ...json }, pairedItem }: Item) => ({ json, pairedItem });

function peopleOf(list: number) {
	return Array.from({ length: TASKS_PER_RUN }, (_, n) => ({
		a_number: `+44${list}${String(n).padStart(8, '0')}`,
		b_number: '101',
		name: `Person ${n} of list ${list}`,
		try_count: 1 + (n % 5),
	}));
}
