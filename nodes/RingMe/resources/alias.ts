import { integers, locator, strings } from '../../shared/schema/field';
import { aliasLocator, extensionLocator } from '../../shared/schema/locators';
import { get, list, put, resource } from '../../shared/schema/operation';

/** How names and numbers that lead to extensions are looked for, in aliases and DIDs alike. */
export const destinationFilters = [
	strings('domain', 'Domains', 'Only those of these domains of the PBX'),
	integers('extension_id', 'Extension IDs', 'Only those that lead to these extensions'),
	integers('id', 'IDs', 'Only those with these IDs'),
	strings('name', 'Names', 'Only those with these names or numbers'),
];

export const alias = resource({
	label: 'Alias',
	nouns: 'aliases',
	description: 'Further names under which an extension can be dialed',
	path: [locator('alias_id', aliasLocator)],
	operations: {
		get: get('/client/{client_id}/alias/{alias_id}', 'Retrieve one alias by its ID'),
		getMany: list('/client/{client_id}/alias/', 'Retrieve a list of aliases', {
			paged: true,
			optional: destinationFilters,
		}),
		update: put('/client/{client_id}/alias/{alias_id}', 'Lead an alias to another extension', {
			optional: [
				locator('extension_id', extensionLocator, 'Extension', 'Extension that the alias leads to'),
			],
		}),
	},
});
