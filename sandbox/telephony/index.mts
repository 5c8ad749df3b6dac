import type { Store } from '../state/store.mts';
import { callOfPart, RING_SECONDS, toVoicemail } from '../state/singlePart.mts';
import { DAY_MS, formatUtc } from '../state/time.mts';
import type { Agent, Extension, Task, Voicemail } from '../state/types.mts';
import { AgentMonitor } from './agentMonitor.mts';
import { firstPhone, planIncomingCall, planOutgoingCall, type PlannedCall } from './callPlan.mts';
import { CallControl } from './callControl.mts';
import { Calls } from './calls.mts';
import { createClockScope, type Clock, type ClockScope } from './clock.mts';
import { Deliverer, type Delivery } from './delivery.mts';
import { callStatusEvent, messageEvent, messageStatusEvent, voicemailEvent } from './events.mts';
import { fingerprint } from './fingerprint.mts';
import type { Call } from './model.mts';
import { findDid, requireExtension, type ExtensionRef } from './numbers.mts';
import * as options from './options.mts';
import { EventPublisher } from './publisher.mts';
import { TaskRunner } from './scheduler.mts';
import { TaskWebhooks } from './taskWebhooks.mts';
import { Timeline } from './timeline.mts';
import type { MenuCallRecord } from './voiceMenu/menuCall.mts';
import { VoiceMenus } from './voiceMenu/voiceMenus.mts';

export { createClock, type Clock } from './clock.mts';
export type { Delivery } from './delivery.mts';
export type { Call, Leg } from './model.mts';
export type {
	CallInteractiveForm,
	CallInteractiveOptions,
	MenuCallOptions,
	MenuStep,
	TaskWebhookForm,
	TaskWebhookOptions,
	VoiceMenuOptions,
} from './options.mts';
export type { MenuCallRecord } from './voiceMenu/menuCall.mts';
export { TelephonyInputError } from './numbers.mts';
export { taskCounts, taskProgress } from './scheduler.mts';

export interface TelephonyOptions {
	store: Store;
	clock: Clock;
	/**
	 * Called with errors inside the telephony. By default `advance` throws them, or the clock handles
	 * them. Failed deliveries are not errors: they are in `deliveries`.
	 */
	onError?: (error: unknown) => void;
	/** Maximum number of concurrent deliveries. Default 32. */
	concurrency?: number;
	/** Timeout of a delivery in real milliseconds. Default 10,000. */
	deliveryTimeoutMs?: number;
	/** Another seed gives other ids. */
	seed?: string;
	/** How the webhooks of tasks are delivered. Default: as in ASSUMPTIONS.md. */
	taskWebhooks?: options.TaskWebhookOptions;
	/** What voice menus do with Call Interactive. Default: as in ASSUMPTIONS.md. */
	callInteractive?: options.CallInteractiveOptions;
	/**
	 * Whether the calls of tasks take no time, so that a scheduler finishes all due tasks at once. Pauses
	 * between attempts stay. Default false.
	 */
	instantCalls?: boolean;
}

const MAX_MENU_REQUESTS = 10_000;
/** How far the clock moves at once where its time is to pass faster. */
const STEP_MS = 1000;
/** Tasks that cannot start earlier than this from now go on waiting. */
const FINISH_WITHIN_MS = DAY_MS;

/**
 * The phones of the PBX: makes calls, runs the tasks of the schedulers and calls the registered webhooks.
 * Times come from the clock; ids and results are the same in every run.
 */
export class Telephony {
	/** Controls the calls and their legs. */
	readonly calls: Calls;
	/** Starts, transfers and hangs up calls for the API. */
	readonly control: CallControl;
	private readonly store: Store;
	private readonly clock: Clock;
	private readonly seed: string;
	private readonly timers: ClockScope;
	private readonly timeline: Timeline;
	private readonly deliverer: Deliverer;
	private readonly publisher: EventPublisher;
	private readonly agentMonitor: AgentMonitor;
	private readonly webhooks: TaskWebhooks;
	private readonly taskRunner: TaskRunner;
	private readonly menuRequests: Deliverer;
	private readonly menus: VoiceMenus;
	/** Number of messages and voicemails so far. */
	private count = 0;

