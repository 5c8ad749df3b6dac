/**
 * Callers of a workflow with a RingMe Call Trigger, and what each of them gets: through a voice menu of the sandbox PBX, or
 * as plain requests.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import type { Sandbox } from '../../../sandbox/index.mts';
import type { MenuCallRecord } from '../../../sandbox/telephony/index.mts';
import type { Editor, Workflow } from '../../support/n8n/editor.mts';
import { publishCallTrigger } from '../../support/n8n/publish.mts';

const XML_TYPE = 'text/xml; charset=utf-8';
const START = '<?xml version="1.0" encoding="UTF-8"?><Response>';

/** What one caller got. */
export interface Reception {
	caller: string;
	status: number;
	type: string;
	body: string;
	/** Milliseconds from the request to the end of the response */
	ms: number;
}

/** The answer of the workflow to a caller. */
export const ownAnswer = (caller: string) =>
	`${START}<TTS play_now="true">Hello ${caller}</TTS></Response>`;

const GREETING = { type: 'say', text: "=Hello {{ $('RingMe Call Trigger').item.json.from }}" };
const FALLBACK_NUMBER = '101';
/** The fallback of the trigger. */
export const FALLBACK = `${START}<SimpleTransfer timeout="20" final="yes">${FALLBACK_NUMBER}</SimpleTransfer></Response>`;

/** How the workflow treats the n-th caller: some get no answer from it. */
export const treatments = {
	answersAll: () => 0,
	/** Fails for every fifth caller, ends for every seventh, is slow for every eleventh. */
	answersSome: (n: number) => (n % 5 === 0 ? 1 : n % 7 === 0 ? 2 : n % 11 === 0 ? 3 : 0),
};

export interface CallWorkflow {
	workflow: Workflow;
	/** The production URL of the trigger */
	url: string;
}

/**
 * A RingMe Call Trigger, and a function that makes a node *Answer* with a name and steps; by default it greets the caller
 * with the number.
 */
export async function createCallNodes(editor: Editor, answerWithin: number) {
	const ringMeApi = await editor.createCredential('ringMeApi', 'RingMe account', {
		baseUrl: 'http://127.0.0.1:9',
		accessToken: 'unused',
		client: '@me',
	});
	const trigger = {
		name: 'RingMe Call Trigger',
		type: 'n8n-nodes-ringme.ringMeCallTrigger',
		typeVersion: 2,
		webhookId: randomUUID(),
		parameters: { answerWithin, fallback: 'transfer', fallbackNumbers: FALLBACK_NUMBER },
	};
	const answer = (name: string, step: object[] = [GREETING]) => ({
		name,
		type: 'n8n-nodes-ringme.ringMe',
		typeVersion: 1,
		credentials: { ringMeApi },
		parameters: {
			authentication: 'accessToken',
			resource: 'call',
			operation: 'answer',
			answerSteps: { step },
		},
	});
	return { trigger, answer };
}

/** Connections of the outputs of a node to one node each. */
export const connectTo = (...names: string[]) => ({
	main: names.map((node) => [{ node, type: 'main', index: 0 }]),
});

/** Creates a workflow with its nodes in a row. */
export async function createCallWorkflow(
	editor: Editor,
	name: string,
	nodes: object[],
	connections: Record<string, object>,
): Promise<Workflow> {
	return await editor.createWorkflow({
		name,
		nodes: nodes.map((node, index) => ({ id: randomUUID(), position: [index * 220, 0], ...node })),
		connections,
		settings: { executionOrder: 'v1' },
	});
}

/**
 * Creates and publishes a workflow that answers calls, and that treats a call as its variable `treatment` says: 0
 * answers with the caller's number, 1 fails, 2 ends without an answer, 3 answers after `slowSeconds`.
 */
