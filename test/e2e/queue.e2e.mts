/**
 * The same work for n8n in one process, and for n8n in queue mode: one main process, which takes webhooks, and two
 * workers, which run the executions. The tests build on each other.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { waitFor } from '../support/waitFor.mts';
import { startServices, type N8nCluster, type Services } from './support/cluster.mts';
import { assertSame } from './support/executions.mts';
import { addSameLists } from './support/sameList.mts';
import { doWork, type WorkResult } from './support/work.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 1_500_000;
/** `SAME_LIST_REPETITIONS=20 npm run test:e2e -- queue` repeats it more often. */
const REPETITIONS = Number(process.env.SAME_LIST_REPETITIONS ?? 4);

let services: Services;
let regularResult: WorkResult;
let queueResult: WorkResult;
let cluster: N8nCluster;

before(
	async () => {
		services = await startServices();
	},
	{ timeout: 1_800_000 },
);

after(async () => {
	await services?.stop();
});

test(
	'processes calls, lists and results exactly once in regular mode',
	{ timeout: TEST_MS },
	async () => {
		cluster = await services.startN8n(0);
		regularResult = await doWork(cluster, services.postgres);
		await cluster.stop();
	},
);

test(
	'processes calls, lists and results exactly once in queue mode',
	{ timeout: TEST_MS },
	async () => {
		cluster = await services.startN8n(2);
		queueResult = await doWork(cluster, services.postgres);
	},
);

test('produces the same results in both modes', () => {
	assertSame(queueResult.events, regularResult.events);
	assertSame(queueResult.tasks, regularResult.tasks);
	assertSame(queueResult.added.flat(), regularResult.added.flat());
	assert.deepEqual(Object.keys(queueResult.results), Object.keys(regularResult.results));
	for (const [form, items] of Object.entries(queueResult.results)) {
		assertSame(items, regularResult.results[form]);
	}
});

test('runs each execution once, and calls and lists on both workers', async () => {
	const { ofCalls, ofLists } = queueResult.executions;
	const expected = [...ofCalls, ...ofLists];
	// A process may write its log a moment later.
	const byWorker = await waitFor('all executions in the logs of the workers', async () => {
		const started = await cluster.executionsByWorker();
		const all = new Set(started.flat());
		return expected.every((id) => all.has(id)) && started;
	});
	const started = byWorker.flat().sort();
	assert.deepEqual(started, [...new Set(started)]);
	for (const ids of byWorker) {
		const [calls, lists] = [ofCalls, ofLists].map((of) => ids.filter((id) => of.includes(id)));
		console.log(`A worker ran ${calls.length} executions of calls, ${lists.length} of lists.`);
		assert.ok(calls.length > 0 && lists.length > 0);
	}
});

test(
	'adds each person once when four runs add the same list at the same moment on two workers',
	{ timeout: TEST_MS },
	async () => {
		const ids = await addSameLists(cluster, services.postgres, REPETITIONS);
		const byWorker = (await cluster.executionsByWorker()).map((started) =>
			started.filter((id) => ids.includes(id)),
		);
		console.log(`The workers ran ${byWorker.map(({ length }) => length).join(' and ')} of them.`);
		assert.ok(byWorker.every(({ length }) => length > 0));
	},
);
