import type { Store } from '../state/store.mts';
import type { Agent, AgentStatus, HttpMethod, Voicemail } from '../state/types.mts';
import { Calls, type Publish } from './calls.mts';
import { scopeClock, type Clock } from './clock.mts';
import { Deliverer, type Delivery, type Fields } from './delivery.mts';
import * as events from './events.mts';
import { fingerprint } from './fingerprint.mts';
import type { Call } from './model.mts';
import { findDid, needExtension } from './numbers.mts';
import * as options from './options.mts';
import { TaskRunner } from './scheduler.mts';
import { firstPhone, incomingScript, outgoingScript, type Script } from './scripts.mts';
import { Timeline } from './timeline.mts';
import { toGmt } from './time.mts';

export { createClock, type Clock } from './clock.mts';
export type { Delivery } from './delivery.mts';
export type { Call, Leg } from './model.mts';
export { TelephonyInputError } from './numbers.mts';
export { taskCounts } from './taskCounts.mts';

export interface TelephonyOptions {
	store: Store;
	clock: Clock;
	/** Gets errors inside the telephony; by default `advance` or the clock does. Failed deliveries are
	 * no errors: they are in `deliveries`. */
	onError?: (error: unknown) => void;
	/** Deliveries under way at the same time. Default 32. */
	concurrency?: number;
	/** Real milliseconds for one delivery. Default 10 000. */
	deliveryTimeoutMs?: number;
	/** Another seed gives other ids and other small chances. */
	seed?: string;
}

export type Telephony = ReturnType<typeof createTelephony>;

/**
 * The phones of the PBX: makes calls, works through the schedulers' tasks and tells registered URLs.
 * Times come from the clock; ids and outcomes repeat in every run.
 */
