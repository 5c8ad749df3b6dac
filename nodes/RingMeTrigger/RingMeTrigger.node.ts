import {
	NodeConnectionTypes,
	type IHookFunctions,
	type ILoadOptionsFunctions,
	type INodePropertyOptions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { methods as ringMeMethods } from '../RingMe/methods/listSearch';
import { toNodeError } from '../shared/errors/toNodeError';
import { EVENTS } from './events/events';
import { buildTriggerProperties } from './properties';
import { RegistrationClient } from './registration/client';
import { isRegistered, register, unregister } from './registration/lifecycle';
import { handleWebhook } from './webhook/handleWebhook';

/** Labels of the events as JSON, for the expression of the subtitle. */
const EVENT_LABELS = JSON.stringify(
	Object.fromEntries(EVENTS.map(({ value, name }) => [value, name])),
);

export class RingMeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'RingMe Trigger',
		name: 'ringMeTrigger',
		icon: { light: 'file:../../icons/ringme.svg', dark: 'file:../../icons/ringme.dark.svg' },
		group: ['trigger'],
		// Not 1: for version 1 n8n parses request bodies of every type, and evaluates an expression for each
		// request, which costs more than the rest of its processing.
		version: 2,
		subtitle: `={{$parameter["events"].map((event) => (${EVENT_LABELS})[event]).join(", ")}}`,
		description:
			'Starts the workflow on calls, text messages, voicemails, agent logins and logouts, and results of tasks of a RingMe PBX (Telphin, uCom4B and others)',
		eventTriggerDescription: 'Waiting for an event from the PBX',
		activationMessage: 'Make a call to test: the workflow runs when the PBX reports it',
		builderHint: {
			searchHint:
				'Use it for events of calls, text messages, voicemails and agents, and for the results of Add Tasks. It registers its own webhooks, so add no Webhook node. n8n needs a public HTTPS address; without one, use the RingMe Polling Trigger. It cannot decide what happens with a call: for that, use the RingMe Call Trigger.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-ringme.ringMe',
					relationHint: 'Add Tasks with Report Results To sends the results of its calls here',
				},
				{
					nodeType: 'n8n-nodes-ringme.ringMeCallTrigger',
					relationHint: 'Use it instead to answer, route or transfer a call from the workflow',
				},
			],
		},
		defaults: { name: 'RingMe Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'ringMeOAuth2Api',
				required: true,
				displayOptions: { show: { authentication: ['oAuth2'] } },
			},
			{
				name: 'ringMeApi',
				required: true,
				displayOptions: { show: { authentication: ['accessToken'] } },
			},
		],
		// The trigger registers POST. GET is accepted too, for webhooks that somebody changed by hand. It has
		// no webhookMethods of its own, so that each of them runs once.
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: 'noData',
				path: 'events',
			},
			{
				name: 'setup',
				httpMethod: 'GET',
				responseMode: 'onReceived',
				responseData: 'noData',
				path: 'events',
				ndvHideUrl: true,
			},
		],
		properties: buildTriggerProperties(),
	};

	methods = {
		loadOptions: {
			async getAgents(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
				try {
					const agents = await (await RegistrationClient.create(this)).agents();
					return agents.map(({ scope, name }) => ({ name, value: scope }));
				} catch (thrown) {
					const error = toNodeError(thrown, { node: this.getNode(), itemIndex: 0 });
					throw error;
				}
			},
		},
		listSearch: ringMeMethods?.listSearch,
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return await isRegistered(this);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				return await register(this);
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return await unregister(this);
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return handleWebhook(this);
	}
}
