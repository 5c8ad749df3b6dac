import { locator, text, strings } from '../../shared/schema/field';
import { callStatusLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const fields = [
	text('name', 'Name', 'Name of the call status', { placeholder: 'e.g. Lunch' }),
	strings(
		'property_list',
		'Properties',
		'Properties of the call status, by their names on the PBX',
		{
			placeholder: 'e.g. dnd',
			clearable: true,
		},
	),
];

const collectionPath = '/client/{client_id}/extension/call_status/';
const itemPath = '/client/{client_id}/extension/call_status/{id}';

export const callStatus = resource({
	label: 'Call Status',
	nouns: 'call statuses',
	description: 'Presence statuses for extensions, such as Lunch',
	path: [locator('id', callStatusLocator)],
	operations: {
		create: post(collectionPath, 'Create a call status for extensions', {
			required: fields,
		}),
		delete: remove(itemPath, 'Delete a call status permanently'),
		get: get(itemPath, 'Retrieve a call status with its properties'),
		getMany: list(collectionPath, 'Retrieve a list of call statuses with their properties'),
		update: put(
			itemPath,
			"Update a call status. Only the fields you add are changed; 'Properties' replaces the whole list.",
			{ optional: fields },
		),
	},
});
