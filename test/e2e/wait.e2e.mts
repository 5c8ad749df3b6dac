/**
 * Call and Wait in a real n8n, in one process and in queue mode: executions that wait for calls, and what ends the wait.
 * Each mode has one n8n, one PBX and one call per case.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { startSandbox, type Sandbox } from '../../sandbox/index.mts';
import type { TaskWebhookOptions } from '../../sandbox/telephony/index.mts';
import { parseRun, type Item, type Workflow } from '../support/n8n/editor.mts';
import { publishWebhook } from '../support/n8n/publish.mts';
import { sandboxAccess } from '../support/n8n/sandboxAccess.mts';
import { waitFor } from '../support/waitFor.mts';
import { startServices, type N8nCluster, type Services } from './support/cluster.mts';
import { readExecutions } from './support/executions.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 900_000;
const MINUTE = 60_000;
const ANSWERED = '447700900001';
const NOT_ANSWERED = '447700900009';

interface Case {
	number: string;
	/** How the PBX reports the end of the call. */
	form: TaskWebhookOptions;
}

/** Each call starts a while after the one before, so that each has its form. */
const CASES: Record<string, Case> = {
	'a form': { number: ANSWERED, form: {} },
	'nobody answers': { number: NOT_ANSWERED, form: {} },
	'an empty body': { number: ANSWERED, form: { payload: 'empty' } },
	JSON: { number: ANSWERED, form: { payload: 'json' } },
	'other names': { number: ANSWERED, form: { payload: 'otherNames', taskId: false } },
	'a GET': { number: ANSWERED, form: { method: 'GET' } },
	'twice at once': { number: ANSWERED, form: { times: 2 } },
};
const TIMED_OUT = 'timed out';
const BEFORE_WAIT = 'before the wait';

let services: Services;
before(
	async () => {
		services = await startServices();
	},
	{ timeout: 1_800_000 },
);
after(async () => await services?.stop());

