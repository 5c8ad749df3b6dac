/** The client, its people and its settings (see types.mts). */

export type HttpMethod = 'GET' | 'POST';

export interface Client {
	id: number;
	name: string;
	type: string;
	domain: string;
	domain_prefix: string;
	/** Every extension name starts with it: `1844` in `1844*101`. */
	prefix: string;
	extension_len: number;
	create_date: string;
	email: string;
	presence: string | null;
	ambassadors: string | null;
	contact_phones: string | null;
	fact_address: string | null;
	jur_address: string | null;
	language: string;
	timezone: string;
	hold_music: number | null;
	sip_network_permission_id: number | null;
	dial_rule_id: number | null;
	disk_space_notify_email: string | null;
	disk_space_notify_threshold: number | null;
	record_stereo: boolean;
	record_format: string;
	reg_status_log: boolean;
	short_local_caller_id: string | null;
	did_as_transfer_caller_id: string | null;
	geo_list: string | null;
	extra_params: string | null;
	call_interactive_url: string | null;
	call_interactive_method: HttpMethod;
	call_interactive_timeout: number | null;
	call_interactive_out_call: boolean;
	/** Default caller ID of the client (`/ani/` returns it as `default`). Inside only. */
	ani: string | null;
}

/** How many of each thing the client may have (`/limit/`). Creating more answers 403. */
export interface Limits {
	disk_quota: number;
	ivr_option_limit: number;
	dial_rule_limit: number;
	user_extension_group_limit: number;
	extension_agent_limit: number;
	ivr_rule_limit: number;
	sound_limit: number;
	application_limit: number;
	user_client_limit: number;
	extension_group_limit: number;
	user_extension_limit: number;
	calls_limit: number;
	network_permission_limit: number;
	remote_agent_limit: number;
	interval_limit: number;
	event_limit: number;
	extension_limit: number;
	incom_rule_limit: number;
	ivr_context_limit: number;
	reg_limit: number;
}

export interface Domain {
	id: number;
	name: string;
}

export interface DialRule {
	id: number;
	client_id: number;
	dealer_id: number | null;
	name: string;
	dial_rules: Array<{ match_exp: string; repl_exp: string; comment?: string | null }>;
}

/** One rule of an interval: it matches when each part that is set matches. */
export interface IntervalCondition {
	type?: string;
	start_datetime?: string | null;
	end_datetime?: string | null;
	start_time?: string | null;
	end_time?: string | null;
	start_dow?: number | null;
	end_dow?: number | null;
	start_mday?: number | null;
	end_mday?: number | null;
	month?: number | null;
	sched_start_date?: string | null;
	sched_active_days?: number | null;
	sched_skip_days?: number | null;
}

export interface Interval {
	id: number;
	client_id: number;
	dealer_id: number | null;
	extension_id: number | null;
	name: string;
	/** IANA name; the conditions are in this zone. */
	timezone: string;
	conditions: IntervalCondition[];
}

export interface NetworkPermission {
	id: number;
	client_id: number;
	name: string;
	network_address: string[];
	network_count: number;
}

export interface Sound {
	id: number;
	client_id: number | null;
	dealer_id: number | null;
	title: string;
	/** Stored name, ends in `.wav`. */
	filename: string;
	/** Inside only: the file. */
	audio: Buffer;
}

export type UserKind = 'client' | 'extension' | 'extension_group';

export interface User {
	id: number;
	/** Inside only: which of the three collections it lives in. */
	kind: UserKind;
	client_id: number;
	extension_id: number | null;
	extension_group_id: number | null;
	login: string;
	/** Inside only. */
	password: string;
	name: string;
	email: string;
	status: 'active' | 'blocked';
	access: 'full' | 'read_only';
	comment: string | null;
	timezone: string;
	extra_params: string | null;
}

/** A client variable, keyed by `var`. */
export interface Variable {
	var: string;
	value: string | null;
}

/** A report or archive that was ordered (it would arrive by e-mail). */
export interface Order {
	id: number;
	kind: 'call_center_report' | 'record_archive';
	request: Record<string, unknown>;
	archive_uuid: string | null;
}
