import { extraParams } from './common/fields';
import { locator, text, strings } from '../../shared/schema/field';
import { extensionGroupLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const name = text('name', 'Name', 'Name of the extension group', { placeholder: 'e.g. Sales' });

const collectionPath = '/client/{client_id}/extension_group/';
const itemPath = '/client/{client_id}/extension_group/{ext_group_id}';

export const extensionGroup = resource({
	label: 'Extension Group',
	description: 'Groups of extensions, such as departments',
	path: [locator('ext_group_id', extensionGroupLocator)],
	operations: {
		create: post(collectionPath, 'Create an extension group', {
			required: [name],
			optional: [extraParams],
		}),
		delete: remove(itemPath, 'Delete an extension group permanently'),
		get: get(itemPath, 'Retrieve an extension group'),
		getMany: list(collectionPath, 'Retrieve a list of extension groups', {
			optional: [
				strings('id', 'IDs', 'Return only extension groups with these IDs'),
				strings('name', 'Names', 'Return only extension groups with these names', {
					commas: 'belong',
				}),
			],
		}),
		update: put(itemPath, 'Update an extension group. Only the fields you add are changed.', {
			optional: [name, extraParams],
		}),
	},
});
