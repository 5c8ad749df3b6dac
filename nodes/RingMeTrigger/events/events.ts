// The fields of an event are as the PBX names and spells them (`Transfered`); times and durations of calls
// are in microseconds.

import type { IDataObject } from 'n8n-workflow';

import { isExtensionName } from '../../shared/parameters/extensions';
import { agentEvents, phoneEvents, shortNumber } from '../../shared/schema/locators';
import { taskEvents } from '../../shared/taskReports/taskReport';
import type { Fields } from '../../shared/webhook/fields';
import {
	parseInteger,
	parseText,
	removeDomain,
	simplifyFields,
	type FieldMap,
	type FieldParser,
} from '../../shared/webhook/simplifyFields';

const DESCRIPTIONS: Record<string, string> = {
	'agent-login': 'An agent starts to take calls',
	'agent-logout': 'An agent stops taking calls',
	answer: 'A call is answered',
	'dial-in': 'A phone starts to ring',
	'dial-out': 'A phone starts to call a number',
	hangup: 'A call is over, answered or missed. Includes its duration and the ID of its recording.',
	'message-in': 'A text message (SMS) is received',
	'message-out': 'A text message (SMS) is sent',
	'task-connected':
		"Both numbers of a task are connected. For tasks of which 'Report Results To' of 'Add Tasks' is this trigger.",
	'task-finished':
		"A task of a task scheduler is finished. For tasks of which 'Report Results To' of 'Add Tasks' is this trigger.",
	voicemail: 'A caller leaves a voicemail',
};

/** Events that can start a workflow, in alphabetical order. Except for tasks, the values are those of the API. */
export const EVENTS = [...agentEvents, ...phoneEvents, ...taskEvents]
	.map(({ value, label }) => ({ name: label, value, description: DESCRIPTIONS[value] }))
	.sort((a, b) => a.name.localeCompare(b.name, 'en'));

const CALLS = new Set(['dial-in', 'dial-out', 'answer', 'hangup']);
const TASK_EVENTS = new Set<string>(taskEvents.map(({ value }) => value));
const SELECTABLE = new Set(EVENTS.map(({ value }) => value));

export const isCall = (event: string) => CALLS.has(event);
export const isAgentEvent = (event: string) => event.startsWith('agent-');
/** The PBX reports them to the URL of each task, and no webhook is registered for them. */
export const isTaskEvent = (event: string) => TASK_EVENTS.has(event);
/** Other events exist (`message-out-status`, `call-status-change`), but no webhook for them. */
export const isSelectable = (event: string) => SELECTABLE.has(event);

/**
 * The event type of a webhook request. Only calls name it; text messages and agent events are
 * recognized by their fields.
 *
 * @param registered event type for which the webhook was registered, used if the fields show none
 */
export function eventOf(fields: Fields, registered = ''): string {
	const named = fields.EventType || fields.event_type;
	if (named) return named;
	if (fields.agent_status === 'available') return 'agent-login';
	if (fields.agent_status === 'logged_out') return 'agent-logout';
	if (fields.dst_number) return fields.status ? 'message-out-status' : 'message-out';
	if (fields.src_number) return 'message-in';
	return registered || 'unknown';
}

const parseLowerCase: FieldParser = (value) => value.toLowerCase() || undefined;
const parseIntegerOrNull: FieldParser = (value) => (value === '' ? null : parseInteger(value));
const parseYesNo: FieldParser = (value) =>
	/^(yes|no)$/i.test(value) ? value.toLowerCase() === 'yes' : undefined;
const parseSeconds: FieldParser = (value) => parseMicroseconds(value, (micro) => micro / 1_000_000);

/** Microseconds since 1970 as ISO 8601 in UTC with six decimals, which `Date` and Luxon can read. */
const parseTimestamp: FieldParser = (value) =>
	parseMicroseconds(value, (micro) => {
		const toMillisecond = new Date(Math.floor(micro / 1000)).toISOString().slice(0, -1);
		return `${toMillisecond}${String(micro % 1000).padStart(3, '0')}Z`;
	});

