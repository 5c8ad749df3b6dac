import { webhookMethod, webhookUrl } from './common/fields';
import { choice, locator } from '../../shared/schema/field';
import { extensionEventLocator, extensionLocator, phoneEvents } from '../../shared/schema/locators';
import { list, post, remove, resource } from '../../shared/schema/operation';

const collectionPath = '/extension/{extension_id}/event/';

export const extensionEvent = resource({
	label: 'Extension Event',
	description:
		'Webhooks for calls, text messages and voicemails of one extension. To start a workflow on them, use the RingMe Trigger.',
	path: [locator('extension_id', extensionLocator), locator('event_id', extensionEventLocator)],
	operations: {
		create: post(collectionPath, 'Create a webhook for one type of event of an extension', {
			required: [
				choice(
					'event_type',
					'Event',
					'Type of event for which the PBX calls the webhook. IVRs only have inbound calls and ended calls.',
					phoneEvents,
					{ default: 'hangup' },
				),
				webhookUrl,
				webhookMethod,
			],
		}),
		delete: remove(`${collectionPath}{event_id}`, 'Delete a webhook of an extension permanently'),
		getMany: list(
			collectionPath,
			'Retrieve a list of the webhooks of an extension, including those of other applications',
		),
	},
});
