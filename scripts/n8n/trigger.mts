import type { Sandbox } from '../../sandbox/index.mts';
import { until } from '../until.mts';
import type { Editor, Workflow } from './editor.mts';

/** How the trigger answers to what has its secret and is no event. */
const NOT_AN_EVENT = 400;

/**
 * Publishes a workflow with a RingMe Trigger and waits until it has registered so many events on the PBX and takes
 * them: n8n answers first, then registers, and last keeps the secret that the deliveries bring.
 */
export async function publishTrigger(
	editor: Editor,
	sandbox: Sandbox,
	workflow: Workflow,
	registrations: number,
): Promise<void> {
	const before = new Set(registered(sandbox).map(({ url }) => url));
	await editor.publish(workflow);
	const ours = await until(`${registrations} registrations on the PBX`, () => {
		const added = registered(sandbox).filter(({ url }) => !before.has(url));
		return added.length === registrations && added;
	});
	await until('n8n to listen', async () => {
		// The right address without an event is refused, once the trigger knows its secret; it starts nothing.
		const { status } = await fetch(ours[0].url, { method: 'POST' });
		return status === NOT_AN_EVENT;
	});
}

/** Publishes a workflow with a Webhook node that takes POST at this address, and waits until it does. */
export async function publishWebhook(
	editor: Editor,
	workflow: Workflow,
	address: string,
): Promise<void> {
	await editor.publish(workflow);
	await until('n8n to listen', async () => {
		// What n8n says about another method shows that it is there; it starts nothing.
		const { message } = (await (await fetch(address)).json()) as { message: string };
		return message.includes('POST');
	});
}

/** Takes a workflow with a RingMe Trigger back and waits until only so many are registered. */
export async function unpublishTrigger(
	editor: Editor,
	sandbox: Sandbox,
	workflow: Workflow,
	left = 0,
): Promise<void> {
	await editor.unpublish(workflow);
	await until(`${left} registrations on the PBX`, () => registered(sandbox).length === left);
}

function registered({ store }: Sandbox): Array<{ url: string }> {
	return [...store.phoneEvents.list(), ...store.agentEvents.list()];
}
