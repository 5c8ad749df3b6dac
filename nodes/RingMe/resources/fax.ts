import { pick } from './fields';
import { faxLocator } from './locators';
import { period } from './period';
import { download, remove, resource } from './rows';

export const fax = resource({
	label: 'Fax',
	noun: 'fax',
	nouns: 'faxes',
	about: 'Received faxes',
	path: [pick('fax_uuid', faxLocator, 'Fax', 'Identifier (UUID) of the fax on the PBX')],
	rows: {
		delete: remove('/client/{client_id}/fax/in/{fax_uuid}', 'Remove one received fax for good'),
		deleteMany: remove(
			'/client/{client_id}/fax/in/',
			'Remove received faxes of a period for good, of all extensions. Without dates every received fax is removed.',
			{ action: 'Delete many faxes', ranged: true, optional: period },
		),
		download: download('/client/{client_id}/fax/in/{fax_uuid}', 'Fetch a received fax as a file'),
	},
});
