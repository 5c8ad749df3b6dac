import type { INodeProperties } from 'n8n-workflow';

import { collectionOptions } from '../shared/descriptions/buildProperty';
import { authentication, commonOptions, simplify } from '../shared/descriptions/commonProperties';
import { choice, choices, boolean, locator, rows } from '../shared/schema/field';
import { extensionLocator } from '../shared/schema/locators';
import { EVENTS, isAgentEvent } from './events';

const FILTERS = [
	choices('callStatus', 'Call Status', 'Only calls with one of these statuses', [
		{ label: 'Answered', value: 'ANSWER' },
		{ label: 'Busy', value: 'BUSY' },
		{ label: 'Canceled', value: 'CANCEL', description: 'The caller gave up' },
		{ label: 'Failed', value: 'CONGESTION', description: 'Something went wrong during the call' },
		{ label: 'No Answer', value: 'NOANSWER', description: 'It rang until the time was up' },
		{ label: 'Not Registered', value: 'CHANUNAVAIL', description: 'The phone is not connected' },
		{ label: 'Ringing', value: 'CALLING', description: 'Calls that begin' },
	]),
	choice('direction', 'Direction', 'Only calls and messages in this direction', [
		{ label: 'Incoming', value: 'in' },
		{ label: 'Outgoing', value: 'out' },
	]),
	rows(
		'extensions',
		'Extensions',
		'Only calls, messages and voicemails of one of these extensions',
		'Extension',
		[locator('extension', extensionLocator, 'Extension', 'From the list, or its ID or number')],
	),
	boolean(
		'ignoreInternal',
		'Ignore Internal Calls',
		'Whether to leave out calls between two extensions of the PBX',
		{ default: true },
	),
	boolean(
		'missedOnly',
		'Missed Only',
		'Whether to take, of all calls, only incoming ones that ended without an answer. Needs the event Call Ended.',
		{ default: true },
	),
];

/** The inputs of the node. Fresh at each call: n8n appends its own to the list it is given. */
export function properties(): INodeProperties[] {
	const events = EVENTS.map(({ value }) => value).filter(isAgentEvent);
	return [
		{
			displayName:
				'The PBX calls n8n, so n8n needs a public https address (its setting WEBHOOK_URL). What is registered on the PBX comes and goes with the workflow.',
			name: 'reachable',
			type: 'notice',
			default: '',
		},
		authentication,
		{
			displayName: 'Events',
			name: 'events',
			type: 'multiOptions',
			options: EVENTS,
			default: ['dial-in'],
			required: true,
			description:
				'What starts the workflow. Calls and messages are those of all phones of the PBX.',
		},
		{
			displayName: 'Agents',
			name: 'agentScope',
			type: 'options',
			displayOptions: { show: { events } },
			options: [
				{
					name: 'All Agents',
					value: 'all',
					description: 'Those there are when the workflow is switched on',
				},
				{ name: 'Chosen Agents', value: 'chosen', description: 'Those picked from a list' },
			],
			default: 'all',
			description: 'Whose logins and logouts start the workflow',
		},
		{
			displayName: 'Agent Names or IDs',
			name: 'agents',
			type: 'multiOptions',
			displayOptions: { show: { events, agentScope: ['chosen'] } },
			typeOptions: { loadOptionsMethod: 'getAgents' },
			default: [],
			required: true,
			description:
				'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		},
		{ ...simplify },
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			description: 'Of the chosen events, those that start the workflow; others are ignored',
			options: collectionOptions(FILTERS),
		},
		commonOptions,
	];
}