for (const [mode, workers] of [
	['regular mode', 0],
	['queue mode', 2],
] as const) {
	describe(`Call and Wait in ${mode}`, () => {
		let cluster: N8nCluster;
		let sandbox: Sandbox;
		let workflow: Workflow;
		let call: (name: string, body: object) => Promise<void>;

		before(
			async () => {
				sandbox = await startSandbox({ clock: 'virtual', start: Date.now() });
				cluster = await services.startN8n(workers);
				const path = randomUUID();
				workflow = await createWorkflow(cluster, sandbox, path);
				const url = `${cluster.url}/webhook/${path}`;
				await publishWebhook(cluster.editor, workflow, url);
				call = async (name, body) => {
					const response = await fetch(url, {
						method: 'POST',
						headers: { 'content-type': 'application/json' },
						body: JSON.stringify({ name, limit: 180, start: '', ...body }),
					});
					assert.equal(response.status, 200);
				};
			},
			{ timeout: 600_000 },
		);
		after(async () => {
			await cluster?.stop();
			await sandbox?.stop();
		});

		const executions = async () => await readExecutions(services.postgres, workflow);
		const waiting = async () =>
			(await executions()).filter(({ status }) => status === 'waiting').length;
		/** What the node behind Call and Wait got, by the name of the call. */
		const results = async () => {
			const runs = (await executions()).map(({ status, data }) => parseRun(status, data));
			const items = runs.flatMap(({ nodes }) =>
				(nodes.After ?? []).flatMap(({ data }) => data?.main?.[0] ?? []),
			);
			return items.map(({ json }: Item) => json);
		};
		const resultOf = async (name: string) =>
			(await results()).filter((result) => result.name === name);
		const finishedResultOf = async (name: string) =>
			await waitFor(`the result of "${name}"`, async () => {
				const found = await resultOf(name);
				return found.length > 0 && found;
			});
		const urls = () => sandbox.store.tasks.list().map(({ url_after: url }) => String(url));

		test('puts an execution to wait for each call', { timeout: TEST_MS }, async () => {
			await call(TIMED_OUT, { number: ANSWERED, limit: 1 });
			for (const [index, [name, { number }]] of Object.entries(CASES).entries()) {
				const start = new Date(sandbox.clock.now() + (index * 10 + 2) * MINUTE).toISOString();
				await call(name, { number, start });
			}
			const count = Object.keys(CASES).length + 1;
			await waitFor(`${count} waiting executions`, async () => (await waiting()) === count);
			assert.equal(sandbox.store.tasks.size, count);
		});

		test('does not resume for a forged request', { timeout: TEST_MS }, async () => {
			const before = await waiting();
			for (const url of urls()) {
				const forged = new URL(url);
				const signature = String(forged.searchParams.get('signature'));
				forged.searchParams.set(
					'signature',
					`${signature[0] === '0' ? 1 : 0}${signature.slice(1)}`,
				);
				const body = new URLSearchParams({ event: 'after', status: 'finished' });
				assert.equal((await fetch(forged, { method: 'POST', body })).status, 401);
				forged.search = '';
				assert.equal((await fetch(forged)).status, 401);
			}
			assert.equal(await waiting(), before);
		});

		test('does not resume for a task that is not finished', { timeout: TEST_MS }, async () => {
			const [url] = urls().slice(-1);
			const before = await waiting();
			assert.equal((await fetch(url, { method: 'POST', body: '{' })).status, 200);
			assert.equal(await waiting(), before);
		});

		test('waits on after a restart of n8n', { timeout: TEST_MS }, async () => {
			const before = (await executions()).length;
			await cluster.restartMain();
			assert.equal((await executions()).length, before);
		});

		// Before the clock of the PBX moves: until then nobody is dialed.
		test(
			'continues with the task as last known after the limit',
			{ timeout: TEST_MS },
			async () => {
				const [result] = await finishedResultOf(TIMED_OUT);
				assert.equal(result.timedOut, true);
				assert.equal(result.status, 'scheduled');
			},
		);

		for (const [name, { number, form }] of Object.entries(CASES)) {
			test(`resumes with the finished task: ${name}`, { timeout: TEST_MS }, async () => {
				sandbox.telephony.setTaskWebhooks(form);
				await sandbox.clock.advance(10 * MINUTE);
				assert.deepEqual(
					(await finishedResultOf(name)).map(({ status, finish_result, timedOut }) => ({
						status,
						finish_result,
						timedOut,
					})),
					[
						{
							status: 'finished',
							finish_result: number === ANSWERED ? 'success' : 'failed',
							timedOut: false,
						},
					],
				);
			});
		}

		test('does not wait if the result comes before it could', { timeout: TEST_MS }, async () => {
			sandbox.telephony.setTaskWebhooks({ beforeResponse: true });
			await call(BEFORE_WAIT, { number: ANSWERED });
			const [result] = await finishedResultOf(BEFORE_WAIT);
			assert.equal(result.timedOut, false);
		});

		test('makes each call once, and continues each execution once', async () => {
			const names = [...Object.keys(CASES), TIMED_OUT, BEFORE_WAIT].sort();
			assert.deepEqual((await results()).map(({ name }) => String(name)).sort(), names);
			assert.equal(sandbox.store.tasks.size, names.length);
			const all = await executions();
			assert.deepEqual(
				all.filter(({ status }) => status !== 'success'),
				[],
			);
			assert.equal(all.length, names.length);
			const outputs = JSON.stringify(await results());
			assert.ok(!outputs.includes('signature'));
			assert.deepEqual(sandbox.errors, []);
		});
	});
}

/** A webhook; `Call and Wait` for the number, start and limit in its body; a node behind it. */
async function createWorkflow(
	{ editor }: N8nCluster,
	sandbox: Sandbox,
	path: string,
): Promise<Workflow> {
	const ringMeOAuth2Api = await editor.createPbxCredential(sandboxAccess(sandbox));
	const nodes = [
		{
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: path,
			parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
		},
		{
			name: 'Call',
			type: 'n8n-nodes-ringme.ringMe',
			typeVersion: 1,
			parameters: {
				resource: 'taskScheduler',
				operation: 'callAndWait',
				schedulerId: '1',
				aNumber: '={{ $json.body.number }}',
				bNumber: '101',
				waitAmount: '={{ $json.body.limit }}',
				waitUnit: 'minutes',
				options: { name: '={{ $json.body.name }}', startTimeUtc: '={{ $json.body.start }}' },
			},
			credentials: { ringMeOAuth2Api },
		},
		{ name: 'After', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
	];
	return await editor.createWorkflow({
		name: 'Call and Wait',
		nodes: nodes.map((node, index) => ({ id: randomUUID(), position: [index * 260, 0], ...node })),
		connections: {
			Webhook: { main: [[{ node: 'Call', type: 'main', index: 0 }]] },
			Call: { main: [[{ node: 'After', type: 'main', index: 0 }]] },
		},
		settings: { executionOrder: 'v1' },
	});
}
