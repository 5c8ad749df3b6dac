import { locator } from '../../shared/schema/field';
import { faxLocator } from '../../shared/schema/locators';
import { period } from './common/period';
import { download, remove, resource } from '../../shared/schema/operation';

export const fax = resource({
	label: 'Fax',
	noun: 'fax',
	nouns: 'faxes',
	description: 'Received faxes',
	path: [locator('fax_uuid', faxLocator, 'Fax', 'Identifier (UUID) of the fax on the PBX')],
	operations: {
		delete: remove('/client/{client_id}/fax/in/{fax_uuid}', 'Remove one received fax for good'),
		deleteMany: remove(
			'/client/{client_id}/fax/in/',
			'Remove received faxes of a period for good, of all extensions. Without dates every received fax is removed.',
			{ action: 'Delete many faxes', dateRange: true, optional: period },
		),
		download: download('/client/{client_id}/fax/in/{fax_uuid}', 'Fetch a received fax as a file'),
	},
});
