import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';

import { addTasks } from './addTasks/addTasks';
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
		requestDefaults: {
			arrayFormat: 'repeat',
			sendCredentialsOnCrossOriginRedirect: false,
		},
		requestOperations: { pagination: executeOperation },
		properties: buildProperties(resources),
	};

	methods = methods;

	customOperations = { taskScheduler: { addTasks } };
}
