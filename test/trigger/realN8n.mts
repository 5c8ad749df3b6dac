/**
 * The RingMe Trigger in a real n8n: `npx tsx test/trigger/realN8n.mts [--calls 2000] [--rounds 1]
 * [--env N8N_EXPRESSION_ENGINE=legacy]`.
 *
 * Starts the sandbox and an n8n of its own beside that of `npm start`, switches a workflow with a
 * RingMe Trigger on, has the sandbox make calls (four events each) as fast as it can, and looks into
 * n8n's database: each event must have started exactly one execution. Before that the same calls go
 * to n8n's plain Webhook node. Prints both rates; exit status 1 if an event is lost or doubled.
 *
 * The package must be built, and n8n installed (`npm start` does both).
 */
import { execa } from 'execa';
import getPort from 'get-port';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startSandbox, type Sandbox } from '../../sandbox/index.mts';
import { installPackage } from '../../scripts/n8n/community-package.mts';
import { Editor } from '../../scripts/n8n/editor.mts';
import { LOCAL, LOGS } from '../../scripts/n8n/folders.mts';
import { installN8n } from '../../scripts/n8n/install.mts';
import { startN8n } from '../../scripts/n8n/server.mts';

const EVENTS = ['dial-in', 'answer', 'hangup'] as const;
/** With a phone that rings, is answered and hangs up, a call ends for the queue too: four events. */
const QUEUE = '116';
const EVENTS_PER_CALL = 4;
const DATA = join(LOCAL, 'n8n-trigger');

const { values } = parseArgs({
	options: {
		calls: { type: 'string', default: '2000' },
		rounds: { type: 'string', default: '1' },
		env: { type: 'string', multiple: true, default: [] },
	},
});
const calls = Number(values.calls);
const expected = calls * EVENTS_PER_CALL;

const say = (line: string) => console.log(line);
const cleanups: Array<() => Promise<unknown>> = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => process.exit(130));
}
try {
	process.exitCode = (await main()) ? 0 : 1;
} finally {
	for (const cleanup of cleanups.reverse()) await cleanup();
}

async function main(): Promise<boolean> {
	const n8n = await installN8n(say);
	await rm(DATA, { recursive: true, force: true });
	await installPackage(DATA);
	const sandbox = await startSandbox({ clock: 'virtual' });
	cleanups.push(async () => await sandbox.stop());
	const ports = { editor: await getPort(), broker: await getPort() };
	const server = await startN8n(n8n, ports, say, undefined, {
		data: DATA,
		log: join(LOGS, 'n8n-trigger.log'),
		// The sandbox sends no faster than it is answered, and n8n is to save every execution.
		env: {
			EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
			EXECUTIONS_DATA_PRUNE: 'false',
			...Object.fromEntries(
				values.env.map((each) => [each.split('=')[0], each.slice(each.indexOf('=') + 1)]),
			),
		},
	});
	cleanups.push(async () => await server.stop());
	process.on('exit', () => server.kill());
	const editor = await Editor.open(server.url, DATA);
	const rates: Record<'webhook' | 'trigger', number[]> = { webhook: [], trigger: [] };
	let good = true;
	for (let round = 0; round < Number(values.rounds); round++) {
		for (const kind of ['webhook', 'trigger'] as const) {
			sandbox.reset();
			sandbox.telephony.clearDeliveries();
			const { rate, problems } = await measure(kind, {
				...{ node: n8n.node, editor, sandbox, url: server.url },
			});
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
async function measure(
	kind: 'webhook' | 'trigger',
	{ node, editor, sandbox, url }: { node: string; editor: Editor; sandbox: Sandbox; url: string },
) {
	const workflow = await editor.send<{ id: string; versionId: string }>('POST', '/workflows', {
		name: kind,
		nodes: [kind === 'trigger' ? await ringMe(editor, sandbox) : webhook()],
		connections: {},
		settings: { executionOrder: 'v1' },
	});
	const { versionId } = workflow;
	await editor.send('POST', `/workflows/${workflow.id}/activate`, { versionId });
	if (kind === 'webhook') register(sandbox, `${url}/webhook/plain`);
	await untilRegistered(sandbox);

	const started = Date.now();
	await Promise.all(
		Array.from({ length: calls }, async (_, n) => {
			const from = `+4477${String(n).padStart(8, '0')}`;
			await sandbox.telephony.incomingCall({ from, to: '102', through: QUEUE, answered: true });
		}),
	);
	const answered = sandbox.telephony.deliveries.filter(({ status }) => status === 200).length;
	const { rows, finished } = await executions(node, workflow.id, answered);
	const rate = (answered / (finished - started)) * 1000;

	await editor.send('POST', `/workflows/${workflow.id}/deactivate`, {});
	const problems = answered === expected ? [] : [`${answered} of ${expected} were answered.`];
	const once = new Set(rows.map(([, event]) => event)).size;
	if (rows.length !== expected) problems.push(`${rows.length} executions.`);
	if (once !== expected) problems.push(`${once} different events.`);
	if (rows.some(([status]) => status !== 'success')) problems.push('Some failed.');
	if (kind === 'trigger') {
		await untilRegistered(sandbox, 0).catch(() => problems.push('Registrations are left.'));
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

async function ringMe(editor: Editor, sandbox: Sandbox) {
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

function register(sandbox: Sandbox, url: string) {
	for (const event_type of EVENTS) {
		sandbox.store.phoneEvents.insert({ url, method: 'POST', event_type });
	}
}

/** n8n publishes in the background. */
async function untilRegistered(sandbox: Sandbox, count: number = EVENTS.length) {
	for (let tries = 0; sandbox.store.phoneEvents.size !== count; tries++) {
		if (tries > 200) throw new Error(`${sandbox.store.phoneEvents.size} events are registered`);
		await sleep(100);
	}
	// What the hooks have kept is saved after them.
	await sleep(1_000);
}

/** The saved executions, when all of them are finished. */
async function executions(node: string, workflow: string, wanted: number) {
	const reader = fileURLToPath(new URL('executions.mjs', import.meta.url));
	const file = join(DATA, '.n8n', 'database.sqlite');
	const { stdout } = await execa(node, [reader, file, workflow, String(wanted)]);
	return JSON.parse(stdout) as { finished: number; rows: Array<[status: string, event: string]> };
}
