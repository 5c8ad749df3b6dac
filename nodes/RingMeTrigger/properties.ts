import type { INodeProperties } from 'n8n-workflow';

import { collectionOptions } from '../shared/descriptions/buildProperty';
import {
	authentication,
	optionsCollection,
	pbxClient,
	simplify,
} from '../shared/descriptions/commonProperties';
import { PUBLIC_URL_SETTING } from '../shared/webhook/reachability';
import { EVENTS, isAgentEvent, isTaskEvent } from './events/events';
import { FILTERS } from './events/filterFields';

const getTaskDetails: INodeProperties = {
	displayName: 'Get Task Details',
	name: 'getTaskDetails',
	type: 'boolean',
	default: true,
	description:
		'Whether to read the task with its status and result from the PBX when it is reported. If the task cannot be read, the workflow starts without them.',
};

/** Builds the parameters of the node. A new array each time, because n8n appends its own to it. */
export function buildTriggerProperties(): INodeProperties[] {
	const events = EVENTS.map(({ value }) => value).filter(isAgentEvent);
	const taskEvents = EVENTS.map(({ value }) => value).filter(isTaskEvent);
	return [
		{
			displayName: `The PBX must be able to reach n8n: set ${PUBLIC_URL_SETTING} to a public HTTPS URL. Webhooks are created on the PBX when you publish the workflow and deleted when you unpublish it.`,
			name: 'notice',
			type: 'notice',
			default: '',
		},
		authentication,
		{
			displayName: 'Trigger On',
			name: 'events',
			type: 'multiOptions',
			options: EVENTS,
			default: ['dial-in'],
			required: true,
			builderHint: {
				propertyHint:
					'For missed calls, choose hangup and filter by its result. task-finished and task-connected arrive only for tasks that Add Tasks created with Report Results To.',
			},
		},
		{
			displayName:
				"To receive the results of tasks, copy the production URL above into the option 'Report Results To' of the operation 'Add Tasks', in this or another workflow, and publish this workflow. Both nodes need the same OAuth2 credential.",
			name: 'taskNotice',
			type: 'notice',
			default: '',
			displayOptions: { show: { events: taskEvents } },
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
					description: 'All agents that exist when the workflow is published',
				},
				{
					name: 'Selected Agents',
					value: 'selected',
					description: 'Only the agents selected below',
				},
			],
			default: 'all',
			description: 'Agents whose logins and logouts start the workflow',
		},
		{
			displayName: 'Agent Names or IDs',
			name: 'agents',
			type: 'multiOptions',
			displayOptions: { show: { events, agentScope: ['selected'] } },
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
			description: "Conditions for the events selected in 'Trigger On'. Other events are ignored.",
			options: collectionOptions(FILTERS),
		},
		optionsCollection([getTaskDetails]),
		pbxClient,
	];
}
