import { locator } from '../../shared/schema/field';
import { voicemailLocator } from '../../shared/schema/locators';
import { dateRange, onlyExtensions, order } from './common/dateRange';
import { download, list, remove, resource } from '../../shared/schema/operation';

const collectionPath = '/client/{client_id}/voicemail/';
const itemPath = '/client/{client_id}/voicemail/{record_uuid}';

export const voicemail = resource({
	label: 'Voicemail',
	description: 'Voicemails that callers left',
	path: [locator('record_uuid', voicemailLocator)],
	operations: {
		delete: remove(itemPath, 'Delete a voicemail permanently'),
		deleteMany: remove(
			collectionPath,
			'Delete the voicemails of a date range permanently, for every extension or for the selected ones',
			{
				action: 'Delete many voicemails',
				dateRange: true,
				required: dateRange,
				optional: [onlyExtensions],
			},
		),
		download: download(itemPath, 'Download a voicemail as an audio file'),
		getMany: list(
			collectionPath,
			'Retrieve a list of the voicemails of a date range of any length, with caller, extension, time and duration',
			{
				dateRange: true,
				required: dateRange,
				optional: [order],
				simplifiedFields: [
					'record_uuid',
					'call_uuid',
					'init_time_gmt',
					'from_username',
					'from_screen_name',
					'to_username',
					'did_number',
					'extension_id',
					'duration',
					'record_file_size',
				],
			},
		),
	},
});
