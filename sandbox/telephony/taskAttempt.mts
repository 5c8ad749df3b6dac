import type { Store } from '../state/store.mts';
import { formatUtc } from '../state/time.mts';
import type { Extension, Task } from '../state/types.mts';
import { firstPhone, includesRecId } from './callPlan.mts';
import type { Calls } from './calls.mts';
import type { Call, Leg, LegFailure } from './model.mts';
import { callOutcome, findExtension } from './numbers.mts';
import { RESULT_BY_STATUS } from './pastCalls.mts';

/** An entry of a task's `cdr`: a party that was dialed in an attempt. */
export interface CdrEntry {
	attempt: number;
	side: 'a' | 'b';
	number: string;
	call_uuid: string;
	/** answered, busy, not answered, failed */
	result: string;
	/** Seconds from the answer to the end; 0 if it was not answered. */
	duration: number;
	start_time_gmt: string;
	record_uuid: string | null;
}

export interface AttemptResult {
	/** Whether A and B were connected. */
	connected: boolean;
	comment: string;
	/** null if there was nobody to call. */
	call: Call | null;
	cdr: CdrEntry[];
}

/** What an attempt needs. */
export interface AttemptOptions {
	store: Store;
	calls: Calls;
	now(): number;
	/** Runs the callback after this many seconds, unless the telephony is stopped before. */
	later(seconds: number, callback: (at: number) => void): void;
	/** Called when A and B are connected. */
	onConnected(call: Call): void;
	/** Called once, when the attempt is over. */
	onEnd(result: AttemptResult): void;
}

const FAILURE_TEXTS: Record<LegFailure, string> = {
	BUSY: 'is busy',
	NOANSWER: 'did not answer',
	CANCEL: 'did not answer',
	CONGESTION: 'cannot be reached: error during the call',
	CHANUNAVAIL: 'cannot be reached: not registered',
};

interface Party {
	side: 'a' | 'b';
	number: string;
	extension: Extension | undefined;
}

interface Parties {
	/** A, followed by the extended A numbers. */
	a: Party[];
	b: Party;
	/** The extension that calls external numbers. */
	caller: Extension;
}

/**
 * Makes one attempt of a task: dials A and then the extended A numbers until one answers, then dials B
 * and connects the two.
 */
export function startAttempt(options: AttemptOptions, task: Task, attempt: number): void {
	const parties = findParties(options.store, task);
	if (typeof parties === 'string') {
		options.onEnd({ connected: false, comment: parties, call: null, cdr: [] });
		return;
	}
	new Attempt(options, task, attempt, parties).start();
}

/** Finds the parties to call. A missing one is the task's extension. @returns an error message if not possible */
function findParties(store: Store, task: Task): Parties | string {
	const own = task.extension_id === null ? undefined : store.extensions.get(task.extension_id);
	if (task.extension_id !== null && !own) return `there is no extension ${task.extension_id}`;
	const aNumber = task.a_number ?? own?.name;
	const bNumber = task.b_number ?? own?.name;
	if (!aNumber || !bNumber || aNumber === bNumber) return 'there are not two numbers to connect';
	const extended = task.callback_params?.extended_a_numbers;
	const aNumbers = [aNumber, ...(Array.isArray(extended) ? extended.map(String) : [])];
	const toParty = (side: 'a' | 'b', number: string): Party => ({
		side,
		number,
		extension: findExtension(store, number),
	});
	const a = aNumbers.map((number) => toParty('a', number));
	const b = toParty('b', bNumber);
	return { a, b, caller: own ?? a[0].extension ?? b.extension ?? firstPhone(store) };
}

/** An optional callback parameter as text. */
function callbackParameter(task: Task, name: string): string | undefined {
	const value = task.callback_params?.[name];
	return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

class Attempt {
	private readonly call: Call;
	private readonly cdr: CdrEntry[] = [];

	constructor(
		private readonly options: AttemptOptions,
		private readonly task: Task,
		private readonly attempt: number,
		private readonly parties: Parties,
	) {
		this.call = options.calls.begin({
			parties: { from: parties.a[0].number, to: parties.b.number, owner: parties.caller },
		});
	}

	start(): void {
		this.dialA(0, this.options.now());
	}

	private dialA(index: number, at: number): void {
		const { calls, later } = this.options;
		const a = this.parties.a[index];
		const outcome = callOutcome(a.number, a.extension, this.attempt);
		const leg = this.ring(a, this.parties.b, at);
		later(outcome.ring, (then) => {
			const { failure } = outcome;
			if (!failure) {
				calls.answer(this.call, leg, then);
				this.dialB(a, leg, then);
				return;
			}
			const isLast = index + 1 === this.parties.a.length;
			// The next leg starts before this one ends, because a call ends with its last leg.
			if (!isLast) this.dialA(index + 1, then);
			calls.end(this.call, leg, then, failure);
			this.addCdrEntry(a, leg);
			if (isLast) this.end(false, `A (${a.number}) ${FAILURE_TEXTS[failure]}`);
		});
	}

	private dialB(a: Party, aLeg: Leg, at: number): void {
		const { calls, later, onConnected } = this.options;
		const { b } = this.parties;
		const { failure, ring, talk } = callOutcome(b.number, b.extension, this.attempt);
		const leg = this.ring(b, a, at);
		const hangUp = (then: number) => {
			calls.end(this.call, leg, then, failure ?? 'CANCEL');
			calls.end(this.call, aLeg, then);
			this.addCdrEntry(a, aLeg);
			this.addCdrEntry(b, leg);
			if (failure) this.end(false, `A answered, B (${b.number}) ${FAILURE_TEXTS[failure]}`);
			else this.end(true, 'A and B were connected');
		};
		later(ring, (then) => {
			if (failure) {
				hangUp(then);
				return;
			}
			calls.answer(this.call, leg, then);
			onConnected(this.call);
			later(talk, hangUp);
		});
	}

	private ring(party: Party, other: Party, at: number): Leg {
		const { caller } = this.parties;
		const { extension } = party;
		const callerNumber = callbackParameter(this.task, 'caller_id_number');
		return this.options.calls.ring(
			this.call,
			{
				extension: extension ?? caller,
				flow: extension ? 'in' : 'out',
				callerNumber: callerNumber ?? (extension ? other.number : caller.name),
				callerName: callbackParameter(this.task, 'caller_id_name'),
				callerExtension: extension ? other.extension : caller,
				calledNumber: extension?.name ?? party.number,
				recorded: party.side === 'b',
				includesRecId: includesRecId(this.call.id),
			},
			at,
		);
	}

	private addCdrEntry({ side, number }: Party, leg: Leg): void {
		const microseconds = leg.answerTime === null ? 0 : leg.endTime! - leg.answerTime;
		this.cdr.push({
			attempt: this.attempt,
			side,
			number,
			call_uuid: this.call.id,
			result: RESULT_BY_STATUS[leg.status === 'CALLING' ? 'CANCEL' : leg.status],
			duration: Math.round(microseconds / 1_000_000),
			start_time_gmt: formatUtc(leg.dialTime / 1000),
			record_uuid: leg.recordUuid,
		});
	}

	private end(connected: boolean, comment: string): void {
		this.options.onEnd({ connected, comment, call: this.call, cdr: this.cdr });
	}
}
