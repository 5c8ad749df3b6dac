import { extraParams } from './common/fields';
import { locator, text, strings } from '../../shared/schema/field';
import { extensionGroupLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const name = text('name', 'Name', 'Name of the group', { placeholder: 'e.g. Sales' });

const collectionPath = '/client/{client_id}/extension_group/';
const itemPath = '/client/{client_id}/extension_group/{ext_group_id}';

export const extensionGroup = resource({
	label: 'Extension Group',
	description: 'Groups of extensions, such as departments',
	path: [locator('ext_group_id', extensionGroupLocator)],
	operations: {
		create: post(collectionPath, 'Add a group of extensions', {
			required: [name],
			optional: [extraParams],
		}),
		delete: remove(itemPath, 'Remove a group of extensions for good'),
		get: get(itemPath, 'Retrieve one group of extensions by its ID'),
		getMany: list(collectionPath, 'Retrieve a list of extension groups', {
			optional: [
				strings('id', 'IDs', 'Only groups with these IDs'),
				strings('name', 'Names', 'Only groups with these names'),
			],
		}),
		update: put(itemPath, 'Rename a group; what you do not add stays as it is', {
			optional: [name, extraParams],
		}),
	},
});
