import { choice, dateTime, integers } from '../../../shared/schema/field';

/** Start and end of a date range, under the names that the API uses for all of them. */
export const dateRange = [
	dateTime(
		'start_datetime',
		'Start',
		"Start of the date range, in the workflow's time zone unless the value names another",
	),
	dateTime(
		'end_datetime',
		'End',
		"End of the date range, in the workflow's time zone unless the value names another",
		{ endOf: 'start_datetime' },
	),
];

export const onlyExtensions = integers(
	'extension_id',
	'Extension IDs',
	'Limit the operation to these extensions. Without it, every extension is included.',
	{ narrows: true },
);

export const order = choice('order', 'Order', 'Order by time', [
	{ value: 'desc', label: 'Newest First' },
	{ value: 'asc', label: 'Oldest First' },
]);