	constructor({
		store,
		clock,
		seed = 'sandbox',
		onError,
		concurrency,
		deliveryTimeoutMs,
		taskWebhooks = {},
		callInteractive = {},
		instantCalls = false,
	}: TelephonyOptions) {
		this.store = store;
		this.clock = clock;
		this.seed = seed;
		this.timers = createClockScope(clock, onError);
		this.timeline = new Timeline(this.timers);
		this.deliverer = new Deliverer({
			now: () => clock.now(),
			concurrency,
			timeoutMs: deliveryTimeoutMs,
		});
		const publisher = new EventPublisher(store, clock, this.deliverer);
		this.publisher = publisher;
		this.agentMonitor = new AgentMonitor(store, publisher);
		this.calls = new Calls(store, (...event) => publisher.publish(...event), seed);
		this.control = new CallControl(store, this.calls, this.timers);
		const form = options.parseOptions(options.taskWebhookOptions, taskWebhooks);
		this.webhooks = new TaskWebhooks(publisher, this.timers, form);
		this.taskRunner = new TaskRunner(store, this.calls, this.timers, this.webhooks, instantCalls);
		// Each call asks at once, however many others do.
		this.menuRequests = new Deliverer({ now: () => clock.now(), concurrency: MAX_MENU_REQUESTS });
		this.menus = new VoiceMenus(
			store,
			this.calls,
			this.timers,
			this.menuRequests,
			options.parseOptions(options.callInteractiveOptions, callInteractive),
		);
	}

	/** Deliveries so far, oldest first, limited in number. */
	get deliveries(): readonly Delivery[] {
		return this.deliverer.log;
	}

	clearDeliveries(): void {
		this.deliverer.clearLog();
	}

	/** How the webhooks of tasks are delivered. */
	get taskWebhooks(): options.TaskWebhookForm {
		return this.webhooks.form;
	}

	/**
	 * Chooses how the webhooks of tasks are delivered from the next event on. Options that are left out get
	 * their defaults.
	 * @throws TelephonyInputError without a change
	 */
	setTaskWebhooks(input: options.TaskWebhookOptions): void {
		this.webhooks.form = options.parseOptions(options.taskWebhookOptions, input);
	}

	/** What voice menus do with Call Interactive. */
	get callInteractive(): options.CallInteractiveForm {
		return this.menus.form;
	}

	/**
	 * Chooses what voice menus do with Call Interactive, from the next call on. Options that are left out get their
	 * defaults.
	 * @throws TelephonyInputError without a change
	 */
	setCallInteractive(input: options.CallInteractiveOptions): void {
		this.menus.form = options.parseOptions(options.callInteractiveOptions, input);
	}

	/**
	 * Sets the voice menu of an IVR.
	 * @throws TelephonyInputError without a change
	 */
	setVoiceMenu(input: options.VoiceMenuOptions): void {
		this.menus.set(input);
	}

	/** Removes the voice menus of all IVRs. */
	clearVoiceMenus(): void {
		this.menus.clear();
	}

	/** Starts to run the tasks and watch the agents of the store. Call it once, and again after `stop`. */
	start(): void {
		this.agentMonitor.start();
		this.taskRunner.start();
	}

	/** Ends all calls and tasks without events, and cancels queued deliveries. */
	stop(): void {
		this.taskRunner.stop();
		this.agentMonitor.stop();
		this.menus.stop();
		this.timers.cancelAll();
		this.timeline.stop();
		this.calls.drop();
		this.deliverer.stop();
		this.menuRequests.stop();
	}

	/**
	 * Makes an incoming call. Resolves when it is over and its events are delivered or have failed.
	 * @throws TelephonyInputError before anything has happened
	 */
	async incomingCall(input: options.IncomingCallOptions): Promise<Call> {
		const parsed = options.parseOptions(options.incomingCallOptions, input);
		return await this.run(planIncomingCall(this.store, this.calls, parsed), parsed.live);
	}

	/**
	 * Makes an outgoing call. Resolves when it is over and its events are delivered or have failed.
	 * @throws TelephonyInputError before anything has happened
	 */
	async outgoingCall(input: options.OutgoingCallOptions): Promise<Call> {
		const parsed = options.parseOptions(options.outgoingCallOptions, input);
		return await this.run(planOutgoingCall(this.store, this.calls, parsed), parsed.live);
	}

	/**
	 * Calls an IVR with a voice menu and goes through the menu. The call takes its time on the clock, unless it is not
	 * live; a virtual clock has to be advanced. Resolves when it is over and its events are delivered or have failed.
	 * @throws TelephonyInputError before anything has happened
	 */
	async menuCall(input: options.MenuCallOptions): Promise<MenuCallRecord> {
		const parsed = options.parseOptions(options.menuCallOptions, input);
		const call = this.menus.call(parsed);
		if (parsed.live) return await call;
		let isOver = false;
		const end = () => void (isOver = true);
		call.then(end, end);
		while (!isOver) await this.pass(STEP_MS);
		return await call;
	}

