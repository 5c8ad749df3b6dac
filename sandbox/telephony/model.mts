import type { Extension } from '../state/types.mts';
import type { Delivery } from './delivery.mts';

// A call has legs: one for each phone, queue or IVR of the PBX that takes part in it. Code that controls
// calls adds, answers and ends legs; events, active calls and recordings follow from that.
//
// Times named `...Time` are epoch microseconds, as in the events.

/** How an unanswered leg ended. */
export type LegFailure = 'BUSY' | 'NOANSWER' | 'CANCEL' | 'CONGESTION' | 'CHANUNAVAIL';

/** CallStatus of the events. */
export type LegStatus = 'CALLING' | 'ANSWER' | LegFailure;

export interface Leg {
	/** `<extension id>-<32 hex>`. */
	readonly subCallId: string;
	/** The key in /current_calls/: `<10 digits>-<CallID as a UUID>`, in a callback `cb-<10 digits>-<CallID>`. */
	readonly callApiId: string;
	readonly extension: Extension;
	/** `in`: the extension is called; `out`: the extension calls. */
	readonly flow: 'in' | 'out';
	readonly callerNumber: string;
	readonly callerName?: string;
	/** Set if the caller is an extension, or the call comes through a queue or an IVR. */
	readonly callerExtension?: Extension;
	readonly calledNumber: string;
	readonly calledDid?: string;
	/** Whether this is an outgoing leg created by a transfer. */
	readonly transferred?: boolean;
	/** Whether the leg reports no events. */
	readonly isSilent?: boolean;
	/** Whether the recording of the call belongs to this leg. */
	readonly recorded: boolean;
	/** Whether the hangup event has a RecID. Real PBXs sometimes omit it. */
	readonly includesRecId: boolean;
	readonly dialTime: number;
	status: LegStatus;
	answerTime: number | null;
	endTime: number | null;
	/** Set when the leg is answered, if it is recorded: the SubCallID in upper case. */
	recordUuid: string | null;
}

/** What must be known to create a leg. */
export type LegPlan = Omit<
	Leg,
	'subCallId' | 'callApiId' | 'dialTime' | 'status' | 'answerTime' | 'endTime' | 'recordUuid'
>;

export interface Call {
	/** CallID: 32 hex digits, the same in all legs. */
	readonly id: string;
	readonly legs: Leg[];
	/** Set if the PBX started the call itself. It is the CallID. */
	readonly callbackId?: string;
	/** Of a call that the PBX started itself: who was called first, who second, and the extension it is billed to. */
	readonly parties?: { from: string; to: string; owner: Extension };
	/** What whoever started the call wants in all of its events. */
	readonly tag?: string;
	/** The external number of an internal transfer. */
	readonly remoteNumber?: string;
	/** Duration of the conversation with a person; null if there was none. */
	bridgedMicroseconds: number | null;
	/** Deliveries of the call's events. */
	readonly deliveries: Array<Promise<Delivery>>;
}

/** Whether a person talks in an answered leg: at a phone, or at an external number that an IVR has called. */
export const isPerson = ({ extension, flow }: Leg) => extension.type === 'phone' || flow === 'out';
