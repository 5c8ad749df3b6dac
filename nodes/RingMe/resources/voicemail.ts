import { locator } from '../../shared/schema/field';
import { voicemailLocator } from '../../shared/schema/locators';
import { dateRange, onlyExtensions } from './common/dateRange';
import { download, remove, resource } from '../../shared/schema/operation';

const itemPath = '/client/{client_id}/voicemail/{record_uuid}';

export const voicemail = resource({
	label: 'Voicemail',
	description: 'Voicemails that callers left',
	path: [
		locator('record_uuid', voicemailLocator, 'Voicemail ID', 'UUID of the voicemail on the PBX'),
	],
	operations: {
		delete: remove(itemPath, 'Delete a voicemail permanently'),
		deleteMany: remove(
			'/client/{client_id}/voicemail/',
			'Delete the voicemails of a date range permanently, for every extension or for the selected ones',
			{
				action: 'Delete many voicemails',
				dateRange: true,
				required: dateRange,
				optional: [onlyExtensions],
			},
		),
		download: download(itemPath, 'Download a voicemail as an audio file'),
	},
});
