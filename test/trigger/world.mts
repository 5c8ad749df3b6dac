/** A RingMe Trigger in n8n's real hook and webhook contexts, with the sandbox PBX on the other side. */
import type { INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox/index.mts';
import { createEngine, type Engine } from '../harness/engine.mts';
import { accessToken } from '../harness/pbx.mts';
import type { Trigger, TriggerOptions } from '../harness/trigger.mts';

/** n8n as the PBX sees it, where nothing has to arrive. */
export const PUBLIC = 'https://n8n.example.com';
export const FORM = 'application/x-www-form-urlencoded';
/** Of another program that uses the same PBX. */
export const FOREIGN = {
	url: 'https://crm.example.com/hook?key=1',
	method: 'GET',
	event_type: 'hangup',
} as const;

export interface World {
	sandbox: Sandbox;
	engine: Engine;
	open(parameters?: INodeParameters, options?: Partial<TriggerOptions>): Promise<Trigger>;
	/** All registrations on the PBX, sorted: `hangup POST https://…` and `local/12 agent-login …`. */
	registered(): string[];
	/** Changes that were asked of the PBX since `reset`: `POST /client/@me/phone_events/`. */
	changes(): string[];
	logged(): string;
	close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
	const [sandbox, engine] = await Promise.all([startSandbox({ clock: 'virtual' }), createEngine()]);
	const opened: Trigger[] = [];
	const { store, journal } = sandbox;
	return {
		sandbox,
		engine,
		async open(parameters = {}, options = {}) {
			const trigger = await engine.trigger({
				node: 'ringMeTrigger',
				parameters: { authentication: 'accessToken', ...parameters },
				credentials: { ringMeApi: accessToken(sandbox) },
				...options,
			});
			opened.push(trigger);
			return trigger;
		},
		registered: () =>
			[
				...store.phoneEvents.list().map(({ event_type, method, url }) => {
					return `${event_type} ${method} ${url}`;
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
		logged: () =>
			engine.n8n.logs
				.map(({ message, metadata }) => `${message} ${JSON.stringify(metadata ?? '')}`)
				.join('\n'),
		async close() {
			await Promise.all(opened.splice(0).map(async (trigger) => await trigger.close()));
			await sandbox.stop();
		},
	};
}

export const secretOf = (trigger: Trigger) => String(trigger.staticData.secret);

/** What the PBX should hold for a trigger: one line for each place and event. */
export const lines = (trigger: Trigger, address: string, ...wanted: string[]) =>
	wanted
		.map((each) => {
			const event = each.split(' ').at(-1);
			return `${each} POST ${address}?event=${event}&secret=${secretOf(trigger)}`;
		})
		.sort();
