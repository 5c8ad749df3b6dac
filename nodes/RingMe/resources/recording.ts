import { choice, locator, text } from '../../shared/schema/field';
import { recordingLocator } from '../../shared/schema/locators';
import { ofExtensions, period } from './common/period';
import { isRecord } from '../../shared/transport/records';
import { download, get, list, post, remove, resource } from '../../shared/schema/operation';

const simplifiedFields = [
	'record_uuid',
	'call_uuid',
	'init_time_gmt',
	'flow',
	'from_username',
	'to_username',
	'did_number',
	'extension_id',
	'duration',
	'result',
];

/** The API does not document whether the path is a string or an object. */
const pathOf = (body: unknown) => {
	if (isRecord(body)) return [body];
	return typeof body === 'string' && !/^\s*</.test(body) ? [{ path: body }] : undefined;
};

export const recording = resource({
	label: 'Recording',
	description: 'Recorded calls',
	path: [locator('record_uuid', recordingLocator)],
	operations: {
		createArchive: post(
			'/client/{client_id}/record/archive/',
			'Have the recordings of a period packed. The PBX does it in its own time and sends the archive to an e-mail address.',
			{
				action: 'Create archive of recordings',
				required: [
					...period,
					text('email', 'Email', 'Address that the archive is sent to', {
						placeholder: 'name@email.com',
					}),
				],
				optional: [ofExtensions],
			},
		),
		delete: remove('/client/{client_id}/record/{record_uuid}', 'Remove one recording for good'),
		deleteMany: remove(
			'/client/{client_id}/record/',
			'Remove every recording of a period for good, of all extensions or of chosen ones',
			{
				action: 'Delete many recordings',
				dateRange: true,
				required: period,
				optional: [ofExtensions],
			},
		),
		download: download(
			'/client/{client_id}/record/{record_uuid}',
			'Fetch the audio of a recorded call as a file',
		),
		downloadBasicAuth: download(
			'/client/{client_id}/record/{record_uuid}/download/',
			'Fetch the audio as a PBX user, with the PBX Login and PBX Password of the credential instead of its token',
			{
				label: 'Download with Basic Auth',
				action: 'Download recording with basic auth',
				basicAuth: true,
			},
		),
		getFtpPath: get(
			'/client/{client_id}/record/{record_uuid}/path/',
			'Retrieve the path of a recording on the FTP server of the PBX',
			{
				label: 'Get FTP Path',
				action: 'Get FTP path of recording',
				parse: pathOf,
			},
		),
		getMany: list(
			'/client/{client_id}/record/',
			'Retrieve many recordings of a period, with caller, called number, time and length. It may be longer than the two months the PBX gives at once.',
			{
				paged: true,
				dateRange: true,
				simplifiedFields,
				required: period,
				optional: [
					choice('order', 'Order', 'Which recordings come first', [
						{ value: 'desc', label: 'Newest First' },
						{ value: 'asc', label: 'Oldest First' },
					]),
				],
			},
		),
		getStatistics: get(
			'/client/{client_id}/record/stats/',
			'Retrieve how many recordings a period has and how many bytes they take',
			{
				action: 'Get statistics of recordings',
				dateRange: true,
				serial: true,
				required: period,
			},
		),
		getStorageUrl: get(
			'/client/{client_id}/record/{record_uuid}/storage_url/',
			'Retrieve a web address from which a recording can be fetched or played, mostly without logging in',
			{ label: 'Get Storage URL', action: 'Get storage URL of recording' },
		),
	},
});
