import type { IDataObject } from 'n8n-workflow';

import {
	boolean,
	choice,
	integer,
	keyValues,
	locator,
	phoneNumber,
	phoneNumbers,
	text,
} from '../../shared/schema/field';
import {
	activeCallLocator,
	extensionLocator,
	pastCallLocator,
	soundLocator,
} from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';
import { isRecord } from '../../shared/transport/records';
import { dateRange, order } from './common/dateRange';
import { countryOfNumbers } from './common/fields';

/** Part of the path of the list of calls. */
const details = choice('call_list', 'Details', 'Whether to also retrieve the parts of each call', [
	{
		value: 'calls',
		label: 'Without Parts',
		description: 'One record for each call. This is the faster choice.',
	},
	{
		value: 'call_history',
		label: 'With Parts',
		description: 'Also the parts of each call: every phone that rang, with its recording',
	},
]);

const pastCallFields = [
	'call_uuid',
	'init_time_gmt',
	'flow',
	'result',
	'from_username',
	'to_username',
	'did_number',
	'duration',
	'bridged_duration',
	'cdr',
];

const activeCallFields = [
	'record_uuid',
	'call_flow',
	'extension_id',
	'caller_id_number',
	'caller_id_name',
	'called_number',
	'called_did',
	'init_time_gmt',
	'answer_time_gmt',
	'call_api_id',
];

const isCallList = (value: unknown): value is IDataObject[] =>
	Array.isArray(value) && value.every((each) => isRecord(each) && 'call_uuid' in each);

/** The list is inside an object, under a name that is documented for calls with parts only. */
const callsOf = (body: unknown) => {
	const values = isRecord(body) ? Object.values(body) : [body];
	const isNothing = values.length > 0 && values.every((value) => value === null);
	return isNothing ? [] : values.find(isCallList);
};

/** The response to a transfer is not documented. */
const transferred = (body: unknown) =>
	typeof body === 'string' && /^\s*</.test(body) ? undefined : [{ success: true }];

const callFirst = phoneNumbers(
	'src_num',
	'Call First',
	'Numbers that ring first, all at once: extensions or external numbers. Queues and IVRs cannot be called first.',
	{ placeholder: 'e.g. 101' },
);
const thenConnect = phoneNumber(
	'dst_num',
	'Then Connect To',
	"Number that is called when one of 'Call First' has answered: an external number, an extension, a queue or an IVR",
	{ placeholder: 'e.g. +79161112233' },
);

const autoAnswer = (key: string, label: string, whose: string) =>
	integer(key, label, `Seconds after which the phone of ${whose} answers automatically`, {
		min: 0,
		max: 300,
		default: 0,
		into: 'variables',
	});

const startOptions = [
	// Before the fields that are part of it.
	keyValues('variables', 'Variables', 'Variables of the call, for use in IVRs'),
	boolean(
		'allow_public_transfer',
		'Allow Transfer',
		'Whether a call to an external number can be transferred',
		{ default: true },
	),
	locator(
		'announce_sound_id',
		soundLocator,
		'Announcement',
		"Sound to play to 'Call First' before 'Then Connect To' is called",
	),
	locator(
		'dst_announce_sound_id',
		soundLocator,
		'Announcement After Answer',
		"Sound to play to all parties when 'Then Connect To' has answered",
	),
	autoAnswer('autoanswer_dst', 'Auto-Answer Connected Phone', "'Then Connect To'"),
	autoAnswer('autoanswer_src', 'Auto-Answer First Phone', "'Call First'"),
	text('caller_id_name', 'Caller ID Name', 'Name to show as the caller ID'),
	text('caller_id_number', 'Caller ID Number', 'Number to show as the caller ID'),
	text('src_caller_id_name', 'First Caller ID Name', "Name to show to 'Call First'"),
	text('src_caller_id_number', 'First Caller ID Number', "Number to show to 'Call First'"),
	countryOfNumbers,
	integer('call_duration', 'Max Duration', 'Maximum length of the call in seconds', {
		min: 1,
		default: 3600,
	}),
	text(
		'src_ani',
		'Outbound Caller ID to First',
		"DID of the PBX to show to external numbers of 'Call First'. The PBX ignores other numbers.",
	),
	text(
		'dst_ani',
		'Outbound Caller ID to Connected',
		"DID of the PBX to show to an external number of 'Then Connect To'. The PBX ignores other numbers.",
	),
	integer('wait_for_pickup', 'Ring Timeout', 'Seconds to wait for an answer', {
		min: 1,
		default: 30,
	}),
	text(
		'tag',
		'Tag',
		'Text that the PBX sends in every event of the call. RingMe Trigger outputs it and can filter by it.',
		{ placeholder: 'e.g. order-4711', into: 'variables' },
	),
	text('dst_dtmf', 'Tones', "Tones (DTMF) to send when 'Then Connect To' has answered", {
		placeholder: 'e.g. 1W2#',
	}),
	phoneNumber(
		'transfer_after_dst_hangup',
		'Transfer First After Hangup',
		"Number to connect 'Call First' with when 'Then Connect To' has hung up",
	),
	phoneNumber(
		'transfer_after_src_hangup',
		'Transfer Connected After Hangup',
		"Number to connect 'Then Connect To' with when 'Call First' has hung up",
	),
];

