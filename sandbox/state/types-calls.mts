import type { ExtensionType } from './types-phones.mts';

/** Calls, what they leave behind, and those yet to be made (see types.mts). */

/** A call being made right now (`/current_calls/`), keyed by `call_api_id`. */
export interface CurrentCall {
	call_api_id: string;
	called_number: string;
	record_uuid: string | null;
	init_time_gmt: string;
	real_call: boolean;
	/** `IN` or `OUT` (captured in upper case). */
	call_flow: 'IN' | 'OUT';
	called_did: string | null;
	callback_id: string | null;
	caller_id_name: string | null;
	caller_id_number: string;
	extension_id: number;
	answer_time_gmt: string | null;
}

/** A call recording, keyed by `record_uuid` (`<extension id>-<32 hex>`). */
export interface CallRecord {
	record_uuid: string;
	call_uuid: string;
	client_owner_id: number;
	extension_group_owner_id: number | null;
	extension_id: number;
	extension_name: string;
	extension_type: ExtensionType;
	ext_number_reg: string | null;
	flow: 'in' | 'out';
	result: string;
	calls_result: string;
	/** Seconds. */
	duration: number;
	init_time_gmt: string;
	start_time_gmt: string;
	hangup_time_gmt: string;
	hangup_cause: string;
	hangup_disposition: string;
	calls_hangup_disposition: string;
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
	/** Bytes of the file. */
	record_file_size: number;
}

/** A voice message, keyed by `record_uuid`. */
export interface Voicemail {
	record_uuid: string;
	extension_id: number;
	caller_id_number: string;
	start_time_gmt: string;
	/** Seconds. */
	duration: number;
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
	/** Tasks run at the same time; `null` means one. */
	concurrent_task_limit: number | null;
	interval_id: number | null;
	create_date_utc: string;
	/** Time of the latest call it made. */
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
	/** Call records of the attempts, as text (the page says "string"). */
	cdr: string | null;
}
