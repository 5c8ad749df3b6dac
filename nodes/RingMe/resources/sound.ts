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

const title = text('title', 'Title', 'Name of the sound as people see it', {
	placeholder: 'e.g. Greeting at night',
});

const file = audio(
	'file',
	'Input Data Field Name',
	'Name of the field of the input item that holds the file: WAV (not floating point) or MP3, at most 10 MB',
);

const filters = [
	integers('id', 'IDs', 'Only sounds with these IDs'),
	strings('title', 'Titles', 'Only sounds with these titles'),
	boolean(
		'own_only',
		'Own Only',
		'Whether to return only sounds of the PBX itself, not those of its operator',
	),
];

export const sound = resource({
	label: 'Sound',
	description: 'Greetings, announcements and music on hold',
	path: [locator('sound_id', soundLocator)],
	operations: {
		delete: remove('/client/{client_id}/sound/{sound_id}', 'Remove a sound for good'),
		download: download(
			'/client/{client_id}/sound/{sound_id}/download/',
			'Fetch the audio of a sound as a file',
		),
		get: get(
			'/client/{client_id}/sound/{sound_id}',
			'Retrieve title and file name of one sound by its ID',
		),
		getMany: list('/client/{client_id}/sound/', 'Retrieve many sounds', {
			paged: true,
			optional: filters,
		}),
		replaceFile: post(
			'/client/{client_id}/sound/{sound_id}',
			'Put another WAV or MP3 file in the place of a sound; everything that plays the sound plays the new one',
			{
				action: 'Replace file of sound',
				multipart: true,
				required: [file],
				optional: [title],
			},
		),
		search: get(
			'/client/{client_id}/sound/search/',
			'Retrieve how many sounds match a text and other filters',
			{
				action: 'Search sounds',
				optional: [
					...filters,
					text('q', 'Search Text', 'Only sounds that match this text'),
					integer('page', 'Page', 'Which page of the results', { min: 1, default: 1 }),
					integer('per_page', 'Results per Page', 'How many results a page has', {
						min: 1,
						default: 100,
					}),
				],
			},
		),
		update: put('/client/{client_id}/sound/{sound_id}', 'Change the title of a sound', {
			optional: [title],
		}),
		upload: post(
			'/client/{client_id}/sound/',
			'Add a sound from a WAV or MP3 file of the input item. It needs the file and a title.',
			{ multipart: true, required: [title, file] },
		),
	},
});
