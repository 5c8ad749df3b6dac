import { PriorityQueue } from './priorityQueue.mts';

/** Callback of a timer. `advance` waits for a returned promise before time moves on. */
export type TimerCallback = () => void | Promise<unknown>;

/** The time source of the sandbox. All times are whole epoch milliseconds. */
export interface Clock {
	readonly mode: 'real' | 'virtual';
	/** Clock seconds per real second; 0 for a virtual clock, which does not move by itself. */
	readonly speed: number;
	now(): number;
	/**
	 * Runs `callback` after `ms` clock milliseconds, never before this call returns.
	 * @returns the function that cancels it
	 */
	schedule(ms: number, callback: TimerCallback): () => void;
	/**
	 * Registers background work, such as a delivery. `advance` waits for it before time moves on, so that
	 * earlier events are also delivered earlier.
	 */
	track(work: Promise<unknown>): void;
	/**
	 * Moves time forward by `ms`: runs the due timers in order, each at its own time, and waits for what
	 * they start. A real clock jumps. Concurrent calls run one after another. A timer must not await it.
	 * @throws the first error of a timer, after all due timers have run
	 */
	advance(ms: number): Promise<void>;
	/**
	 * Cancels all timers and sets the time back to the start, in real mode to now, whatever `advance` added. An
	 * `advance` that is running ends.
	 */
	restart(): void;
	/** Cancels all timers; no timer runs afterwards. */
	stop(): void;
}

export interface ClockOptions {
	mode: 'real' | 'virtual';
	/** Real mode: clock seconds per real second. Default 1. */
	speed?: number;
	/** Epoch ms. Default: now in real mode, 2026-01-15 09:00 UTC (a Thursday) in virtual mode. */
	start?: number;
	/** Called with errors of timers that ran without `advance` (real mode). Default: console.error. */
	onError?: (error: unknown) => void;
}

interface Timer {
	at: number;
	/** null once it is cancelled. */
	callback: TimerCallback | null;
}

const VIRTUAL_START = Date.UTC(2026, 0, 15, 9);
/** Ends an `advance` in which a timer restarts itself without a delay. */
const MAX_TIMERS_PER_ADVANCE = 5_000_000;
const MAX_TIMERS_PER_TIMEOUT = 10_000;
const MAX_NODE_TIMEOUT_MS = 2 ** 31 - 1;

class SandboxClock implements Clock {
	readonly mode: 'real' | 'virtual';
	readonly speed: number;
	private readonly timers = new PriorityQueue<Timer>((timer) => timer.at);
	private readonly tracked = new Set<Promise<unknown>>();
	private readonly onError: (error: unknown) => void;
	/** Clock time at `anchor` (a `performance.now()` value). */
	private base: number;
	private anchor = performance.now();
	private nodeTimer: NodeJS.Timeout | undefined;
	private advancing: Promise<void> = Promise.resolve();
	private advances = 0;
	private restarts = 0;
	private stopped = false;

	constructor(private readonly options: ClockOptions) {
		this.mode = options.mode;
		this.speed = options.mode === 'virtual' ? 0 : (options.speed ?? 1);
		if (!(this.speed >= 0)) throw new RangeError('speed must be a positive number');
		this.base = this.startTime();
		this.onError = options.onError ?? ((error) => console.error('sandbox clock:', error));
	}

	now(): number {
		return Math.floor(this.preciseNow());
	}

	schedule(ms: number, callback: TimerCallback): () => void {
		const timer: Timer = { at: this.now() + Math.max(0, Math.round(ms)), callback };
		if (this.stopped) return () => undefined;
		this.timers.add(timer);
		if (this.timers.first() === timer) this.setNodeTimer();
		return () => {
			timer.callback = null;
		};
	}

	track(work: Promise<unknown>): void {
		const untrack = () => void this.tracked.delete(settled);
		const settled: Promise<void> = work.then(untrack, untrack);
		this.tracked.add(settled);
	}

	async advance(ms: number): Promise<void> {
		if (!(ms >= 0)) throw new RangeError('advance needs milliseconds, 0 or more');
		const advance = this.advancing.then(async () => await this.advanceNow(ms));
		this.advancing = advance.catch(() => undefined);
		await advance;
	}

	restart(): void {
		this.restarts++;
		this.timers.clear();
		this.base = this.startTime();
		this.anchor = performance.now();
		this.setNodeTimer();
	}

