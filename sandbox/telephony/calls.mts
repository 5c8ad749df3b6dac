import type { Store } from '../state/store.mts';
import { formatUtc } from '../state/time.mts';
import type { Delivery, Fields } from './delivery.mts';
import { callEvent, type CallEventType } from './events.mts';
import { fingerprint, pick } from './fingerprint.mts';
import { isPerson, type Call, type Leg, type LegFailure, type LegPlan } from './model.mts';
import { toPastCall, toRecording } from './pastCalls.mts';

/** Sends an event to all webhooks registered for it. `fields` is called only if there is one. */
export type Publish = (
	event: string,
	extensionId: number,
	orderingKey: string,
	fields: () => Fields,
) => Array<Promise<Delivery>>;

/**
 * Starts, answers and ends the legs of calls. Each of these steps sends the events, updates the active
 * calls (`store.calls`) and adds the recording and, when it is over, the call to the history. `at` is in epoch milliseconds everywhere.
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

	begin(details: Pick<Call, 'remoteNumber' | 'parties' | 'tag'> = {}): Call {
		const id = fingerprint(this.seed, 'call', ++this.count);
		const callbackId = details.parties && id;
		const call: Call = {
			id,
			callbackId,
			legs: [],
			bridgedMicroseconds: null,
			deliveries: [],
			...details,
		};
		this.active.set(id, call);
		return call;
	}

	/** Starts a leg (event `dial-in` or `dial-out`). */
	ring(call: Call, plan: LegPlan, at: number): Leg {
		const n = call.legs.length + 1;
		const hex = fingerprint(call.id, 'leg', n);
		const number = pick(1_000_000_000, 4_294_967_295, call.id, 'handle', n);
		const uuid = call.id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
		const leg: Leg = {
			...plan,
			subCallId: `${plan.extension.id}-${hex}`,
			callApiId: call.callbackId ? `cb-${number}-${call.id}` : `${number}-${uuid}`,
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

	/** Answers a leg (event `answer`), unless it has ended. */
	answer(call: Call, leg: Leg, at: number): void {
		if (leg.endTime !== null) return;
		leg.status = 'ANSWER';
		leg.answerTime = Math.max(microseconds(at, leg.subCallId), leg.dialTime + 1);
		if (leg.recorded) {
			leg.recordUuid = leg.subCallId.toUpperCase();
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
		if (leg.answerTime !== null && isPerson(leg)) {
			call.bridgedMicroseconds = leg.endTime - leg.answerTime;
		}
		this.store.calls.delete(leg.callApiId);
		const recording = toRecording(call, leg);
		if (recording) this.store.records.insert(recording);
		this.publishEvent('hangup', call, leg, leg.endTime);
		if (call.legs.some((other) => other.endTime === null)) return;
		this.active.delete(call.id);
		this.store.pastCalls.insert(toPastCall(call));
	}

	/** Ends all calls without events, as when the PBX is switched off. */
	drop(): void {
		for (const { legs } of this.active.values()) {
			for (const leg of legs) this.store.calls.delete(leg.callApiId);
		}
		this.active.clear();
	}

	private publishEvent(type: CallEventType, call: Call, leg: Leg, time: number): void {
		if (leg.isSilent) return;
		// A queue or IVR reports that a call came and that it ended, never an answer.
		if (leg.extension.type !== 'phone' && type === 'answer') return;
		call.deliveries.push(
			...this.publish(type, leg.extension.id, leg.subCallId, () =>
				callEvent(type, call, leg, time),
			),
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
}

/** Converts to microseconds. The last three digits depend on `id`, as real EventTimes are not round. */
function microseconds(ms: number, id: string): number {
	return Math.floor(ms) * 1000 + pick(0, 999, id);
}
