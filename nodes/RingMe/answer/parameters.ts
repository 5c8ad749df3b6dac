import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { ACTION_LABELS, MAX_SECONDS } from '../../shared/answer/steps';
import { buildProperty } from '../../shared/descriptions/buildProperty';
import { integer, locator, longText, text, type Field } from '../../shared/schema/field';
import { extensionNumberLocator, soundFileLocator } from '../../shared/schema/locators';

/** What each action does, in alphabetical order of their names. */
const DESCRIPTIONS: Record<string, string> = {
	goToMenuStep: 'Continue in another part of the voice menu',
	hangUp: 'End the call',
	pause: 'Wait in silence',
	playSound: 'Play a sound of the PBX',
	say: 'Speak a text',
	setCallerId: 'Change the name or number that the called phone shows',
	setVariable: 'Store a value for later steps of the voice menu',
	transfer: 'Connect the caller to extensions or phone numbers',
};

const ACTIONS = Object.entries(DESCRIPTIONS).map(
	([value, description]): INodePropertyOptions => ({
		name: ACTION_LABELS[value],
		value,
		description,
	}),
);

/** Shows a parameter of a step only for one action, and other conditions. */
const forAction = (
	action: string,
	property: INodeProperties,
	show: Record<string, string[]> = {},
): INodeProperties => ({ ...property, displayOptions: { show: { type: [action], ...show } } });

const required = (field: Field): INodeProperties => ({ ...buildProperty(field), required: true });

const sound = locator('sound', soundFileLocator, 'Sound', 'Sound to play');
const extension = locator('extension', extensionNumberLocator, 'Extension', 'Extension to ring');

/** Records that the steps refer to, for the list searches. */
export const answerLocators: Field[] = [sound, extension];

/** In alphabetical order, which n8n requires: the names are chosen so that it is the order of use. */
const STEP: INodeProperties[] = [
	{
		displayName: 'Action',
		name: 'type',
		type: 'options',
		noDataExpression: true,
		options: ACTIONS,
		default: 'say',
	},
	forAction(
		'setCallerId',
		buildProperty(
			text('callerIdName', 'Caller ID Name', 'Name that the called phone shows', {
				placeholder: 'e.g. VIP Anna Smith',
			}),
		),
	),
	forAction(
		'setCallerId',
		buildProperty(
			text('callerIdNumber', 'Caller ID Number', 'Number that the called phone shows', {
				placeholder: 'e.g. 447700900123',
			}),
		),
	),
	forAction('transfer', {
		displayName: 'Destination',
		name: 'destination',
		type: 'options',
		options: [
			{ name: 'Extension', value: 'extension', description: 'An extension from the list' },
			{
				name: 'Phone Numbers',
				value: 'numbers',
				description: 'Phone numbers or the numbers of several extensions',
			},
		],
		default: 'extension',
	}),
	forAction('transfer', required(extension), { destination: ['extension'] }),
	forAction(
		'goToMenuStep',
		required(
			text(
				'menuContext',
				'Menu Context',
				'ID of the context of the voice menu, as the PBX shows it',
				{ placeholder: 'e.g. 3' },
			),
		),
	),
	forAction(
		'goToMenuStep',
		buildProperty(
			text('menuOption', 'Menu Option', 'Option of the context, such as start or a digit', {
				default: 'start',
			}),
		),
	),
	forAction(
		'transfer',
		required(
			text(
				'phoneNumbers',
				'Phone Numbers',
				'Phone numbers or the numbers of extensions, separated by commas',
				{ placeholder: 'e.g. 447700900123, 101' },
			),
		),
		{ destination: ['numbers'] },
	),
	forAction(
		'transfer',
		buildProperty(
			integer('ringTime', 'Ring Time', 'Seconds to ring', {
				min: 1,
				max: MAX_SECONDS,
				default: 20,
			}),
		),
	),
	forAction(
		'pause',
		buildProperty(
			integer('seconds', 'Seconds', 'Seconds of silence', { min: 1, max: MAX_SECONDS }),
		),
	),
	forAction('playSound', required(sound)),
	forAction('playSound', {
		displayName: 'Sound Mode',
		name: 'soundMode',
		type: 'options',
		options: [
			{ name: 'Play to the End', value: 'foreground', description: 'Then the next step follows' },
			{
				name: 'Play While the Caller Types',
				value: 'background',
				description: 'The caller can type digits meanwhile',
			},
		],
		default: 'foreground',
	}),
	forAction(
		'playSound',
		buildProperty(
			text(
				'digitsVariable',
				'Store Digits In',
				'Variable of the voice menu in which to store the digits that the caller types',
				{ placeholder: 'e.g. choice' },
			),
		),
		{ soundMode: ['background'] },
	),
	forAction('say', required(longText('text', 'Text', 'Text to speak, up to 5,000 characters'))),
	forAction(
		'setVariable',
		required(
			text('variableName', 'Variable Name', 'Variable of the voice menu', {
				placeholder: 'e.g. manager',
			}),
		),
	),
	forAction(
		'setVariable',
		buildProperty(text('variableValue', 'Variable Value', 'Value to store; can be empty')),
	),
	forAction('say', {
		displayName: 'Voice Options',
		name: 'voiceOptions',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			buildProperty(
				text('language', 'Language', 'Language of the text. Default: that of the PBX.', {
					placeholder: 'e.g. ru-RU',
				}),
			),
			buildProperty(
				text('speed', 'Speed', 'Speed of speech as a factor, where 1 is normal', {
					placeholder: 'e.g. 0.9',
				}),
			),
			buildProperty(
				text('voice', 'Voice', 'Name of a voice that the PBX offers', {
					placeholder: 'e.g. alena',
				}),
			),
		],
	}),
	forAction('transfer', {
		displayName: 'When Nobody Answers',
		name: 'whenNobodyAnswers',
		type: 'options',
		options: [
			{
				name: 'Continue',
				value: 'continue',
				description: 'Go on with the next step, then with the voice menu',
			},
			{ name: 'End the Call', value: 'end', description: 'Hang up' },
		],
		default: 'end',
	}),
];

/** The steps of *Call → Answer*. One list for all actions, so that the user can sort it. */
export const answerSteps: INodeProperties = {
	displayName: 'Steps',
	name: 'answerSteps',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true, sortable: true },
	placeholder: 'Add Step',
	default: {},
	required: true,
	displayOptions: { show: { resource: ['call'], operation: ['answer'] } },
	description: 'What happens to the call, in this order. Up to ten steps.',
	options: [{ displayName: 'Step', name: 'step', values: STEP }],
};
