import { mp3Size } from '../state/audio.mts';
import { ownerFields } from '../state/singlePart.mts';
import { formatUtc } from '../state/time.mts';
import type { CallPart, CallRecord, PastCall } from '../state/types.mts';
import { pick } from './fingerprint.mts';
import { isPerson, type Call, type Leg, type LegStatus } from './model.mts';

// What remains of a call that is over: its recording, its parts (one for each leg), and the call itself.
// What the fields contain where no public source says so is in ASSUMPTIONS.md, section "Call history".

/** The `result` of call records by the status of the leg. */
export const RESULT_BY_STATUS: Record<Exclude<LegStatus, 'CALLING'>, string> = {
	ANSWER: 'answered',
	BUSY: 'busy',
	NOANSWER: 'not answered',
	CANCEL: 'not answered',
	CONGESTION: 'failed',
	CHANUNAVAIL: 'failed',
};

const CAUSE_BY_STATUS: Record<Exclude<LegStatus, 'CALLING'>, string> = {
	ANSWER: 'NORMAL_CLEARING',
	BUSY: 'USER_BUSY',
	NOANSWER: 'NO_ANSWER',
	CANCEL: 'ORIGINATOR_CANCEL',
	CONGESTION: 'NORMAL_TEMPORARY_FAILURE',
	CHANUNAVAIL: 'USER_NOT_REGISTERED',
};

const secondsBetween = (start: number, end: number) => Math.round((end - start) / 1_000_000);
const toUtc = (microseconds: number) => formatUtc(microseconds / 1000);

/** The status of a leg that has ended. */
const finalStatus = ({ status }: Leg) => (status === 'CALLING' ? 'CANCEL' : status);

/** Who ended a leg. */
function dispositionOf(leg: Leg): string {
	const status = finalStatus(leg);
	if (status === 'ANSWER') return pick(0, 1, leg.subCallId, 'ends') ? 'caller_bye' : 'callee_bye';
	if (status === 'CANCEL') return 'caller_cancel';
	return status === 'BUSY' ? 'callee_refuse' : 'internal_cancel';
}

/** The part of a call that a leg is. The leg has ended. */
export function toPart(call: Call, leg: Leg): CallPart {
	const { extension, flow, dialTime, answerTime } = leg;
	const end = leg.endTime ?? dialTime;
	const extensionParty = { name: extension.name, domain: extension.domain };
	const remoteParty = { name: flow === 'in' ? leg.callerNumber : leg.calledNumber, domain: null };
	const [from, to] = flow === 'in' ? [remoteParty, extensionParty] : [extensionParty, remoteParty];
	const seconds = secondsBetween(answerTime ?? dialTime, end);
	// A recording has at least one second.
	const duration = leg.recordUuid ? Math.max(1, seconds) : seconds;
	return {
		record_uuid: leg.recordUuid,
		call_uuid: call.id,
		...ownerFields(extension),
		flow,
		result: RESULT_BY_STATUS[finalStatus(leg)],
		duration,
		init_time_gmt: toUtc(dialTime),
		start_time_gmt: answerTime === null ? null : toUtc(answerTime),
		hangup_time_gmt: toUtc(end),
		hangup_cause: CAUSE_BY_STATUS[finalStatus(leg)],
		hangup_disposition: dispositionOf(leg),
		application: call.callbackId ? 'callback' : null,
		ani_number: flow === 'out' ? leg.callerNumber : null,
		source_number: leg.callerNumber,
		source_domain: from.domain,
		from_username: from.name,
		from_domain: from.domain,
		from_screen_name: leg.callerName ?? null,
		to_username: to.name,
		to_domain: to.domain,
		dest_number: leg.calledNumber,
		dest_domain: to.domain,
		did_number: leg.calledDid ?? null,
		did_domain: leg.calledDid ? extension.domain : null,
		record_file_size: leg.recordUuid ? mp3Size(duration) : null,
	};
}

/** The recording of a leg that has ended; undefined if it was not recorded. */
export function toRecording(call: Call, leg: Leg): CallRecord | undefined {
	const part = toPart(call, leg);
	const { record_uuid, record_file_size } = part;
	if (record_uuid === null || record_file_size === null) return undefined;
	return {
		...part,
		record_uuid,
		record_file_size,
		calls_result: 'bridged',
		calls_hangup_disposition: part.hangup_disposition,
	};
}

/** The call, when all of its legs have ended. */
export function toPastCall(call: Call): PastCall {
	const { legs, parties } = call;
	const owner = ownerLeg(call);
	const part = toPart(call, owner);
	const extension = parties?.owner ?? owner.extension;
	const start = Math.min(...legs.map(({ dialTime }) => dialTime));
	const end = Math.max(...legs.map(({ dialTime, endTime }) => endTime ?? dialTime));
	const connection = connectionOf(call);
	return {
		call_uuid: call.id,
		flow: parties ? 'out' : part.flow,
		result: connection ? 'bridged' : unconnectedResult(call, part),
		duration: secondsBetween(start, end),
		bridged_duration: connection ? secondsBetween(connection.time, end) : null,
		bridged_time_gmt: connection ? toUtc(connection.time) : null,
		bridged_username: connection?.name ?? null,
		bridged_domain: connection?.domain ?? null,
		init_time_gmt: toUtc(start),
		start_time_gmt: part.start_time_gmt,
		hangup_time_gmt: toUtc(end),
		from_username: parties?.from ?? part.from_username,
		from_domain: parties ? null : part.from_domain,
		from_screen_name: part.from_screen_name,
		to_username: parties?.to ?? part.to_username,
		to_domain: parties ? null : part.to_domain,
		did_number: part.did_number,
		did_domain: part.did_domain,
		...ownerFields(extension),
		hangup_cause: part.hangup_cause,
		hangup_disposition: part.hangup_disposition,
		cdr: legs.map((leg) => toPart(call, leg)),
	};
}

const isAnswered = ({ answerTime }: Leg) => answerTime !== null;

/** The leg that a call is recorded for: that of a queue or IVR, else the first answered one, else the first. */
function ownerLeg({ legs }: Call): Leg {
	const entry = legs.find(({ extension: { type } }) => type === 'queue' || type === 'ivr');
	return entry ?? legs.find(isAnswered) ?? legs[0];
}

/** The party that was connected, and when; undefined if nobody was. */
function connectionOf({ legs, parties }: Call) {
	const answered = legs
		.filter((leg) => isAnswered(leg) && isPerson(leg))
		.sort((a, b) => Number(a.answerTime) - Number(b.answerTime));
	// In a call that the PBX itself started, both parties have a leg.
	const leg = parties ? answered[1] : answered.at(-1);
	if (!leg) return undefined;
	const isExtension = leg.flow === 'in';
	return {
		time: Number(leg.answerTime),
		name: isExtension ? leg.extension.name : leg.calledNumber,
		domain: isExtension ? leg.extension.domain : null,
	};
}

/** The result of a call in which nobody was connected: that of its last leg. */
const unconnectedResult = ({ legs }: Call, owner: CallPart) => {
	const last = legs.at(-1);
	return last ? RESULT_BY_STATUS[finalStatus(last)] : owner.result;
};
