import { locator } from '../../shared/schema/field';
import { faxLocator } from '../../shared/schema/locators';
import { dateRange } from './common/dateRange';
import { download, remove, resource } from '../../shared/schema/operation';

const itemPath = '/client/{client_id}/fax/in/{fax_uuid}';

export const fax = resource({
	label: 'Fax',
	nouns: 'faxes',
	description: 'Received faxes',
	path: [locator('fax_uuid', faxLocator, 'Fax ID', 'UUID of the fax on the PBX')],
	operations: {
		delete: remove(itemPath, 'Delete a received fax permanently'),
		deleteMany: remove(
			'/client/{client_id}/fax/in/',
			'Delete the received faxes of a date range permanently, for every extension. Without dates, every received fax is deleted.',
			{ action: 'Delete many faxes', dateRange: true, optional: dateRange },
		),
		download: download(itemPath, 'Download a received fax as a file'),
	},
});
