/**
 * The trigger's speed figure of the README: `npm run bench:trigger -- [--calls 2000] [--rounds 1] [--env NAME=VALUE]`.
 *
 * In a real n8n a workflow with a RingMe Trigger is switched on, the sandbox makes calls (four events each) as fast
 * as it can, and n8n's database tells: each event must have started exactly one execution. Before that the same
 * calls go to n8n's plain Webhook node. Prints both rates; exit status 1 if an event is lost or doubled.
 *
 * Without `--env`, n8n runs with the setting that the README advises for many calls; its default is
 * `--env N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=false`.
 */
import { execa } from 'execa';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build } from '../scripts/build.mts';
import type { Workflow } from '../scripts/n8n/editor.mts';
import { publishTrigger, publishWebhook, unpublishTrigger } from '../scripts/n8n/trigger.mts';
import { startWorld } from '../scripts/n8n/world.mts';

const EVENTS = ['dial-in', 'answer', 'hangup'] as const;
/** With a phone that rings, is answered and hangs up, a call ends for the queue too: four events. */
const QUEUE = '116';
const EVENTS_PER_CALL = 4;

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

const say = (line: string) => console.log(line);
await build(say);
const world = await startWorld('bench-trigger', {
	// The sandbox sends no faster than it is answered, and n8n is to save every execution.
	env: {
		EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
		EXECUTIONS_DATA_PRUNE: 'false',
		...Object.fromEntries(
			values.env.map((each) => [each.split('=')[0], each.slice(each.indexOf('=') + 1)]),
		),
	},
});
const { editor, sandbox } = world;
try {
	process.exitCode = (await main()) ? 0 : 1;
} finally {
	await world.stop();
}

async function main(): Promise<boolean> {
	const rates: Record<'webhook' | 'trigger', number[]> = { webhook: [], trigger: [] };
	let good = true;
	for (let round = 0; round < Number(values.rounds); round++) {
		for (const kind of ['webhook', 'trigger'] as const) {
			sandbox.reset();
			sandbox.telephony.clearDeliveries();
			const { rate, problems } = await measure(kind);
			rates[kind].push(rate);
			good &&= problems.length === 0;
			say(
				`${kind}: ${rate.toFixed(1)} executions/s. ${problems.join(' ') || `All ${expected} once.`}`,
			);
		}
	}
	const best = (kind: keyof typeof rates) => Math.max(...rates[kind]);
	say(`RingMe Trigger / plain Webhook: ${(best('trigger') / best('webhook')).toFixed(2)}`);
	return good;
}

/** Makes the calls for one workflow and looks what n8n made of them. */
async function measure(kind: 'webhook' | 'trigger') {
	const workflow = await editor.send<Workflow>('POST', '/workflows', {
		name: kind,
		nodes: [kind === 'trigger' ? await ringMe() : webhook()],
		connections: {},
		settings: { executionOrder: 'v1' },
	});
	if (kind === 'trigger') await publishTrigger(editor, sandbox, workflow, EVENTS.length);
	else await tellWebhook(workflow);

	const started = Date.now();
	await Promise.all(
		Array.from({ length: calls }, async (_, n) => {
			const from = `+4477${String(n).padStart(8, '0')}`;
			await sandbox.telephony.incomingCall({ from, to: '102', through: QUEUE, answered: true });
		}),
	);
	const answered = sandbox.telephony.deliveries.filter(({ status }) => status === 200).length;
	const { rows, finished } = await executions(workflow, answered);
	const rate = (answered / (finished - started)) * 1000;

	const problems = answered === expected ? [] : [`${answered} of ${expected} were answered.`];
	const once = new Set(rows.map(([, event]) => event)).size;
	if (rows.length !== expected) problems.push(`${rows.length} executions.`);
	if (once !== expected) problems.push(`${once} different events.`);
	if (rows.some(([status]) => status !== 'success')) problems.push('Some failed.');
	if (kind === 'webhook') await editor.unpublish(workflow);
	else {
		await unpublishTrigger(editor, sandbox, workflow).catch(() =>
			problems.push('Registrations are left.'),
		);
	}
	return { rate, problems };
}

function webhook() {
	return {
		...{ id: randomUUID(), name: 'Webhook', type: 'n8n-nodes-base.webhook', typeVersion: 2 },
		...{ position: [0, 0], webhookId: randomUUID() },
		parameters: { httpMethod: 'POST', path: 'plain', responseMode: 'onReceived', options: {} },
	};
}

async function ringMe() {
	const type = 'ringMeApi';
	const { id, name } = await editor.send<{ id: string; name: string }>('POST', '/credentials', {
		...{ name: 'Sandbox', type },
		data: { baseUrl: sandbox.url, accessToken: 'sandbox-token', client: '@me' },
	});
	return {
		...{ id: randomUUID(), name: 'RingMe', type: 'n8n-nodes-ringme.ringMeTrigger' },
		...{ typeVersion: 2, position: [0, 0], webhookId: randomUUID() },
		parameters: { authentication: 'accessToken', events: [...EVENTS] },
		credentials: { [type]: { id, name } },
	};
}

/** What the trigger does by itself: the PBX is told where n8n listens. */
async function tellWebhook(workflow: Workflow) {
	const url = `${world.n8n.url}/webhook/plain`;
	await publishWebhook(editor, workflow, url);
	for (const event_type of EVENTS) {
		sandbox.store.phoneEvents.insert({ url, method: 'POST', event_type });
	}
}

/** The saved executions, when all of them are finished. */
async function executions({ id = '' }: Workflow, wanted: number) {
	const reader = fileURLToPath(new URL('executions.mjs', import.meta.url));
	const file = join(world.data, '.n8n', 'database.sqlite');
	const { stdout } = await execa(world.node, [reader, file, id, String(wanted)]);
	return JSON.parse(stdout) as { finished: number; rows: Array<[status: string, event: string]> };
}
