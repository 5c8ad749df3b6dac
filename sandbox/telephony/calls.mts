import { mp3Size } from '../state/audio.mts';
import type { Store } from '../state/store.mts';
import { formatUtc } from '../state/time.mts';
import type { CallRecord } from '../state/types.mts';
import type { Delivery, Fields } from './delivery.mts';
import { callEvent, type CallEventType } from './events.mts';
import { fingerprint, pick } from './fingerprint.mts';
import type { Call, Leg, LegFailure, LegPlan, LegStatus } from './model.mts';

/** Sends an event to all webhooks registered for it. `fields` is called only if there is one. */
export type Publish = (
	event: string,
	orderingKey: string,
	fields: () => Fields,
) => Array<Promise<Delivery>>;

/** The `result` of call records by the status of the leg. */
export const RESULT_BY_STATUS: Record<Exclude<LegStatus, 'CALLING'>, string> = {
	ANSWER: 'answered',
	BUSY: 'busy',
	NOANSWER: 'not answered',
	CANCEL: 'not answered',
	CONGESTION: 'failed',
	CHANUNAVAIL: 'failed',
};

/**
 * Starts, answers and ends the legs of calls. Each of these steps sends the events, updates the active
 * calls (`store.calls`) and adds the recording. `at` is in epoch milliseconds everywhere.
 */
export class Calls {
	private readonly active = new Map<string, Call>();
	private count = 0;

	constructor(
		private readonly store: Store,
		private readonly publish: Publish,
		private readonly seed: string,
	) {}

	/** Calls with a leg that has not ended. */
	current(): Call[] {
		return [...this.active.values()];
	}

	begin(details: Pick<Call, 'callbackId' | 'remoteNumber'> = {}): Call {
		const id = fingerprint(this.seed, 'call', ++this.count);
		const call: Call = { id, legs: [], bridgedMicroseconds: null, deliveries: [], ...details };
		this.active.set(id, call);
		return call;
	}

	/** Starts a leg (event `dial-in` or `dial-out`). */
	ring(call: Call, plan: LegPlan, at: number): Leg {
		const n = call.legs.length + 1;
		const hex = fingerprint(call.id, 'leg', n);
		const uuid = call.id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
		const leg: Leg = {
			...plan,
			subCallId: `${plan.extension.id}-${hex}`,
			callApiId: `${pick(1_000_000_000, 4_294_967_295, call.id, 'handle', n)}-${uuid}`,
			dialTime: microseconds(at, hex),
			status: 'CALLING',
			answerTime: null,
			endTime: null,
			recordUuid: null,
		};
		call.legs.push(leg);
		if (leg.extension.type === 'phone') this.addActiveCall(call, leg, at);
		this.publishEvent(leg.flow === 'in' ? 'dial-in' : 'dial-out', call, leg, leg.dialTime);
		return leg;
	}

	/** Answers a leg (event `answer`). */
	answer(call: Call, leg: Leg, at: number): void {
		leg.status = 'ANSWER';
		leg.answerTime = Math.max(microseconds(at, leg.subCallId), leg.dialTime + 1);
		if (leg.recorded) {
			leg.recordUuid = `${leg.extension.id}-${fingerprint(leg.subCallId, 'record').toUpperCase()}`;
		}
		this.store.calls.update(leg.callApiId, {
			answer_time_gmt: formatUtc(at),
			record_uuid: leg.recordUuid,
		});
		this.publishEvent('answer', call, leg, leg.answerTime);
	}

	/** Ends a leg (event `hangup`). `failure` is the status of a leg that was not answered. */
	end(call: Call, leg: Leg, at: number, failure: LegFailure = 'CANCEL'): void {
		if (leg.endTime !== null) return;
		if (leg.answerTime === null) leg.status = failure;
		leg.endTime = Math.max(microseconds(at, leg.subCallId), (leg.answerTime ?? leg.dialTime) + 1);
		if (leg.answerTime !== null && leg.extension.type === 'phone') {
			call.bridgedMicroseconds = leg.endTime - leg.answerTime;
		}
		this.store.calls.delete(leg.callApiId);
		if (leg.recordUuid) this.store.records.insert(this.createRecording(call, leg, leg.recordUuid));
		this.publishEvent('hangup', call, leg, leg.endTime);
		if (call.legs.every((other) => other.endTime !== null)) this.active.delete(call.id);
	}

	/** Ends all calls without events, as when the PBX is switched off. */
	drop(): void {
		for (const { legs } of this.active.values()) {
			for (const leg of legs) this.store.calls.delete(leg.callApiId);
		}
		this.active.clear();
	}

	private publishEvent(type: CallEventType, call: Call, leg: Leg, time: number): void {
		// Queues and IVRs have no phone that rings, so they report only the end.
		if (leg.extension.type !== 'phone' && type !== 'hangup') return;
		call.deliveries.push(
			...this.publish(type, leg.subCallId, () => callEvent(type, call, leg, time)),
		);
	}

	private addActiveCall(call: Call, leg: Leg, at: number): void {
		this.store.calls.insert({
			call_api_id: leg.callApiId,
			called_number: leg.calledNumber,
			record_uuid: null,
			init_time_gmt: formatUtc(at),
			real_call: true,
			call_flow: leg.flow === 'in' ? 'IN' : 'OUT',
			called_did: leg.calledDid ?? null,
			callback_id: call.callbackId ?? null,
			caller_id_name: leg.callerName ?? null,
			caller_id_number: leg.callerNumber,
			extension_id: leg.extension.id,
			answer_time_gmt: null,
		});
	}

	private createRecording(call: Call, leg: Leg, recordUuid: string): CallRecord {
		const { extension, flow } = leg;
		const duration = Math.max(1, Math.round((leg.endTime! - leg.answerTime!) / 1_000_000));
		const disposition = pick(0, 1, leg.subCallId, 'ends') ? 'caller_bye' : 'callee_bye';
		const extensionParty = { name: extension.name, domain: extension.domain };
		const remoteParty = { name: flow === 'in' ? leg.callerNumber : leg.calledNumber, domain: null };
		const [from, to] =
			flow === 'in' ? [remoteParty, extensionParty] : [extensionParty, remoteParty];
		return {
			record_uuid: recordUuid,
			call_uuid: call.id,
			client_owner_id: extension.client_id,
			extension_group_owner_id: extension.extension_group_id,
			extension_id: extension.id,
			extension_name: extension.name,
			extension_type: extension.type,
			ext_number_reg: null,
			flow,
			result: 'answered',
			calls_result: 'bridged',
			duration,
			init_time_gmt: formatUtc(leg.dialTime / 1000),
			start_time_gmt: formatUtc(leg.answerTime! / 1000),
			hangup_time_gmt: formatUtc(leg.endTime! / 1000),
			hangup_cause: 'NORMAL_CLEARING',
			hangup_disposition: disposition,
			calls_hangup_disposition: disposition,
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
			record_file_size: mp3Size(duration),
		};
	}
}

/** Converts to microseconds. The last three digits depend on `id`, as real EventTimes are not round. */
function microseconds(ms: number, id: string): number {
	return Math.floor(ms) * 1000 + pick(0, 999, id);
}
