import type { Agent, Extension } from '../state/types.mts';
import type { Call, Leg } from './model.mts';
import type { Fields } from './delivery.mts';

/**
 * What the events look like on the wire: all values are strings, absent ones are left out. The field
 * names (and the misspelled `Transfered`) are the PBX's own, from its operators' public pages; what
 * these leave open is in ASSUMPTIONS.md, section "Telephony".
 */

export type CallEventType = 'dial-in' | 'dial-out' | 'answer' | 'hangup';

type Loose = Record<string, string | number | null | undefined>;

function filled(fields: Loose): Fields {
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
	const fields: Loose = {
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
	};
	if (type === 'dial-in') fields.RemoteNumber = call.remoteNumber;
	if (type !== 'dial-in' && leg.transferred) fields.Transfered = 'yes';
	if (type === 'hangup') {
		fields.Duration = time - leg.dialTime;
		if (leg.tellsRecord && leg.recordUuid) fields.RecID = leg.recordUuid.toLowerCase();
		if (leg.extension.type === 'queue' || leg.extension.type === 'ivr') {
			fields.Bridged = call.bridgedMicroseconds === null ? 'no' : 'yes';
			fields.BridgedDuration = call.bridgedMicroseconds ?? 0;
		}
	}
	return filled(fields);
}

export interface MessageFacts {
	extension: Extension;
	direction: 'in' | 'out';
	/** The outside number: sender of an incoming, receiver of an outgoing message. */
	remote: string;
	/** Our number: the DID it came to, or the sender's number. */
	local: string;
	text: string;
}

/** `message-in` and `message-out`: lower-case names and no field that names the event. */
export function messageEvent({ extension, direction, remote, local, text }: MessageFacts): Fields {
	const common = { extension_name: sipName(extension), extension_id: extension.id, text };
	return filled(
		direction === 'in'
			? { ...common, src_number: remote, did_number: local }
			: { ...common, src_number: local, dst_number: remote },
	);
}

/** `message-out-status`: like `message-out` with a status, and the name without the domain. */
export function messageStatusEvent(facts: MessageFacts, status: 'sent' | 'failed'): Fields {
	return { ...messageEvent(facts), extension_name: facts.extension.name, status };
}

export interface VoicemailFacts {
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

/** `voicemail`: its fields are not known; built like a call event. */
export function voicemailEvent(facts: VoicemailFacts, time: number): Fields {
	return filled({
		EventType: 'voicemail',
		EventTime: time,
		CallID: facts.callId,
		SubCallID: facts.subCallId,
		CallFlow: 'in',
		CallerIDNum: facts.callerNumber,
		CallerIDName: facts.callerName,
		CalledNumber: facts.extension.name,
		CalledExtension: sipName(facts.extension),
		CalledExtensionID: facts.extension.id,
		CalledDID: facts.did,
		Duration: facts.duration * 1_000_000,
		RecID: facts.recordUuid.toLowerCase(),
	});
}

/**
 * `agent-login` and `agent-logout`; which one it is shows only in `agent_status`.
 * @param extension of a local agent
 * @param source who changed it: `api`, `phone`, ...
 */
export function agentEvent(agent: Agent, extension: Extension | undefined, source: string): Fields {
	return filled({
		agent_id: agent.id,
		agent_status: agent.status,
		agent_type: agent.agent_type,
		agent_number: agent.agent_type === 'remote' ? agent.number : null,
		extension_name: extension?.name,
		event_source: source,
	});
}

/** `extension-call-status`, which calls itself `call-status-change`. An empty id means "none". */
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
		old_status_id: String(change.from ?? ''),
		new_status_id: String(change.to ?? ''),
		change_dt: changedAt,
	};
}
