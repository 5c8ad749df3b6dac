import type { Store } from '../../state/store.mts';
import type { Extension } from '../../state/types.mts';
import { includesRecId } from '../callPlan.mts';
import type { Calls } from '../calls.mts';
import type { ClockScope } from '../clock.mts';
import type { Deliverer, Delivery, Fields } from '../delivery.mts';
import { sipName } from '../events.mts';
import type { Call, Leg, LegPlan } from '../model.mts';
import { callOutcome, findExtension } from '../numbers.mts';
import type { CallInteractiveForm, MenuStep, VoiceMenu } from '../options.mts';
import { parseInteractiveResponse, type ResponseElement } from './interactiveResponse.mts';

// What the documentation leaves open is in ASSUMPTIONS.md, section "Voice menus".

/** Something that the caller heard. */
export type Heard =
	| { kind: 'speech'; text: string; lang?: string; voice?: string; speed?: string }
	| { kind: 'sound'; file: string; where: 'foreground' | 'background' }
	| { kind: 'silence'; seconds: number }
	| { kind: 'ringing'; numbers: string[]; seconds: number }
	| { kind: 'conversation'; number: string; seconds: number };

/** A call to a voice menu. It is filled while the call lasts. */
export interface MenuCallRecord {
	call: Call;
	/** What the caller heard, in this order */
	heard: Heard[];
	/** The requests for instructions, with the responses */
	requests: Delivery[];
	/** The options that the call went through, as `context/option` */
	path: string[];
	/** The variables of the menu */
	variables: Record<string, string>;
	/** What the menu could not do, such as playing a sound that does not exist */
	problems: string[];
	endedBy?: 'caller' | 'called' | 'menu';
}

/** What a call to a voice menu uses of the PBX. */
export interface MenuCallContext {
	store: Store;
	calls: Calls;
	clock: ClockScope;
	requests: Deliverer;
	form: CallInteractiveForm;
	menu: VoiceMenu;
	ivr: Extension;
	caller: { number: string; name?: string; extension?: Extension };
	did?: string;
	inputs: string[];
	callbackVariables: Record<string, string>;
}

/** Where a call goes on. */
interface Place {
	context: string;
	option: string;
}

/** Ends the steps of a call that is over. */
class CallOver extends Error {}

