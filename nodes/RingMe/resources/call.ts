import type { IDataObject } from 'n8n-workflow';

import { choice, locator, text } from '../../shared/schema/field';
import { extensionLocator, pastCallLocator } from '../../shared/schema/locators';
import { get, list, resource } from '../../shared/schema/operation';
import { isRecord } from '../../shared/transport/records';
import { dateRange, order } from './common/dateRange';

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

const isCallList = (value: unknown): value is IDataObject[] =>
	Array.isArray(value) && value.every((each) => isRecord(each) && 'call_uuid' in each);

/** The list is inside an object, under a name that is documented for calls with parts only. */
const callsOf = (body: unknown) => (isRecord(body) ? Object.values(body) : [body]).find(isCallList);

export const call = resource({
	label: 'Call',
	description:
		"Calls: those in progress and the call history. For audio files, use the resource 'Recording'.",
	path: [details, locator('call_uuid', pastCallLocator)],
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
					text('to_username', 'Called Number', 'Return only calls to this number', {
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
				simplifiedFields: [
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
				],
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
	},
});
