import { choice, integer, longText, locator, text } from '../../shared/schema/field';
import { intervalLocator, schedulerLocator, taskLocator } from '../../shared/schema/locators';
import { get, post, put, resource } from '../../shared/schema/operation';
import { taskInputs, taskOptions, simplifiedTaskFields } from './common/task';

const optional = [
	longText('comment', 'Comment', 'Purpose of the task scheduler'),
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
		getTask: get(
			'/client/{client_id}/task_scheduler/{scheduler_id}/task/{task_id}',
			'Retrieve a task with its status and result',
			{
				action: 'Get task of task scheduler',
				simplifiedFields: simplifiedTaskFields,
			},
		),
		update: put(
			itemPath,
			'Update a task scheduler, for example to switch it on or off. Only the fields you add are changed.',
			{
				optional,
			},
		),
	},
});
