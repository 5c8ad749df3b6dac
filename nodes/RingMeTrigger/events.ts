import type { IDataObject } from 'n8n-workflow';

import { agentEvents, phoneEvents, shortNumber } from '../shared/schema/locators';

/**
 * What a delivery means. Field names, units and spelling (`Transfered`) are the PBX's own, from its
 * operators' pages about HTTP events; all values arrive as text.
 */
export type Fields = Record<string, string>;

const ABOUT: Record<string, string> = {
	'agent-login': 'An agent begins to take calls',
	'agent-logout': 'An agent stops taking calls',
	answer: 'Somebody picks up',
	hangup: 'A call is over, talked or missed: how long it took, and its recording',
	'dial-in': 'A phone begins to ring',
	'message-in': 'A text message comes in',
	'message-out': 'A text message goes out',
	'dial-out': 'A phone begins to call a number',
	voicemail: 'A caller leaves a voice message',
};

/** What a workflow can start on. The values are the event types of the API. */
export const EVENTS = [...agentEvents, ...phoneEvents].map(({ value, label }) => ({
	name: label,
	value,
	description: ABOUT[value],
}));

const CALLS = new Set(['dial-in', 'dial-out', 'answer', 'hangup']);
const SELECTABLE = new Set(EVENTS.map(({ value }) => value));

export const isCall = (event: string) => CALLS.has(event);
export const isAgentEvent = (event: string) => event.startsWith('agent-');
/** Other events exist (`message-out-status`, `call-status-change`), but cannot be registered here. */
export const isSelectable = (event: string) => SELECTABLE.has(event);

/**
 * The event type of a delivery. Only calls name it; messages and agents are known by their fields.
 *
 * @param registered what the address was registered for, in case the fields tell nothing
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

type Read = (value: string) => IDataObject[string];

const text: Read = (value) => value || undefined;
const lowerCase: Read = (value) => value.toLowerCase() || undefined;
const whole: Read = (value) => (/^\d{1,15}$/.test(value) ? Number(value) : undefined);
const wholeOrNone: Read = (value) => (value === '' ? null : whole(value));
const yesOrNo: Read = (value) =>
	/^(yes|no)$/i.test(value) ? value.toLowerCase() === 'yes' : undefined;
const withoutDomain: Read = (value) => value.split('@')[0] || undefined;
const seconds: Read = (value) => microseconds(value, (micro) => micro / 1_000_000);

/** ISO 8601 in UTC with all six decimals, which `Date` and Luxon read too. */
const moment: Read = (value) =>
	microseconds(value, (micro) => {
		const toMillisecond = new Date(Math.floor(micro / 1000)).toISOString().slice(0, -1);
		return `${toMillisecond}${String(micro % 1000).padStart(3, '0')}Z`;
	});

function microseconds<T>(value: string, read: (micro: number) => T): T | undefined {
	const micro = /^\d+$/.test(value) ? Number(value) : NaN;
	return Number.isSafeInteger(micro) ? read(micro) : undefined;
}

/** The fields a person wants, in the order in which they read them. */
const SIMPLE: Array<[from: string, to: string, read: Read]> = [
	['EventTime', 'time', moment],
	['CallFlow', 'direction', lowerCase],
	['CallStatus', 'status', text],
	['agent_status', 'status', text],
	['status', 'status', text],
	['CallerIDNum', 'from', text],
	['src_number', 'from', text],
	['CallerIDName', 'fromName', text],
	['CalledNumber', 'to', text],
	['dst_number', 'to', text],
	['did_number', 'to', text],
	['CalledDID', 'did', text],
	['RemoteNumber', 'remoteNumber', text],
	['text', 'text', text],
	['agent_id', 'agentId', whole],
	['agent_type', 'agentType', text],
	['agent_number', 'number', text],
	['extension_name', 'extension', withoutDomain],
	['extension_id', 'extensionId', whole],
	['old_status_id', 'oldStatusId', wholeOrNone],
	['new_status_id', 'newStatusId', wholeOrNone],
	['change_dt', 'changedAt', text],
	['event_source', 'source', text],
	['Duration', 'duration', seconds],
	['Bridged', 'bridged', yesOrNo],
	['BridgedDuration', 'bridgedDuration', seconds],
	['Transfered', 'transferred', yesOrNo],
	['RecID', 'recordId', text],
	['CallBackID', 'callbackId', text],
	['CallAPIID', 'callApiId', text],
	['CallID', 'callId', text],
	['SubCallID', 'legId', text],
];

const DIRECTIONS = new Map([
	['message-in', 'in'],
	['message-out', 'out'],
	['message-out-status', 'out'],
	['voicemail', 'in'],
]);

/**
 * A delivery in plain words: ISO time, durations in seconds, ids as numbers, the direction in lower
 * case, the extension that took part (the called one of an incoming call, the calling one of an
 * outgoing one) without its domain. What is missing or unreadable is left out.
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
	const simple: IDataObject = { event };
	for (const [from, to, read] of SIMPLE) {
		const value = known[from];
		const clear = value === undefined ? undefined : read(value);
		if (clear !== undefined) simple[to] = clear;
	}
	const missed = event === 'hangup' && direction === 'in' ? wasMissed(simple) : undefined;
	return missed === undefined ? simple : { ...simple, missed };
}

/**
 * A queue or voice menu tells whether a person took the call anywhere (`Bridged`); a phone knows
 * only of itself.
 */
function wasMissed({ bridged, status }: IDataObject) {
	if (bridged !== undefined) return !bridged;
	return status === undefined ? undefined : status !== 'ANSWER';
}

/**
 * Whether both ends are extensions of the PBX. A transferred call of an outside number is not
 * internal, though both ends are (`RemoteNumber`, `Transfered`).
 */
export function isInternal(fields: Fields): boolean {
	if (fields.RemoteNumber || yesOrNo(fields.Transfered ?? '')) return false;
	const { CallerIDNum: caller = '', CalledNumber: called = '' } = fields;
	const calling = withoutDomain(fields.CallerExtension ?? '');
	const fromInside = isName(caller) || (caller !== '' && caller === shortNumber(calling));
	return fromInside && (isName(called) || Boolean(fields.CalledExtensionID));
}

/** `1844*101`: the prefix of the PBX, a star, the number. */
const isName = (number: string) => /^\d+\*\d+$/.test(number);
