import { timezone } from './common/fields';
import {
	choice,
	date,
	integer,
	locator,
	rows,
	text,
	timeOfDay,
	localDateTime,
	type Choice,
} from '../../shared/schema/field';
import { intervalLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

/** The API counts from Sunday = 1. The list starts with Monday, as calendars do. */
const weekdays: Choice[] = [
	{ value: 2, label: 'Monday' },
	{ value: 3, label: 'Tuesday' },
	{ value: 4, label: 'Wednesday' },
	{ value: 5, label: 'Thursday' },
	{ value: 6, label: 'Friday' },
	{ value: 7, label: 'Saturday' },
	{ value: 1, label: 'Sunday' },
];

const months: Choice[] = [
	...[
		'January',
		'February',
		'March',
		'April',
		'May',
		'June',
		'July',
		'August',
		'September',
		'October',
		'November',
		'December',
	].map((label, index) => ({ value: index + 1, label })),
	{ value: '', label: 'Every Month' },
];

const times = ['start_time', 'end_time'];
const dateRange = ['start_datetime', 'end_datetime'];

const conditions = rows(
	'conditions',
	'Conditions',
	'Times that belong to the interval, in its time zone. One matching condition is enough.',
	'Condition',
	[
		choice('start_dow', 'Day From', 'First day of the week', weekdays),
		choice('end_dow', 'Day To', 'Last day of the week', weekdays, { default: 6 }),
		choice('month', 'Month', 'Month of the year', months, { default: '' }),
		integer('start_mday', 'Day From', 'First day of the month', { min: 1, max: 31 }),
		integer('end_mday', 'Day To', 'Last day of the month', { min: 1, max: 31, default: 31 }),
		date('sched_start_date', 'First Day', 'First day of the rotation'),
		integer('sched_active_days', 'Days On', 'Number of consecutive days included', {
			min: 1,
			default: 2,
		}),
		integer('sched_skip_days', 'Days Off', 'Number of consecutive days excluded after that', {
			min: 1,
			default: 2,
		}),
		timeOfDay(
			'start_time',
			'Time From',
			"Start time. Leave this and 'Time To' empty to include the whole day.",
		),
		timeOfDay('end_time', 'Time To', "End time. A time before 'Time From' is on the next day.", {
			placeholder: 'e.g. 18:00',
		}),
		localDateTime(
			'start_datetime',
			'From',
			"Start date and time, in the 'Time Zone' of the interval",
		),
		localDateTime('end_datetime', 'To', "End date and time, in the 'Time Zone' of the interval", {
			endOf: 'start_datetime',
		}),
	],
	{
		variants: [
			{ key: 'week', label: 'Days of the Week', columns: ['start_dow', 'end_dow', ...times] },
			{
				key: 'dates',
				label: 'Days of the Month',
				columns: ['month', 'start_mday', 'end_mday', ...times],
			},
			{
				key: 'rotation',
				label: 'Rotating Days',
				columns: ['sched_start_date', 'sched_active_days', 'sched_skip_days', ...times],
				required: ['sched_start_date'],
			},
			{ key: 'dateRange', label: 'Date Range', columns: dateRange, required: dateRange },
		],
		readOnly: ['type'],
		timeZoneField: 'timezone',
	},
);

const fields = [
	text('name', 'Name', 'Name of the interval', { placeholder: 'e.g. Business hours' }),
	timezone,
	conditions,
];

const collectionPath = '/client/{client_id}/interval/';
const itemPath = '/client/{client_id}/interval/{interval_id}';

export const interval = resource({
	label: 'Interval',
	description: 'Times such as business hours, for task schedulers and IVRs',
	path: [locator('interval_id', intervalLocator)],
	operations: {
		create: post(collectionPath, 'Create an interval, such as business hours', {
			required: fields,
		}),
		delete: remove(itemPath, 'Delete an interval permanently'),
		get: get(itemPath, 'Retrieve an interval with its conditions'),
		getMany: list(collectionPath, 'Retrieve a list of intervals with their conditions'),
		update: put(
			itemPath,
			'Update an interval. Its name, time zone and all conditions are replaced.',
			{
				required: fields,
			},
		),
	},
});
