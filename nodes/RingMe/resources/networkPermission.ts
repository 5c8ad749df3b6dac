import { locator, text, strings } from '../../shared/schema/field';
import { networkPermissionLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const name = text('name', 'Name', 'Name of the group', { placeholder: 'e.g. Office network' });
const addresses = strings(
	'network_address',
	'Network Addresses',
	'IP addresses or networks with their mask. In an update they replace all addresses of the group.',
	{ placeholder: 'e.g. 192.0.2.0/24' },
);

const collectionPath = '/client/{client_id}/network_permission/';
const itemPath = '/client/{client_id}/network_permission/{group_id}';

export const networkPermission = resource({
	label: 'Network Permission',
	description: 'Groups of networks from which phones may register',
	path: [locator('group_id', networkPermissionLocator)],
	operations: {
		create: post(collectionPath, 'Add a group of networks', {
			required: [name],
			optional: [addresses],
		}),
		delete: remove(itemPath, 'Remove a group of networks for good'),
		get: get(itemPath, 'Retrieve one group of networks by its ID'),
		getMany: list(collectionPath, 'Retrieve a list of groups of networks'),
		update: put(itemPath, 'Rename a group of networks or replace its addresses', {
			optional: [name, addresses],
		}),
	},
});
