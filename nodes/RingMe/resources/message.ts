import { locator } from '../../shared/schema/field';
import { extensionLocator, messageLocator } from '../../shared/schema/locators';
import { get, list, remove, resource } from '../../shared/schema/operation';

const collectionPath = '/extension/{extension_id}/message/';
const itemPath = '/extension/{extension_id}/message/{message_id}';

export const message = resource({
	label: 'Message',
	description: 'Text messages (SMS) that extensions received and sent',
	path: [locator('extension_id', extensionLocator), locator('message_id', messageLocator)],
	operations: {
		delete: remove(itemPath, 'Delete a text message permanently'),
		get: get(itemPath, 'Retrieve a text message'),
		getMany: list(collectionPath, 'Retrieve a list of the text messages of an extension', {
			hasFurtherPages: true,
		}),
	},
});
