/** The RingMe Call Trigger and *Call → Answer*, through n8n's real engine. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { once } from 'node:events';

import { setupTimers } from '../harness/timers.mts';
import { createEngine, type Engine } from '../harness/engine.mts';
import type { Trigger, TriggerOptions } from '../harness/trigger.mts';

const START = '<?xml version="1.0" encoding="UTF-8"?><Response>';
const EMPTY = `${START}</Response>`;
const CALL = {
	EventType: 'call_interactive',
	CallAPIID: '3584705175:5205dc5c',
	CallID: '5205dc5c',
	CallerIDNum: '447700900123',
	CallerIDName: 'Anna',
	CalledExtension: '1844*117',
	CalledExtensionID: '85218',
	CallStatus: 'ANSWER',
	CallFlow: 'IN',
	voice_navigator_DTMF: '42',
	cb_variable_order: '7',
	menu: 'sales',
};

/** The trigger waits for the answer until a test fires the timer. */
const timers = setupTimers(() => false);
let engine: Engine;
const triggers: Trigger[] = [];

beforeAll(async () => {
	engine = await createEngine();
});
afterEach(async () => {
	await Promise.all(triggers.splice(0).map(async (trigger) => await trigger.close()));
});

async function openTrigger(
	parameters: INodeParameters = {},
	options: Pick<TriggerOptions, 'responds'> = {},
) {
	const trigger = await engine.trigger({ node: 'ringMeCallTrigger', parameters, ...options });
	triggers.push(trigger);
	return trigger;
}

describe('the RingMe Call Trigger', () => {
	it('outputs the fields of a call in plain words, from the query and from a form', async () => {
		const trigger = await openTrigger();
		const viaQuery = await trigger.deliver({ method: 'GET', query: CALL, webhook: 'default' });
		const viaForm = await trigger.deliver({ body: new URLSearchParams(CALL), webhook: 'setup' });
		for (const { delivery } of [viaQuery, viaForm]) {
			expect(delivery.items?.[0].json).toEqual({
				from: '447700900123',
				fromName: 'Anna',
				extension: '1844*117',
				extensionId: 85218,
				callApiId: '3584705175:5205dc5c',
				callId: '5205dc5c',
				digits: '42',
				variables: { order: '7' },
				parameters: { menu: 'sales' },
				answerBefore: expect.stringMatching(/^\d{4}-.*Z$/) as string,
				raw: CALL,
			});
		}
	});

	it('outputs a call as real PBXs send it: extensions with a domain, and the number that was dialed', async () => {
		const trigger = await openTrigger();
		const call = {
			EventType: 'call_interactive',
			CallAPIID: '3584709739-262077ef-325f-4868-aa49-bf22309229f7',
			CallID: '262077ef325f4868aa49bf22309229f7',
			CallerIDNum: '+447700900123',
			CallerIDName: 'None',
			CalledNumber: '442079460100',
			CalledDID: 'None',
			CalledExtension: '1844*099@sip.example.com',
			CalledExtensionID: '85299',
			CallerExtension: '1844*101@sip.example.com',
			CallerExtensionID: '85201',
			CallStatus: 'ANSWER',
			CallFlow: 'IN',
			source: 'menu',
		};
		const { delivery } = await trigger.deliver({ method: 'GET', query: call, webhook: 'default' });
		expect(delivery.items?.[0].json).toMatchObject({
			from: '+447700900123',
			fromName: 'None',
			to: '442079460100',
			extension: '1844*099',
			extensionId: 85299,
			callerExtension: '1844*101',
			callerExtensionId: 85201,
			callApiId: '3584709739-262077ef-325f-4868-aa49-bf22309229f7',
			parameters: { source: 'menu' },
			raw: call,
		});
		expect(delivery.items?.[0].json).not.toHaveProperty('did');
	});

	it.each<[string, INodeParameters, string]>([
		['continues with the menu', {}, EMPTY],
		[
			'transfers the caller',
			{ fallback: 'transfer', fallbackNumbers: '101, 102' },
			`${START}<SimpleTransfer timeout="20" final="yes">101,102</SimpleTransfer></Response>`,
		],
		[
			'says something and hangs up',
			{ fallback: 'say', fallbackText: 'Sorry & bye' },
			`${START}<TTS play_now="true">Sorry &amp; bye</TTS><Hangup/></Response>`,
		],
		[
			'continues with the menu for a fallback that cannot work',
			{ fallback: 'transfer', fallbackNumbers: ' , ' },
			EMPTY,
		],
		[
			'continues with the menu for a fallback whose expression fails',
			{ fallback: 'say', fallbackText: '={{ $json.a.b.c.d() }}' },
			EMPTY,
		],
	])('%s if the workflow ends without an answer', async (_, parameters, body) => {
		const trigger = await openTrigger(parameters);
		const response = await trigger.deliver({ body: new URLSearchParams(CALL), webhook: 'setup' });
		expect({ status: response.status, body: response.body }).toEqual({ status: 200, body });
		expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
		expect(response.delivery.error).toBeUndefined();
		expect(response.delivery.items).toHaveLength(1);
	});

	describe('while it waits for the answer', () => {
		it.each<[string, INodeParameters, number]>([
			['3 seconds by default', {}, 3],
			['1 second', { answerWithin: 1 }, 1],
			['60 seconds', { answerWithin: 60 }, 60],
			['60 seconds at most', { answerWithin: 600 }, 60],
			['3 seconds for 0', { answerWithin: 0 }, 3],
			['3 seconds for an expression that gives no number', { answerWithin: '={{ "soon" }}' }, 3],
		])(
			'sends the fallback after %s and ignores the late answer',
			async (_, parameters, seconds) => {
				const trigger = await openTrigger(
					{ fallback: 'transfer', fallbackNumbers: '101', ...parameters },
					{
						// Like n8n, which sets status and headers first.
						async responds(response) {
							await once(response, 'finish');
							response.status(201).setHeader('x-late', 'yes');
							response.type('text/plain').send(`${START}<Hangup/></Response>`);
						},
					},
				);
				const delivered = trigger.deliver({
					body: new URLSearchParams(CALL),
					webhook: 'setup',
				});
				await timers.begun(seconds * 1000);
				timers.fire(seconds * 1000);
				const response = await delivered;
				expect({ status: response.status, body: response.body }).toEqual({
					status: 200,
					body: `${START}<SimpleTransfer timeout="20" final="yes">101</SimpleTransfer></Response>`,
				});
				expect(response.headers.get('x-late')).toBeNull();
				expect(response.delivery.error).toBeUndefined();
				expect(response.delivery.items).toHaveLength(1);
			},
		);

		it('sends the answer if it comes in time', async () => {
			const body = `${START}<Hangup/></Response>`;
			const trigger = await openTrigger(
				{ answerWithin: 60 },
				{ responds: async (response) => Promise.resolve(response.status(201).send(body)) },
			);
			const response = await trigger.deliver({ method: 'GET', query: CALL });
			expect({ status: response.status, body: response.body }).toEqual({ status: 200, body });
		});
	});

	it.each<[string, Record<string, string>]>([
		['without fields', {}],
		['without the ID of a call', { EventType: 'call_interactive' }],
		['for another event', { ...CALL, EventType: 'hangup' }],
		['with nested fields', { ...CALL, 'a[b]': '1' }],
		[
			'with too many fields',
			Object.fromEntries([...Array(300).keys()].map((n) => [`CallID${n}`, ''])),
		],
	])('gives a request %s an empty answer and starts nothing', async (_, query) => {
		const trigger = await openTrigger({ fallback: 'transfer', fallbackNumbers: '101' });
		const { status, body, delivery } = await trigger.deliver({ method: 'GET', query });
		expect({ status, body, items: delivery.items }).toEqual({ status: 200, body: EMPTY });
	});

	it('gives a request with a body of more than 128 KB an empty answer', async () => {
		const trigger = await openTrigger();
		const body = new URLSearchParams({ ...CALL, speech: 'a'.repeat(140_000) });
		const response = await trigger.deliver({ body, webhook: 'setup' });
		expect([response.body, response.delivery.items]).toEqual([EMPTY, undefined]);
	});
});

