import { webhookMethod, webhookUrl } from './common/fields';
import { choice, locator } from '../../shared/schema/field';
import { phoneEventLocator, phoneEvents } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const fields = [
	choice(
		'event_type',
		'Event',
		'Type of event, on any phone of the PBX, for which the PBX calls the webhook',
		phoneEvents,
		{ default: 'dial-in' },
	),
	webhookUrl,
	webhookMethod,
];

const collectionPath = '/client/{client_id}/phone_events/';
const itemPath = '/client/{client_id}/phone_event/{id}';

export const phoneEvent = resource({
	label: 'Phone Event',
	description:
		'Webhooks for calls, text messages and voicemails. To start a workflow on them, use the RingMe Trigger.',
	path: [locator('id', phoneEventLocator)],
	operations: {
		create: post(collectionPath, 'Create a webhook for one type of phone event', {
			required: fields,
		}),
		delete: remove(itemPath, 'Delete a webhook for phone events permanently'),
		deleteAll: remove(
			collectionPath,
			'Delete all webhooks of this PBX permanently, including those of CRM integrations and RingMe Triggers',
			{ action: 'Delete all phone events' },
		),
		get: get(itemPath, 'Retrieve a webhook for phone events'),
		getMany: list(
			collectionPath,
			'Retrieve a list of the webhooks for phone events, including those of other applications',
		),
		update: put(
			itemPath,
			'Update a webhook for phone events. Only the fields you add are changed.',
			{ optional: fields },
		),
	},
});
