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
import { EVENTS } from './events';
import { properties } from './properties';
import { RegistrationClient } from './registration/client';
import { isRegistered, register, unregister } from './registration/lifecycle';
import { handleWebhook } from './webhook/handleWebhook';

/** For an expression: what the list of events calls them. */
const EVENT_NAMES = JSON.stringify(
	Object.fromEntries(EVENTS.map(({ value, name }) => [value, name])),
);

export class RingMeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'RingMe Trigger',
		name: 'ringMeTrigger',
		icon: { light: 'file:../../icons/ringme.svg', dark: 'file:../../icons/ringme.dark.svg' },
		group: ['trigger'],
		// Above 1, because at 1 n8n evaluates an expression for each delivery (about its body), which costs
		// more than all else that happens to it, and reads bodies of any kind.
		version: 2,
		subtitle: `={{$parameter["events"].map((event) => (${EVENT_NAMES})[event]).join(", ")}}`,
		description:
			'Starts the workflow on calls, messages, voicemail and agents of a RingMe PBX (Telphin, uCom4B and others)',
		eventTriggerDescription: 'Waiting for the PBX to tell about an event',
		activationMessage: 'You can now make a call: the PBX tells this workflow about it.',
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
		// POST is what is registered. GET is understood too, for registrations that were switched by hand;
		// it has no hooks of its own, so that each hook runs once.
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
		properties: properties(),
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
