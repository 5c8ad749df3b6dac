import {
	choice,
	dateTime,
	boolean,
	group,
	integer,
	json,
	keyValues,
	locator,
	phoneNumber,
	phoneNumbers,
	strings,
	text,
	type Field,
} from '../../../shared/schema/field';
import { extensionLocator } from '../../../shared/schema/locators';
import { countryOfNumbers } from './fields';

const webhookUrl = (key: string, label: string, description: string) =>
	text(key, label, description, { placeholder: 'e.g. https://example.com/hook' });

/** The two numbers that a task connects. */
const numberFields: Field[] = [
	phoneNumber('a_number', 'A Number', 'Number to call first', { placeholder: 'e.g. +79161112233' }),
	phoneNumber('b_number', 'B Number', "Number to call and connect when 'A Number' has answered", {
		placeholder: 'e.g. 101',
	}),
];

const otherFields: Field[] = [
	locator('extension_id', extensionLocator, 'Extension', 'Extension the call is billed to'),
	text('name', 'Name', 'Name of the task, such as the name of the person to call'),
	dateTime(
		'start_time_utc',
		'Start Time',
		'Earliest time of the call. Leave empty to call as soon as possible.',
	),
	integer('try_count', 'Max Attempts', 'Maximum number of call attempts', {
		min: 1,
		max: 50,
		default: 1,
	}),
	integer('try_again_pause', 'Retry Interval', 'Seconds to wait before the next attempt', {
		min: 0,
		default: 60,
	}),
	integer(
		'try_count_caller',
		'Max Attempts to A',
		"Maximum number of attempts to reach 'A Number'; 'Max Attempts' then counts only those that A answered. Requires a newer PBX version.",
		{ min: 0 },
	),
	integer(
		'try_again_pause_caller',
		'Retry Interval for A',
		"Seconds to wait before the next attempt to reach 'A Number'. Requires a newer PBX version.",
		{ min: 0, max: 864_000, default: 60 },
	),
	strings(
		'attempts_src_ani_numbers',
		'Caller IDs Shown to A',
		"Caller IDs that 'A Number' sees, one per attempt. Requires a newer PBX version.",
	),
	strings(
		'attempts_dst_ani_numbers',
		'Caller IDs Shown to B',
		"Caller IDs that 'B Number' sees, one per attempt. Requires a newer PBX version.",
	),
	integer(
		'global_expires',
		'Expires After',
		'Seconds after which the task expires. Leave empty to use one day (86400).',
		{
			min: 1,
			default: 86400,
		},
	),
	keyValues(
		'variables',
		'Variables',
		'Variables to store with the call, for use in IVRs and webhooks',
	),
	keyValues(
		'callback_params',
		'Callback Parameters',
		'Additional settings of the call by their API names, such as caller_id_name and caller_id_number',
	),
	webhookUrl(
		'url_before',
		'First Attempt Webhook URL',
		'URL that the PBX calls before the first attempt',
	),
	webhookUrl(
		'url_before_again',
		'Retry Webhook URL',
		'URL that the PBX calls before each further attempt',
	),
	webhookUrl(
		'url_success',
		'Connected Webhook URL',
		'URL that the PBX calls when both numbers are connected',
	),
	webhookUrl(
		'url_after',
		'Finished Webhook URL',
		'URL that the PBX calls with the result when the task is finished',
	),
];

/** The fields of a task. */
export const taskFields: Field[] = [...numberFields, ...otherFields];

const MAP_EACH_FIELD = { showWhen: { task_input: ['fields'] } };

/** The ways to make tasks of input items. */
export const taskInput = choice(
	'task_input',
	'Task Input',
	'How input items become tasks',
	[
		{
			value: 'automatic',
			label: 'Map Automatically',
			description:
				"Use item fields named like task fields, such as a_number, 'B Number' or startTimeUtc",
		},
		{
			value: 'fields',
			label: 'Map Each Field',
			description: 'Set the value of each task field below',
		},
		{ value: 'json', label: 'JSON', description: 'Use a list of tasks from each item' },
	],
	{
		builderHint:
			'Prefer fields: it takes the numbers from any columns. Use automatic only where the items already have fields named like task fields. One node takes all items; do not put it in a loop.',
	},
);

/** What becomes of columns that are no fields of a task. */
export const unknownFields = choice(
	'unknown_fields',
	'Unknown Fields',
	'What to do with item fields that are no task fields',
	[
		{
			value: 'reject',
			label: 'Reject',
			description: 'Send nothing and name the fields',
		},
		{
			value: 'variables',
			label: 'Store as Variables',
			description: 'Send the fields as variables of the call',
		},
		{ value: 'ignore', label: 'Ignore', description: 'Do not send the fields' },
	],
	{ showWhen: { task_input: ['automatic'] } },
);

