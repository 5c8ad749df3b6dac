import { agentType } from './agent';
import { reportMethod, reportUrl } from './common';
import { choice, pick } from './fields';
import { agentEventLocator, agentEvents, agentLocator } from './locators';
import { get, list, post, put, remove, resource } from './rows';

const fields = [
	choice('event_type', 'Event', 'What the PBX reports', agentEvents),
	reportUrl,
	reportMethod,
];

const all = '/client/{client_id}/agent/{agent_type}/{agent_id}/event/';
const one = '/client/{client_id}/agent/{agent_type}/{agent_id}/event/{event_id}';

export const agentEvent = resource({
	label: 'Agent Event',
	about: 'Web addresses that the PBX calls when an agent logs in or out',
	path: [agentType, pick('agent_id', agentLocator), pick('event_id', agentEventLocator)],
	rows: {
		create: post(all, 'Have a web address called when an agent logs in or out', {
			required: fields,
		}),
		delete: remove(one, 'Remove an event of an agent, so that it is not reported any more'),
		get: get(one, 'Retrieve one event of an agent by its ID'),
		getMany: list(all, 'Retrieve a list of the events of an agent'),
		update: put(one, 'Change what is reported or where to; what you do not add stays as it is', {
			optional: fields,
		}),
	},
});
