/**
 * Calls to a voice menu of the sandbox PBX and to a workflow that answers them, in n8n as one process and in queue
 * mode. `CALLS=500` makes as many calls as you say; the default is a smaller number.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startSandbox, type Sandbox } from '../../sandbox/index.mts';
import { parseRun } from '../support/n8n/editor.mts';
import {
	callMenu,
	Callers,
	checkCalls,
	countReceptions,
	publishCallWorkflow,
	treatments,
	type CallWorkflow,
} from './support/callers.mts';
import { startServices, type N8nCluster, type Services } from './support/cluster.mts';
import { readExecutions, waitForStatuses } from './support/executions.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 1_500_000;
const CALLS = Number(process.env.CALLS ?? 44);
const AT_ONCE = 20;
/** Long enough that a slow machine does not make good answers late. */
const PATIENT = { answerWithin: 20, slowSeconds: 24 };
/** The default of the trigger. */
const IMPATIENT = { answerWithin: 3, slowSeconds: 4 };

let services: Services;
let sandbox: Sandbox;
before(
	async () => {
		services = await startServices();
		// Calls take a moment, and the menu waits longer than the trigger.
		sandbox = await startSandbox({ speed: 1000, callInteractive: { timeoutMs: 120_000 } });
	},
	{ timeout: 1_800_000 },
);
after(async () => {
	await sandbox?.stop();
	await services?.stop();
	assert.deepEqual(sandbox?.errors ?? [], []);
});

for (const workers of [0, 2]) {
	const mode = workers === 0 ? 'regular mode' : 'queue mode';
	let cluster: N8nCluster;
	let patient: CallWorkflow;

	test(`gives each caller the own answer in ${mode}`, { timeout: TEST_MS }, async () => {
		cluster = await services.startN8n(workers);
		const { url, workflow } = await publishCallWorkflow(cluster.editor, PATIENT);
		const records = await callMenu(sandbox, url, { count: CALLS, atOnce: AT_ONCE });
		assert.ok(checkCalls(sandbox, records).every((isFallback) => !isFallback));
		const statuses = await waitForStatuses(services.postgres, workflow, CALLS);
		assert.deepEqual(statuses, { success: CALLS });
	});

	test(
		`gives the fallback to callers without an answer in ${mode}`,
		{ timeout: TEST_MS },
		async () => {
			patient = await publishCallWorkflow(cluster.editor, PATIENT);
			const { url, workflow } = patient;
			const treatment = treatments.answersSome;
			const records = await callMenu(sandbox, url, { count: CALLS, atOnce: AT_ONCE, treatment });
			const treated = records.map((_, index) => treatment(index + 1));
			assert.deepEqual(
				checkCalls(sandbox, records),
				treated.map((each) => each !== 0),
			);
			// A late answer does not make an execution fail; only the node that fails does.
			const countOf = (which: number) => treated.filter((each) => each === which).length;
			const statuses = await waitForStatuses(services.postgres, workflow, CALLS);
			assert.deepEqual(statuses, { success: CALLS - countOf(1), error: countOf(1) });
			const late = (await readExecutions(services.postgres, workflow)).flatMap(
				({ status, data }) =>
					parseRun(status, data).nodes['Answer Late']?.[0].data?.main?.[0] ?? [],
			);
			const expected = Array.from({ length: countOf(3) }, () => false);
			assert.deepEqual(
				late.map(({ json }) => json.inTime),
				expected,
			);
		},
	);

	test(
		`gives all callers at once an answer or the fallback in ${mode}`,
		{ timeout: TEST_MS },
		async () => {
			const { url, workflow } = await publishCallWorkflow(cluster.editor, IMPATIENT);
			const records = await callMenu(sandbox, url, { count: CALLS, atOnce: CALLS });
			const fallbacks = checkCalls(sandbox, records).filter(Boolean).length;
			console.log(`${mode}: ${CALLS - fallbacks} own answers, ${fallbacks} fallbacks.`);
			const statuses = await waitForStatuses(services.postgres, workflow, CALLS);
			assert.deepEqual(statuses, { success: CALLS });
		},
	);

	test(`sends no caller a second response in ${mode}`, { timeout: TEST_MS }, async () => {
		const callers = new Callers();
		const treatment = treatments.answersSome;
		const receptions = await callers.call(patient.url, {
			count: CALLS,
			atOnce: AT_ONCE,
			treatment,
		});
		const own = receptions.filter((_, index) => treatment(index + 1) === 0).length;
		assert.deepEqual(countReceptions(receptions), { own, fallback: CALLS - own });
		// Also the late answers have come.
		await waitForStatuses(services.postgres, patient.workflow, 2 * CALLS);
		callers.close();
		await cluster.stop();
		// What Node and n8n write when a node responds to a request that has its response.
		assert.doesNotMatch(await cluster.readLogs(), /headers after they are sent|write after end/);
	});
}
