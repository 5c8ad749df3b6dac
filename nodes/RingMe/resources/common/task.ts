import {
	choice,
	dateTime,
	boolean,
	group,
	integer,
	json,
	keyValues,
	locator,
	text,
	type Field,
} from '../../../shared/schema/field';
import { extensionLocator } from '../../../shared/schema/locators';

/** What can be said of one task (RingMe documentation of task schedulers). */
export const taskFields: Field[] = [
	text('a_number', 'A Number', 'Number that is called first', { placeholder: 'e.g. +79161112233' }),
	text('b_number', 'B Number', 'Number that is called when A has answered, and connected with A', {
		placeholder: 'e.g. 101',
	}),
	locator(
		'extension_id',
		extensionLocator,
		'Extension',
		'Extension at whose expense the call is made',
	),
	text('name', 'Name', 'Name of the task, for example of the person to call'),
	dateTime(
		'start_time_utc',
		'Start Time',
		'Not called before this moment. Empty: as soon as possible.',
	),
	integer('try_count', 'Try Count', 'How often to try until both have answered', {
		min: 1,
		max: 50,
		default: 1,
	}),
	integer('try_again_pause', 'Pause Between Tries', 'Seconds to wait before the next try', {
		min: 0,
		default: 60,
	}),
	integer(
		'global_expires',
		'Expires After',
		'Seconds after which the task is given up. Empty: a day (86400).',
		{
			min: 1,
			default: 86400,
		},
	),
	keyValues(
		'variables',
		'Variables',
		'Values that the PBX keeps with the call, for voice menus and callbacks',
	),
	keyValues(
		'callback_params',
		'Callback Parameters',
		'More settings of the call, as the PBX names them: <code>caller_id_name</code>, <code>caller_id_number</code> and others',
	),
	text('url_before', 'URL Before', 'Web address that the PBX calls before the first try', {
		placeholder: 'https://',
	}),
	text(
		'url_before_again',
		'URL Before Again',
		'Web address that the PBX calls before each further try',
		{ placeholder: 'https://' },
	),
	text('url_success', 'URL Success', 'Web address that the PBX calls when A and B are connected', {
		placeholder: 'https://',
	}),
	text(
		'url_after',
		'URL After',
		'Web address that the PBX calls when the task has ended, with its result',
		{ placeholder: 'https://' },
	),
];

/** Where the tasks come from. */
export const taskInputs: Field[] = [
	choice('task_input', 'Tasks Come From', 'How input items become tasks', [
		{
			value: 'automatic',
			label: 'Map Automatically',
			description:
				'The fields of each item are named like those of a task: a_number, b_number, name, start_time_utc and so on',
		},
		{
			value: 'fields',
			label: 'Map Each Field',
			description: 'Say for each field of a task where its value comes from',
		},
		{ value: 'json', label: 'JSON', description: 'Each item holds a list of tasks' },
	]),
	choice(
		'unknown_fields',
		'Other Fields',
		'What to do with fields of an item that a task does not have',
		[
			{
				value: 'error',
				label: 'Are an Error',
				description: 'Nothing is sent, and the error names the field',
			},
			{
				value: 'variables',
				label: 'Become Variables',
				description: 'The PBX keeps them with the call',
			},
			{ value: 'ignore', label: 'Are Left Out', description: 'They are not sent' },
		],
		{ showWhen: { task_input: ['automatic'] } },
	),
	group('task', 'Task', 'The task that each item becomes', taskFields, {
		showWhen: { task_input: ['fields'] },
	}),
	json(
		'tasks',
		'Tasks',
		'A list of tasks: <code>[{ "a_number": "+79161112233", "extension_id": 85219 }]</code>',
		{
			default: '={{ $json.tasks }}',
			showWhen: { task_input: ['json'] },
		},
	),
];

/** Values for tasks that do not have their own. */
export const taskDefaults: Field[] = taskFields
	.filter(({ key }) => key !== 'a_number')
	.map(
		(field): Field => ({
			...field,
			description: `For tasks that do not say it: ${field.description.charAt(0).toLowerCase()}${field.description.slice(1)}`,
		}),
	);

/** What is about the whole run. */
export const runOptions: Field[] = [
	integer('batch_size', 'Batch Size', 'How many tasks go in one request', {
		min: 1,
		max: 5000,
		default: 500,
	}),
	boolean(
		'skip_duplicates',
		'Skip Duplicates',
		'Whether to leave out tasks with the same A and B number as an earlier one of this run',
	),
];

export const taskOptions: Field[] = [...runOptions, ...taskDefaults];

/** The fields of a created task that a person wants to see. */
export const taskSimple = [
	'id',
	'name',
	'status',
	'finish_result',
	'finish_comment',
	'a_number',
	'b_number',
	'extension_id',
	'try_count',
	'start_time_utc',
];
