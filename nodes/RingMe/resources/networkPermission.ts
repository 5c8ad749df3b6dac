import { pick, text, texts } from './fields';
import { networkPermissionLocator } from './locators';
import { get, list, post, put, remove, resource } from './rows';

const name = text('name', 'Name', 'Name of the group', { placeholder: 'e.g. Office network' });
const addresses = texts(
	'network_address',
	'Network Addresses',
	'IP addresses or networks with their mask. In an update they replace all addresses of the group.',
	{ placeholder: 'e.g. 192.0.2.0/24' },
);

const all = '/client/{client_id}/network_permission/';
const one = '/client/{client_id}/network_permission/{group_id}';

export const networkPermission = resource({
	label: 'Network Permission',
	about: 'Groups of networks from which phones may register',
	path: [pick('group_id', networkPermissionLocator)],
	rows: {
		create: post(all, 'Add a group of networks', { required: [name], optional: [addresses] }),
		delete: remove(one, 'Remove a group of networks for good'),
		get: get(one, 'Retrieve one group of networks by its ID'),
		getMany: list(all, 'Retrieve a list of groups of networks'),
		update: put(one, 'Rename a group of networks or replace its addresses', {
			optional: [name, addresses],
		}),
	},
});
