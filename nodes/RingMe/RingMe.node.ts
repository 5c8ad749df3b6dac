import {
	NodeConnectionTypes,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { addTasks } from './addTasks/addTasks';
import { answerCall } from './answer/answer';
import { callAndWait } from './callAndWait/callAndWait';
import { resumeExecution } from './callAndWait/resumeExecution';
import { buildProperties } from './descriptions/buildProperties';
import { methods } from './methods/listSearch';
import { executeOperation } from './execution/executeOperation';
import { resources } from './resources';

export class RingMe implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'RingMe',
		name: 'ringMe',
		icon: { light: 'file:../../icons/ringme.svg', dark: 'file:../../icons/ringme.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle:
			'={{ ($parameter["operation"] + ": " + $parameter["resource"]).replace(/([A-Z])/g, " $1").toLowerCase() }}',
		description:
			'Make outbound calls in bulk and manage extensions, agents, recordings and other parts of a RingMe PBX (Telphin, uCom4B and others)',
		defaults: { name: 'RingMe' },
		usableAsTool: true,
		builderHint: {
			searchHint:
				'To call a list of people, pass all items to ONE node with the operation Add Tasks of Task Scheduler; it sends batches itself, so never put it in a loop. Ask the user for the task scheduler ID, as no operation lists them, and switch the scheduler on, as tasks wait while it is off. To get the results, add a RingMe Trigger with the event Task Finished and set Report Results To to its production URL. To call one person now and continue with the result, use Call and Wait with one item. To decide what happens with an inbound call, start with the RingMe Call Trigger and end with the operation Answer of Call.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-ringme.ringMeTrigger',
					relationHint:
						'Starts a workflow on calls and other events, and on the results of tasks that Add Tasks created with Report Results To',
				},
				{
					nodeType: 'n8n-nodes-ringme.ringMeCallTrigger',
					relationHint:
						'Required before the operation Answer of Call: it receives the call that is answered',
				},
				{
					nodeType: 'n8n-nodes-ringme.ringMePollingTrigger',
					relationHint:
						'Starts a workflow on new recordings, calls and voicemails where n8n has no public address',
				},
			],
		},
		inputs: [NodeConnectionTypes.Main],
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
		hints: [
			{
				// n8n shows the number of items beside it, and evaluates no expression in a message.
				message:
					'Each input item becomes a task: the PBX calls as many people as there are items. Use one node for all of them, not a loop.',
				displayCondition:
					'={{ $parameter["operation"] === "addTasks" && $parameter["taskInput"] !== "json" && $input.all().length > 1 }}',
				location: 'inputPane',
				whenToDisplay: 'beforeExecution',
			},
			{
				message:
					"No field is added under 'Update Fields', so nothing is changed. Use 'Add Field' to choose what to change.",
				// Some updates have no such collection: their fields are always shown.
				displayCondition:
					'={{ $parameter["operation"].startsWith("update") && Object.keys($parameter[$parameter["resource"] + "UpdateFields"] ?? { name: "" }).length === 0 }}',
				location: 'outputPane',
				whenToDisplay: 'always',
			},
		],
		// Where the PBX resumes an execution that waits for a call. n8n registers no such webhook.
		webhooks: [
			{
				name: 'default',
				httpMethod: 'GET',
				responseMode: 'onReceived',
				responseData: 'noData',
				path: '',
				restartWebhook: true,
			},
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: 'noData',
				path: '',
				restartWebhook: true,
			},
		],
		requestDefaults: {
			arrayFormat: 'repeat',
			sendCredentialsOnCrossOriginRedirect: false,
		},
		requestOperations: { pagination: executeOperation },
		properties: buildProperties(resources),
	};

	methods = methods;

	customOperations = {
		call: { answer: answerCall },
		taskScheduler: { addTasks, callAndWait },
	};

	/** Nothing is registered on the PBX: each call has its URL. */
	webhookMethods = {
		default: {
			async checkExists(): Promise<boolean> {
				return true;
			},
			async create(): Promise<boolean> {
				return true;
			},
			async delete(): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await resumeExecution(this);
	}
}
