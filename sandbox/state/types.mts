// The records a PBX stores, with the field names of the API.
//
// - Dates are `YYYY-MM-DD HH:MM:SS` strings in UTC, as in requests and responses.
// - `null` means "not set". Whether a response contains the `null` or omits the field is decided by the
//   contract (see `api/serialize.mts`).
// - Fields that no endpoint returns are marked "Internal".

export type HttpMethod = 'GET' | 'POST';

export interface Client {
	id: number;
	name: string;
	type: string;
	domain: string;
	domain_prefix: string;
	/** Every extension name starts with this prefix: `1844` in `1844*101`. */
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
	/** Internal: default outbound caller ID of the client (`/ani/` returns it as `default`). */
	ani: string | null;
}

/** How many records of each kind the client may have (`/limit/`). Creating more is refused with 403. */
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

/** One rule of an interval. It matches when every part that is set matches. */
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
	/** Internal: the file's content. */
	audio: Buffer;
}

export type UserKind = 'client' | 'extension' | 'extension_group';

export interface User {
	id: number;
	/** Internal: which of the three collections it belongs to. */
	kind: UserKind;
	client_id: number;
	extension_id: number | null;
	extension_group_id: number | null;
	login: string;
	/** Internal. */
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

/** A requested report or archive. A real PBX sends it by email. */
export interface Order {
	id: number;
	kind: 'call_center_report' | 'record_archive';
	request: Record<string, unknown>;
	archive_uuid: string | null;
}

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
	/** Sent as an object in responses, see ASSUMPTIONS.md. */
	status: AgentStatus;
	agent_sound_id: number | null;
	/** Seconds, like all durations below. */
	busy_delay_time: number;
	no_answer_delay_time: number;
	call_timeout: number;
	wrap_up_time: number;
	reject_delay_time: number;
	extra_params: string | null;
}

/** An agent at an extension of this PBX. */
export interface LocalAgent extends AgentBase {
	/** Internal: which of the two collections it belongs to. */
	agent_type: 'local';
	extension_id: number;
}

/** An agent at an external number. */
export interface RemoteAgent extends AgentBase {
	/** Internal: which of the two collections it belongs to. */
	agent_type: 'remote';
	number: string;
}

export type Agent = LocalAgent | RemoteAgent;

export type AgentEventType = 'agent-login' | 'agent-logout';

