/** The fixture of tests of the RingMe Trigger: n8n's real hook and webhook contexts, and the sandbox PBX. */
import type { INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/index.mts';
import { createEngine, type Engine } from '../harness/engine.mts';
import { accessToken } from '../harness/fixture.mts';
import type { Trigger, TriggerOptions } from '../harness/trigger.mts';
import type { Credentials } from '../harness/types.mts';

/** A public URL of n8n, for tests in which no event has to arrive. */
export const PUBLIC_URL = 'https://n8n.example.com';
export const FORM = 'application/x-www-form-urlencoded';
/** A webhook of another application that uses the same PBX. */
export const FOREIGN_WEBHOOK = {
	url: 'https://crm.example.com/hook?key=1',
	method: 'GET',
	event_type: 'hangup',
} as const;

export interface TriggerFixture {
	sandbox: Sandbox;
	engine: Engine;
	/** With an access token, unless the options have other credentials. */
	openTrigger(
		parameters?: INodeParameters,
		options?: Partial<TriggerOptions> & { credentials?: Credentials },
	): Promise<Trigger>;
	/**
	 * All webhooks on the PBX, sorted: `hangup POST https://…`, `extension/85201 hangup POST https://…` and
	 * `local/12 agent-login POST https://…`.
	 */
	webhooks(): string[];
	/** Requests since `reset` that change something on the PBX: `POST /client/@me/phone_events/`. */
	changes(): string[];
	/** Everything logged since the log was cleared, as text. */
	logText(): string;
	clearLog(): void;
	close(): Promise<void>;
}

export async function createTriggerFixture(options: SandboxOptions = {}): Promise<TriggerFixture> {
	const [sandbox, engine] = await Promise.all([
		startSandbox({ clock: 'virtual', ...options }),
		createEngine(),
	]);
	const triggers: Trigger[] = [];
	const { store, journal } = sandbox;
	return {
		sandbox,
		engine,
		async openTrigger(parameters = {}, options = {}) {
			const trigger = await engine.trigger({
				node: 'ringMeTrigger',
				parameters: { authentication: 'accessToken', ...parameters },
				credentials: { ringMeApi: accessToken(sandbox) },
				...options,
			});
			triggers.push(trigger);
			return trigger;
		},
		webhooks: () =>
			[
				...store.phoneEvents.list().map(({ event_type, method, url }) => {
					return `${event_type} ${method} ${url}`;
				}),
				...store.extensionEvents.list().map(({ extension_id, event_type, method, url }) => {
					return `extension/${extension_id} ${event_type} ${method} ${url}`;
				}),
				...store.agentEvents.list().map(({ agent_id, event_type, method, url }) => {
					const type = store.agents.get(agent_id)?.agent_type;
					return `${type}/${agent_id} ${event_type} ${method} ${url}`;
				}),
			].sort(),
		changes: () =>
			journal
				.api()
				.filter(({ method }) => method !== 'GET')
				.map(({ method, path }) => `${method} ${path.replace('/api/ver1.0', '')}`),
		logText: () =>
			engine.n8n.logs
				.map(({ message, metadata }) => `${message} ${JSON.stringify(metadata ?? '')}`)
				.join('\n'),
		clearLog: () => {
			engine.n8n.logs.length = 0;
		},
		async close() {
			await Promise.all(triggers.splice(0).map(async (trigger) => await trigger.close()));
			await sandbox.stop();
		},
	};
}

export const secretOf = (trigger: Trigger) => String(trigger.staticData.secret);

/**
 * The webhooks that the PBX should have for a trigger, in the form of `TriggerFixture.webhooks`.
 *
 * @param events `hangup`, or with an agent `local/12 agent-login`
 */
export const expectedWebhooks = (trigger: Trigger, webhookUrl: string, ...events: string[]) =>
	events
		.map((scopeAndEvent) => {
			const event = scopeAndEvent.split(' ').at(-1);
			return `${scopeAndEvent} POST ${webhookUrl}?event=${event}&secret=${secretOf(trigger)}`;
		})
		.sort();