function parseMicroseconds<T>(value: string, convert: (micro: number) => T): T | undefined {
	const micro = /^\d+$/.test(value) ? Number(value) : NaN;
	return Number.isSafeInteger(micro) ? convert(micro) : undefined;
}

/** Fields of the simplified output. */
const FIELD_MAP: FieldMap = [
	['EventTime', 'time', parseTimestamp],
	['CallFlow', 'direction', parseLowerCase],
	['CallStatus', 'status', parseText],
	['agent_status', 'status', parseText],
	['status', 'status', parseText],
	['CallerIDNum', 'from', parseText],
	['src_number', 'from', parseText],
	['CallerIDName', 'fromName', parseText],
	['CalledNumber', 'to', parseText],
	['dst_number', 'to', parseText],
	['did_number', 'to', parseText],
	['CalledDID', 'did', parseText],
	['RemoteNumber', 'remoteNumber', parseText],
	['Diversion', 'diversion', parseText],
	['text', 'text', parseText],
	['agent_id', 'agentId', parseInteger],
	['agent_type', 'agentType', parseText],
	['agent_number', 'number', parseText],
	['extension_name', 'extension', removeDomain],
	['extension_id', 'extensionId', parseInteger],
	['old_status_id', 'oldStatusId', parseIntegerOrNull],
	['new_status_id', 'newStatusId', parseIntegerOrNull],
	['change_dt', 'changedAt', parseText],
	['event_source', 'source', parseText],
	['Duration', 'duration', parseSeconds],
	['Bridged', 'bridged', parseYesNo],
	['BridgedDuration', 'bridgedDuration', parseSeconds],
	['Transfered', 'transferred', parseYesNo],
	['RecID', 'recordId', parseText],
	['CallBackID', 'callbackId', parseText],
	['Tag', 'tag', parseText],
	['CallAPIID', 'callApiId', parseText],
	['CallID', 'callId', parseText],
	['SubCallID', 'legId', parseText],
];

const DIRECTIONS = new Map([
	['message-in', 'in'],
	['message-out', 'out'],
	['message-out-status', 'out'],
	['voicemail', 'in'],
]);

/**
 * The simplified output of an event: ISO 8601 time, durations in seconds, IDs as numbers, direction
 * in lower case, and without its domain the extension that took part (the called one of an inbound
 * call, the calling one of an outbound call). Fields that are missing or unreadable are omitted.
 */
export function simplify(event: string, fields: Fields): IDataObject {
	const direction = DIRECTIONS.get(event) ?? fields.CallFlow?.toLowerCase();
	const side = direction === 'out' ? 'Caller' : 'Called';
	const known: Partial<Fields> = {
		CallFlow: direction,
		extension_name: fields[`${side}Extension`],
		extension_id: fields[`${side}ExtensionID`],
		...fields,
	};
	const output: IDataObject = { event, ...simplifyFields(known, FIELD_MAP) };
	const missed = event === 'hangup' && direction === 'in' ? wasMissed(output) : undefined;
	return missed === undefined ? output : { ...output, missed };
}

/**
 * For queues and IVRs, the PBX sends whether anybody answered the call (`Bridged`). For a phone,
 * only the status of that phone is known.
 */
function wasMissed({ bridged, status }: IDataObject) {
	if (bridged !== undefined) return !bridged;
	return status === undefined ? undefined : status !== 'ANSWER';
}

/**
 * Whether both parties are extensions of the PBX. A transferred call of an external number is not
 * internal, although both parties are extensions (`RemoteNumber`, `Transfered`).
 */
export function isInternal(fields: Fields): boolean {
	if (fields.RemoteNumber || parseYesNo(fields.Transfered ?? '')) return false;
	const { CallerIDNum: caller = '', CalledNumber: called = '' } = fields;
	const calling = removeDomain(fields.CallerExtension ?? '');
	const isFromExtension =
		isExtensionName(caller) || (caller !== '' && caller === shortNumber(calling));
	return isFromExtension && (isExtensionName(called) || Boolean(fields.CalledExtensionID));
}
