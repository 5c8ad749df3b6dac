import { extraParams } from './common/fields';
import { choice, boolean, integer, integers, locator, text } from '../../shared/schema/field';
import { agentLocator, extensionLocator, soundLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

/** Fills the place of the type in the paths of agents and of their events. */
export const agentType = choice('agent_type', 'Agent Type', 'Where the agent takes calls', [
	{ value: 'local', label: 'Local', description: 'At an extension of the PBX' },
	{ value: 'remote', label: 'Remote', description: 'At a phone number outside the PBX' },
]);

const name = text('name', 'Name', 'Name of the agent', { placeholder: 'e.g. Anna' });
const extension = locator(
	'extension_id',
	extensionLocator,
	'Extension',
	'Extension at which the agent takes calls',
	{ showWhen: { agent_type: ['local'] } },
);
const number = text('number', 'Number', 'Phone number at which the agent takes calls', {
	placeholder: 'e.g. +79161112233',
	showWhen: { agent_type: ['remote'] },
});

const seconds = (key: string, label: string, description: string, defaultSeconds: number) =>
	integer(key, label, description, { min: 0, default: defaultSeconds });

const optional = [
	locator('agent_sound_id', soundLocator, 'Announcement', 'Sound that is played to the agent'),
	seconds(
		'busy_delay_time',
		'Delay After Busy',
		'Seconds to wait before the next call, if the agent is on do not disturb',
		10,
	),
	seconds(
		'no_answer_delay_time',
		'Delay After No Answer',
		'Seconds to wait before the next call, if the agent did not answer',
		10,
	),
	seconds(
		'reject_delay_time',
		'Delay After Reject',
		'Seconds to wait before the next call, if the agent rejected one',
		10,
	),
	extraParams,
	seconds('call_timeout', 'Ring Time', 'Seconds that the phone of the agent rings', 60),
	choice('status', 'Status', 'Whether the agent takes calls from queues', [
		{ value: 'available', label: 'Available' },
		{ value: 'logged_out', label: 'Logged Out' },
	]),
	seconds(
		'wrap_up_time',
		'Wrap-Up Time',
		'Seconds of rest between the end of a call and the next one',
		0,
	),
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
	description: 'People who answer the calls of a queue, at an extension or at an outside number',
	path: [agentType, locator('agent_id', agentLocator)],
	operations: {
		create: post(collectionPath, 'Add an agent, by name and extension or outside number', {
			required: [name, extension, number],
			optional,
			simplifiedFields,
		}),
		delete: remove(itemPath, 'Remove an agent for good', {
			optional: [
				boolean(
					'remove_from_queues',
					'Remove From Queues',
					'Whether to take the agent out of the queues too',
					{ default: true },
				),
			],
		}),
		get: get(itemPath, 'Retrieve one agent by its ID, with the status', { simplifiedFields }),
		getMany: list(collectionPath, 'Retrieve a list of agents', {
			simplifiedFields,
			optional: [
				integers('extension_id', 'Extension IDs', 'Only the agents at these extensions', {
					showWhen: { agent_type: ['local'] },
				}),
			],
		}),
		update: put(
			itemPath,
			'Log an agent in or out or change its settings; what you do not add stays as it is',
			{ optional: [name, number, ...optional], simplifiedFields },
		),
	},
});