export const call = resource({
	label: 'Call',
	description:
		"Inbound calls to answer, calls in progress and the call history. For audio files, use 'Recording'.",
	path: [
		details,
		locator('call_uuid', pastCallLocator),
		locator(
			'extension_id',
			extensionLocator,
			'Extension',
			'Extension that makes the call or takes part in it',
		),
		locator('call_api_id', activeCallLocator),
	],
	responseOperations: {
		answer: {
			label: 'Answer',
			description:
				'Decide what happens to the call that started the workflow: say something, play a sound, transfer or hang up. Works after a RingMe Call Trigger.',
			action: 'Answer call',
			outputFields: { inTime: 'boolean', steps: 'strings', xml: 'string' },
		},
	},
	operations: {
		get: get(
			'/client/{client_id}/call_history/{call_uuid}',
			'Retrieve a call with its parts: every phone that rang, with its recording. The call must be over.',
			{ simplifiedFields: pastCallFields },
		),
		getMany: list(
			'/client/{client_id}/{call_list}/',
			'Retrieve a list of the calls of a date range of any length, with caller, called number, result and duration',
			{
				paged: true,
				dateRange: true,
				serial: true,
				parse: callsOf,
				required: dateRange,
				optional: [
					choice('flow', 'Direction', 'Return only calls in this direction', [
						{ value: 'in', label: 'Inbound' },
						{ value: 'out', label: 'Outbound' },
					]),
					locator(
						'extension_id',
						extensionLocator,
						'Extension',
						'Return only calls of this extension',
					),
					phoneNumber('to_username', 'Called Number', 'Return only calls to this number', {
						placeholder: 'e.g. +79161112233',
					}),
					order,
				],
				simplifiedFields: pastCallFields,
			},
		),
		getManyActive: list(
			'/client/{client_id}/current_calls/',
			'Retrieve a list of the calls in progress on extensions of type phone',
			{
				rootProperty: 'call_list',
				action: 'Get many active calls',
				simplifiedFields: activeCallFields,
			},
		),
		getManyActiveOfExtension: list(
			'/extension/{extension_id}/current_calls/',
			'Retrieve a list of the calls in progress on one extension of type phone',
			{
				label: 'Get Many Active of Extension',
				action: 'Get many active calls of extension',
				rootProperty: 'call_list',
				simplifiedFields: activeCallFields,
			},
		),
		getStatistics: get(
			'/client/{client_id}/calls/stats/',
			'Retrieve statistics of the calls in a date range: the number of inbound and outbound calls',
			{
				action: 'Get statistics of calls',
				serial: true,
				required: dateRange,
			},
		),
		hangUp: remove(
			'/extension/{extension_id}/current_calls/{call_api_id}',
			'Hang up a call in progress, for all its parties',
		),
		start: post(
			'/extension/{extension_id}/callback/',
			'Start a call now: one or several phones ring first, and the one that answers is connected with a number',
			{ required: [callFirst, thenConnect], optional: startOptions },
		),
		transfer: put(
			'/extension/{extension_id}/current_calls/{call_api_id}',
			'Transfer a call in progress to another number',
			{
				required: [
					choice('action', 'Transfer Type', 'How the call is transferred', [
						{
							value: 'transfer',
							label: 'Blind',
							description: 'The extension leaves the call immediately',
						},
						{
							value: 'attended_transfer',
							label: 'Attended',
							description: 'The extension stays in the call until the number answers',
						},
					]),
					phoneNumber('send_dst', 'Transfer To', 'Number to transfer the call to', {
						placeholder: 'e.g. 102',
					}),
				],
				parse: transferred,
				parsedFields: { success: 'boolean' },
				// The number would ring again.
				repeatable: false,
			},
		),
	},
});
