import type { INodeProperties } from 'n8n-workflow';

import { PUBLIC_URL_SETTING } from '../shared/webhook/reachability';
import { DEFAULT_SECONDS, MAX_SECONDS } from './fallback';

/** Builds the parameters of the node. A new array each time, because n8n appends its own to it. */
export function buildCallTriggerProperties(): INodeProperties[] {
	return [
		{
			displayName: `Enter the production URL above on the PBX, in the action 'Call Interactive' of a voice menu. Answer with the operation 'Answer' of the RingMe node. The PBX must be able to reach n8n: set ${PUBLIC_URL_SETTING} to a public HTTPS URL.`,
			name: 'notice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'Answer Within',
			name: 'answerWithin',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: MAX_SECONDS, numberPrecision: 0 },
			default: DEFAULT_SECONDS,
			description:
				'Seconds that the workflow has to answer. The caller hears nothing meanwhile, and the PBX may not wait longer.',
			hint: 'Seconds in which the caller hears nothing',
		},
		{
			displayName: 'If the Workflow Does Not Answer',
			name: 'fallback',
			type: 'options',
			options: [
				{
					name: 'Continue With the Menu',
					value: 'menu',
					description: 'The voice menu goes on with its next step',
				},
				{
					name: 'Say Something and Hang Up',
					value: 'say',
					description: 'Speak a text and end the call',
				},
				{
					name: 'Transfer to a Number',
					value: 'transfer',
					description: 'Connect the caller to an extension or phone number',
				},
			],
			default: 'menu',
			description:
				'What happens to the caller if the workflow fails, ends without an answer or takes too long',
		},
		{
			displayName: 'Numbers',
			name: 'fallbackNumbers',
			type: 'string',
			displayOptions: { show: { fallback: ['transfer'] } },
			placeholder: 'e.g. 101, 447700900123',
			default: '',
			required: true,
			description: 'Numbers of extensions or phone numbers, separated by commas',
		},
		{
			displayName: 'Text',
			name: 'fallbackText',
			type: 'string',
			typeOptions: { rows: 3 },
			displayOptions: { show: { fallback: ['say'] } },
			placeholder: 'e.g. We cannot take your call now. Please call again later.',
			default: '',
			required: true,
			description: 'Text to speak, up to 5,000 characters',
		},
		{
			displayName: 'Language',
			name: 'fallbackLanguage',
			type: 'string',
			displayOptions: { show: { fallback: ['say'] } },
			placeholder: 'e.g. ru-RU',
			default: '',
			description: 'Language of the text. Default: that of the PBX.',
		},
	];
}
