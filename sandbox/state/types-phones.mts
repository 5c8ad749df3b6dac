import type { Domain, HttpMethod } from './types-company.mts';

/** Extensions, the numbers that lead to them, agents and events (see types.mts). */

export type ExtensionType = 'phone' | 'queue' | 'ivr' | 'fax' | 'conference';

export interface Extension {
	id: number;
	client_id: number;
	/** `1844*101`: client prefix, star, number. */
	name: string;
	label: string | null;
	type: ExtensionType;
	status: 'active' | 'blocked';
	domain: string;
	create_date: string;
	extension_group_id: number | null;
	caller_id_name: string | null;
	ani: string | null;
	ani_rfc3325: boolean;
	message_did: string | null;
	dial_rule_id: number | null;
	dial_rule_limit: number | null;
	did_as_transfer_caller_id: string | null;
	extra_params: string | null;
}

export interface ExtensionGroup {
	id: number;
	client_id: number;
	name: string;
	extra_params: string | null;
}

export type AgentStatus = 'logged_out' | 'available';

interface AgentBase {
	id: number;
	name: string;
	/** Goes out as an object, see ASSUMPTIONS.md. */
	status: AgentStatus;
	agent_sound_id: number | null;
	/** Seconds, like every time below. */
	busy_delay_time: number;
	no_answer_delay_time: number;
	call_timeout: number;
	wrap_up_time: number;
	reject_delay_time: number;
	extra_params: string | null;
}

/** An agent at an extension of this PBX. */
export interface LocalAgent extends AgentBase {
	/** Inside only: which of the two collections it lives in. */
	agent_type: 'local';
	extension_id: number;
}

/** An agent at an outside number. */
export interface RemoteAgent extends AgentBase {
	/** Inside only: which of the two collections it lives in. */
	agent_type: 'remote';
	number: string;
}

export type Agent = LocalAgent | RemoteAgent;

export type AgentEventType = 'agent-login' | 'agent-logout';

/** "Call this URL when this agent logs in (out)". */
export interface AgentEvent {
	id: number;
	/** Inside only. */
	agent_id: number;
	url: string;
	method: HttpMethod;
	event_type: AgentEventType;
}

export type PhoneEventType =
	| 'dial-in'
	| 'dial-out'
	| 'hangup'
	| 'answer'
	| 'message-in'
	| 'message-out'
	| 'voicemail';

/** "Call this URL when this happens on any phone of the client". */
export interface PhoneEvent {
	id: number;
	url: string;
	method: HttpMethod;
	event_type: PhoneEventType;
}

export interface Alias {
	id: number;
	client_id: number;
	name: string;
	comment: string | null;
	domain: Domain;
	create_date: string;
	extension_id: number | null;
}

/** A public phone number. */
export interface Did {
	id: number;
	client_id: number;
	name: string;
	comment: string | null;
	domain: Domain;
	create_date: string;
	extension_id: number | null;
	message_extension_id: number | null;
	allow_message: boolean;
}

export interface CallStatus {
	id: number;
	name: string;
	property_list: string[];
	create_dt: string;
	dealer_id: number | null;
	extra_params: Record<string, unknown>;
}
