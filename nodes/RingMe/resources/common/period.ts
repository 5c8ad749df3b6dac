import { dateTime, integers } from '../../../shared/schema/field';

/** The two ends of a period, as the PBX names them wherever it takes one. */
export const period = [
	dateTime(
		'start_datetime',
		'Start',
		'From this moment on, in the time zone of the workflow unless it names one',
	),
	dateTime(
		'end_datetime',
		'End',
		'Up to this moment, in the time zone of the workflow unless it names one',
	),
];

export const ofExtensions = integers(
	'extension_id',
	'Extension IDs',
	'Only of these extensions. Empty: of all.',
);
