import { randomUUID } from 'node:crypto';

import type { Sandbox } from '../../../sandbox/index.mts';
import { waitFor } from '../waitFor.mts';
import type { Editor, Workflow } from './editor.mts';

/** The trigger's response to a request that has its secret but no event. */
const NO_EVENT_STATUS = 400;

const EMPTY_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

/** Publishes a workflow with a RingMe Trigger and waits until the trigger receives events. See `waitForTrigger`. */
export async function publishTrigger(
	editor: Editor,
	sandbox: Sandbox,
	workflow: Workflow,
	registrations: number,
): Promise<void> {
	const existing = registeredUrls(sandbox);
	await editor.publish(workflow);
	await waitForTrigger(sandbox, registrations, existing);
}

/**
 * Waits until a RingMe Trigger that is being published receives events: n8n responds to the publishing first, then
 * registers the webhooks on the PBX, and last stores the secret that the PBX sends.
 *
 * @param registrations how many webhooks it registers
 * @param existing URLs of other webhooks on the PBX
 */
export async function waitForTrigger(
	sandbox: Sandbox,
	registrations: number,
	existing: string[] = [],
): Promise<void> {
	const [url] = await waitFor(`${registrations} new webhooks on the PBX`, () => {
		const added = registeredUrls(sandbox).filter((each) => !existing.includes(each));
		return added.length === registrations && added;
	});
	await waitFor('the trigger to know its secret', async () => {
		// The right URL without an event is refused then, and starts nothing.
		const { status } = await fetch(url, { method: 'POST' });
		return status === NO_EVENT_STATUS;
	});
}

/**
 * Publishes a workflow with a RingMe Trigger for events of tasks only, and waits until it listens.
 *
 * @param origin of n8n
 * @returns the production URL of the trigger
 */
export async function publishForTasks(
	editor: Editor,
	workflow: Workflow,
	origin: string,
): Promise<string> {
	await editor.publish(workflow);
	const trigger = workflow.nodes.find(({ type }) => type.endsWith('.ringMeTrigger'));
	const url = `${origin}/webhook/${trigger?.webhookId}/events`;
	await waitFor(`n8n to listen at ${url}`, async () => {
		// Add Tasks asks the same; it starts nothing.
		const { ok } = await fetch(`${url}?reportCheck=${randomUUID()}`);
		return ok;
	});
	return url;
}

/** Publishes a workflow with a RingMe Call Trigger and waits until it listens. @returns its production URL */
export async function publishCallTrigger(editor: Editor, workflow: Workflow): Promise<string> {
	const trigger = workflow.nodes.find(({ type }) => type.endsWith('.ringMeCallTrigger'));
	const url = `${editor.url}/webhook/${trigger?.webhookId}/answer`;
	await editor.publish(workflow);
	await waitFor(`n8n to listen at ${url}`, async () => {
		// A request that is not from a voice menu gets an empty answer and starts nothing.
		const response = await fetch(url);
		return response.status === 200 && (await response.text()) === EMPTY_ANSWER;
	});
	return url;
}

/**
 * Publishes a workflow with RingMe Polling Triggers and waits for their first polls, which only set the mark.
 *
 * @param names of the triggers
 */
export async function publishPolling(
	editor: Editor,
	workflow: Workflow,
	names: string[],
): Promise<void> {
	await editor.publish(workflow);
	await waitFor('the first polls', async () => {
		type WithStaticData = { staticData?: Record<string, { state?: object }> };
		const { staticData } = await editor.send<WithStaticData>('GET', `/workflows/${workflow.id}`);
		return names.every((name) => staticData?.[`node:${name}`]?.state !== undefined);
	});
}

/** Publishes a workflow with a Webhook node that takes POST requests at a URL, and waits until it does. */
export async function publishWebhook(
	editor: Editor,
	workflow: Workflow,
	url: string,
): Promise<void> {
	await editor.publish(workflow);
	await waitFor(`n8n to listen at ${url}`, async () => {
		// n8n's response to another method names the ones there are; it starts nothing.
		const { message } = (await (await fetch(url)).json()) as { message: string };
		return message.includes('POST');
	});
}

/** Unpublishes a workflow with a RingMe Trigger and waits until no more than `remaining` webhooks are registered. */
export async function unpublishTrigger(
	editor: Editor,
	sandbox: Sandbox,
	workflow: Workflow,
	remaining = 0,
): Promise<void> {
	await editor.unpublish(workflow);
	await waitFor(
		`${remaining} webhooks on the PBX`,
		() => registeredUrls(sandbox).length === remaining,
	);
}

function registeredUrls({ store }: Sandbox): string[] {
	const { agentEvents, extensionEvents, phoneEvents } = store;
	return [agentEvents, extensionEvents, phoneEvents].flatMap((table) =>
		[...table.values()].map(({ url }) => url),
	);
}