export function createTelephony({
	store,
	clock,
	seed = 'sandbox',
	onError,
	concurrency = 32,
	deliveryTimeoutMs = 10_000,
}: TelephonyOptions) {
	const time = scopeClock(clock, onError);
	const deliverer = new Deliverer({
		now: () => clock.now(),
		concurrency,
		timeoutMs: deliveryTimeoutMs,
	});
	const timeline = new Timeline(time);
	let settling = false;
	let count = 0;

	/** `advance` on the clock ends when the deliveries it caused have ended. */
	async function send(
		registered: { url: string; method: HttpMethod },
		event: string,
		lane: string,
		fields: Fields,
	): Promise<Delivery> {
		const { url, method } = registered;
		const delivery = deliverer.send({ event, lane, url, method, fields });
		if (!settling) {
			settling = true;
			clock.track(deliverer.idle().then(() => void (settling = false)));
		}
		return await delivery;
	}

	const publish: Publish = (event, lane, fieldsOf) => {
		const registered = store.phoneEvents.filter(({ event_type }) => event_type === event);
		if (registered.length === 0) return [];
		const fields = fieldsOf();
		return registered.map(async (one) => await send(one, event, lane, fields));
	};

	const calls = new Calls(store, publish, seed);
	const runner = new TaskRunner(store, calls, time, async (event, lane, url, fields) => {
		return await send({ url, method: 'POST' }, event, lane, fields);
	});

	/** Plays a call; resolves when it is over and all its events are delivered (or have failed). */
	async function play({ call, steps }: Script, live: boolean | undefined): Promise<Call> {
		if (live) await timeline.live(steps);
		else timeline.atOnce(steps);
		await Promise.all(call.deliveries);
		return call;
	}

	const known = new Map<number, AgentStatus>();
	let unwatchAgents = () => {};

	return {
		/** Live calls: `calls.current()`, and the steps for whoever controls them. */
		calls,
		/** Deliveries so far, oldest first, bounded; `clearDeliveries` empties it. */
		get deliveries(): readonly Delivery[] {
			return deliverer.log;
		},
		clearDeliveries: () => deliverer.clearLog(),

		/** Takes up the tasks and agents of the store. Call it after seeding, once per `stop`. */
		start(): void {
			for (const agent of store.agents.values()) known.set(agent.id, agent.status);
			unwatchAgents = store.agents.watch(({ kind, row }) => {
				if (kind === 'insert') known.set(row.id, row.status);
				if (kind === 'delete') known.delete(row.id);
			});
			runner.start();
		},

		/** Ends all calls and tasks without a word, gives up queued deliveries. `start` begins anew. */
		stop(): void {
			runner.stop();
			unwatchAgents();
			time.cancelAll();
			timeline.stop();
			calls.drop();
			known.clear();
			deliverer.stop();
		},

		/** @throws TelephonyInputError before anything has happened */
		async incomingCall(input: options.IncomingCallOptions): Promise<Call> {
			const asked = options.parseOptions(options.incomingCallOptions, input);
			return await play(incomingScript(store, calls, asked), asked.live);
		},

		/** @throws TelephonyInputError before anything has happened */
		async outgoingCall(input: options.OutgoingCallOptions): Promise<Call> {
			const asked = options.parseOptions(options.outgoingCallOptions, input);
			return await play(outgoingScript(store, calls, asked), asked.live);
		},

		/** A text message; an outgoing one is followed by its status. */
		async message(input: options.MessageOptions): Promise<void> {
			const asked = options.parseOptions(options.messageOptions, input);
			const did = asked.local ?? [...store.dids.values()][0]?.name ?? '';
			const target = findDid(store, did)?.message_extension_id;
			const extension =
				asked.extension === undefined
					? (target && store.extensions.get(target)) || firstPhone(store)
					: needExtension(store, asked.extension);
			const facts = { ...asked, extension, local: did };
			const lane = `message-${++count}`;
			const event = `message-${asked.direction}`;
			const sent = publish(event, lane, () => events.messageEvent(facts));
			if (asked.direction === 'out') {
				const status = () => events.messageStatusEvent(facts, asked.status);
				sent.push(...publish('message-out-status', lane, status));
			}
			await Promise.all(sent);
		},

		/** Leaves a voice message in the store and tells about it. */
		async voicemail(input: options.VoicemailOptions): Promise<Voicemail> {
			const { from, duration, ...asked } = options.parseOptions(options.voicemailOptions, input);
			const extension =
				asked.extension === undefined ? firstPhone(store) : needExtension(store, asked.extension);
			const callId = fingerprint(seed, 'voicemail', ++count);
			const started = clock.now() - duration * 1000;
			const row = store.voicemails.insert({
				record_uuid: `${extension.id}-${fingerprint(callId, 'record').toUpperCase()}`,
				extension_id: extension.id,
				caller_id_number: from,
				start_time_gmt: toGmt(started),
				duration,
			});
			const facts = {
				extension,
				callId,
				subCallId: `${extension.id}-${fingerprint(callId, 'leg')}`,
				callerNumber: from,
				callerName: asked.fromName,
				recordUuid: row.record_uuid,
				duration,
			};
			const fields = () => events.voicemailEvent(facts, clock.now() * 1000);
			await Promise.all(publish('voicemail', facts.subCallId, fields));
			return row;
		},

		/**
		 * Call it after an agent's status was written: tells the agent's URLs if it is not the status
		 * they know.
		 * @param source who did it: `api`, `phone`, ...
		 */
		async agentStatusChanged(agent: Agent, source: string): Promise<void> {
			if (known.get(agent.id) === agent.status) return;
			known.set(agent.id, agent.status);
			const event = agent.status === 'available' ? 'agent-login' : 'agent-logout';
			const at =
				agent.agent_type === 'local' ? store.extensions.get(agent.extension_id) : undefined;
			const fields = events.agentEvent(agent, at, source);
			const registered = [...store.agentEvents.by(agent.id)];
			const wanted = registered.filter(({ event_type }) => event_type === event);
			await Promise.all(
				wanted.map(async (one) => await send(one, event, `agent-${agent.id}`, fields)),
			);
		},

		/** Tells about a phone's new call status (`extension-call-status`, not in the API page's list). */
		async callStatusChanged(input: options.CallStatusOptions): Promise<void> {
			const asked = options.parseOptions(options.callStatusOptions, input);
			const extension = needExtension(store, asked.extension);
			const fields = () => events.callStatusEvent(extension, asked, toGmt(clock.now()));
			await Promise.all(publish('extension-call-status', `status-${extension.id}`, fields));
		},

		/** Resolves when no delivery is queued or under way. */
		async idle(): Promise<void> {
			await deliverer.idle();
		},
	};
}
