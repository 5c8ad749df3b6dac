import { dateTime, integers } from './fields';

/** The two ends of a period, as the PBX names them wherever it takes one. */
export const period = [
	dateTime('start_datetime', 'Start', 'From this moment on'),
	dateTime('end_datetime', 'End', 'Up to this moment'),
];

export const ofExtensions = integers(
	'extension_id',
	'Extension IDs',
	'Only of these extensions. Empty: of all.',
);
