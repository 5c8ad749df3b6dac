import type { Store } from '../state/store.mts';
import type { Extension } from '../state/types.mts';
import { includesRecId } from './callPlan.mts';
import type { Calls } from './calls.mts';
import type { ClockScope } from './clock.mts';
import type { Call, Leg, LegFailure } from './model.mts';
import { callOutcome, findExtension } from './numbers.mts';

/** A call that the PBX starts: the sources ring all at once, then the destination. */
export interface CallStart {
	/** The extension that the call is billed to. */
	owner: Extension;
	sources: string[];
	destination: string;
	callerName?: string;
	callerNumber?: string;
	/** Sent in every event of the call. */
	tag?: string;
	/** Seconds to wait for an answer. */
	waitForPickup?: number;
	/** Maximum length of the conversation in seconds. */
	maxSeconds?: number;
	transferAfterDestinationHangup?: string;
	/** Seconds after which the phones of the sources, or of the destination, answer by themselves. */
	autoAnswerSource?: number;
	autoAnswerDestination?: number;
}

/** A party that rings: a number, with its extension if it is one of the PBX. */
interface Party {
	number: string;
	extension: Extension | undefined;
}

interface Ringing {
	leg: Leg;
	failure: LegFailure | null;
	/** Seconds until it answers or fails. */
	ring: number;
}

/**
 * Starts, transfers and ends calls while they last, as `/callback/` and `/current_calls/` ask for it. A timer
 * whose leg has ended meanwhile does nothing.
 */
export class CallControl {
	constructor(
		private readonly store: Store,
		private readonly calls: Calls,
		private readonly clock: ClockScope,
	) {}

	/** Starts a call. Its sources ring when this returns. */
	start(options: CallStart): Call {
		const { owner, sources, destination, tag } = options;
		const call = this.calls.begin({
			tag,
			parties: { from: sources[0], to: destination, owner },
		});
		const b = this.party(destination);
		const ringing = sources.map((number) => {
			const a = this.party(number);
			// The owner's own phone reports no events.
			const isSilent = a.extension === owner;
			return this.ring(call, a, b, options, { seconds: options.autoAnswerSource, isSilent });
		});
		for (const source of ringing)
			this.later(source, () => this.sourceEnded(call, source, b, options));
		return call;
	}

	/** The call and the leg of an extension that a handle means; undefined if there is none. */
	find(extension: Extension, callApiId: string): { call: Call; leg: Leg } | undefined {
		for (const call of this.calls.current()) {
			const open = call.legs.filter(({ endTime }) => endTime === null);
			const leg = open.find(
				(each) => each.extension === extension && [each.callApiId, call.id].includes(callApiId),
			);
			if (leg) return { call, leg };
		}
		return undefined;
	}

	/** Ends a call, for all its parties. */
	hangUp(call: Call): void {
		const at = this.clock.now();
		for (const leg of call.legs) this.calls.end(call, leg, at, 'CANCEL');
	}

	/**
	 * Connects the other party with a number instead of the given leg.
	 * @param attended whether the leg stays in the call until the number answers
	 */
	transfer(call: Call, leg: Leg, number: string, attended: boolean): void {
		const other = call.legs.find((each) => each !== leg && each.endTime === null);
		const from = { number: other?.calledNumber ?? leg.callerNumber, extension: other?.extension };
		const owner = leg.extension;
		const target = this.ring(call, this.party(number), from, { owner }, { isTransfer: true });
		const leave = () => this.calls.end(call, leg, this.clock.now());
		if (!attended) leave();
		this.later(target, () => {
			if (target.failure) {
				this.calls.end(call, target.leg, this.clock.now(), target.failure);
				// After an attended transfer that failed, the first two parties go on talking.
				if (!attended) this.hangUp(call);
				return;
			}
			this.calls.answer(call, target.leg, this.clock.now());
			leave();
			this.endAfter(call, target.leg, callOutcome(number, target.leg.extension).talk);
		});
	}

	private sourceEnded(call: Call, source: Ringing, b: Party, options: CallStart): void {
		const { leg, failure } = source;
		const at = this.clock.now();
		const others = call.legs.filter((each) => each !== leg && each.endTime === null);
		if (failure) {
			this.calls.end(call, leg, at, failure);
			return;
		}
		this.calls.answer(call, leg, at);
		const a = { number: leg.calledNumber, extension: leg.extension };
		const seconds = options.autoAnswerDestination;
		const destination = this.ring(call, b, a, options, { seconds, isRecorded: true });
		for (const other of others) this.calls.end(call, other, at, 'CANCEL');
		this.later(destination, () => this.destinationEnded(call, leg, destination, options));
	}

	private destinationEnded(
		call: Call,
		source: Leg,
		destination: Ringing,
		options: CallStart,
	): void {
		const { leg, failure } = destination;
		const at = this.clock.now();
		if (failure) {
			this.calls.end(call, leg, at, failure);
			this.calls.end(call, source, at);
			return;
		}
		this.calls.answer(call, leg, at);
		const { talk } = callOutcome(leg.calledNumber, findExtension(this.store, leg.calledNumber));
		this.endAfter(call, leg, Math.min(talk, options.maxSeconds ?? Infinity), () => {
			const { transferAfterDestinationHangup: next } = options;
			if (next && source.endTime === null) this.transfer(call, leg, next, false);
			else this.hangUp(call);
		});
	}

	/** Ends a call after some seconds of talking, unless the leg has ended before. */
	private endAfter(call: Call, leg: Leg, seconds: number, end = () => this.hangUp(call)): void {
		this.clock.schedule(seconds * 1000, () => {
			if (leg.endTime === null) end();
		});
	}

	/** Runs the step at the end of the ringing, unless the leg has ended before. */
	private later({ leg, ring }: Ringing, step: () => void): void {
		this.clock.schedule(ring * 1000, () => {
			if (leg.endTime === null) step();
		});
	}

	private party(number: string): Party {
		return { number, extension: findExtension(this.store, number) };
	}

	/** Lets a party ring. A call to an external number is one of the owner. */
	private ring(
		call: Call,
		{ number, extension }: Party,
		other: Party,
		options: Pick<CallStart, 'owner' | 'callerName' | 'callerNumber' | 'waitForPickup'>,
		details: { seconds?: number; isSilent?: boolean; isRecorded?: boolean; isTransfer?: boolean },
	): Ringing {
		const { owner, callerName, callerNumber, waitForPickup = Infinity } = options;
		const outcome = callOutcome(number, extension);
		const ring = details.seconds ?? outcome.ring;
		const isLate = ring > waitForPickup;
		const leg = this.calls.ring(
			call,
			{
				extension: extension ?? owner,
				flow: extension ? 'in' : 'out',
				callerNumber: callerNumber ?? (extension ? other.number : owner.name),
				callerName,
				callerExtension: extension ? other.extension : owner,
				calledNumber: extension?.name ?? number,
				transferred: details.isTransfer && !extension,
				isSilent: details.isSilent,
				recorded: details.isRecorded ?? false,
				includesRecId: includesRecId(call.id),
			},
			this.clock.now(),
		);
		return {
			leg,
			failure: isLate ? 'NOANSWER' : outcome.failure,
			ring: Math.min(ring, waitForPickup),
		};
	}
}
