import type { Store } from '../../state/store.mts';
import type { Extension } from '../../state/types.mts';
import type { Calls } from '../calls.mts';
import type { ClockScope } from '../clock.mts';
import type { Deliverer } from '../delivery.mts';
import { findDid, findExtension, requireExtension, TelephonyInputError } from '../numbers.mts';
import {
	parseOptions,
	voiceMenuOptions,
	type CallInteractiveForm,
	type ParsedMenuCall,
	type VoiceMenu,
	type VoiceMenuOptions,
} from '../options.mts';
import { MenuCall, type MenuCallRecord } from './menuCall.mts';

/** The voice menus of the IVRs, and the calls to them. */
export class VoiceMenus {
	/** By the id of the IVR */
	private readonly menus = new Map<number, VoiceMenu>();
	private readonly running = new Set<MenuCall>();

	/**
	 * @param requests sends what menus ask; apart from the events, which a menu does not wait for
	 * @param form what menus do with Call Interactive; may be replaced at any time
	 */
	constructor(
		private readonly store: Store,
		private readonly calls: Calls,
		private readonly clock: ClockScope,
		private readonly requests: Deliverer,
		public form: CallInteractiveForm,
	) {}

	/**
	 * Sets the menu of an IVR, instead of the one that it had.
	 * @throws TelephonyInputError without a change
	 */
	set(input: VoiceMenuOptions): void {
		const menu = parseOptions(voiceMenuOptions, input);
		this.menus.set(this.requireIvr(menu.extension).id, menu);
	}

	/** Removes all menus. */
	clear(): void {
		this.menus.clear();
	}

	/**
	 * Calls an IVR that has a menu. The call takes its time on the clock; a virtual clock has to be advanced. Resolves
	 * when it is over and its events are delivered or have failed.
	 * @throws TelephonyInputError before anything has happened
	 */
	async call(options: ParsedMenuCall): Promise<MenuCallRecord> {
		const { from, fromName, inputs, callbackVariables, hangsUpAfter } = options;
		const extension = findExtension(this.store, from);
		const ivr = this.calledIvr(options);
		const menu = this.menus.get(ivr.id);
		if (!menu) throw new TelephonyInputError(`${ivr.name} has no voice menu`);
		const routed = this.store.dids.find((did) => did.extension_id === ivr.id);
		const call = new MenuCall({
			store: this.store,
			calls: this.calls,
			clock: this.clock,
			requests: this.requests,
			form: this.form,
			menu,
			ivr,
			caller: { number: extension?.name ?? from, name: fromName, extension },
			did: extension ? undefined : (options.did ?? routed?.name),
			inputs,
			callbackVariables,
		});
		this.running.add(call);
		this.clock.track(call.startWork());
		if (hangsUpAfter !== undefined) {
			this.clock.schedule(hangsUpAfter * 1000, () => call.hangUp());
		}
		return await call.run().finally(() => this.running.delete(call));
	}

	/** Ends all calls without events. */
	stop(): void {
		for (const call of this.running) call.drop();
	}

	private calledIvr({ to, did }: Pick<ParsedMenuCall, 'to' | 'did'>): Extension {
		if (to !== undefined) return this.requireIvr(to);
		const destination = did === undefined ? undefined : findDid(this.store, did)?.extension_id;
		if (destination) return this.requireIvr(destination);
		const [id] = this.menus.keys();
		return this.requireIvr(id);
	}

	private requireIvr(ref: number | string | undefined): Extension {
		const extension =
			ref === undefined
				? this.store.extensions.find(({ type }) => type === 'ivr')
				: requireExtension(this.store, ref);
		if (extension?.type === 'ivr') return extension;
		throw new TelephonyInputError(
			extension ? `${extension.name} is not an IVR` : 'This PBX has no IVR',
		);
	}
}