export async function publishCallWorkflow(
	editor: Editor,
	{ answerWithin, slowSeconds }: { answerWithin: number; slowSeconds: number },
): Promise<CallWorkflow> {
	const { trigger, answer } = await createCallNodes(editor, answerWithin);
	const nodes = [
		trigger,
		{
			name: 'Treatment',
			type: 'n8n-nodes-base.switch',
			typeVersion: 3.2,
			parameters: {
				mode: 'expression',
				numberOutputs: 4,
				output: '={{ Number($json.variables.treatment) }}',
			},
		},
		answer('Answer'),
		{
			name: 'Fail',
			type: 'n8n-nodes-base.stopAndError',
			typeVersion: 1,
			parameters: { errorMessage: 'The lookup failed' },
		},
		{ name: 'End', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
		{
			name: 'Be Slow',
			type: 'n8n-nodes-base.wait',
			typeVersion: 1.1,
			webhookId: randomUUID(),
			parameters: { amount: slowSeconds, unit: 'seconds' },
		},
		answer('Answer Late'),
	];
	const workflow = await createCallWorkflow(editor, 'Answers calls', nodes, {
		'RingMe Call Trigger': connectTo('Treatment'),
		Treatment: connectTo('Answer', 'Fail', 'End', 'Be Slow'),
		'Be Slow': connectTo('Answer Late'),
	});
	return { workflow, url: await publishCallTrigger(editor, workflow) };
}

/** The number of the n-th caller. */
const numberOf = (n: number) => `4477${String(n).padStart(8, '0')}`;

/** Makes `count` calls, at most `atOnce` at the same time. @returns their results, in the order of the callers */
async function makeCalls<T>(
	{ count, atOnce }: Pick<CallOptions, 'count' | 'atOnce'>,
	call: (n: number) => Promise<T>,
): Promise<T[]> {
	const results: T[] = [];
	let next = 1;
	const line = async () => {
		while (next <= count) {
			const n = next++;
			results[n - 1] = await call(n);
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, count) }, line));
	return results;
}

/** The phone with which the voice menu connects callers itself. */
const MENU_NUMBER = '104';

/**
 * Makes calls to a voice menu that asks the workflow what to do, every other one with POST, and then connects the
 * caller with a phone. Each call has its treatment as a variable. The clock of the PBX has to run.
 */
export async function callMenu(
	{ telephony }: Sandbox,
	url: string,
	{ count, atOnce, treatment = treatments.answersAll }: CallOptions,
): Promise<MenuCallRecord[]> {
	const ask = (call_interactive_method: 'GET' | 'POST') => [
		{ action: 'call_interactive' as const, call_interactive_url: url, call_interactive_method },
		{ action: 'transfer' as const, transfer_dst: [MENU_NUMBER] },
	];
	telephony.setVoiceMenu({
		contexts: { 1: { options: { start: [], 1: ask('GET'), 2: ask('POST') } } },
	});
	return await makeCalls(
		{ count, atOnce },
		async (n) =>
			await telephony.menuCall({
				from: numberOf(n),
				inputs: [n % 2 === 0 ? '2' : '1'],
				callbackVariables: { treatment: String(treatment(n)) },
			}),
	);
}

/**
 * Checks that each caller heard the own greeting and was connected by the menu, or by the fallback, and that the
 * history of the PBX has the call.
 *
 * @returns whether each caller got the fallback
 * @throws Error for anything else, such as the greeting of another caller
 */
export function checkCalls({ store }: Sandbox, records: MenuCallRecord[]): boolean[] {
	return records.map(({ call, heard, requests, problems }, index) => {
		assert.deepEqual(problems, []);
		assert.equal(requests.length, 1);
		const [first, ...others] = heard;
		const isFallback = first.kind !== 'speech';
		if (!isFallback)
			assert.deepEqual(first, { kind: 'speech', text: `Hello ${numberOf(index + 1)}` });
		const number = isFallback ? FALLBACK_NUMBER : MENU_NUMBER;
		assert.deepEqual(
			(isFallback ? heard : others).map((sound) => ({ ...sound, seconds: 0 })),
			[
				{ kind: 'ringing', numbers: [number], seconds: 0 },
				{ kind: 'conversation', number, seconds: 0 },
			],
		);
		const { result, bridged_username: person } = store.pastCalls.get(call.id) ?? {};
		assert.deepEqual([result, person], ['bridged', `1844*${number}`]);
		return isFallback;
	});
}

