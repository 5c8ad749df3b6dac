import { agentType } from './agent';
import { reportMethod, reportUrl } from './common/fields';
import { choice, locator } from '../../shared/schema/field';
import { agentEventLocator, agentEvents, agentLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const fields = [
	choice('event_type', 'Event', 'What the PBX reports', agentEvents),
	reportUrl,
	reportMethod,
];

const collectionPath = '/client/{client_id}/agent/{agent_type}/{agent_id}/event/';
const itemPath = '/client/{client_id}/agent/{agent_type}/{agent_id}/event/{event_id}';

export const agentEvent = resource({
	label: 'Agent Event',
	description: 'Web addresses that the PBX calls when an agent logs in or out',
	path: [agentType, locator('agent_id', agentLocator), locator('event_id', agentEventLocator)],
	operations: {
		create: post(collectionPath, 'Have a web address called when an agent logs in or out', {
			required: fields,
		}),
		delete: remove(itemPath, 'Remove an event of an agent, so that it is not reported any more'),
		get: get(itemPath, 'Retrieve one event of an agent by its ID'),
		getMany: list(collectionPath, 'Retrieve a list of the events of an agent'),
		update: put(
			itemPath,
			'Change what is reported or where to; what you do not add stays as it is',
			{
				optional: fields,
			},
		),
	},
});
