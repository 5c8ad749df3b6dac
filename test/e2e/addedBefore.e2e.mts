/** 'Skip People Added Before' in a real n8n in one process, with SQLite: over runs, lost responses and a crash. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import type { Editor, RunResult, Workflow } from '../support/n8n/editor.mts';
import { sandboxAccess } from '../support/n8n/sandboxAccess.mts';
import { startTestEnvironment, type TestEnvironment } from '../support/n8n/testEnvironment.mts';
import { waitFor } from '../support/waitFor.mts';

const TEST_MS = 600_000;
const PEOPLE = 20;
const BATCH_SIZE = 5;

let environment: TestEnvironment;
let editor: Editor;
let workflow: Workflow;

before(
	async () => {
		environment = await startTestEnvironment('added-before');
		({ editor } = environment);
	},
	{ timeout: 1_800_000 },
);

after(async () => {
	await environment?.stop();
});

const range = Array.from({ length: PEOPLE }, (_, index) => index);
const numberOf = (index: number) => `+44${7_700_900_000 + index}`;

/** A workflow whose node remembers nobody yet. */
async function createWorkflow(): Promise<Workflow> {
	const credential = await editor.createPbxCredential(sandboxAccess(environment.sandbox));
	const tasks = range.map((index) => ({ a_number: numberOf(index) }));
	return await editor.createWorkflow({
		name: 'Adds a list',
		nodes: [
			{
				id: randomUUID(),
				name: 'Start',
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			},
			{
				id: randomUUID(),
				name: 'Add Tasks',
				type: 'n8n-nodes-ringme.ringMe',
				typeVersion: 1,
				position: [260, 0],
				parameters: {
					resource: 'taskScheduler',
					operation: 'addTasks',
					schedulerId: '2',
					taskInput: 'json',
					tasks: JSON.stringify(tasks),
					options: { batchSize: BATCH_SIZE, skipPeopleAddedBefore: true },
				},
				credentials: { ringMeOAuth2Api: credential },
			},
		],
		connections: { Start: { main: [[{ node: 'Add Tasks', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	});
}

const skippedOf = ({ nodes }: RunResult) =>
	(nodes['Add Tasks']?.[0].data?.main?.[0] ?? []).map(({ json }) => json.skipped);
const timesAdded = () => {
	const numbers = environment.sandbox.store.tasks.list().map(({ a_number }) => a_number);
	return range.map((index) => numbers.filter((number) => number === numberOf(index)).length);
};
const all = <T,>(value: T) => Array<T>(PEOPLE).fill(value);

test('adds nobody of the same list again', { timeout: TEST_MS }, async () => {
	environment.sandbox.reset();
	workflow = await createWorkflow();
	assert.deepEqual(skippedOf(await editor.run(workflow)), all(undefined));
	assert.deepEqual(skippedOf(await editor.run(workflow)), all('added before'));
	assert.deepEqual(timesAdded(), all(1));
});

test('adds after a lost response only those who were not sent', { timeout: TEST_MS }, async () => {
	environment.sandbox.reset();
	workflow = await createWorkflow();
	environment.sandbox.faults.add({ kind: 'dropAfter', match: { path: '/tasks/' }, after: 1 });
	assert.equal((await editor.run(workflow)).status, 'error');
	const skipped = skippedOf(await editor.run(workflow));
	assert.equal(skipped.filter((reason) => reason === 'added before').length, 2 * BATCH_SIZE);
	assert.deepEqual(timesAdded(), all(1));
});

test(
	'adds nobody twice after n8n was killed while it sent the list',
	{ timeout: TEST_MS },
	async () => {
		const { sandbox, n8n } = environment;
		sandbox.reset();
		workflow = await createWorkflow();
		const hold = sandbox.faults.add({
			kind: 'hold',
			match: { path: '/tasks/' },
			after: 1,
			times: Infinity,
		});
		const run = editor.run(workflow).catch(() => {});
		await hold.held();
		n8n.kill();
		await run;
		await hold.release();
		sandbox.faults.clear();
		await waitFor('the PBX to finish', () => sandbox.journal.inFlight === 0);
		await environment.startAgain();
		({ editor } = environment);
		assert.deepEqual(skippedOf(await editor.run(workflow)), all('added before'));
		const times = timesAdded();
		assert.ok(times.every((count) => count <= 1));
		assert.ok(times.some((count) => count === 1));
	},
);
