import { extraParams } from './common/fields';
import {
	choice,
	boolean,
	integer,
	integers,
	locator,
	phoneNumber,
	text,
} from '../../shared/schema/field';
import { agentLocator, extensionLocator, soundLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

/** Part of the paths of agents and agent events. */
export const agentType = choice('agent_type', 'Agent Type', 'Where the agent takes calls', [
	{ value: 'local', label: 'Local', description: 'At an extension of the PBX' },
	{ value: 'remote', label: 'Remote', description: 'At an external number' },
]);

const name = text('name', 'Name', 'Name of the agent', { placeholder: 'e.g. Anna' });
const extension = locator(
	'extension_id',
	extensionLocator,
	'Extension',
	'Extension at which the agent takes calls',
	{ showWhen: { agent_type: ['local'] } },
);
const number = phoneNumber('number', 'Number', 'External number at which the agent takes calls', {
	placeholder: 'e.g. +79161112233',
	showWhen: { agent_type: ['remote'] },
});

const seconds = (key: string, label: string, description: string, defaultSeconds: number) =>
	integer(key, label, description, { min: 0, default: defaultSeconds });

const optional = [
	locator('agent_sound_id', soundLocator, 'Announcement', 'Sound to play to the agent', {
		clearable: true,
	}),
	seconds(
		'busy_delay_time',
		'Delay After Busy',
		'Seconds to wait before the next call if the agent is set to do not disturb',
		10,
	),
	seconds(
		'no_answer_delay_time',
		'Delay After No Answer',
		'Seconds to wait before the next call if the agent did not answer',
		10,
	),
	seconds(
		'reject_delay_time',
		'Delay After Reject',
		'Seconds to wait before the next call if the agent rejected a call',
		10,
	),
	extraParams,
	seconds('call_timeout', 'Ring Timeout', "Seconds for which the agent's phone rings", 60),
	choice('status', 'Status', 'Login status of the agent', [
		{ value: 'available', label: 'Available', description: 'The agent takes calls from queues' },
		{ value: 'logged_out', label: 'Logged Out', description: 'The agent takes no calls' },
	]),
	seconds('wrap_up_time', 'Wrap-Up Time', 'Seconds between the end of a call and the next one', 0),
];

const simplifiedFields = [
	'id',
	'name',
	'status',
	'extension_id',
	'number',
	'call_timeout',
	'wrap_up_time',
	'busy_delay_time',
	'no_answer_delay_time',
	'reject_delay_time',
];

const collectionPath = '/client/{client_id}/agent/{agent_type}/';
const itemPath = '/client/{client_id}/agent/{agent_type}/{agent_id}';

export const agent = resource({
	label: 'Agent',
	description: 'People who answer calls from queues, at an extension or an external number',
	path: [agentType, locator('agent_id', agentLocator)],
	operations: {
		create: post(
			collectionPath,
			'Create an agent. A local agent needs an extension, a remote agent an external number.',
			{
				required: [name, extension, number],
				optional,
				simplifiedFields,
			},
		),
		delete: remove(itemPath, 'Delete an agent permanently', {
			optional: [
				boolean(
					'remove_from_queues',
					'Remove From Queues',
					'Whether to also remove the agent from its queues',
					{ default: true },
				),
			],
		}),
		get: get(itemPath, 'Retrieve an agent with its login status', { simplifiedFields }),
		getMany: list(collectionPath, 'Retrieve a list of agents with their login status', {
			simplifiedFields,
			optional: [
				integers('extension_id', 'Extension IDs', 'Return only agents at these extensions', {
					showWhen: { agent_type: ['local'] },
				}),
			],
		}),
		update: put(
			itemPath,
			'Update an agent, for example to log it in or out. Only the fields you add are changed.',
			{ optional: [name, number, ...optional], simplifiedFields },
		),
	},
});
