import {
	NodeConnectionTypes,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { reachabilityProblem } from '../shared/webhook/reachability';
import { handleCall } from './handleCall';
import { buildCallTriggerProperties } from './properties';

export class RingMeCallTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'RingMe Call Trigger',
		name: 'ringMeCallTrigger',
		icon: { light: 'file:../../icons/ringme.svg', dark: 'file:../../icons/ringme.dark.svg' },
		group: ['trigger'],
		// Not 1: for version 1 n8n parses request bodies of every type, and evaluates an expression for each
		// request.
		version: 2,
		subtitle: 'on inbound call',
		description:
			"Starts the workflow when a voice menu of a RingMe PBX (Telphin, uCom4B and others) asks what to do with a call, which the operation 'Answer' of the RingMe node then decides",
		eventTriggerDescription: 'Waiting for a call',
		// Without it n8n writes "Pull in events from RingMe Call".
		triggerPanel: {
			header: 'Call your voice menu',
			executionsHelp: {
				inactive:
					"<b>While you build the workflow</b>, click 'Execute step' and call a voice menu that has the test URL. The execution shows up in the editor.<br /> <br /><b>When it is ready</b>, publish it and enter the production URL in your voice menu. These executions show up in the executions list, but not in the editor.",
				active:
					'<b>While you build the workflow</b>, click \'Execute step\' and call a voice menu that has the test URL. The execution shows up in the editor.<br /> <br /><b>The workflow is published</b>, so calls to voice menus with the production URL run it. These executions show up in the <a data-key="executions">executions list</a>, but not in the editor.',
			},
			activationHint:
				'When the workflow is ready, publish it and enter the production URL in your voice menu. Then every call runs it.',
		},
		activationMessage: 'Call the voice menu to test: the workflow runs when the PBX asks',
		builderHint: {
			searchHint:
				'Use it for call flows in which the workflow decides what the caller hears or who is called. Look the caller up, then end each branch with the operation Answer of Call of the RingMe node, within a few seconds, as the caller hears nothing meanwhile. Put slow nodes after Answer. Do not use Respond to Webhook: it cannot answer this trigger.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-ringme.ringMe',
					relationHint: 'The operation Answer of Call sends the steps that the caller goes through',
				},
			],
		},
		defaults: { name: 'RingMe Call Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'GET',
				responseMode: 'responseNode',
				path: 'answer',
			},
			{
				name: 'setup',
				httpMethod: 'POST',
				responseMode: 'responseNode',
				path: 'answer',
				ndvHideUrl: true,
			},
		],
		properties: buildCallTriggerProperties(),
	};

	// The URL is entered on the PBX by hand, so there is nothing to register.
	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				const problem = reachabilityProblem(this.getNodeWebhookUrl('default') ?? '');
				if (problem) this.logger.warn(`${this.getNode().name}: ${problem}`);
				return true;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return handleCall(this);
	}
}
