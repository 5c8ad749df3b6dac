import { agentType } from './agent';
import { webhookMethod, webhookUrl } from './common/fields';
import { choice, locator } from '../../shared/schema/field';
import { agentEventLocator, agentEvents, agentLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const fields = [
	choice('event_type', 'Event', 'Type of event for which the PBX calls the webhook', agentEvents),
	webhookUrl,
	webhookMethod,
];

const collectionPath = '/client/{client_id}/agent/{agent_type}/{agent_id}/event/';
const itemPath = '/client/{client_id}/agent/{agent_type}/{agent_id}/event/{event_id}';

export const agentEvent = resource({
	label: 'Agent Event',
	description:
		'Webhooks for agent logins and logouts. To start a workflow on them, use the RingMe Trigger.',
	path: [agentType, locator('agent_id', agentLocator), locator('event_id', agentEventLocator)],
	operations: {
		create: post(collectionPath, 'Create a webhook for the logins or logouts of an agent', {
			required: fields,
		}),
		delete: remove(itemPath, 'Delete a webhook of an agent permanently'),
		get: get(itemPath, 'Retrieve a webhook of an agent'),
		getMany: list(collectionPath, 'Retrieve a list of the webhooks of an agent'),
		update: put(itemPath, 'Update a webhook of an agent. Only the fields you add are changed.', {
			optional: fields,
		}),
	},
});
