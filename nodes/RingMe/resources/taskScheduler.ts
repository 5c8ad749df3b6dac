import { choice, integer, longText, locator, text } from '../../shared/schema/field';
import { intervalLocator, schedulerLocator, taskLocator } from '../../shared/schema/locators';
import { get, post, put, resource } from '../../shared/schema/operation';
import { taskInputs, taskOptions, taskSimple } from './common/task';

const optional = [
	longText('comment', 'Comment', 'What the scheduler is for'),
	integer(
		'concurrent_task_limit',
		'Concurrent Task Limit',
		'How many calls the scheduler makes at the same time',
		{ min: 1, default: 1 },
	),
	locator('interval_id', intervalLocator, 'Interval', 'Hours in which the scheduler may call'),
	choice('status', 'Status', 'Whether the scheduler works through its tasks', [
		{ value: 'off', label: 'Off', description: 'Tasks wait' },
		{ value: 'on', label: 'On', description: 'Tasks are called at their time' },
	]),
];

export const taskScheduler = resource({
	label: 'Task Scheduler',
	description: 'Queues of outbound calls that the PBX works through on its own',
	path: [locator('scheduler_id', schedulerLocator), locator('task_id', taskLocator)],
	operations: {
		addTasks: post(
			'/client/{client_id}/task_scheduler/{scheduler_id}/tasks/',
			'Add people to call: each input item becomes a task, many tasks go in one request',
			{
				action: 'Add dialing tasks to task scheduler',
				result: 'list',
				rootProperty: 'tasks',
				bulk: true,
				simplifiedFields: taskSimple,
				required: taskInputs,
				optional: taskOptions,
			},
		),
		create: post('/client/{client_id}/task_scheduler/', 'Add a queue for outbound calls', {
			required: [
				text('name', 'Name', 'Name of the scheduler; it cannot be changed later', {
					placeholder: 'e.g. Spring campaign',
				}),
			],
			optional,
		}),
		get: get(
			'/client/{client_id}/task_scheduler/{scheduler_id}',
			'Retrieve a scheduler with the number of its tasks',
		),
		getTask: get(
			'/client/{client_id}/task_scheduler/{scheduler_id}/task/{task_id}',
			'Retrieve one task with its status and result',
			{
				action: 'Get task of task scheduler',
				simplifiedFields: taskSimple,
			},
		),
		update: put(
			'/client/{client_id}/task_scheduler/{scheduler_id}',
			'Switch a scheduler on or off or change its settings; what you do not add stays as it is',
			{
				optional,
			},
		),
	},
});
