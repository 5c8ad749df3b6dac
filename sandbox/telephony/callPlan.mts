import type { z } from 'zod';
import type { Store } from '../state/store.mts';
import type { Extension } from '../state/types.mts';
import type { Calls } from './calls.mts';
import { pick } from './fingerprint.mts';
import type { Call, Leg, LegFailure, LegPlan } from './model.mts';
import {
	findDid,
	findExtension,
	callOutcome,
	requireExtension,
	ringSeconds,
	TelephonyInputError,
	type ExtensionRef,
} from './numbers.mts';
import type { incomingCallOptions, outgoingCallOptions } from './options.mts';
import type { Step } from './timeline.mts';

type IncomingOptions = z.output<typeof incomingCallOptions>;
type OutgoingOptions = z.output<typeof outgoingCallOptions>;

/** A call and its steps. */
export interface PlannedCall {
	call: Call;
	steps: Step[];
}

/** What is decided about a call before it starts. */
interface CallPlan {
	call: Call;
	/** Legs that start immediately: of the caller, of the ringing phones, of the queue. */
	legs: LegPlan[];
	/** The legs that are answered. The other phones stop ringing at that moment. */
	answeredLegs: LegPlan[];
	/** null if the call is answered. */
	failure: LegFailure | null;
	/** Seconds of ringing. */
	ring: number;
	/** Seconds of talking. */
	talk: number;
}

function toSteps(
	calls: Calls,
	{ call, legs, answeredLegs, failure, ring, talk }: CallPlan,
): Step[] {
	const created = new Map<LegPlan, Leg>();
	const start: Step = {
		delayMs: 0,
		run: (at) => legs.forEach((plan) => created.set(plan, calls.ring(call, plan, at))),
	};
	const endUnanswered: Step = {
		delayMs: ring * 1000,
		run: (at) => created.forEach((leg) => calls.end(call, leg, at, failure ?? 'CANCEL')),
	};
	if (failure) return [start, endUnanswered];
	const answer: Step = {
		delayMs: ring * 1000,
		run(at) {
			for (const plan of answeredLegs) calls.answer(call, created.get(plan)!, at);
			for (const [plan, leg] of created) {
				if (!answeredLegs.includes(plan)) calls.end(call, leg, at, 'CANCEL');
			}
		},
	};
	const hangUp: Step = {
		delayMs: (ring + talk) * 1000,
		run: (at) => answeredLegs.forEach((plan) => calls.end(call, created.get(plan)!, at)),
	};
	return [start, answer, hangUp];
}

/** Plans a call of an external number or an extension to one or several phones or a queue. */
export function planIncomingCall(
	store: Store,
	calls: Calls,
	options: IncomingOptions,
): PlannedCall {
	const caller = findExtension(store, options.from);
	const did = caller ? undefined : (options.did ?? [...store.dids.values()][0]?.name);
	const destination = did === undefined ? undefined : findDid(store, did)?.extension_id;
	const entry = findEntry(store, options, destination);
	const phones = ringingPhones(store, options.to, entry, destination);
	const answeringIndex =
		options.answeredBy === undefined ? 0 : phoneIndex(store, phones, options.answeredBy);
	const failure = chooseFailure(options, null, 'CANCEL');
	const defaults = callOutcome(phones[answeringIndex].name, phones[answeringIndex]);

	const call = calls.begin({ remoteNumber: options.remoteNumber });
	const planLeg = (extension: Extension, details: Partial<LegPlan>): LegPlan => ({
		extension,
		flow: 'in',
		callerNumber: caller?.name ?? options.from,
		callerName: options.fromName,
		callerExtension: caller,
		calledNumber: extension.name,
		calledDid: did,
		recorded: false,
		includesRecId: options.includesRecId ?? includesRecId(call.id),
		...details,
	});
	const recorded = options.recorded ?? true;
	const callerLegs = caller ? [planLeg(caller, { flow: 'out', calledNumber: phones[0].name })] : [];
	const phoneLegs = phones.map((phone, n) =>
		planLeg(phone, {
			callerExtension: caller ?? entry,
			recorded: recorded && n === answeringIndex,
		}),
	);
	// The hangup of a queue reports whether a phone answered, so its leg must end last.
	const entryLegs = entry ? [planLeg(entry, {})] : [];
	const plan = {
		call,
		legs: [...callerLegs, ...phoneLegs, ...entryLegs],
		answeredLegs: [...callerLegs, phoneLegs[answeringIndex], ...entryLegs],
		...chooseTimes(options, defaults, failure),
	};
	return { call, steps: toSteps(calls, plan) };
}

