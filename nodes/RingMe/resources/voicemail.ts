import { pick } from './fields';
import { voicemailLocator } from './locators';
import { ofExtensions, period } from './period';
import { download, remove, resource } from './rows';

export const voicemail = resource({
	label: 'Voicemail',
	about: 'Messages that callers left',
	path: [
		pick(
			'record_uuid',
			voicemailLocator,
			'Voicemail',
			'Identifier (UUID) of the message on the PBX',
		),
	],
	rows: {
		delete: remove(
			'/client/{client_id}/voicemail/{record_uuid}',
			'Remove one voicemail message for good',
		),
		deleteMany: remove(
			'/client/{client_id}/voicemail/',
			'Remove every voicemail message of a period for good, of all extensions or of chosen ones',
			{
				action: 'Delete many voicemails',
				ranged: true,
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