/** The inputs from which the tasks are made. */
export const taskInputs: Field[] = [
	taskInput,
	// A task can do without one of them: for example, the A number of a call to an extension.
	...numberFields.map((field): Field => ({ ...field, ...MAP_EACH_FIELD, required: false })),
	unknownFields,
	group(
		'task_fields',
		'Additional Fields',
		'Other fields of each task',
		otherFields,
		MAP_EACH_FIELD,
	),
	json(
		'tasks',
		'Tasks',
		'JSON array of tasks, such as [{ "a_number": "+79161112233", "extension_id": 85219 }]',
		{
			default: '={{ $json.tasks }}',
			showWhen: { task_input: ['json'] },
		},
	),
];

/** How long Call and Wait waits. */
export const waitAmount = integer('wait_amount', 'Amount', 'Longest time to wait for the result', {
	min: 1,
	max: 365,
	default: 1,
	showWhen: { limit_wait_time: [true] },
});

export const waitUnit = choice(
	'wait_unit',
	'Unit',
	'Unit of the longest time to wait',
	[
		{ value: 'minutes', label: 'Minutes' },
		{ value: 'hours', label: 'Hours' },
		{ value: 'days', label: 'Days' },
	],
	{ default: 'hours', showWhen: { limit_wait_time: [true] } },
);

/** The inputs of Call and Wait: one call, and the limit of the wait. */
export const waitInputs: Field[] = [
	...numberFields.map((field): Field => ({ ...field, required: false })),
	boolean(
		'limit_wait_time',
		'Limit Wait Time',
		'Whether to go on without a result after some time. The task then has timedOut: true.',
		{ default: true },
	),
	waitAmount,
	waitUnit,
];

/** Descriptions of task fields that Call and Wait gives another default. */
const WAIT_DESCRIPTIONS: Record<string, string> = {
	start_time_utc:
		'Earliest time of the call. Leave empty to call in 10 seconds, when the workflow is sure to wait.',
	global_expires:
		'Seconds after which the task expires. Leave empty to use the longest time to wait, but at most one day (86400).',
};

/** Other fields of the task of Call and Wait, which sets its webhook for the result itself. */
export const waitFields: Field[] = otherFields
	.filter(({ key }) => key !== 'url_after')
	.map((field): Field => {
		const description = WAIT_DESCRIPTIONS[field.key] ?? field.description;
		return { ...field, description };
	});

/** The options of Call and Wait. */
export const waitOptions: Field[] = [countryOfNumbers, ...waitFields];

/** Values for tasks without their own. */
export const taskDefaults: Field[] = taskFields
	.filter(({ key }) => key !== 'a_number')
	.map(
		(field): Field => ({
			...field,
			description: `Default: ${startLower(field.description)}`,
		}),
	);

/** `Number to call` → `number to call`; acronyms such as `URL` stay. */
function startLower(sentence: string) {
	return sentence.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

export const doNotCall = phoneNumbers(
	'do_not_call',
	'Do Not Call',
	'Numbers that must not be called, or an expression that returns a list of them',
	{ placeholder: 'e.g. +79161112233' },
);

/** Options of the whole run. Their values are those of the first item. */
export const runOptions: Field[] = [
	integer('batch_size', 'Batch Size', 'Maximum number of tasks per request', {
		min: 1,
		max: 5000,
		default: 500,
	}),
	text(
		'campaign',
		'Campaign',
		"Name under which 'Skip People Added Before' remembers people. A new name starts anew.",
		{ placeholder: 'e.g. Spring offer', allowEmpty: true },
	),
	text(
		'consent_field',
		'Consent Field',
		'Item field that says whether the person agreed to be called. People without a yes are skipped.',
		{ placeholder: 'e.g. consent' },
	),
	countryOfNumbers,
	doNotCall,
	boolean(
		'report_connected_calls',
		'Report Connected Calls',
		"Whether 'Report Results To' also gets a report when both numbers are connected. Select 'Task Connected' in 'Trigger On' of the RingMe Trigger.",
		{ default: true },
	),
	text(
		'report_results_to',
		'Report Results To',
		"Production URL of a RingMe Trigger with the event 'Task Finished', in this or another workflow. It starts that workflow with each result. Requires an OAuth2 credential.",
		{
			builderHint:
				'Ask the user to copy the URL from the RingMe Trigger after it is published; do not invent one. Set Result Key too, so that a result can be matched with its row.',
			placeholder:
				'e.g. https://n8n.example.com/webhook/b5e5f3a4-7c1d-4e8b-9f60-3a2d1c0b9e8f/events',
		},
	),
	boolean(
		'skip_duplicates',
		'Skip Duplicates',
		'Whether to skip tasks that have the same numbers as an earlier task of this run',
	),
	boolean(
		'skip_people_added_before',
		'Skip People Added Before',
		'Whether to skip people whom this node has added to this task scheduler before, in this or an earlier run. It does not know whom others have added. After an interruption of n8n, it may skip people who were not added.',
	),
];

/** Read for each item. */
export const resultKey = text(
	'result_key',
	'Result Key',
	'Value of the item that comes back with its result, such as the row number. At most 200 characters.',
	{ placeholder: 'e.g. {{ $json.row_number }}' },
);

export const taskOptions: Field[] = [...runOptions, resultKey, ...taskDefaults];

/** Fields that Simplify keeps of a task. */
export const simplifiedTaskFields = [
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
