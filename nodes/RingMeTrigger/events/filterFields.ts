import {
	directionFilter,
	extensionsFilter,
	ignoreInternalFilter,
	missedOnlyFilter,
} from '../../shared/descriptions/triggerFilters';
import { choices, text } from '../../shared/schema/field';

/** The filters of the trigger. */
export const FILTERS = [
	choices('callStatus', 'Call Status', 'Trigger only on calls with one of these statuses', [
		{ label: 'Answered', value: 'ANSWER' },
		{ label: 'Busy', value: 'BUSY' },
		{ label: 'Canceled', value: 'CANCEL', description: 'The caller hung up before an answer' },
		{ label: 'Failed', value: 'CONGESTION', description: 'The call could not be completed' },
		{
			label: 'No Answer',
			value: 'NOANSWER',
			description: 'The ring timeout ended without an answer',
		},
		{
			label: 'Not Registered',
			value: 'CHANUNAVAIL',
			description: 'The called phone is not registered on the PBX',
		},
		{ label: 'Ringing', value: 'CALLING', description: 'The call is starting' },
	]),
	directionFilter('Trigger only on calls and text messages in this direction'),
	extensionsFilter('Trigger only on calls, text messages and voicemails of these extensions'),
	ignoreInternalFilter,
	missedOnlyFilter(
		"Whether to trigger only on missed inbound calls. Requires 'Call Ended' in 'Trigger On'.",
	),
	text(
		'tag',
		'Tag',
		'Trigger only on calls that were started with this tag. End it with * to match every tag that begins with it.',
		{ placeholder: 'e.g. order-*' },
	),
];
