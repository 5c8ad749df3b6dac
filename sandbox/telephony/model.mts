import type { Extension } from '../state/types.mts';
import type { Delivery } from './delivery.mts';

/**
 * A call has legs: one for each phone (or queue, or IVR) of the PBX that takes part in it. Whatever
 * will control live calls (transfer, a second announcement, Call Interactive) adds, answers and ends
 * legs; everything else (events, current calls, recordings) follows from that.
 *
 * Times named `...Time` are microseconds since 1970 (UTC), as the events carry them.
 */

/** How a leg that was not answered ended. */
export type Failure = 'BUSY' | 'NOANSWER' | 'CANCEL' | 'CONGESTION' | 'CHANUNAVAIL';

export type CallStatusWord = 'CALLING' | 'ANSWER' | Failure;

export interface Leg {
	/** `<extension id>-<32 hex>`. */
	readonly subCallId: string;
	/** `<10 digits>-<CallID as a UUID>`: the handle for /current_calls/. */
	readonly callApiId: string;
	readonly extension: Extension;
	/** `in`: the extension is called; `out`: it calls. */
	readonly flow: 'in' | 'out';
	readonly callerNumber: string;
	readonly callerName?: string;
	/** Set when the caller is an extension, or the call came through a queue or an IVR. */
	readonly callerExtension?: Extension;
	readonly calledNumber: string;
	readonly calledDid?: string;
	/** An outgoing leg that a transfer made. */
	readonly transferred?: boolean;
	/** The recording of the call belongs to this leg. */
	readonly recorded: boolean;
	/** Whether the hangup event names the recording (the real PBX leaves it out now and then). */
	readonly tellsRecord: boolean;
	readonly dialTime: number;
	status: CallStatusWord;
	answerTime: number | null;
	endTime: number | null;
	/** Set from the answer on, if recorded. */
	recordUuid: string | null;
}

/** What a new leg is made of. */
export type LegPlan = Omit<
	Leg,
	'subCallId' | 'callApiId' | 'dialTime' | 'status' | 'answerTime' | 'endTime' | 'recordUuid'
>;

export interface Call {
	/** CallID: 32 hex digits, the same for the whole call. */
	readonly id: string;
	readonly legs: Leg[];
	/** Set when the PBX itself started the call (a task of a scheduler). */
	readonly callbackId?: string;
	/** The outside number tied to an inside transfer. */
	readonly remoteNumber?: string;
	/** Talk time with a person, once there was one. */
	bridgedMicroseconds: number | null;
	/** Event deliveries so far. */
	readonly deliveries: Array<Promise<Delivery>>;
}
