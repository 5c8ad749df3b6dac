import { extraParams } from './common';
import { pick, text, texts } from './fields';
import { extensionGroupLocator } from './locators';
import { get, list, post, put, remove, resource } from './rows';

const name = text('name', 'Name', 'Name of the group', { placeholder: 'e.g. Sales' });

const all = '/client/{client_id}/extension_group/';
const one = '/client/{client_id}/extension_group/{ext_group_id}';

export const extensionGroup = resource({
	label: 'Extension Group',
	about: 'Groups of extensions, such as departments',
	path: [pick('ext_group_id', extensionGroupLocator)],
	rows: {
		create: post(all, 'Add a group of extensions', { required: [name], optional: [extraParams] }),
		delete: remove(one, 'Remove a group of extensions for good'),
		get: get(one, 'Retrieve one group of extensions by its ID'),
		getMany: list(all, 'Retrieve a list of extension groups', {
			optional: [
				texts('id', 'IDs', 'Only groups with these IDs'),
				texts('name', 'Names', 'Only groups with these names'),
			],
		}),
		update: put(one, 'Rename a group; what you do not add stays as it is', {
			optional: [name, extraParams],
		}),
	},
});
