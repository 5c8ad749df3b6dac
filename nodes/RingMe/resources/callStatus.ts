import { locator, text, strings } from '../../shared/schema/field';
import { callStatusLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const fields = [
	text('name', 'Name', 'Name of the status', { placeholder: 'e.g. Lunch' }),
	strings(
		'property_list',
		'Properties',
		'What the status stands for, in words that your PBX knows',
		{
			placeholder: 'e.g. dnd',
		},
	),
];

const collectionPath = '/client/{client_id}/extension/call_status/';
const itemPath = '/client/{client_id}/extension/call_status/{id}';

export const callStatus = resource({
	label: 'Call Status',
	nouns: 'call statuses',
	description: 'Statuses that an extension can be put in, such as Lunch',
	path: [locator('id', callStatusLocator)],
	operations: {
		create: post(collectionPath, 'Add a status for extensions, with its properties', {
			required: fields,
		}),
		delete: remove(itemPath, 'Remove a status of extensions for good'),
		get: get(itemPath, 'Retrieve one status of extensions by its ID'),
		getMany: list(collectionPath, 'Retrieve a list of the statuses of extensions'),
		update: put(itemPath, 'Rename a status or replace its properties', { optional: fields }),
	},
});
