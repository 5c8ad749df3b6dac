import type { INodeProperties } from 'n8n-workflow';

import { buildProperty, collectionOptions } from '../shared/descriptions/buildProperty';
import {
	authentication,
	optionsCollection,
	outputField,
	pbxClient,
	simplify,
} from '../shared/descriptions/commonProperties';
import { integer } from '../shared/schema/field';
import { DEFAULT_INTERVAL_MINUTES, DEFAULT_LOOK_BACK_HOURS } from './polling/poll';
import { FILTERS } from './records/filters';
import { DEFAULT_EVENT, SOURCES } from './records/sources';

const minimumInterval = integer(
	'minimumInterval',
	'Minimum Interval (Minutes)',
	"How often the PBX is asked at most. Polls in between send no request. A poll takes one request for each 100 records of the last hours (see 'Look Back (Hours)'), plus one. All applications of the PBX client share the hourly limit of requests.",
	{ min: 1, default: DEFAULT_INTERVAL_MINUTES },
);

const lookBack = integer(
	'lookBack',
	'Look Back (Hours)',
	'How late a record may appear and still be found. The PBX lists a call under the time at which it began, but only after it has ended, and a recording some minutes later still. More hours take more requests.',
	{ min: 1, max: 168, default: DEFAULT_LOOK_BACK_HOURS },
);

/** Builds the parameters of the node. A new array each time, because n8n adds 'Poll Times' to it. */
export function buildPollingProperties(): INodeProperties[] {
	const withFile = SOURCES.filter(({ download }) => download).map(({ event }) => event);
	return [
		buildProperty(minimumInterval),
		authentication,
		{
			displayName: 'Trigger On',
			name: 'event',
			type: 'options',
			noDataExpression: true,
			options: SOURCES.map(({ event, label, description }) => ({
				name: label,
				value: event,
				description,
			})),
			default: DEFAULT_EVENT,
		},
		{
			displayName: 'Download',
			name: 'download',
			type: 'boolean',
			displayOptions: { show: { event: withFile } },
			default: false,
			description:
				'Whether to download the audio file too. Each takes one more request. At most 50 are downloaded in a poll, and the others in the next ones.',
		},
		{ ...outputField, displayOptions: { show: { event: withFile, download: [true] } } },
		{ ...simplify },
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			options: collectionOptions(FILTERS),
		},
		optionsCollection([buildProperty(lookBack)]),
		pbxClient,
	];
}
