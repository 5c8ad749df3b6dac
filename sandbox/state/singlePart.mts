import { wavSize } from './audio.mts';
import { formatUtc, parseUtc } from './time.mts';
import type { CallPart, Extension, PastCall, Voicemail } from './types.mts';

/** How long a missed call rang, in seconds. */
export const RING_SECONDS = 20;

export interface MissedCall {
	extension: Extension;
	/** Number of the caller. */
	from: string;
	fromName?: string;
	/** The called DID. */
	did?: string;
	/** Start in epoch milliseconds. */
	started: number;
	callUuid: string;
}

/** The extension that a part of a call belongs to, in the fields of the part. */
export const ownerFields = (extension: Extension) => ({
	client_owner_id: extension.client_id,
	extension_group_owner_id: extension.extension_group_id,
	extension_id: extension.id,
	extension_name: extension.name,
	extension_type: extension.type,
	ext_number_reg: null,
});

/** The part of an inbound call that nobody answered. */
export function missedPart({
	extension,
	from,
	fromName,
	did,
	started,
	callUuid,
}: MissedCall): CallPart {
	return {
		record_uuid: null,
		record_file_size: null,
		call_uuid: callUuid,
		...ownerFields(extension),
		flow: 'in',
		result: 'not answered',
		duration: RING_SECONDS,
		init_time_gmt: formatUtc(started),
		start_time_gmt: null,
		hangup_time_gmt: formatUtc(started + RING_SECONDS * 1000),
		hangup_cause: 'NO_ANSWER',
		hangup_disposition: 'caller_cancel',
		application: null,
		ani_number: null,
		source_number: from,
		source_domain: null,
		from_username: from,
		from_domain: null,
		from_screen_name: fromName ?? from,
		to_username: extension.name,
		to_domain: extension.domain,
		dest_number: did ?? extension.name,
		dest_domain: null,
		did_number: did ?? null,
		did_domain: did ? extension.domain : null,
	};
}

/**
 * The voicemail of a call that nobody answered.
 * @param duration seconds of the voicemail
 */
export function toVoicemail(call: MissedCall, recordUuid: string, duration: number): Voicemail {
	const answered = call.started + RING_SECONDS * 1000;
	return {
		...missedPart(call),
		record_uuid: recordUuid,
		record_file_size: wavSize(duration),
		duration,
		start_time_gmt: formatUtc(answered),
		hangup_time_gmt: formatUtc(answered + duration * 1000),
		result: 'voicemail',
	};
}

/** The call that a part is the only one of. */
export function callOfPart(part: CallPart): PastCall {
	const isConnected = part.result === 'answered';
	const other = part.flow === 'in' ? 'to' : 'from';
	const milliseconds =
		Number(parseUtc(part.hangup_time_gmt)) - Number(parseUtc(part.init_time_gmt));
	return {
		call_uuid: part.call_uuid,
		flow: part.flow,
		result: isConnected ? 'bridged' : part.result,
		duration: milliseconds / 1000,
		bridged_duration: isConnected ? part.duration : null,
		bridged_time_gmt: isConnected ? part.start_time_gmt : null,
		bridged_username: isConnected ? part[`${other}_username`] : null,
		bridged_domain: isConnected ? part[`${other}_domain`] : null,
		init_time_gmt: part.init_time_gmt,
		start_time_gmt: part.start_time_gmt,
		hangup_time_gmt: part.hangup_time_gmt,
		from_username: part.from_username,
		from_domain: part.from_domain,
		from_screen_name: part.from_screen_name,
		to_username: part.to_username,
		to_domain: part.to_domain,
		did_number: part.did_number,
		did_domain: part.did_domain,
		ext_number_reg: part.ext_number_reg,
		extension_id: part.extension_id,
		extension_name: part.extension_name,
		extension_type: part.extension_type,
		extension_group_owner_id: part.extension_group_owner_id,
		client_owner_id: part.client_owner_id,
		hangup_cause: part.hangup_cause,
		hangup_disposition: part.hangup_disposition,
		cdr: [part],
	};
}
