/**
 * `npm run bench:trigger -- [--calls 2000] [--rounds 1] [--env NAME=VALUE]`:
 * the figures of docs/performance.md for the trigger.
 *
 * A workflow with a RingMe Trigger is published in a real n8n, and the sandbox makes calls (five events each) as fast
 * as it can. By n8n's database each event must have started exactly one execution. Before that the same calls go to
 * n8n's plain Webhook node. Prints the ratio of both rates; exit status 1 if an event is lost or duplicated.
 *
 * Without `--env`, n8n runs with the setting that docs/performance.md recommends for many calls; its default is
 * `--env N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=false`.
 */
import { execa } from 'execa';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { buildPackage } from '../test/support/buildPackage.mts';
import type { Workflow } from '../test/support/n8n/editor.mts';
import { publishTrigger, publishWebhook, unpublishTrigger } from '../test/support/n8n/publish.mts';
import { startTestEnvironment } from '../test/support/n8n/testEnvironment.mts';
import { countedExecutions } from './environmentVariables.mts';

const EVENTS = ['dial-in', 'answer', 'hangup'] as const;
/** Extension of a queue. A call through it comes in and ends there, and rings, is answered and ends on a phone. */
const QUEUE = '116';
const EVENTS_PER_CALL = 5;

const { values } = parseArgs({
	options: {
		calls: { type: 'string', default: '2000' },
		rounds: { type: 'string', default: '1' },
		env: {
			type: 'string',
			multiple: true,
			default: ['N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true'],
		},
	},
});
const calls = Number(values.calls);
const expected = calls * EVENTS_PER_CALL;

await buildPackage(console.log);
const environment = await startTestEnvironment('bench-trigger', {
	env: countedExecutions(values.env),
});
const { editor, sandbox } = environment;
try {
	process.exitCode = (await main()) ? 0 : 1;
} finally {
	await environment.stop();
}

async function main(): Promise<boolean> {
	const rates: Record<'webhook' | 'trigger', number[]> = { webhook: [], trigger: [] };
	let isComplete = true;
	for (let round = 0; round < Number(values.rounds); round++) {
		for (const kind of ['webhook', 'trigger'] as const) {
			sandbox.reset();
			sandbox.telephony.clearDeliveries();
			const { rate, problems } = await measure(kind);
			rates[kind].push(rate);
			isComplete &&= problems.length === 0;
			console.log(
				`${kind}: ${rate.toFixed(1)} executions/s. ${problems.join(' ') || `All ${expected} once.`}`,
			);
		}
	}
	const best = (kind: keyof typeof rates) => Math.max(...rates[kind]);
	console.log(`RingMe Trigger / plain Webhook: ${(best('trigger') / best('webhook')).toFixed(2)}`);
	return isComplete;
}

/** Makes the calls for one workflow and checks its executions. */
async function measure(kind: 'webhook' | 'trigger') {
	const workflow = await editor.createWorkflow({
		name: kind,
		nodes: [kind === 'trigger' ? await createTriggerNode() : createWebhookNode()],
		connections: {},
		settings: { executionOrder: 'v1' },
	});
	if (kind === 'trigger') await publishTrigger(editor, sandbox, workflow, EVENTS.length);
	else await registerWebhook(workflow);

	const startedAt = Date.now();
	await Promise.all(
		Array.from({ length: calls }, async (_, n) => {
			const from = `+4477${String(n).padStart(8, '0')}`;
			await sandbox.telephony.incomingCall({ from, to: '102', through: QUEUE, answered: true });
		}),
	);
	const accepted = sandbox.telephony.deliveries.filter(({ status }) => status === 200).length;
	const { executions, finishedAt } = await readExecutions(workflow, accepted);
	const rate = (accepted / (finishedAt - startedAt)) * 1000;

	const problems = accepted === expected ? [] : [`${accepted} of ${expected} were accepted.`];
	const different = new Set(executions.map(({ event }) => event)).size;
	if (executions.length !== expected) problems.push(`${executions.length} executions.`);
	if (different !== expected) problems.push(`${different} different events.`);
	if (executions.some(({ status }) => status !== 'success')) problems.push('Some failed.');
	if (kind === 'webhook') await editor.unpublish(workflow);
	else {
		await unpublishTrigger(editor, sandbox, workflow).catch(() =>
			problems.push('Registrations are left.'),
		);
	}
	return { rate, problems };
}

function createWebhookNode() {
	return {
		id: randomUUID(),
		name: 'Webhook',
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		position: [0, 0],
		webhookId: randomUUID(),
		parameters: { httpMethod: 'POST', path: 'plain', responseMode: 'onReceived', options: {} },
	};
}

async function createTriggerNode() {
	const ringMeApi = await editor.createCredential('ringMeApi', 'Sandbox PBX', {
		baseUrl: sandbox.url,
		accessToken: 'sandbox-token',
		client: '@me',
	});
	return {
		id: randomUUID(),
		name: 'RingMe',
		type: 'n8n-nodes-ringme.ringMeTrigger',
		typeVersion: 2,
		position: [0, 0],
		webhookId: randomUUID(),
		parameters: { authentication: 'accessToken', events: [...EVENTS] },
		credentials: { ringMeApi },
	};
}

/** Registers the plain webhook on the PBX, as the trigger does by itself. */
async function registerWebhook(workflow: Workflow) {
	const url = `${environment.n8n.url}/webhook/plain`;
	await publishWebhook(editor, workflow, url);
	for (const event_type of EVENTS) {
		sandbox.store.phoneEvents.insert({ url, method: 'POST', event_type });
	}
}

/** Waits until the executions are finished and returns what the database has about them. */
async function readExecutions({ id = '' }: Workflow, count: number) {
	const reader = fileURLToPath(new URL('readExecutions.mjs', import.meta.url));
	const file = join(environment.data, '.n8n', 'database.sqlite');
	const { stdout } = await execa(environment.node, [reader, file, id, String(count)]);
	return JSON.parse(stdout) as {
		finishedAt: number;
		executions: Array<{ status: string; event: string }>;
	};
}
