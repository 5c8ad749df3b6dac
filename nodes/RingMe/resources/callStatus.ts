import { pick, text, texts } from './fields';
import { callStatusLocator } from './locators';
import { get, list, post, put, remove, resource } from './rows';

const fields = [
	text('name', 'Name', 'Name of the status', { placeholder: 'e.g. Lunch' }),
	texts('property_list', 'Properties', 'What the status stands for, in words that your PBX knows', {
		placeholder: 'e.g. dnd',
	}),
];

const all = '/client/{client_id}/extension/call_status/';
const one = '/client/{client_id}/extension/call_status/{id}';

export const callStatus = resource({
	label: 'Call Status',
	nouns: 'call statuses',
	about: 'Statuses that an extension can be put in, such as Lunch',
	path: [pick('id', callStatusLocator)],
	rows: {
		create: post(all, 'Add a status for extensions, with its properties', { required: fields }),
		delete: remove(one, 'Remove a status of extensions for good'),
		get: get(one, 'Retrieve one status of extensions by its ID'),
		getMany: list(all, 'Retrieve a list of the statuses of extensions'),
		update: put(one, 'Rename a status or replace its properties', { optional: fields }),
	},
});