/** Callers with connections that stay open, so that a second response to the same request would be seen. */
export class Callers {
	private readonly connections: Array<{ socket: Socket; bytes: () => string; expected: number }> =
		[];

	/**
	 * Makes calls and waits for the responses.
	 *
	 * @param options `count` calls, at most `atOnce` at the same time; every other one as POST, or all
	 */
	async call(
		url: string,
		{ count, atOnce, treatment = treatments.answersAll, onlyPost = false }: CallOptions,
	): Promise<Reception[]> {
		return await makeCalls(
			{ count, atOnce },
			async (n) => await this.callOnce(url, n, treatment(n), onlyPost || n % 2 === 0),
		);
	}

	/** @throws Error if anything arrived after the responses */
	close(): void {
		for (const { socket, bytes, expected } of this.connections.splice(0)) {
			socket.destroy();
			assert.equal(bytes().length, expected, 'There was a second response.');
		}
	}

	private async callOnce(
		url: string,
		n: number,
		treatment: number,
		isPost: boolean,
	): Promise<Reception> {
		const caller = numberOf(n);
		const { hostname, port, pathname } = new URL(url);
		const fields = new URLSearchParams({
			EventType: 'call_interactive',
			CallAPIID: `3584705175:${randomUUID().replaceAll('-', '')}`,
			CallID: randomUUID(),
			CallerIDNum: caller,
			CalledExtension: '1844*117',
			CalledExtensionID: '85218',
			CallStatus: 'ANSWER',
			CallFlow: 'IN',
			cb_variable_treatment: String(treatment),
		}).toString();
		const path = `${pathname}${isPost ? '' : `?${fields}`}`;
		const head = [`${isPost ? 'POST' : 'GET'} ${path} HTTP/1.1`, `Host: ${hostname}:${port}`];
		if (isPost) {
			head.push('Content-Type: application/x-www-form-urlencoded');
			head.push(`Content-Length: ${fields.length}`);
		}
		const socket = connect(Number(port), hostname);
		await once(socket, 'connect');
		const startedAt = performance.now();
		let received = '';
		socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
		socket.on('error', () => {});
		socket.write(`${head.join('\r\n')}\r\n\r\n${isPost ? fields : ''}`);
		const response = await waitForResponse(socket, () => received);
		const ms = performance.now() - startedAt;
		this.connections.push({ socket, bytes: () => received, expected: received.length });
		return { caller, ...response, ms };
	}
}

export interface CallOptions {
	count: number;
	atOnce: number;
	/** By the number of the call, from 1 */
	treatment?: (n: number) => number;
	onlyPost?: boolean;
}

/** Waits for a complete response with Content-Length. Rejects if the connection is closed before. */
async function waitForResponse(socket: Socket, received: () => string) {
	for (;;) {
		const [head, body] = received().split('\r\n\r\n', 2);
		const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
		if (body !== undefined && body.length >= length) {
			const type = /\r\ncontent-type: ([^\r]*)/i.exec(head)?.[1] ?? '';
			return { status: Number(head.split(' ')[1]), type, body };
		}
		if (socket.readyState === 'closed') throw new Error(`No complete response: ${received()}`);
		await Promise.race([once(socket, 'data'), once(socket, 'close')]);
	}
}

/** How many callers got the answer of the workflow, and how many the fallback. */
export interface Count {
	own: number;
	fallback: number;
}

/**
 * Checks that each caller got a valid response: the own answer, or the fallback.
 *
 * @throws Error for anything else, such as the answer to another caller
 */
export function countReceptions(receptions: Reception[]): Count {
	let own = 0;
	for (const { caller, status, type, body } of receptions) {
		assert.equal(status, 200);
		assert.equal(type, XML_TYPE);
		if (body !== FALLBACK) {
			assert.equal(body, ownAnswer(caller));
			own += 1;
		}
	}
	return { own, fallback: receptions.length - own };
}
