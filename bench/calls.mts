/**
 * `npm run bench:calls -- [--calls 100] [--env NAME=VALUE]`: the figures of docs/performance.md for answers to calls.
 *
 * In a real n8n, one workflow consists of RingMe Call Trigger and Call → Answer, another of n8n's Webhook and Respond
 * to Webhook. Both send the same XML with the caller's number. They are called in turn: single calls with a pause in
 * between, one call right after another, and twenty at a time. Prints the ratio of the median times to the response, for
 * each setting of n8n's expression engine, or only with the variables in `--env`. Exit status 1 if a caller gets anything
 * but the own answer, or if a ratio for single calls is more than 1.3 where n8n does the same for both workflows.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import {
	Callers,
	connectTo,
	countReceptions,
	createCallNodes,
	createCallWorkflow,
	ownAnswer,
} from '../test/e2e/support/callers.mts';
import { buildPackage } from '../test/support/buildPackage.mts';
import type { Editor } from '../test/support/n8n/editor.mts';
import { publishCallTrigger, publishWebhook } from '../test/support/n8n/publish.mts';
import { startTestEnvironment } from '../test/support/n8n/testEnvironment.mts';
import { parseVariables } from './environmentVariables.mts';

const MAX_RATIO = 1.3;
const AT_ONCE = 20;
/** Between single calls: n8n prepares expression engines in the background, and has them ready again. */
const PAUSE_MS = 300;
/** Before the measurement, because n8n loads and compiles at the first calls. */
const WARM_UP = 40;

/** Variables of n8n, and whether n8n then does the same for every trigger. */
interface Setting {
	variables: string[];
	isAlike: boolean;
}

/**
 * By default n8n takes an expression engine for the request and another for the execution, but for its own Webhook node
 * only the second, and it has one ready.
 */
const SETTINGS: Setting[] = [
	{ variables: [], isAlike: false },
	{ variables: ['N8N_EXPRESSION_ENGINE_POOL_SIZE=4'], isAlike: false },
	{ variables: ['N8N_EXPRESSION_ENGINE_ALLOW_WEBHOOK_ISOLATE_SKIP=false'], isAlike: true },
	{ variables: ['N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true'], isAlike: true },
	{ variables: ['N8N_EXPRESSION_ENGINE=legacy'], isAlike: true },
];

type Kind = 'plain' | 'ringMe';
type Times = Record<Kind, number[]>;

const { values } = parseArgs({
	options: {
		calls: { type: 'string', default: '100' },
		env: { type: 'string', multiple: true },
	},
});
const calls = Number(values.calls);

await buildPackage(console.log);
for (const setting of values.env ? [{ variables: values.env, isAlike: true }] : SETTINGS) {
	if (!(await measureSetting(setting))) process.exitCode = 1;
}

/** Measures in an n8n with these environment variables. @returns whether the ratio is small enough */
async function measureSetting({ variables, isAlike }: Setting): Promise<boolean> {
	const environment = await startTestEnvironment('bench-calls', { env: parseVariables(variables) });
	try {
		const { editor } = environment;
		const urls = { plain: await publishPlain(editor), ringMe: await publishRingMe(editor) };
		await callInTurn(urls, WARM_UP, 1);
		const single = await callInTurn(urls, calls, 1, PAUSE_MS);
		const following = await callInTurn(urls, calls, 1);
		const many = await callInTurn(urls, calls, AT_ONCE);
		console.log(
			`${variables.join(' ') || 'Default of n8n'}: RingMe Call Trigger and Answer / Webhook and Respond to Webhook:\n` +
				`  single calls: ${describeRatio(single)}\n` +
				`  one right after another: ${describeRatio(following)}\n` +
				`  ${AT_ONCE} at a time: ${describeRatio(many)}`,
		);
		return !isAlike || ratioOf(single) <= MAX_RATIO;
	} finally {
		await environment.stop();
	}
}

/** Calls both workflows in turn, with `atOnce` calls at a time to the same one. @returns milliseconds */
async function callInTurn(
	urls: Record<Kind, string>,
	count: number,
	atOnce: number,
	pauseMs = 0,
): Promise<Times> {
	const times: Times = { plain: [], ringMe: [] };
	const callers = new Callers();
	for (let turn = 0; turn * atOnce < count; turn++) {
		// Which one is first changes, so that neither always follows the other.
		const kinds: Kind[] = turn % 2 === 0 ? ['plain', 'ringMe'] : ['ringMe', 'plain'];
		for (const kind of kinds) {
			await sleep(pauseMs);
			const options = { count: atOnce, atOnce, onlyPost: true };
			const receptions = await callers.call(urls[kind], options);
			const { fallback } = countReceptions(receptions);
			if (fallback > 0) throw new Error(`${fallback} callers got the fallback.`);
			times[kind].push(...receptions.map(({ ms }) => ms));
		}
	}
	callers.close();
	return times;
}

function ratioOf({ plain, ringMe }: Times): number {
	return median(ringMe) / median(plain);
}

/** The ratio, and how much it differs between the quarters of the run. */
function describeRatio(times: Times): string {
	const quarterOf = (numbers: number[], n: number) =>
		numbers.slice((n * numbers.length) / 4, ((n + 1) * numbers.length) / 4);
	const quarters = [0, 1, 2, 3].map((n) =>
		ratioOf({ plain: quarterOf(times.plain, n), ringMe: quarterOf(times.ringMe, n) }),
	);
	const range = [Math.min(...quarters), Math.max(...quarters)].map((each) => each.toFixed(2));
	return `${ratioOf(times).toFixed(2)} (${range.join(' to ')} in the quarters of the run)`;
}

function median(numbers: number[]): number {
	return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

async function publishRingMe(editor: Editor): Promise<string> {
	const { trigger, answer } = await createCallNodes(editor, 60);
	const nodes = [trigger, answer('Answer')];
	const connections = { [trigger.name]: connectTo('Answer') };
	const workflow = await createCallWorkflow(editor, 'RingMe', nodes, connections);
	return await publishCallTrigger(editor, workflow);
}

async function publishPlain(editor: Editor): Promise<string> {
	const nodes = [
		{
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: randomUUID(),
			parameters: {
				httpMethod: 'POST',
				path: 'plain-calls',
				responseMode: 'responseNode',
				options: {},
			},
		},
		{
			name: 'Respond',
			type: 'n8n-nodes-base.respondToWebhook',
			typeVersion: 1.4,
			parameters: {
				respondWith: 'text',
				responseBody: `=${ownAnswer("{{ $('Webhook').item.json.body.CallerIDNum }}")}`,
				options: {
					responseHeaders: {
						entries: [{ name: 'content-type', value: 'text/xml; charset=utf-8' }],
					},
				},
			},
		},
	];
	const connections = { Webhook: connectTo('Respond') };
	const workflow = await createCallWorkflow(editor, 'Plain', nodes, connections);
	const url = `${editor.url}/webhook/plain-calls`;
	await publishWebhook(editor, workflow, url);
	return url;
}
