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

/** Sunday is 1 on the API page; people begin the week on Monday. */
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
const period = ['start_datetime', 'end_datetime'];

const conditions = rows(
	'conditions',
	'Conditions',
	'Times that belong to the interval, by its own time zone. One condition that fits is enough.',
	'Condition',
	[
		choice('start_dow', 'Day From', 'First day of the week', weekdays),
		choice('end_dow', 'Day To', 'Last day of the week', weekdays, { default: 6 }),
		choice('month', 'Month', 'Month of the year', months, { default: '' }),
		integer('start_mday', 'Day From', 'First day of the month', { min: 1, max: 31 }),
		integer('end_mday', 'Day To', 'Last day of the month', { min: 1, max: 31, default: 31 }),
		date('sched_start_date', 'First Day', 'Day on which the rhythm begins'),
		integer('sched_active_days', 'Days On', 'How many days in a row belong to the interval', {
			min: 1,
			default: 2,
		}),
		integer('sched_skip_days', 'Days Off', 'How many days in a row are then left out', {
			min: 1,
			default: 2,
		}),
		timeOfDay('start_time', 'Time From', 'Empty, together with Time To: all day'),
		timeOfDay('end_time', 'Time To', 'Earlier than Time From: on the next day', {
			placeholder: 'e.g. 18:00',
		}),
		localDateTime('start_datetime', 'From', 'First moment, by the clock of the time zone above'),
		localDateTime('end_datetime', 'To', 'Last moment, by the clock of the time zone above'),
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
				key: 'rhythm',
				label: 'Days On and Off',
				columns: ['sched_start_date', 'sched_active_days', 'sched_skip_days', ...times],
				required: ['sched_start_date'],
			},
			{ key: 'period', label: 'One Period', columns: period, required: period },
		],
		readOnly: ['type'],
		timeZoneField: 'timezone',
	},
);

const fields = [
	text('name', 'Name', 'Name of the interval', { placeholder: 'e.g. Office hours' }),
	timezone,
	conditions,
];

const collectionPath = '/client/{client_id}/interval/';
const itemPath = '/client/{client_id}/interval/{interval_id}';

export const interval = resource({
	label: 'Interval',
	description: 'Working hours and other times, for schedulers and voice menus',
	path: [locator('interval_id', intervalLocator)],
	operations: {
		create: post(collectionPath, 'Add working hours or other times', { required: fields }),
		delete: remove(itemPath, 'Remove an interval for good'),
		get: get(itemPath, 'Retrieve one interval by its ID, with its conditions'),
		getMany: list(collectionPath, 'Retrieve a list of intervals with their conditions'),
		update: put(itemPath, 'Replace the name, time zone and all conditions of an interval', {
			required: fields,
		}),
	},
});