/** Plans a call of an extension to an external number or another extension. */
export function planOutgoingCall(
	store: Store,
	calls: Calls,
	options: OutgoingOptions,
): PlannedCall {
	const caller =
		options.from === undefined ? firstPhone(store) : requireExtension(store, options.from);
	const callee = findExtension(store, options.to);
	const defaults = callOutcome(options.to, callee);
	const failure = chooseFailure(options, defaults.failure, 'NOANSWER');

	const call = calls.begin();
	const recorded = options.recorded ?? true;
	const common = {
		callerNumber: caller.name,
		callerName: options.fromName ?? caller.caller_id_name ?? undefined,
		callerExtension: caller,
		calledNumber: callee?.name ?? options.to,
		includesRecId: options.includesRecId ?? includesRecId(call.id),
	};
	const { transferred } = options;
	const legs: LegPlan[] = [
		{ ...common, extension: caller, flow: 'out', transferred, recorded: recorded && !callee },
	];
	if (callee) legs.push({ ...common, extension: callee, flow: 'in', recorded });
	const plan = { call, legs, answeredLegs: legs, ...chooseTimes(options, defaults, failure) };
	return { call, steps: toSteps(calls, plan) };
}

/** @throws TelephonyInputError if the PBX has no phone */
export function firstPhone(store: Store): Extension {
	const found = store.extensions.find(({ type }) => type === 'phone');
	if (!found) throw new TelephonyInputError('This PBX has no extension of type phone');
	return found;
}

/** The queue or IVR that the call comes through. */
function findEntry(
	store: Store,
	{ through, to }: IncomingOptions,
	destination?: number | null,
): Extension | undefined {
	if (through !== undefined) return requireExtension(store, through);
	const extension = to === undefined && destination ? store.extensions.get(destination) : undefined;
	return extension?.type === 'queue' || extension?.type === 'ivr' ? extension : undefined;
}

/** The phones that ring. In a queue these are the phones of the available agents. */
function ringingPhones(
	store: Store,
	to: IncomingOptions['to'],
	entry: Extension | undefined,
	destination: number | null | undefined,
): Extension[] {
	if (to !== undefined) return [to].flat().map((ref) => requireExtension(store, ref));
	if (!entry) return [(destination && store.extensions.get(destination)) || firstPhone(store)];
	const agents = store.agents.filter(({ status }) => status === 'available').slice(0, 3);
	const phones = agents.flatMap((agent) =>
		agent.agent_type === 'local' ? (store.extensions.get(agent.extension_id) ?? []) : [],
	);
	return phones.length > 0 ? phones : [firstPhone(store)];
}

function phoneIndex(store: Store, phones: Extension[], ref: ExtensionRef): number {
	const index = phones.indexOf(requireExtension(store, ref));
	if (index < 0)
		throw new TelephonyInputError(`answeredBy: ${ref} is not one of the ringing phones`);
	return index;
}

type OutcomeOptions = Pick<OutgoingOptions, 'answered' | 'status' | 'ring' | 'talk'>;

/**
 * How the call ends if it is not answered; null if it is answered.
 * @param simulated what the number's simulated outcome says
 * @param fallback for a call that shall not be answered although the number would
 */
function chooseFailure(
	options: OutcomeOptions,
	simulated: LegFailure | null,
	fallback: LegFailure,
): LegFailure | null {
	if (options.answered === true && options.status) {
		throw new TelephonyInputError('status: is for calls that nobody answers');
	}
	if (options.answered === true) return null;
	if (options.answered === false || options.status) return options.status ?? simulated ?? fallback;
	return simulated;
}

function chooseTimes(
	options: OutcomeOptions,
	defaults: { ring: number; talk: number },
	failure: LegFailure | null,
) {
	return {
		failure,
		ring: options.ring ?? (failure ? ringSeconds(failure) : defaults.ring),
		talk: options.talk ?? defaults.talk,
	};
}

/** True for about 19 of 20 calls, the share of real hangup events that have a RecID. */
export function includesRecId(callId: string): boolean {
	return pick(1, 20, callId, 'tells') > 1;
}
