/**
 * Calls to a workflow that answers them, in n8n as one process and in queue mode. `CALLS=500` makes as many calls as
 * you say; the default is a smaller number.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
	Callers,
	countReceptions,
	FALLBACK,
	publishCallWorkflow,
	treatments,
	type CallWorkflow,
} from './support/callers.mts';
import { startServices, type N8nCluster, type Services } from './support/cluster.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 1_500_000;
const CALLS = Number(process.env.CALLS ?? 60);
const AT_ONCE = 20;
/** As long as the trigger can wait, so that a slow machine does not make good answers late. */
const PATIENT = { answerWithin: 60, slowSeconds: 64 };
/** The default of the trigger. */
const IMPATIENT = { answerWithin: 3, slowSeconds: 4 };

let services: Services;
before(
	async () => {
		services = await startServices();
	},
	{ timeout: 1_800_000 },
);
after(async () => {
	await services?.stop();
});

for (const workers of [0, 2]) {
	const mode = workers === 0 ? 'regular mode' : 'queue mode';
	let cluster: N8nCluster;
	let patient: CallWorkflow;
	const callers = new Callers();

	test(`gives each caller the own answer in ${mode}`, { timeout: TEST_MS }, async () => {
		cluster = await services.startN8n(workers);
		patient = await publishCallWorkflow(cluster.editor, PATIENT);
		const receptions = await callers.call(patient.url, { count: CALLS, atOnce: AT_ONCE });
		assert.deepEqual(countReceptions(receptions), { own: CALLS, fallback: 0 });
	});

	test(
		`gives the fallback to callers without an answer in ${mode}`,
		{ timeout: TEST_MS },
		async () => {
			const treatment = treatments.answersSome;
			const options = { count: CALLS, atOnce: AT_ONCE, treatment };
			const receptions = await callers.call(patient.url, options);
			countReceptions(receptions);
			receptions.forEach(({ body }, index) => {
				assert.equal(body === FALLBACK, treatment(index + 1) !== 0, `Caller ${index + 1}`);
			});
		},
	);

	test(
		`gives all callers at once an answer or the fallback in ${mode}`,
		{ timeout: TEST_MS },
		async () => {
			const { url } = await publishCallWorkflow(cluster.editor, IMPATIENT);
			const receptions = await callers.call(url, { count: CALLS, atOnce: CALLS });
			const { own, fallback } = countReceptions(receptions);
			assert.equal(own + fallback, CALLS);
			console.log(`${mode}: ${own} own answers, ${fallback} fallbacks.`);
		},
	);

	test(`sends no caller a second response in ${mode}`, { timeout: TEST_MS }, async () => {
		callers.close();
		await cluster.stop();
	});
}
