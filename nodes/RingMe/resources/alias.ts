import { integers, pick, texts } from './fields';
import { aliasLocator, extensionLocator } from './locators';
import { get, list, put, resource } from './rows';

/** How names and numbers that lead to extensions are looked for, in aliases and DIDs alike. */
export const destinationFilters = [
	texts('domain', 'Domains', 'Only those of these domains of the PBX'),
	integers('extension_id', 'Extension IDs', 'Only those that lead to these extensions'),
	integers('id', 'IDs', 'Only those with these IDs'),
	texts('name', 'Names', 'Only those with these names or numbers'),
];

export const alias = resource({
	label: 'Alias',
	nouns: 'aliases',
	about: 'Further names under which an extension can be dialed',
	path: [pick('alias_id', aliasLocator)],
	rows: {
		get: get('/client/{client_id}/alias/{alias_id}', 'Retrieve one alias by its ID'),
		getMany: list('/client/{client_id}/alias/', 'Retrieve a list of aliases', {
			paged: true,
			optional: destinationFilters,
		}),
		update: put('/client/{client_id}/alias/{alias_id}', 'Lead an alias to another extension', {
			optional: [
				pick('extension_id', extensionLocator, 'Extension', 'Extension that the alias leads to'),
			],
		}),
	},
});