const MAX_ELEMENTS = 10;
/** Ends the call of a menu that leads to itself. */
const MAX_PLACES = 100;
const SECONDS_PER_DIGIT = 1;
const CHARACTERS_PER_SECOND = 15;
/** All that the caller types; anything else is said. */
const TYPED = /^[\d*#]+$/;
/** The sounds of the sandbox are short, and how long one is changes nothing else. */
const SOUND_SECONDS = 3;
const DEFAULT_PAUSE_SECONDS = 10;

/** One call to a voice menu: goes through its steps on the clock, asks URLs and follows their responses. */
export class MenuCall {
	readonly record: MenuCallRecord;
	private readonly inputs: string[];
	/** What called phones show. */
	private shown: { name?: string; number: string };
	private readonly ivrLeg: Leg;
	private isOver = false;
	/** Ends the current wait. */
	private interrupt: (() => void) | undefined;
	/** Resolved when the call waits for the clock. */
	private busy: { promise: Promise<void>; end: () => void } | undefined;

	constructor(private readonly context: MenuCallContext) {
		const { calls, clock, ivr, caller, inputs } = context;
		const call = calls.begin();
		this.record = { call, heard: [], requests: [], path: [], variables: {}, problems: [] };
		this.inputs = [...inputs];
		this.shown = { name: caller.name, number: caller.number };
		const at = clock.now();
		const entry = { extension: ivr, calledNumber: ivr.name };
		const legs = [calls.ring(call, this.planLeg({ ...entry, flow: 'in' }), at)];
		if (caller.extension) {
			const own = { ...entry, extension: caller.extension, flow: 'out' as const };
			legs.push(calls.ring(call, this.planLeg(own), at));
		}
		for (const leg of legs) calls.answer(call, leg, at);
		[this.ivrLeg] = legs;
	}

	/** Resolves when the call is over and its events are delivered or have failed. */
	async run(): Promise<MenuCallRecord> {
		try {
			await this.goThrough({ context: this.context.menu.entry_context, option: 'start' });
			this.endCall('menu');
		} catch (error) {
			if (!(error instanceof CallOver)) throw error;
		} finally {
			this.busy?.end();
		}
		await Promise.all(this.record.call.deliveries);
		return this.record;
	}

	/** The caller hangs up. */
	hangUp(): Promise<void> | undefined {
		if (this.isOver) return undefined;
		this.endCall('caller');
		this.interrupt?.();
		return this.startWork();
	}

	/** Ends the call without events, as when the PBX is switched off. */
	drop(): void {
		this.isOver = true;
		this.interrupt?.();
	}

	private async goThrough(start: Place): Promise<void> {
		const { menu } = this.context;
		for (let place: Place = start; ; ) {
			const { context, option } = place;
			const options = Object.hasOwn(menu.contexts, context) && menu.contexts[context].options;
			const isThere = options && Object.hasOwn(options, option);
			this.record.path.push(`${context}/${option}`);
			if (!isThere) {
				// Each option hangs up unless it is set.
				if (!options) this.record.problems.push(`There is no context ${context}`);
				return;
			}
			if (this.record.path.length > MAX_PLACES) {
				this.record.problems.push(`More than ${MAX_PLACES} jumps`);
				return;
			}
			place = (await this.runSteps(options[option])) ?? (await this.waitForDigits(context));
		}
	}

	/** @returns where the call goes on; undefined after the last step */
	private async runSteps(steps: MenuStep[]): Promise<Place | undefined> {
		for (const step of steps) {
			const place = await this.runStep(step);
			if (place) return place;
		}
		return undefined;
	}

	private async runStep(step: MenuStep): Promise<Place | undefined> {
		const { form } = this.context;
		const { variables } = this.record;
		switch (step.action) {
			case 'call_interactive':
				return await this.ask(step.call_interactive_url, step.call_interactive_method);
			case 'play_sound':
				await this.play(step.sound);
				return undefined;
			case 'play_silence':
				await this.beSilent(step.silence_time / 1000);
				return undefined;
			case 'transfer':
			case 'simple_transfer':
				return await this.transfer(step.transfer_dst, form.ringSeconds, true);
			case 'transfer_from_variable':
				return await this.transfer(
					(variables[step.transfer_variable] ?? '').split(','),
					form.ringSeconds,
					true,
				);
			case 'jump_to_context':
				return { context: step.context, option: step.context_option };
			case 'record_digits':
				variables[step.record_digits_variable] = await this.typeDigits();
				return undefined;
			case 'set_variable':
				variables[step.set_variable_name] = step.set_variable_value;
				return undefined;
			case 'voice_helper': {
				const digits = await this.typeDigits();
				const speech = digits === '' ? (this.inputs.shift() ?? '') : '';
				await this.wait(speech.length / CHARACTERS_PER_SECOND);
				variables.voice_navigator_DTMF = digits;
				variables.voice_navigator_STT = speech;
				return undefined;
			}
			case 'hangup':
				return this.endCall('menu');
		}
	}

	/** After the last step of an option the caller chooses the next one. */
	private async waitForDigits(context: string): Promise<Place> {
		const digits = await this.typeDigits();
		if (digits === '') {
			await this.beSilent(this.context.menu.contexts[context].timeout / 1000);
			return { context, option: 'timeout' };
		}
		const { options } = this.context.menu.contexts[context];
		return { context, option: Object.hasOwn(options, digits) ? digits : 'invalid' };
	}

	/** What the caller types now; empty if nothing. */
	private async typeDigits(): Promise<string> {
		if (!TYPED.test(this.inputs[0] ?? '')) {
			// An empty text stands for a caller who does nothing this time.
			if (this.inputs[0] === '') this.inputs.shift();
			return '';
		}
		const digits = this.inputs.shift() ?? '';
		await this.wait(digits.length * SECONDS_PER_DIGIT);
		return digits;
	}

	/** Asks a URL what to do with the call, and does it. */
	private async ask(url: string, method: 'GET' | 'POST'): Promise<Place | undefined> {
		const { requests, form } = this.context;
		const target = new URL(url);
		if (form.variables === 'inUrl') this.fillQuery(target);
		const delivery = await requests.send({
			event: 'call_interactive',
			orderingKey: this.record.call.id,
			url: target.href,
			method,
			fields: this.describeCall(),
			timeoutMs: form.timeoutMs,
			readsResponse: true,
		});
		this.record.requests.push(delivery);
		// The caller may have hung up meanwhile.
		if (this.isOver) throw new CallOver();
		const elements = this.readResponse(delivery);
		if (elements) return await this.follow(elements);
		return form.onError === 'hangup' ? this.endCall('menu') : undefined;
	}

	/** Replaces `$name` in the query by the value of the variable, as VoipNow does. */
	private fillQuery(target: URL): void {
		for (const [name, value] of [...target.searchParams]) {
			const variable = /^\$(\w+)$/.exec(value)?.[1];
			if (variable) target.searchParams.set(name, this.record.variables[variable] ?? '');
		}
	}

	/** The documented parameters of a request of an IVR, and the variables. */
	private describeCall(): Fields {
		const { ivr, caller, did, form, callbackVariables } = this.context;
		const { call, variables } = this.record;
		const fields: Record<string, string | number | undefined> = {
			...(form.variables === 'sent' && variables),
			...Object.fromEntries(
				Object.entries(callbackVariables).map(([name, value]) => [`cb_variable_${name}`, value]),
			),
			EventType: 'call_interactive',
			CallID: call.id,
			CallerIDNum: caller.number,
			CallerIDName: caller.name,
			CalledDID: did,
			CalledExtension: sipName(ivr),
			CalledExtensionID: ivr.id,
			CallStatus: 'ANSWER',
			CallFlow: 'IN',
			CallerExtension: caller.extension && sipName(caller.extension),
			CallerExtensionID: caller.extension?.id,
			CalledNumber: did ?? ivr.name,
			CallAPIID: this.ivrLeg.callApiId,
		};
		return Object.fromEntries(
			Object.entries(fields)
				.filter(([, value]) => value !== undefined)
				.map(([name, value]) => [name, String(value)]),
		);
	}

	/** @returns undefined without a usable response */
	private readResponse({ status, error, responseBody = '' }: Delivery) {
		try {
			if (status === null) throw new Error(error ?? 'none');
			if (status < 200 || status > 299) throw new Error(`status ${status}`);
			return parseInteractiveResponse(responseBody);
		} catch (thrown) {
			this.record.problems.push(`Response: ${(thrown as Error).message}`);
			return undefined;
		}
	}

	/** Does what a response says. */
	private async follow(elements: ResponseElement[]): Promise<Place | undefined> {
		const last: string[] = this.context.form.lastElements;
		if (elements.length > MAX_ELEMENTS) {
			this.record.problems.push(`Response: ${elements.length} elements`);
		}
		for (const element of elements.slice(0, MAX_ELEMENTS)) {
			const place = await this.followElement(element);
			if (place) return place;
			if (last.includes(element.name)) return undefined;
		}
		return undefined;
	}

	private async followElement({
		name,
		attributes,
		text,
	}: ResponseElement): Promise<Place | undefined> {
		const { form } = this.context;
		const { problems, variables } = this.record;
		switch (name) {
			case 'Hangup':
				return this.endCall('menu');
			case 'Jump':
				return { context: attributes.context ?? '', option: attributes.option ?? 'start' };
			case 'Pause':
				await this.beSilent(toSeconds(attributes.length, DEFAULT_PAUSE_SECONDS));
				return undefined;
			case 'PlaySound':
				await this.playFromResponse(text, attributes);
				return undefined;
			case 'SetCaller':
				this.setCaller(attributes);
				return undefined;
			case 'SetVar':
				if (attributes.name) variables[attributes.name] = text;
				else problems.push('SetVar: no name');
				return undefined;
			case 'SimpleTransfer':
				return await this.transfer(
					text.split(','),
					toSeconds(attributes.timeout, form.ringSeconds),
					attributes.final !== 'no',
				);
			case 'TTS':
				await this.speak(text, attributes);
				return undefined;
			default:
				problems.push(`Response: unknown element ${name}`);
				return undefined;
		}
	}

	private async speak(text: string, attributes: Record<string, string>): Promise<void> {
		const { lang, voice, speed, play_now: playNow } = attributes;
		if (playNow === 'false') return;
		this.record.heard.push({
			kind: 'speech',
			text,
			...(lang !== undefined && { lang }),
			...(voice !== undefined && { voice }),
			...(speed !== undefined && { speed }),
		});
		await this.wait(text.length / CHARACTERS_PER_SECOND / (Number(speed) || 1));
	}

	private async playFromResponse(
		file: string,
		{ where, digitvar }: Record<string, string>,
	): Promise<void> {
		if (where !== 'background') {
			await this.play(file);
			return;
		}
		if (!this.isSound(file)) return;
		this.record.heard.push({ kind: 'sound', file, where });
		const store = (digits: string) => {
			if (digitvar) this.record.variables[digitvar] = digits;
		};
		if (this.context.form.backgroundWaits) {
			const digits = await this.typeDigits();
			if (digits === '') await this.wait(SOUND_SECONDS);
			store(digits);
			return;
		}
		// The response goes on; the digits are there when the caller has typed them.
		const digits = TYPED.test(this.inputs[0] ?? '') ? (this.inputs.shift() ?? '') : '';
		this.context.clock.schedule(digits.length * SECONDS_PER_DIGIT * 1000, () => store(digits));
	}

	private async play(file: string): Promise<void> {
		if (!this.isSound(file)) return;
		this.record.heard.push({ kind: 'sound', file, where: 'foreground' });
		await this.wait(SOUND_SECONDS);
	}

	private isSound(file: string): boolean {
		const isThere = this.context.store.sounds.list().some(({ filename }) => filename === file);
		if (!isThere) this.record.problems.push(`There is no sound ${file}`);
		return isThere;
	}

	private async beSilent(seconds: number): Promise<void> {
		this.record.heard.push({ kind: 'silence', seconds });
		await this.wait(seconds);
	}

	private setCaller({ name, number }: Record<string, string>): void {
		if (name === undefined && number === undefined) {
			this.record.problems.push('SetCaller: neither name nor number');
			return;
		}
		const { setCallerEmpties } = this.context.form;
		this.shown = {
			name: name ?? (setCallerEmpties ? undefined : this.shown.name),
			number: number ?? (setCallerEmpties ? '' : this.shown.number),
		};
	}

	/** Rings numbers at the same time. Returns if nobody answers and the call goes on. */
	private async transfer(
		texts: string[],
		timeout: number,
		isFinal: boolean,
	): Promise<Place | undefined> {
		const { calls, clock } = this.context;
		const { call, heard, problems } = this.record;
		const numbers = texts.filter((number) => number !== '');
		if (numbers.length === 0) {
			problems.push('A transfer without a number');
			return isFinal ? this.endCall('menu') : undefined;
		}
		const ringing = numbers
			.map((number) => this.ring(number, timeout))
			.sort((a, b) => a.seconds - b.seconds);
		const sound = { kind: 'ringing' as const, numbers, seconds: 0 };
		heard.push(sound);
		for (const { leg, number, seconds, failure, talk } of ringing) {
			await this.wait(seconds - sound.seconds);
			sound.seconds = seconds;
			if (failure) {
				calls.end(call, leg, clock.now(), failure);
				continue;
			}
			calls.answer(call, leg, clock.now());
			for (const other of ringing) {
				if (other.leg !== leg) calls.end(call, other.leg, clock.now());
			}
			const conversation = { kind: 'conversation' as const, number, seconds: talk };
			heard.push(conversation);
			await this.wait(talk);
			return this.endCall('called');
		}
		return isFinal ? this.endCall('menu') : undefined;
	}

	private ring(number: string, timeout: number) {
		const { calls, clock, store, ivr } = this.context;
		const extension = findExtension(store, number);
		const outcome = callOutcome(number, extension);
		const isLate = outcome.ring > timeout;
		const leg = calls.ring(
			this.record.call,
			this.planLeg(
				extension
					? { extension, flow: 'in', calledNumber: extension.name, recorded: true }
					: { extension: ivr, flow: 'out', calledNumber: number, transferred: true },
			),
			clock.now(),
		);
		return {
			leg,
			number,
			seconds: isLate ? timeout : outcome.ring,
			failure: isLate ? ('NOANSWER' as const) : outcome.failure,
			talk: outcome.talk,
		};
	}

	private planLeg(
		details: Pick<LegPlan, 'extension' | 'flow' | 'calledNumber'> & Partial<LegPlan>,
	): LegPlan {
		const { caller, ivr, did } = this.context;
		return {
			callerNumber: this.shown.number,
			callerName: this.shown.name,
			callerExtension: caller.extension ?? (details.extension === ivr ? undefined : ivr),
			calledDid: did,
			recorded: false,
			includesRecId: includesRecId(this.record.call.id),
			...details,
		};
	}

	/** Ends all legs, that of the menu last: its event tells whether a person took the call. */
	private endCall(endedBy: MenuCallRecord['endedBy']): never | undefined {
		if (this.isOver) throw new CallOver();
		this.isOver = true;
		this.record.endedBy = endedBy;
		const { calls, clock } = this.context;
		const { call } = this.record;
		const at = clock.now();
		for (const leg of [...call.legs].reverse()) {
			if (leg !== this.ivrLeg) calls.end(call, leg, at);
		}
		calls.end(call, this.ivrLeg, at);
		if (endedBy === 'caller') return undefined;
		throw new CallOver();
	}

	/** Waits for the clock. @throws CallOver if the call ends meanwhile */
	private async wait(seconds: number): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const cancel = this.context.clock.schedule(seconds * 1000, () => {
				this.interrupt = undefined;
				resolve();
				// The clock does not move on before the call waits for it again.
				return this.startWork();
			});
			this.interrupt = () => {
				cancel();
				reject(new CallOver());
			};
			this.busy?.end();
			this.busy = undefined;
		});
	}

	/** @returns a promise that is resolved when the call waits for the clock or is over */
	startWork(): Promise<void> {
		if (!this.busy) {
			let end = () => {};
			const promise = new Promise<void>((resolve) => (end = resolve));
			this.busy = { promise, end };
		}
		return this.busy.promise;
	}
}

/** A whole number of seconds; anything else means the default. */
const toSeconds = (text: string | undefined, fallback: number) =>
	text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : fallback;
