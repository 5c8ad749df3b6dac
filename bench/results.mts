/**
 * `npm run bench:results -- [--people 1000] [--rounds 1] [--forms] [--env NAME=VALUE]`:
 * the figures of docs/performance.md for the results of tasks.
 *
 * Add Tasks adds people with 'Report Results To', in a real n8n, and the sandbox dials them as fast as it can. By n8n's
 * database each result must have started exactly one execution, with its own key. Before that the same reports go to
 * n8n's plain Webhook node with Get Task behind it. Prints the ratio of both rates. With `--forms`, the trigger then gets
 * the reports in each form of the sandbox, each report twice. Exit status 1 if a result is lost or comes twice.
 *
 * Without `--env`, n8n runs with the setting that docs/performance.md recommends for many calls; its default is
 * `--env N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=false`.
 */
import { execa } from 'execa';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { STATIC_TOKEN } from '../sandbox/oauth/tokens.mts';
import type { TaskWebhookOptions } from '../sandbox/telephony/index.mts';
import { buildPackage } from '../test/support/buildPackage.mts';
import type { Workflow, WorkflowNode } from '../test/support/n8n/editor.mts';
import { publishForTasks, publishWebhook } from '../test/support/n8n/publish.mts';
import { sandboxAccess } from '../test/support/n8n/sandboxAccess.mts';
import { TASK_WEBHOOK_FORMS } from '../test/support/taskWebhookForms.mts';
import { startTestEnvironment } from '../test/support/n8n/testEnvironment.mts';
import { waitFor } from '../test/support/waitFor.mts';
import { countedExecutions } from './environmentVariables.mts';

const SCHEDULER = 1;

const { values } = parseArgs({
	options: {
		people: { type: 'string', default: '1000' },
		rounds: { type: 'string', default: '1' },
		forms: { type: 'boolean', default: false },
		env: {
			type: 'string',
			multiple: true,
			default: ['N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true'],
		},
	},
});
const people = Number(values.people);

await buildPackage(console.log);
const environment = await startTestEnvironment('bench-results', {
	sandbox: { clock: 'real', instantCalls: true },
	env: countedExecutions(values.env),
});
const { editor, sandbox } = environment;
const ringMeOAuth2Api = await editor.createPbxCredential(sandboxAccess(sandbox));
const credentials = { ringMeOAuth2Api };
try {
	process.exitCode = (await main()) ? 0 : 1;
} finally {
	await environment.stop();
}

type Kind = 'webhook' | 'trigger';
type Node = Omit<WorkflowNode, 'credentials'> & { typeVersion: number; credentials?: object };

async function main(): Promise<boolean> {
	const rates: Record<Kind, number[]> = { webhook: [], trigger: [] };
	let isComplete = true;
	const report = async (kind: Kind, form: TaskWebhookOptions) => {
		const { rate, problems } = await measure(kind, form);
		isComplete &&= problems.length === 0;
		const outcome = problems.join(' ') || `All ${people} once.`;
		console.log(`${kind} ${JSON.stringify(form)}: ${rate.toFixed(1)} results/s. ${outcome}`);
		return rate;
	};
	for (let round = 0; round < Number(values.rounds); round++) {
		rates.webhook.push(await report('webhook', {}));
		rates.trigger.push(await report('trigger', {}));
	}
	if (values.forms) {
		for (const form of TASK_WEBHOOK_FORMS) await report('trigger', { ...form, times: 2 });
	}
	const best = (kind: Kind) => Math.max(...rates[kind]);
	console.log(
		`RingMe Trigger / Webhook and Get Task: ${(best('trigger') / best('webhook')).toFixed(2)}`,
	);
	return isComplete;
}

