import type { z } from 'zod';
import type { Store } from '../state/store.mts';
import type { Extension } from '../state/types.mts';
import type { Calls } from './calls.mts';
import { pick } from './fingerprint.mts';
import type { Call, Failure, Leg, LegPlan } from './model.mts';
import {
	findDid,
	findExtension,
	giveUpAfter,
	needExtension,
	outcomeOf,
	TelephonyInputError,
	type ExtensionRef,
} from './numbers.mts';
import type { incomingCallOptions, outgoingCallOptions } from './options.mts';
import type { Step } from './timeline.mts';

type Incoming = z.output<typeof incomingCallOptions>;
type Outgoing = z.output<typeof outgoingCallOptions>;

/** A call and what happens in it. */
export interface Script {
	call: Call;
	steps: Step[];
}

/** Everything about an ordinary call that is decided before it starts. */
interface Plan {
	call: Call;
	/** Legs that begin at once: the caller's own, the phones that ring, the queue's. */
	legs: LegPlan[];
	/** Those of them that take part in the talk. The other phones stop ringing at the answer. */
	talkers: LegPlan[];
	failure: Failure | null;
	/** Seconds. */
	ring: number;
	talk: number;
}

function stepsOf(calls: Calls, { call, legs, talkers, failure, ring, talk }: Plan): Step[] {
	const made = new Map<LegPlan, Leg>();
	const start: Step = {
		after: 0,
		run: (at) => legs.forEach((plan) => made.set(plan, calls.ring(call, plan, at))),
	};
	const giveUp: Step = {
		after: ring * 1000,
		run: (at) => made.forEach((leg) => calls.end(call, leg, at, failure ?? 'CANCEL')),
	};
	if (failure) return [start, giveUp];
	const answer: Step = {
		after: ring * 1000,
		run(at) {
			for (const plan of talkers) calls.answer(call, made.get(plan)!, at);
			for (const [plan, leg] of made) {
				if (!talkers.includes(plan)) calls.end(call, leg, at, 'CANCEL');
			}
		},
	};
	const hangUp: Step = {
		after: (ring + talk) * 1000,
		run: (at) => talkers.forEach((plan) => calls.end(call, made.get(plan)!, at)),
	};
	return [start, answer, hangUp];
}

/** An outside number or an extension calls one or several phones, perhaps through a queue. */
export function incomingScript(store: Store, calls: Calls, options: Incoming): Script {
	const caller = findExtension(store, options.from);
	const did = caller ? undefined : (options.did ?? [...store.dids.values()][0]?.name);
	const target = did === undefined ? undefined : findDid(store, did)?.extension_id;
	const entry = entryOf(store, options, target);
	const phones = phonesOf(store, options.to, entry, target);
	const winner = options.answeredBy === undefined ? 0 : indexOf(store, phones, options.answeredBy);
	const failure = failureOf(options, null, 'CANCEL');
	const usual = outcomeOf(phones[winner].name, phones[winner]);

	const call = calls.begin({ remoteNumber: options.remoteNumber });
	const leg = (extension: Extension, more: Partial<LegPlan>): LegPlan => ({
		extension,
		flow: 'in',
		callerNumber: caller?.name ?? options.from,
		callerName: options.fromName,
		callerExtension: caller,
		calledNumber: extension.name,
		calledDid: did,
		recorded: false,
		tellsRecord: options.tellsRecord ?? mostly(call.id),
		...more,
	});
	const recorded = options.recorded ?? true;
	const own = caller ? [leg(caller, { flow: 'out', calledNumber: phones[0].name })] : [];
	const ringing = phones.map((phone, n) =>
		leg(phone, { callerExtension: caller ?? entry, recorded: recorded && n === winner }),
	);
	// A queue's hangup tells whether a phone had talked, so its leg ends after theirs.
	const queue = entry ? [leg(entry, {})] : [];
	const plan = {
		call,
		legs: [...own, ...ringing, ...queue],
		talkers: [...own, ringing[winner], ...queue],
		...timesOf(options, usual, failure),
	};
	return { call, steps: stepsOf(calls, plan) };
}

/** An extension calls an outside number or another extension. */
export function outgoingScript(store: Store, calls: Calls, options: Outgoing): Script {
	const caller =
		options.from === undefined ? firstPhone(store) : needExtension(store, options.from);
	const callee = findExtension(store, options.to);
	const usual = outcomeOf(options.to, callee);
	const failure = failureOf(options, usual.failure, 'NOANSWER');

	const call = calls.begin();
	const recorded = options.recorded ?? true;
	const common = {
		callerNumber: caller.name,
		callerName: options.fromName ?? caller.caller_id_name ?? undefined,
		callerExtension: caller,
		calledNumber: callee?.name ?? options.to,
		tellsRecord: options.tellsRecord ?? mostly(call.id),
	};
	const { transferred } = options;
	const legs: LegPlan[] = [
		{ ...common, extension: caller, flow: 'out', transferred, recorded: recorded && !callee },
	];
	if (callee) legs.push({ ...common, extension: callee, flow: 'in', recorded });
	const plan = { call, legs, talkers: legs, ...timesOf(options, usual, failure) };
	return { call, steps: stepsOf(calls, plan) };
}

export function firstPhone(store: Store): Extension {
	const found = store.extensions.find(({ type }) => type === 'phone');
	if (!found) throw new TelephonyInputError('This PBX has no extension of type phone');
	return found;
}

function entryOf(store: Store, { through, to }: Incoming, target?: number | null) {
	if (through !== undefined) return needExtension(store, through);
	const led = to === undefined && target ? store.extensions.get(target) : undefined;
	return led?.type === 'queue' || led?.type === 'ivr' ? led : undefined;
}

/** The phones that ring; behind a queue those of its agents who are available. */
function phonesOf(
	store: Store,
	to: Incoming['to'],
	entry: Extension | undefined,
	target: number | null | undefined,
): Extension[] {
	if (to !== undefined) return [to].flat().map((ref) => needExtension(store, ref));
	if (!entry) return [(target && store.extensions.get(target)) || firstPhone(store)];
	const agents = store.agents.filter(({ status }) => status === 'available').slice(0, 3);
	const phones = agents.flatMap((agent) =>
		agent.agent_type === 'local' ? (store.extensions.get(agent.extension_id) ?? []) : [],
	);
	return phones.length > 0 ? phones : [firstPhone(store)];
}

function indexOf(store: Store, phones: Extension[], ref: ExtensionRef): number {
	const index = phones.indexOf(needExtension(store, ref));
	if (index < 0) throw new TelephonyInputError(`answeredBy: ${ref} is not one of those that ring`);
	return index;
}

type Asked = Pick<Outgoing, 'answered' | 'status' | 'ring' | 'talk'>;

function failureOf(options: Asked, usual: Failure | null, otherwise: Failure): Failure | null {
	if (options.answered === true && options.status) {
		throw new TelephonyInputError('status: is for calls that nobody answers');
	}
	if (options.answered === true) return null;
	if (options.answered === false || options.status) return options.status ?? usual ?? otherwise;
	return usual;
}

function timesOf(options: Asked, usual: { ring: number; talk: number }, failure: Failure | null) {
	return {
		failure,
		ring: options.ring ?? (failure ? giveUpAfter(failure) : usual.ring),
		talk: options.talk ?? usual.talk,
	};
}

/** True for about 19 calls in 20: the share of hangups that named the recording in practice. */
function mostly(callId: string): boolean {
	return pick(1, 20, callId, 'tells') > 1;
}
