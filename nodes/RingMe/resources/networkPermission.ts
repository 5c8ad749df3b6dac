import { locator, text, strings } from '../../shared/schema/field';
import { networkPermissionLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const name = text('name', 'Name', 'Name of the network permission', {
	placeholder: 'e.g. Office network',
});
const addresses = strings(
	'network_address',
	'Network Addresses',
	'IP addresses, or networks with a mask. An update replaces all addresses.',
	{ placeholder: 'e.g. 192.0.2.0/24', clearable: true, commas: 'separate' },
);

const collectionPath = '/client/{client_id}/network_permission/';
const itemPath = '/client/{client_id}/network_permission/{group_id}';

export const networkPermission = resource({
	label: 'Network Permission',
	description: 'Networks from which phones can register',
	path: [locator('group_id', networkPermissionLocator)],
	operations: {
		create: post(collectionPath, 'Create a network permission', {
			required: [name],
			optional: [addresses],
		}),
		delete: remove(itemPath, 'Delete a network permission permanently'),
		get: get(itemPath, 'Retrieve a network permission with its addresses'),
		getMany: list(collectionPath, 'Retrieve a list of network permissions with their addresses'),
		update: put(
			itemPath,
			"Update a network permission. Only the fields you add are changed; 'Network Addresses' replaces all addresses.",
			{ optional: [name, addresses] },
		),
	},
});
