import { integers, locator, strings } from '../../shared/schema/field';
import { aliasLocator, extensionLocator } from '../../shared/schema/locators';
import { get, list, put, resource } from '../../shared/schema/operation';

/** Filters that aliases and DIDs have in common. */
export const destinationFilters = [
	strings('domain', 'Domains', 'Return only results in these domains of the PBX'),
	integers('extension_id', 'Extension IDs', 'Return only results that route to these extensions'),
	integers('id', 'IDs', 'Return only results with these IDs'),
	strings('name', 'Names', 'Return only results with these names or numbers', {
		commas: 'belong',
	}),
];

const itemPath = '/client/{client_id}/alias/{alias_id}';

export const alias = resource({
	label: 'Alias',
	nouns: 'aliases',
	description: 'Additional names for dialing an extension',
	path: [locator('alias_id', aliasLocator)],
	operations: {
		get: get(itemPath, 'Retrieve an alias'),
		getMany: list('/client/{client_id}/alias/', 'Retrieve a list of aliases', {
			paged: true,
			optional: destinationFilters,
		}),
		update: put(itemPath, 'Route an alias to another extension', {
			optional: [
				locator(
					'extension_id',
					extensionLocator,
					'Extension',
					'Destination extension of the alias',
				),
			],
		}),
	},
});
