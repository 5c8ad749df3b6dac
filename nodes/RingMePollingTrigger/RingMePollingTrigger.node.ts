import {
	NodeConnectionTypes,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
} from 'n8n-workflow';

import { methods as ringMeMethods } from '../RingMe/methods/listSearch';
import { poll } from './polling/poll';
import { buildPollingProperties } from './properties';
import { SOURCES } from './records/sources';

/** Labels of the events as JSON, for the expression of the subtitle. */
const EVENT_LABELS = JSON.stringify(
	Object.fromEntries(SOURCES.map(({ event, label }) => [event, label])),
);

export class RingMePollingTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'RingMe Polling Trigger',
		name: 'ringMePollingTrigger',
		icon: { light: 'file:../../icons/ringme.svg', dark: 'file:../../icons/ringme.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: `={{(${EVENT_LABELS})[$parameter["event"]]}}`,
		description:
			'Starts the workflow on new recordings, calls and voicemails of a RingMe PBX (Telphin, uCom4B and others). Asks the PBX regularly, so it also works where the PBX cannot reach n8n',
		eventTriggerDescription: 'Fetching the latest record from the PBX',
		activationMessage: 'The workflow runs when the PBX lists a new record',
		polling: true,
		builderHint: {
			searchHint:
				'Use it for new recordings, with their audio, and where n8n has no public address. For events at the moment they happen, use the RingMe Trigger. Poll every five minutes or less often: all applications of the PBX share an hourly limit of requests.',
			relatedNodes: [
				{
					nodeType: 'n8n-nodes-ringme.ringMeTrigger',
					relationHint: 'Reports calls and voicemails at once where n8n has a public address',
				},
			],
		},
		defaults: { name: 'RingMe Polling Trigger' },
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
		properties: buildPollingProperties(),
	};

	methods = { listSearch: ringMeMethods?.listSearch };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await poll(this);
	}
}
