import { timezone } from './common';
import {
	choice,
	date,
	integer,
	pick,
	rows,
	text,
	timeOfDay,
	wallTime,
	type Choice,
} from './fields';
import { intervalLocator } from './locators';
import { get, list, post, put, remove, resource } from './rows';

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
		choice('end_dow', 'Day To', 'Last day of the week', weekdays, { initial: 6 }),
		choice('month', 'Month', 'Month of the year', months, { initial: '' }),
		integer('start_mday', 'Day From', 'First day of the month', { min: 1, max: 31 }),
		integer('end_mday', 'Day To', 'Last day of the month', { min: 1, max: 31, initial: 31 }),
		date('sched_start_date', 'First Day', 'Day on which the rhythm begins'),
		integer('sched_active_days', 'Days On', 'How many days in a row belong to the interval', {
			min: 1,
			initial: 2,
		}),
		integer('sched_skip_days', 'Days Off', 'How many days in a row are then left out', {
			min: 1,
			initial: 2,
		}),
		timeOfDay('start_time', 'Time From', 'Empty, together with Time To: all day'),
		timeOfDay('end_time', 'Time To', 'Earlier than Time From: on the next day', {
			placeholder: 'e.g. 18:00',
		}),
		wallTime('start_datetime', 'From', 'First moment, by the clock of the time zone above'),
		wallTime('end_datetime', 'To', 'Last moment, by the clock of the time zone above'),
	],
	{
		forms: [
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
				needed: ['sched_start_date'],
			},
			{ key: 'period', label: 'One Period', columns: period, needed: period },
		],
		readOnly: ['type'],
		zoneFrom: 'timezone',
	},
);

const fields = [
	text('name', 'Name', 'Name of the interval', { placeholder: 'e.g. Office hours' }),
	timezone,
	conditions,
];

const all = '/client/{client_id}/interval/';
const one = '/client/{client_id}/interval/{interval_id}';

export const interval = resource({
	label: 'Interval',
	about: 'Working hours and other times, for schedulers and voice menus',
	path: [pick('interval_id', intervalLocator)],
	rows: {
		create: post(all, 'Add working hours or other times', { required: fields }),
		delete: remove(one, 'Remove an interval for good'),
		get: get(one, 'Retrieve one interval by its ID, with its conditions'),
		getMany: list(all, 'Retrieve a list of intervals with their conditions'),
		update: put(one, 'Replace the name, time zone and all conditions of an interval', {
			required: fields,
		}),
	},
});