	/** Sends or receives a text message, and stores it. An outgoing message is followed by its status. */
	async message(input: options.MessageOptions): Promise<void> {
		const parsed = options.parseOptions(options.messageOptions, input);
		const local = parsed.local ?? [...this.store.dids.values()][0]?.name ?? '';
		const destination = findDid(this.store, local)?.message_extension_id;
		const extension =
			parsed.extension === undefined
				? (destination && this.store.extensions.get(destination)) || firstPhone(this.store)
				: requireExtension(this.store, parsed.extension);
		const details = { ...parsed, extension, local };
		const orderingKey = `message-${++this.count}`;
		const [from, to] = parsed.direction === 'in' ? [parsed.remote, local] : [local, parsed.remote];
		this.store.messages.insert({
			id: fingerprint(this.seed, orderingKey),
			chat_id: fingerprint(extension.id, parsed.remote),
			extension_id: extension.id,
			flow: parsed.direction,
			init_time_gmt: formatUtc(this.clock.now()),
			src_num: from,
			dst_num: to,
			text: parsed.text,
			status: parsed.direction === 'in' ? 'received' : parsed.status,
			read: parsed.direction === 'out',
		});
		const deliveries = this.publisher.publish(
			`message-${parsed.direction}`,
			extension.id,
			orderingKey,
			() => messageEvent(details),
		);
		if (parsed.direction === 'out') {
			deliveries.push(
				...this.publisher.publish('message-out-status', extension.id, orderingKey, () =>
					messageStatusEvent(details, parsed.status),
				),
			);
		}
		await Promise.all(deliveries);
	}

	/** Adds a voicemail and its call to the store, and reports it. */
	async voicemail(input: options.VoicemailOptions): Promise<Voicemail> {
		const parsed = options.parseOptions(options.voicemailOptions, input);
		const extension = this.phone(parsed.extension);
		const id = fingerprint(this.seed, 'voicemail', ++this.count);
		const { from, fromName, duration } = parsed;
		const started = this.clock.now() - (RING_SECONDS + duration) * 1000;
		const call = { extension, from, fromName, started, callUuid: id };
		const recordUuid = `${extension.id}-${fingerprint(id, 'record').toUpperCase()}`;
		const row = this.store.voicemails.insert(toVoicemail(call, recordUuid, duration));
		this.store.pastCalls.insert(callOfPart(row));
		const subCallId = `${extension.id}-${fingerprint(id, 'leg')}`;
		const deliveries = this.publisher.publish('voicemail', extension.id, subCallId, () =>
			voicemailEvent(
				{
					extension,
					callId: id,
					subCallId,
					callerNumber: parsed.from,
					callerName: parsed.fromName,
					recordUuid: row.record_uuid,
					duration: parsed.duration,
				},
				this.clock.now() * 1000,
			),
		);
		await Promise.all(deliveries);
		return row;
	}

	/**
	 * Calls the webhooks of an agent whose status was changed in the store. Does nothing if it is the
	 * status that was reported last.
	 * @param source how it was changed: `api`, `phone`, ...
	 */
	async agentStatusChanged(agent: Agent, source: string): Promise<void> {
		await this.agentMonitor.statusChanged(agent, source);
	}

	/** Reports the new call status of a phone (`extension-call-status`, not in the API page's list). */
	async callStatusChanged(input: options.CallStatusOptions): Promise<void> {
		const parsed = options.parseOptions(options.callStatusOptions, input);
		const extension = requireExtension(this.store, parsed.extension);
		const deliveries = this.publisher.publish(
			'extension-call-status',
			extension.id,
			`status-${extension.id}`,
			() => callStatusEvent(extension, parsed, formatUtc(this.clock.now())),
		);
		await Promise.all(deliveries);
	}

	/** Makes the attempts of the tasks that are due. Resolves when their deliveries have ended. */
	async runDueTasks(tasks: Task[]): Promise<void> {
		do {
			await this.clock.advance(0);
			// On a real clock an attempt ends a little later, and its timers need a free event loop.
			await new Promise((resolve) => setTimeout(resolve, 1));
		} while (this.taskRunner.isRunning(tasks));
		await this.idle();
	}

	/**
	 * Moves the clock on until all tasks are finished that can be within a day, with all their attempts. Tasks of
	 * schedulers that are off go on waiting. Resolves when their deliveries have ended.
	 */
	async finishTasks(): Promise<void> {
		const until = this.clock.now() + FINISH_WITHIN_MS;
		for (;;) {
			const next = this.taskRunner.nextWork(until);
			if (next === undefined) break;
			await this.pass(Math.max(STEP_MS, next - this.clock.now()));
		}
		await this.idle();
	}

	/** Resolves when no delivery is queued or running. */
	async idle(): Promise<void> {
		await this.deliverer.idle();
	}

	/** Moves the clock on, which waits for deliveries and what else is tracked, and lets other requests in. */
	private async pass(ms: number): Promise<void> {
		await this.clock.advance(ms);
		await new Promise((resolve) => setImmediate(resolve));
	}

	private async run({ call, steps }: PlannedCall, live: boolean | undefined): Promise<Call> {
		if (live) await this.timeline.runLive(steps);
		else this.timeline.runImmediately(steps);
		await Promise.all(call.deliveries);
		return call;
	}

	private phone(ref: ExtensionRef | undefined): Extension {
		return ref === undefined ? firstPhone(this.store) : requireExtension(this.store, ref);
	}
}
