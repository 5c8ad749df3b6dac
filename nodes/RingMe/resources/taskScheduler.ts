import type { IDataObject } from 'n8n-workflow';

import { choice, integer, longText, locator, text } from '../../shared/schema/field';
import { intervalLocator, schedulerLocator, taskLocator } from '../../shared/schema/locators';
import { get, post, put, resource } from '../../shared/schema/operation';
import { isRecord } from '../../shared/transport/records';
import {
	taskInputs,
	taskOptions,
	simplifiedTaskFields,
	waitInputs,
	waitOptions,
} from './common/task';

const optional = [
	longText('comment', 'Comment', 'Purpose of the task scheduler', { clearable: true }),
	integer(
		'concurrent_task_limit',
		'Concurrent Task Limit',
		'Maximum number of calls that the task scheduler makes at the same time',
		{ min: 1, default: 1 },
	),
	locator(
		'interval_id',
		intervalLocator,
		'Interval',
		'Times at which the task scheduler can call, such as business hours',
	),
	choice('status', 'Status', 'Whether the task scheduler calls the numbers of its tasks', [
		{ value: 'off', label: 'Off', description: 'Tasks wait' },
		{ value: 'on', label: 'On', description: 'Tasks start at their time' },
	]),
];

const PROGRESS_FIELDS = {
	id: 'string',
	name: 'string',
	status: 'string',
	total: 'number',
	waiting: 'number',
	started: 'number',
	startedPercent: 'number',
	lastCall: 'string',
} as const;

/**
 * The progress of a task scheduler from its counts. The PBX counts tasks that wait for a call
 * (`sched_task_count`), not results: a started task can be finished, in progress or waiting for a retry.
 */
function progressOf(body: unknown): IDataObject[] | undefined {
	if (!isRecord(body)) return undefined;
	const { id, name, status, task_count, sched_task_count, last_call_date } = body;
	const total = Number(task_count ?? 0);
	const waiting = Number(sched_task_count ?? 0);
	const started = Math.max(0, total - waiting);
	return [
		{
			id,
			name,
			status,
			total,
			waiting,
			started,
			startedPercent: total ? Math.round((100 * started) / total) : 0,
			lastCall: last_call_date ?? null,
		},
	];
}

const itemPath = '/client/{client_id}/task_scheduler/{scheduler_id}';

export const taskScheduler = resource({
	label: 'Task Scheduler',
	description:
		'Outbound calls in bulk: a task scheduler calls two numbers for each of its tasks and connects them',
	path: [
		locator(
			'scheduler_id',
			schedulerLocator,
			'Task Scheduler ID',
			"ID in the output of the operation 'Create'. The PBX cannot list its task schedulers.",
			{
				builderHint:
					'Ask the user for the ID of an existing task scheduler. Create one only if the user wants a new one, and keep its ID.',
			},
		),
		locator(
			'task_id',
			taskLocator,
			'Task ID',
			"ID in the output of the operation 'Add Tasks'. The PBX cannot list its tasks.",
		),
	],
	operations: {
		addTasks: post(
			'/client/{client_id}/task_scheduler/{scheduler_id}/tasks/',
			'Add calls to a task scheduler. Each input item becomes a task, and the tasks are sent in batches, so no loop is needed.',
			{
				action: 'Add tasks to task scheduler',
				result: 'list',
				rootProperty: 'tasks',
				bulk: true,
				simplifiedFields: simplifiedTaskFields,
				required: taskInputs,
				optional: taskOptions,
			},
		),
		callAndWait: post(
			'/client/{client_id}/task_scheduler/{scheduler_id}/tasks/',
			'Call one person, wait until the call is over, and return its result. Works in a workflow, not as a tool of an AI agent.',
			{
				label: 'Call and Wait',
				action: 'Call one person and wait for the result',
				result: 'list',
				rootProperty: 'tasks',
				bulk: true,
				waits: true,
				simplifiedFields: simplifiedTaskFields,
				addedFields: { timedOut: 'boolean' },
				required: waitInputs,
				optional: waitOptions,
			},
		),
		create: post(
			'/client/{client_id}/task_scheduler/',
			'Create a task scheduler for outbound calls. Keep its ID, since the PBX cannot list its task schedulers.',
			{
				required: [
					text('name', 'Name', 'Name of the task scheduler. It cannot be changed later.', {
						placeholder: 'e.g. Spring campaign',
					}),
				],
				optional,
			},
		),
		get: get(itemPath, 'Retrieve a task scheduler with the number of its tasks'),
		getProgress: get(
			itemPath,
			'Retrieve how many tasks a task scheduler has, how many wait for their first call, and when it called last. The results of calls are only in the tasks: see Get Task.',
			{
				action: 'Get progress of task scheduler',
				parse: progressOf,
				parsedFields: PROGRESS_FIELDS,
			},
		),
		getTask: get(
			'/client/{client_id}/task_scheduler/{scheduler_id}/task/{task_id}',
			'Retrieve a task with its status and result',
			{
				action: 'Get task of task scheduler',
				simplifiedFields: simplifiedTaskFields,
			},
		),
		switchOff: put(
			itemPath,
			'Switch a task scheduler off. Its tasks wait, and calls in progress are not ended. This is the only way to stop tasks.',
			{ action: 'Switch off task scheduler', fixedBody: { status: 'off' } },
		),
		switchOn: put(itemPath, 'Switch a task scheduler on. The PBX starts to call its tasks.', {
			action: 'Switch on task scheduler',
			fixedBody: { status: 'on' },
		}),
		update: put(
			itemPath,
			'Update a task scheduler, for example to switch it on or off. Only the fields you add are changed.',
			{
				optional,
			},
		),
	},
});
