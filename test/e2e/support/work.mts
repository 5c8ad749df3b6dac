import assert from 'node:assert/strict';

import { startSandbox, type Sandbox } from '../../../sandbox/index.mts';
import { runOf, type Item, type Workflow } from '../../../scripts/n8n/editor.mts';
import { publishTrigger, publishWebhook, unpublishTrigger } from '../../../scripts/n8n/trigger.mts';
import { assertSame, finished, inOrder, kept } from './executions.mts';
import type { Postgres } from './postgres.mts';
import type { Fleet } from './queue.mts';
import { makeWorkflows } from './queueWorkflows.mts';

const EVENTS = ['answer', 'dial-in', 'hangup'];
const CALLS = 100;
const CALLS_AT_ONCE = 10;
/** With a phone that rings, is answered and hangs up, a call ends for the queue of the PBX too. */
const EVENTS_PER_CALL = 4;
const RUNS = 8;
const TASKS_PER_RUN = 2_000;

/** What became of the work, without what differs each time it is done. */
export interface Outcome {
	/** What the trigger gave, one each time it started the workflow */
	events: unknown[];
	/** What the PBX has been given to dial */
	tasks: unknown[];
	/** What Add Tasks gave, by run */
	added: unknown[][];
	/** The executions of either workflow */
	executions: Record<'ofCalls' | 'ofLists', string[]>;
}

type Person = ReturnType<typeof peopleOf>[number];

/** A workflow with a RingMe Trigger gets calls, one with Add Tasks gets lists of people; all must be right. */
export async function work(fleet: Fleet, postgres: Postgres): Promise<Outcome> {
	// The clock stands still, at the same time each time: so does what the PBX tells.
	const sandbox = await startSandbox({ clock: 'virtual' });
	try {
		const { told, adding } = await makeWorkflows(fleet.editor, sandbox, EVENTS);
		const events = await takeCalls(fleet, sandbox, postgres, told);
		const tasks = await addLists(fleet, sandbox, postgres, adding);
		// Whatever would have come late or twice has come by now.
		const ids = async (of: Workflow) => (await kept(postgres, of)).map(({ id }) => id);
		const executions = { ofCalls: await ids(told), ofLists: await ids(adding) };
		assert.equal(executions.ofCalls.length, CALLS * EVENTS_PER_CALL + 1);
		assert.equal(executions.ofLists.length, RUNS);
		assert.deepEqual(sandbox.errors, []);
		return { events, ...tasks, executions };
	} finally {
		await sandbox.stop();
	}
}

/** @returns what the trigger gave */
async function takeCalls(
	{ editor, url }: Fleet,
	sandbox: Sandbox,
	postgres: Postgres,
	workflow: Workflow,
): Promise<unknown[]> {
	const { telephony, store } = sandbox;
	const registered = () => store.phoneEvents.list().map(({ id, ...rest }) => rest);
	store.phoneEvents.insert({
		...{ url: 'http://127.0.0.1:9/of-another-program', method: 'POST', event_type: 'dial-out' },
	});
	const others = registered();
	await publishTrigger(editor, sandbox, workflow, EVENTS.length);
	const ours = registered().slice(others.length);
	assert.deepEqual(ours.map(({ event_type }) => event_type).sort(), EVENTS);
	for (const { url: there, method } of ours) {
		assert.ok(there.startsWith(`${url}/webhook/`), 'it is the address of the main process');
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
	await finished(postgres, workflow, deliveries.length);

	// What came already, and something new, all several times at once.
	const [{ url: there, fields }] = deliveries;
	const next = { ...fields, EventTime: String(Number(fields.EventTime) + 1) };
	await repeat(deliveries.slice(-20).map((each) => ({ there: each.url, fields: each.fields })));
	await repeat([{ there, fields: next }]);
	const runs = await finished(postgres, workflow, deliveries.length + 1);
	const given = runs.map(({ status, data }) => runOf(status, data).nodes['RingMe']?.[0]);
	const items = given.map((run) => run?.data?.main?.[0] ?? []);
	assert.ok(items.every(({ length }) => length === 1));
	const outputs = inOrder(items.map(([{ json }]) => json));
	const raws = outputs.map(({ raw }) => raw);
	assertSame(inOrder(raws), inOrder([...deliveries.map((each) => each.fields), next]));

	await unpublishTrigger(editor, sandbox, workflow, others.length);
	assert.deepEqual(registered(), others);
	return outputs;
}

/** Sends deliveries of the PBX five times at once. */
async function repeat(
	deliveries: Array<{ there: string; fields: Record<string, string> }>,
): Promise<void> {
	const five = [...deliveries, ...deliveries, ...deliveries, ...deliveries, ...deliveries];
	const answers = await Promise.all(
		five.map(async ({ there, fields }) => {
			const { status } = await fetch(there, { method: 'POST', body: new URLSearchParams(fields) });
			return status;
		}),
	);
	assert.ok(answers.every((status) => status === 200));
}

/** Sends lists of people all at once. */
async function addLists(
	{ editor, url }: Fleet,
	{ store }: Sandbox,
	postgres: Postgres,
	workflow: Workflow,
): Promise<Pick<Outcome, 'tasks' | 'added'>> {
	const before = new Set(store.tasks.list().map(({ id }) => id));
	const [{ parameters }] = workflow.nodes;
	const address = `${url}/webhook/${String(parameters.path)}`;
	await publishWebhook(editor, workflow, address);
	const lists = Array.from({ length: RUNS }, (_, list) => peopleOf(list));
	await Promise.all(
		lists.map(async (people) => {
			const headers = { 'content-type': 'application/json' };
			const body = JSON.stringify({ people });
			assert.equal((await fetch(address, { method: 'POST', headers, body })).status, 200);
		}),
	);
	const runs = await finished(postgres, workflow, RUNS);
	await editor.unpublish(workflow);

	const tasks = store.tasks.list().filter(({ id }) => !before.has(id));
	const numbers = new Map(tasks.map(({ id, a_number }) => [id, a_number]));
	assertSame(
		inOrder(
			tasks.map(({ a_number, b_number, name, try_count }) => {
				return { a_number, b_number, name, try_count };
			}),
		),
		inOrder(lists.flat()),
	);
	const added = runs.map(({ status, data }) => {
		const { nodes } = runOf(status, data);
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
	return { tasks: inOrder(tasks.map(({ id, ...task }) => task)), added: inOrder(added) };
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