const ANSWER = {
	authentication: 'accessToken',
	resource: 'call',
	operation: 'answer',
	answerSteps: { step: [{ type: 'hangUp' }] },
};
const credentials = {
	ringMeApi: { baseUrl: 'http://127.0.0.1:9', accessToken: 'unused', client: '@me' },
};

/** Runs a trigger node of the given type, then one or several Answers. */
async function answer(
	mode: 'webhook' | 'manual' | 'retry',
	call: IDataObject | undefined,
	parameters: INodeParameters[] = [ANSWER],
) {
	const names = parameters.map((_, index) => `Answer ${index + 1}`);
	const type = call ? 'n8n-nodes-ringme.ringMeCallTrigger' : 'n8n-nodes-base.manualTrigger';
	const nodes = [
		{ name: 'Start', type, parameters: {} },
		...names.map((name, index) => {
			return { name, type: 'n8n-nodes-ringme.ringMe', parameters: parameters[index] };
		}),
	];
	const path = ['Start', ...names];
	return await engine.runWorkflow(
		{
			nodes: nodes.map((node) => ({ id: node.name, typeVersion: 1, position: [0, 0], ...node })),
			connections: Object.fromEntries(
				names.map((name, index) => [
					path[index],
					{ main: [[{ node: name, type: 'main', index: 0 }]] },
				]),
			),
		},
		{ mode, credentials, json: [call ?? {}], start: 'Start' },
	);
}

const inSeconds = (seconds: number) => ({
	answerBefore: new Date(Date.now() + seconds * 1000).toISOString(),
});

describe('Call → Answer', () => {
	it('shows what was sent', async () => {
		const { json, error } = await answer('webhook', inSeconds(60));
		expect(error).toBeUndefined();
		expect(json).toEqual([
			{ inTime: true, steps: ['Hang Up'], xml: `${START}<Hangup/></Response>` },
		]);
	});

	it('succeeds after the time for it, and says so in its output', async () => {
		const { json, error } = await answer('webhook', inSeconds(-60));
		expect(error).toBeUndefined();
		expect(json).toEqual([expect.objectContaining({ inTime: false })]);
	});

	it.each<[string, () => ReturnType<typeof answer>, RegExp]>([
		['another trigger', async () => await answer('webhook', undefined), /No call waits/],
		['a call that is over', async () => await answer('manual', inSeconds(-60)), /No call waits/],
		['an execution repeated', async () => await answer('retry', inSeconds(60)), /No call waits/],
		[
			'a second answer',
			async () => await answer('webhook', inSeconds(60), [ANSWER, ANSWER]),
			/has its answer already/,
		],
		[
			'a step that cannot work',
			async () => {
				const step = { type: 'say', text: '={{ undefined }}' };
				return await answer('webhook', inSeconds(60), [
					{ ...ANSWER, answerSteps: { step: [step] } },
				]);
			},
			/'Text' of step 1 \(Say\) is empty|issue/i,
		],
	])('fails for %s', async (_, run, message) => {
		const { error } = await run();
		expect(error?.message).toMatch(message);
	});

	it('refuses to be a tool of an AI agent, in words for the model', async () => {
		const { error } = await engine.runAsTool({ node: 'ringMe', parameters: ANSWER, credentials });
		expect(error).toMatch(/cannot be used/);
	});
});
