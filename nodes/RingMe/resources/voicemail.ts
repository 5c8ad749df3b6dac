import { locator } from '../../shared/schema/field';
import { voicemailLocator } from '../../shared/schema/locators';
import { ofExtensions, period } from './common/period';
import { download, remove, resource } from '../../shared/schema/operation';

export const voicemail = resource({
	label: 'Voicemail',
	description: 'Messages that callers left',
	path: [
		locator(
			'record_uuid',
			voicemailLocator,
			'Voicemail',
			'Identifier (UUID) of the message on the PBX',
		),
	],
	operations: {
		delete: remove(
			'/client/{client_id}/voicemail/{record_uuid}',
			'Remove one voicemail message for good',
		),
		deleteMany: remove(
			'/client/{client_id}/voicemail/',
			'Remove every voicemail message of a period for good, of all extensions or of chosen ones',
			{
				action: 'Delete many voicemails',
				dateRange: true,
				required: period,
				optional: [ofExtensions],
			},
		),
		download: download(
			'/client/{client_id}/voicemail/{record_uuid}',
			'Fetch a voicemail message as an audio file',
		),
	},
});
