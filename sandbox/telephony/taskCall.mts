import type { Store } from '../state/store.mts';
import type { Extension, Task } from '../state/types.mts';
import { RESULT_WORDS, type Calls } from './calls.mts';
import { pick } from './fingerprint.mts';
import type { Call, Failure, Leg } from './model.mts';
import { findExtension, outcomeOf } from './numbers.mts';
import { firstPhone } from './scripts.mts';
import { toGmt } from './time.mts';

/** One line of a task's `cdr`: a side that was dialled in an attempt. */
export interface CdrLine {
	attempt: number;
	side: 'a' | 'b';
	number: string;
	call_uuid: string;
	/** answered, busy, not answered, failed */
	result: string;
	/** Seconds from its answer to its end. */
	duration: number;
	start_time_gmt: string;
	record_uuid: string | null;
}

export interface AttemptResult {
	connected: boolean;
	comment: string;
	call: Call | null;
	lines: CdrLine[];
}

/** What an attempt needs of its surroundings. */
export interface AttemptTools {
	store: Store;
	calls: Calls;
	/** Runs `work` after so many seconds, unless the telephony stops before. */
	later(seconds: number, work: (at: number) => void): void;
	now(): number;
}

const FAILED: Record<Failure, string> = {
	BUSY: 'is busy',
	NOANSWER: 'did not answer',
	CANCEL: 'did not answer',
	CONGESTION: 'cannot be reached: error during the call',
	CHANUNAVAIL: 'cannot be reached: not registered',
};

interface Side {
	name: 'a' | 'b';
	number: string;
	extension: Extension | undefined;
}

/** Text of an optional callback parameter. */
function parameter(task: Task, name: string): string | undefined {
	const value = task.callback_params?.[name];
	return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/**
 * Makes one attempt of a task: dials A (then the extra A numbers, until one answers), then B, and lets
 * them talk. A missing side is the task's own extension.
 * @param onConnected called when A and B talk
 * @param onEnd called once, when the attempt is over
 * @returns the reason if there is nobody to call (then nothing else happens)
 */
export function startAttempt(
	tools: AttemptTools,
	task: Task,
	attempt: number,
	onConnected: (call: Call) => void,
	onEnd: (result: AttemptResult) => void,
): string | undefined {
	const { store, calls, later } = tools;
	const side = (name: 'a' | 'b', number: string): Side => ({
		name,
		number,
		extension: findExtension(store, number),
	});
	const own = task.extension_id === null ? undefined : store.extensions.get(task.extension_id);
	if (task.extension_id !== null && !own) return `there is no extension ${task.extension_id}`;
	const aNumber = task.a_number ?? own?.name;
	const bNumber = task.b_number ?? own?.name;
	if (!aNumber || !bNumber || aNumber === bNumber) return 'there are not two numbers to connect';
	const extra = task.callback_params?.extended_a_numbers;
	const extras = Array.isArray(extra) ? extra.map(String) : [];
	const aSides = [aNumber, ...extras].map((number) => side('a', number));
	const b = side('b', bNumber);
	const payer = own ?? aSides[0].extension ?? b.extension ?? firstPhone(store);

	const callbackId = String(pick(100_000_000, 999_999_999, 'task', task.id, attempt));
	const call = calls.begin({ callbackId });
	const lines: CdrLine[] = [];
	const callerName = parameter(task, 'caller_id_name');
	const callerNumber = parameter(task, 'caller_id_number');

	const ring = (to: Side, other: Side, at: number): Leg =>
		calls.ring(
			call,
			{
				extension: to.extension ?? payer,
				flow: to.extension ? 'in' : 'out',
				callerNumber: callerNumber ?? (to.extension ? other.number : payer.name),
				callerName,
				callerExtension: to.extension ? other.extension : payer,
				calledNumber: to.extension?.name ?? to.number,
				recorded: to.name === 'b',
				tellsRecord: pick(1, 20, call.id, 'tells') > 1,
			},
			at,
		);
	const note = (to: Side, leg: Leg) => {
		const talked = leg.answerTime === null ? 0 : leg.endTime! - leg.answerTime;
		lines.push({
			attempt,
			side: to.name,
			number: to.number,
			call_uuid: call.id,
			result: RESULT_WORDS[leg.status === 'CALLING' ? 'CANCEL' : leg.status],
			duration: Math.round(talked / 1_000_000),
			start_time_gmt: toGmt(leg.dialTime / 1000),
			record_uuid: leg.recordUuid,
		});
	};
	const end = (connected: boolean, comment: string) => onEnd({ connected, comment, call, lines });

	const dialA = (n: number, at: number) => {
		const a = aSides[n];
		const { failure, ring: seconds } = outcomeOf(a.number, a.extension, attempt);
		const leg = ring(a, b, at);
		later(seconds, (then) => {
			if (!failure) {
				calls.answer(call, leg, then);
				dialB(a, leg, then);
				return;
			}
			// The next leg begins before this one ends, so that the call goes on.
			if (n + 1 < aSides.length) dialA(n + 1, then);
			calls.end(call, leg, then, failure);
			note(a, leg);
			if (n + 1 === aSides.length) end(false, `A (${a.number}) ${FAILED[failure]}`);
		});
	};
	const dialB = (a: Side, aLeg: Leg, at: number) => {
		const { failure, ring: seconds, talk } = outcomeOf(b.number, b.extension, attempt);
		const leg = ring(b, a, at);
		const hangUp = (then: number) => {
			calls.end(call, leg, then, failure ?? 'CANCEL');
			calls.end(call, aLeg, then);
			note(a, aLeg);
			note(b, leg);
			if (failure) end(false, `A answered, B (${b.number}) ${FAILED[failure]}`);
			else end(true, 'A and B were connected');
		};
		later(seconds, (then) => {
			if (failure) {
				hangUp(then);
				return;
			}
			calls.answer(call, leg, then);
			onConnected(call);
			later(talk, hangUp);
		});
	};
	dialA(0, tools.now());
	return undefined;
}