	stop(): void {
		this.stopped = true;
		this.timers.clear();
		clearTimeout(this.nodeTimer);
	}

	private startTime(): number {
		const { mode, start } = this.options;
		return start ?? (mode === 'virtual' ? VIRTUAL_START : Date.now());
	}

	private preciseNow(): number {
		return this.base + (performance.now() - this.anchor) * this.speed;
	}

	private jump(to: number): void {
		if (to <= this.preciseNow()) return;
		this.base = to;
		this.anchor = performance.now();
	}

	private async advanceNow(ms: number): Promise<void> {
		this.advances++;
		clearTimeout(this.nodeTimer);
		const { restarts } = this;
		const target = this.now() + ms;
		const errors: unknown[] = [];
		let remaining = MAX_TIMERS_PER_ADVANCE;
		try {
			while (this.restarts === restarts) {
				const next = this.peek();
				if (this.tracked.size > 0 && !(next && next.at <= this.now())) {
					await Promise.all(this.tracked);
				} else if (next && next.at <= target) {
					this.jump(next.at);
					const started = this.runDue(this.now(), errors, () => remaining-- > 0);
					if (started.length > 0) await Promise.all(started);
				} else {
					break;
				}
				if (remaining <= 0) throw new Error('too many timers: one seems to restart itself');
			}
			if (this.restarts === restarts) this.jump(target);
		} finally {
			this.advances--;
			this.setNodeTimer();
		}
		if (errors.length > 0) throw errors[0];
	}

	/** Runs the timers due at `now`, without waiting. @returns the promises that they returned */
	private runDue(now: number, errors: unknown[], allowed: () => boolean): Array<Promise<unknown>> {
		const started: Array<Promise<unknown>> = [];
		for (let next = this.peek(); next && next.at <= now && allowed(); next = this.peek()) {
			this.timers.shift();
			try {
				const result = next.callback?.();
				if (result) started.push(result.catch((error: unknown) => errors.push(error)));
			} catch (error) {
				errors.push(error);
			}
		}
		return started;
	}

	/** The next timer that was not cancelled. */
	private peek(): Timer | undefined {
		while (this.timers.first()?.callback === null) this.timers.shift();
		return this.timers.first();
	}

	private setNodeTimer(): void {
		if (this.speed === 0 || this.stopped || this.advances > 0) return;
		clearTimeout(this.nodeTimer);
		const next = this.peek();
		if (!next) return;
		const wait = Math.min((next.at - this.preciseNow()) / this.speed, MAX_NODE_TIMEOUT_MS);
		this.nodeTimer = setTimeout(() => this.onNodeTimer(), Math.max(0, Math.ceil(wait)));
		// A pending phone call must not keep the process alive; only the HTTP server does.
		this.nodeTimer.unref();
	}

	private onNodeTimer(): void {
		const errors: unknown[] = [];
		let remaining = MAX_TIMERS_PER_TIMEOUT;
		const started = this.runDue(this.now(), errors, () => remaining-- > 0);
		const report = () => errors.forEach((error) => this.onError(error));
		if (started.length > 0) void Promise.all(started).then(report);
		else report();
		this.setNodeTimer();
	}
}

/** Creates a clock: `virtual` stands still until it is advanced, `real` runs `speed` times real time. */
export function createClock(options: ClockOptions): Clock {
	return new SandboxClock(options);
}

/** A view of a clock whose timers can all be cancelled at once. */
export interface ClockScope extends Pick<Clock, 'now' | 'schedule' | 'track'> {
	cancelAll(): void;
}

/** @param onError called with errors of timers; without it the clock handles them */
export function createClockScope(clock: Clock, onError?: (error: unknown) => void): ClockScope {
	const cancels = new Set<() => void>();
	return {
		now: () => clock.now(),
		track: (work) => clock.track(work),
		schedule(ms, callback) {
			const cancel = clock.schedule(ms, () => {
				cancels.delete(cancel);
				if (!onError) return callback();
				return (async () => await callback())().catch(onError);
			});
			cancels.add(cancel);
			return () => {
				cancels.delete(cancel);
				cancel();
			};
		},
		cancelAll() {
			for (const cancel of cancels) cancel();
			cancels.clear();
		},
	};
}