/** Adds the people for one workflow that receives their results, and checks its executions. */
async function measure(kind: Kind, form: TaskWebhookOptions) {
	sandbox.reset();
	sandbox.telephony.clearDeliveries();
	sandbox.telephony.setTaskWebhooks(form);
	sandbox.store.taskSchedulers.update(SCHEDULER, {
		// Switched on when all tasks are there, so that adding them takes none of the time.
		status: form.beforeResponse ? 'on' : 'off',
		interval_id: null,
		concurrent_task_limit: people,
	});
	const receives = await createReceiver(kind);
	const url =
		kind === 'trigger'
			? await publishForTasks(editor, receives, environment.n8n.url)
			: `${environment.n8n.url}/webhook/plain`;
	if (kind === 'webhook') await publishWebhook(editor, receives, url);

	let startedAt = Date.now();
	const added = editor.run(await createAddTasks(kind, url));
	if (!form.beforeResponse) {
		assert.equal((await added).status, 'success');
		startedAt = Date.now();
		await switchOn();
	}
	const expected = people * (form.times ?? 1);
	const { deliveries } = sandbox.telephony;
	await waitFor('the responses to all reports', () => deliveries.length >= expected, {
		timeoutMs: 900_000,
	});
	const { executions, finishedAt } = await readExecutions(receives);
	assert.equal((await added).status, 'success');
	const rate = (people / (finishedAt - startedAt)) * 1000;

	const accepted = deliveries.filter(({ status }) => status === 200).length;
	const problems = accepted === expected ? [] : [`${accepted} of ${expected} were accepted.`];
	const keys = new Set(executions.map(({ event }) => event));
	if (executions.length !== people) problems.push(`${executions.length} executions.`);
	if (keys.size !== people || keys.has('undefined')) problems.push(`${keys.size} different keys.`);
	if (executions.some(({ status }) => status !== 'success')) problems.push('Some failed.');
	if (sandbox.errors.length > 0) problems.push('The PBX had errors.');
	await editor.unpublish(receives);
	return { rate, problems };
}

async function createReceiver(kind: Kind): Promise<Workflow> {
	if (kind === 'trigger') {
		return await createWorkflow('Receives results', [
			{
				name: 'RingMe',
				type: 'n8n-nodes-ringme.ringMeTrigger',
				typeVersion: 2,
				webhookId: randomUUID(),
				parameters: { events: ['task-finished'] },
				credentials,
			},
		]);
	}
	return await createWorkflow('Receives results with a webhook', [
		{
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: randomUUID(),
			parameters: { httpMethod: 'POST', path: 'plain', responseMode: 'onReceived', options: {} },
		},
		{
			name: 'Get Task',
			type: 'n8n-nodes-ringme.ringMe',
			typeVersion: 1,
			parameters: {
				resource: 'taskScheduler',
				operation: 'getTask',
				schedulerId: String(SCHEDULER),
				taskId: '={{ $json.body.task_id }}',
			},
			credentials,
		},
	]);
}

async function createAddTasks(kind: Kind, url: string): Promise<Workflow> {
	return await createWorkflow('Adds tasks', [
		{
			name: 'Start',
			type: 'n8n-nodes-base.manualTrigger',
			typeVersion: 1,
			parameters: {},
		},
		{
			name: 'List',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ people: listPeople() }) },
		},
		{
			name: 'One Item per Person',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: 'people', options: {} },
		},
		{
			name: 'Add Tasks',
			type: 'n8n-nodes-ringme.ringMe',
			typeVersion: 1,
			parameters: {
				resource: 'taskScheduler',
				operation: 'addTasks',
				schedulerId: String(SCHEDULER),
				taskInput: 'automatic',
				unknownFields: 'ignore',
				options:
					kind === 'trigger'
						? { reportResultsTo: url, resultKey: '={{ $json.row }}' }
						: { urlAfter: `=${url}?key={{ $json.row }}` },
			},
			credentials,
		},
	]);
}

function listPeople() {
	return Array.from({ length: people }, (_, n) => ({
		row: `row-${n}`,
		a_number: `+4477${String(n).padStart(8, '0')}`,
		b_number: '101',
	}));
}

async function switchOn() {
	const path = `/api/ver1.0/client/@me/task_scheduler/${SCHEDULER}`;
	const { ok } = await fetch(`${sandbox.url}${path}`, {
		method: 'PUT',
		headers: { authorization: `Bearer ${STATIC_TOKEN}`, 'content-type': 'application/json' },
		body: JSON.stringify({ status: 'on' }),
	});
	assert.ok(ok);
}

async function createWorkflow(name: string, nodes: Node[]): Promise<Workflow> {
	return await editor.createWorkflow({
		name,
		nodes: nodes.map((node, index) => ({ id: randomUUID(), position: [index * 260, 0], ...node })),
		connections: Object.fromEntries(
			nodes
				.slice(1)
				.map((node, index) => [
					nodes[index].name,
					{ main: [[{ node: node.name, type: 'main', index: 0 }]] },
				]),
		),
		settings: { executionOrder: 'v1' },
	});
}

/** Waits until the executions are finished and returns the key of each, from the database. */
async function readExecutions({ id = '' }: Workflow) {
	const reader = fileURLToPath(new URL('readExecutions.mjs', import.meta.url));
	const file = join(environment.data, '.n8n', 'database.sqlite');
	const args = [reader, file, id, String(people), '^row-\\d+$'];
	const { stdout } = await execa(environment.node, args);
	return JSON.parse(stdout) as {
		finishedAt: number;
		executions: Array<{ status: string; event: string }>;
	};
}
