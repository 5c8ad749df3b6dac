import {
	audio,
	boolean,
	integer,
	integers,
	locator,
	text,
	strings,
} from '../../shared/schema/field';
import { soundLocator } from '../../shared/schema/locators';
import { download, get, list, post, put, remove, resource } from '../../shared/schema/operation';

const title = text('title', 'Title', 'Title of the sound', {
	placeholder: 'e.g. Night greeting',
});

const file = audio(
	'file',
	'Input Data Field Name',
	'Name of the input field with the audio file: WAV (not floating point) or MP3, at most 10 MB',
);

const filters = [
	integers('id', 'IDs', 'Return only sounds with these IDs'),
	strings('title', 'Titles', 'Return only sounds with these titles', { commas: 'belong' }),
	boolean(
		'own_only',
		'Own Sounds Only',
		'Whether to return only sounds of this PBX, without those of its operator',
	),
];

const collectionPath = '/client/{client_id}/sound/';
const itemPath = '/client/{client_id}/sound/{sound_id}';

export const sound = resource({
	label: 'Sound',
	description: 'Audio files for greetings, announcements and hold music',
	path: [locator('sound_id', soundLocator)],
	operations: {
		delete: remove(itemPath, 'Delete a sound permanently'),
		download: download(
			'/client/{client_id}/sound/{sound_id}/download/',
			'Download a sound as an audio file',
		),
		get: get(itemPath, 'Retrieve a sound with its title and file name'),
		getMany: list(collectionPath, 'Retrieve a list of sounds with their titles and file names', {
			paged: true,
			optional: filters,
		}),
		replaceFile: post(
			itemPath,
			'Replace the audio file of a sound. IVRs and queues that use the sound play the new file.',
			{
				action: 'Replace file of sound',
				multipart: true,
				required: [file],
				optional: [title],
			},
		),
		search: get(
			'/client/{client_id}/sound/search/',
			'Retrieve the number of sounds that match a search text and other filters',
			{
				action: 'Search sounds',
				optional: [
					...filters,
					text('q', 'Search Text', 'Text to search for'),
					integer('page', 'Page', 'Number of the result page', { min: 1, default: 1 }),
					integer('per_page', 'Results per Page', 'Number of results on a page', {
						min: 1,
						default: 100,
					}),
				],
			},
		),
		update: put(itemPath, 'Update the title of a sound', {
			optional: [title],
		}),
		upload: post(
			collectionPath,
			'Create a sound from a WAV or MP3 file in a field of the input item',
			{ multipart: true, required: [title, file] },
		),
	},
});
