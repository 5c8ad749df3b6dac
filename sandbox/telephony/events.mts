import type { Agent, Extension } from '../state/types.mts';
import type { Call, Leg } from './model.mts';
import type { Fields } from './delivery.mts';

// The form fields of the events: all values are strings, and fields without a value are left out. The
// field names, including the misspelled `Transfered`, are those of the PBX, from public pages of its
// operators. What these pages do not say is in ASSUMPTIONS.md, section "Telephony".

export type CallEventType = 'dial-in' | 'dial-out' | 'answer' | 'hangup';

type OptionalFields = Record<string, string | number | null | undefined>;

function toFields(fields: OptionalFields): Fields {
	const result: Fields = {};
	for (const [name, value] of Object.entries(fields)) {
		if (value !== null && value !== undefined && value !== '') result[name] = String(value);
	}
	return result;
}

/** `1844*101@sip.example`, the form of CallerExtension and CalledExtension. */
export function sipName(extension: Extension): string {
	return `${extension.name}@${extension.domain}`;
}

/**
 * A call event of one leg.
 * @param time microseconds since 1970, UTC
 */
export function callEvent(type: CallEventType, call: Call, leg: Leg, time: number): Fields {
	const incoming = leg.flow === 'in';
	const fields: OptionalFields = {
		EventType: type,
		EventTime: time,
		CallID: call.id,
		SubCallID: leg.subCallId,
		CallAPIID: leg.callApiId,
		CallFlow: leg.flow,
		CallStatus: leg.status,
		CallerIDNum: leg.callerNumber,
		CallerIDName: leg.callerName,
		CallerExtension: leg.callerExtension && sipName(leg.callerExtension),
		CallerExtensionID: leg.callerExtension?.id,
		CalledNumber: leg.calledNumber,
		CalledExtension: incoming ? sipName(leg.extension) : null,
		CalledExtensionID: incoming ? leg.extension.id : null,
		CalledDID: leg.calledDid,
		CallBackID: call.callbackId,
		Tag: call.tag,
	};
	if (type === 'dial-in') fields.RemoteNumber = call.remoteNumber;
	if (type !== 'dial-in' && leg.transferred) fields.Transfered = 'yes';
	if (type === 'hangup') {
		fields.Duration = leg.answerTime === null ? 0 : time - leg.answerTime;
		if (leg.includesRecId && leg.recordUuid) fields.RecID = leg.recordUuid.toLowerCase();
		if (incoming && (leg.extension.type === 'queue' || leg.extension.type === 'ivr')) {
			fields.Bridged = call.bridgedMicroseconds === null ? 'no' : 'yes';
			fields.BridgedDuration = call.bridgedMicroseconds ?? 0;
		}
	}
	return toFields(fields);
}

export interface MessageDetails {
	extension: Extension;
	direction: 'in' | 'out';
	/** The external number: sender of an inbound, recipient of an outbound message. */
	remote: string;
	/** The number of the PBX: the DID that received the message, or the sender. */
	local: string;
	text: string;
}

/** `message-in` and `message-out`: lower-case field names, and no field with the event's name. */
export function messageEvent({
	extension,
	direction,
	remote,
	local,
	text,
}: MessageDetails): Fields {
	const common = { extension_name: sipName(extension), extension_id: extension.id, text };
	return toFields(
		direction === 'in'
			? { ...common, src_number: remote, did_number: local }
			: { ...common, src_number: local, dst_number: remote },
	);
}

/** `message-out-status`: like `message-out`, with a status, and the extension without its domain. */
export function messageStatusEvent(details: MessageDetails, status: 'sent' | 'failed'): Fields {
	return { ...messageEvent(details), extension_name: details.extension.name, status };
}

export interface VoicemailDetails {
	extension: Extension;
	callId: string;
	subCallId: string;
	callerNumber: string;
	callerName?: string;
	did?: string;
	recordUuid: string;
	/** Seconds. */
	duration: number;
}

/** `voicemail`: its fields are not known, so they are those of a call event. */
export function voicemailEvent(details: VoicemailDetails, time: number): Fields {
	return toFields({
		EventType: 'voicemail',
		EventTime: time,
		CallID: details.callId,
		SubCallID: details.subCallId,
		CallFlow: 'in',
		CallerIDNum: details.callerNumber,
		CallerIDName: details.callerName,
		CalledNumber: details.extension.name,
		CalledExtension: sipName(details.extension),
		CalledExtensionID: details.extension.id,
		CalledDID: details.did,
		Duration: details.duration * 1_000_000,
		RecID: details.recordUuid.toLowerCase(),
	});
}

/**
 * `agent-login` and `agent-logout`. Only `agent_status` tells which of the two it is.
 * @param extension the extension of a local agent
 * @param source how the status was changed: `api`, `phone`, ...
 */
export function agentEvent(agent: Agent, extension: Extension | undefined, source: string): Fields {
	return toFields({
		agent_id: agent.id,
		agent_status: agent.status,
		agent_type: agent.agent_type,
		agent_number: agent.agent_type === 'remote' ? agent.number : null,
		extension_name: extension?.name,
		event_source: source,
	});
}

/** `extension-call-status`, named `call-status-change` in its fields. */
export function callStatusEvent(
	extension: Extension,
	change: { from: number | null; to: number | null },
	changedAt: string,
): Fields {
	return {
		event_type: 'call-status-change',
		extension_id: String(extension.id),
		extension_name: extension.name,
		client_id: String(extension.client_id),
		old_status_id: String(change.from ?? 'None'),
		new_status_id: String(change.to ?? 'None'),
		change_dt: changedAt,
	};
}