/** A webhook for the logins or logouts of one agent. */
export interface AgentEvent {
	id: number;
	/** Internal. */
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

/** A webhook for one type of event on any phone of the client. */
export interface PhoneEvent {
	id: number;
	url: string;
	method: HttpMethod;
	event_type: PhoneEventType;
}

/** A webhook for one type of event of one extension. */
export interface ExtensionEvent extends PhoneEvent {
	/** Internal. */
	extension_id: number;
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

/** A call in progress (`/current_calls/`), keyed by `call_api_id`. */
export interface CurrentCall {
	call_api_id: string;
	called_number: string;
	record_uuid: string | null;
	init_time_gmt: string;
	real_call: boolean;
	/** In upper case, as real PBXs send it. */
	call_flow: 'IN' | 'OUT';
	called_did: string | null;
	callback_id: string | null;
	caller_id_name: string | null;
	caller_id_number: string;
	extension_id: number;
	answer_time_gmt: string | null;
}

/** A part of a call: one leg. */
export interface CallPart {
	call_uuid: string;
	/** Of the recording; null if there is none. */
	record_uuid: string | null;
	/** Size of the file in bytes. */
	record_file_size: number | null;
	client_owner_id: number;
	extension_group_owner_id: number | null;
	extension_id: number;
	extension_name: string;
	extension_type: ExtensionType;
	ext_number_reg: string | null;
	flow: 'in' | 'out';
	result: string;
	/** Seconds. */
	duration: number;
	init_time_gmt: string;
	start_time_gmt: string | null;
	hangup_time_gmt: string;
	hangup_cause: string;
	hangup_disposition: string;
	application: string | null;
	ani_number: string | null;
	source_number: string | null;
	source_domain: string | null;
	from_username: string | null;
	from_domain: string | null;
	from_screen_name: string | null;
	to_username: string | null;
	to_domain: string | null;
	dest_number: string | null;
	dest_domain: string | null;
	did_number: string | null;
	did_domain: string | null;
}

/** A part of a call with a file, keyed by `record_uuid` (`<extension id>-<32 hex>`). */
export interface RecordedPart extends CallPart {
	record_uuid: string;
	record_file_size: number;
}

/** A call recording. */
export interface CallRecord extends RecordedPart {
	calls_result: string;
	calls_hangup_disposition: string;
}

/** A voicemail. */
export type Voicemail = RecordedPart;

/** A call that is over, keyed by `call_uuid`. */
export interface PastCall {
	call_uuid: string;
	flow: 'in' | 'out';
	result: string;
	/** Seconds from the first ring to the end. */
	duration: number;
	/** Seconds for which two parties were connected; null if they were not. */
	bridged_duration: number | null;
	bridged_time_gmt: string | null;
	bridged_username: string | null;
	bridged_domain: string | null;
	init_time_gmt: string;
	start_time_gmt: string | null;
	hangup_time_gmt: string;
	from_username: string | null;
	from_domain: string | null;
	from_screen_name: string | null;
	to_username: string | null;
	to_domain: string | null;
	did_number: string | null;
	did_domain: string | null;
	ext_number_reg: string | null;
	extension_id: number;
	extension_name: string;
	extension_type: ExtensionType;
	extension_group_owner_id: number | null;
	client_owner_id: number;
	hangup_cause: string;
	hangup_disposition: string;
	/** The legs of the call, in the order in which they began. */
	cdr: CallPart[];
}

/** A text message, keyed by `id`. */
export interface Message {
	id: string;
	chat_id: string;
	extension_id: number;
	flow: 'in' | 'out';
	init_time_gmt: string;
	src_num: string;
	dst_num: string;
	text: string;
	status: string;
	read: boolean;
}

/** A device that is registered as a phone, keyed by `registration_id`. */
export interface Registration {
	registration_id: string;
	/** Internal. */
	extension_id: number;
	device: string;
	real_address: string;
	contact_address: string;
	/** Internal: end of the registration in epoch milliseconds. */
	expires_at: number;
}

/** A received fax, keyed by `uuid`. */
export interface Fax {
	uuid: string;
	client_id: number;
	extension_group_id: number | null;
	extension_id: number;
	caller_id: string;
	destination: string;
	datetime: string;
}

export interface TaskScheduler {
	id: number;
	name: string;
	comment: string | null;
	status: 'on' | 'off';
	/** Maximum number of tasks run at the same time; `null` means one. */
	concurrent_task_limit: number | null;
	interval_id: number | null;
	create_date_utc: string;
	/** Time of its latest call. */
	last_call_date: string | null;
}

export type TaskStatus =
	| 'scheduled'
	| 'executed'
	| 'delayed'
	| 'delayed_asr'
	| 'delayed_concurrent_task'
	| 'delayed_interval'
	| 'finished';

export interface Task {
	id: number;
	scheduler_id: number;
	status: TaskStatus;
	name: string | null;
	/** Called first. */
	a_number: string | null;
	/** Called second. */
	b_number: string | null;
	extension_id: number | null;
	start_time_utc: string | null;
	/** 1 to 50. */
	try_count: number;
	/** Seconds. */
	try_again_pause: number | null;
	/** Maximum number of attempts to reach A; with null and 0 only `try_count` counts. */
	try_count_caller: number | null;
	/** Seconds. */
	try_again_pause_caller: number | null;
	/** Number shown to A in each attempt. Only stored. */
	attempts_src_ani_numbers: string[] | null;
	/** Number shown to B in each attempt. Only stored. */
	attempts_dst_ani_numbers: string[] | null;
	/** Seconds. */
	global_expires: number;
	variables: Record<string, unknown> | null;
	callback_params: Record<string, unknown> | null;
	url_before: string | null;
	url_before_again: string | null;
	url_success: string | null;
	url_after: string | null;
	create_date_utc: string;
	finish_result: 'success' | 'failed' | null;
	finish_comment: string | null;
	/** Call records of the attempts as JSON text (the API page gives the type "string"). */
	cdr: string | null;
}
