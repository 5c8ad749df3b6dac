import { email, locator } from '../../shared/schema/field';
import { recordingLocator } from '../../shared/schema/locators';
import { dateRange, onlyExtensions, order } from './common/dateRange';
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

const collectionPath = '/client/{client_id}/record/';
const itemPath = '/client/{client_id}/record/{record_uuid}';

export const recording = resource({
	label: 'Recording',
	description: 'Recordings of past calls, with their caller, called number, time and duration',
	path: [locator('record_uuid', recordingLocator)],
	operations: {
		createArchive: post(
			'/client/{client_id}/record/archive/',
			'Create an archive of the recordings of a date range. The PBX does so in the background and sends it by email.',
			{
				action: 'Create archive of recordings',
				required: [
					...dateRange,
					email('email', 'Email', 'Email address to which the archive is sent', {
						placeholder: 'name@email.com',
					}),
				],
				optional: [onlyExtensions],
			},
		),
		delete: remove(itemPath, 'Delete a recording permanently'),
		deleteMany: remove(
			collectionPath,
			'Delete the recordings of a date range permanently, for every extension or for the selected ones',
			{
				action: 'Delete many recordings',
				dateRange: true,
				required: dateRange,
				optional: [onlyExtensions],
			},
		),
		download: download(itemPath, 'Download a recording as an audio file'),
		downloadBasicAuth: download(
			'/client/{client_id}/record/{record_uuid}/download/',
			"Download a recording with the 'PBX Login' and 'PBX Password' of the credential instead of its token",
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
				parsedFields: { path: 'string' },
			},
		),
		getMany: list(
			collectionPath,
			'Retrieve a list of the recordings of a date range of any length, with caller, called number, time and duration',
			{
				paged: true,
				dateRange: true,
				simplifiedFields,
				required: dateRange,
				optional: [order],
			},
		),
		getStatistics: get(
			'/client/{client_id}/record/stats/',
			'Retrieve the number and total size of the recordings in a date range',
			{
				action: 'Get statistics of recordings',
				dateRange: true,
				serial: true,
				required: dateRange,
			},
		),
		getStorageUrl: get(
			'/client/{client_id}/record/{record_uuid}/storage_url/',
			'Retrieve the download URL of a recording. Anyone with the URL can usually play it.',
			{ label: 'Get Storage URL', action: 'Get storage URL of recording' },
		),
	},
});
