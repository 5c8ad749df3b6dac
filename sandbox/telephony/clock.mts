import { SortedQueue } from './sorted.mts';

/** What a timer runs. A returned promise is waited for by `advance` before time moves on. */
export type TimerWork = () => void | Promise<unknown>;

/** The only source of time in the sandbox. All times are epoch milliseconds (UTC), whole numbers. */
export interface Clock {
	readonly mode: 'real' | 'virtual';
	/** Clock seconds per real second; a virtual clock does not move by itself, so it has 0. */
	readonly speed: number;
	now(): number;
	/** Runs `work` in `ms` clock milliseconds (never before this call returns); returns its cancel. */
	schedule(ms: number, work: TimerWork): () => void;
	/**
	 * Background work (deliveries) that `advance` waits for before time moves on, so that what happened
	 * earlier also arrives earlier.
	 */
	track(work: Promise<unknown>): void;
	/**
	 * Moves time forward by `ms`, running due timers in order, each at its own time, and waits for
	 * what they start. Works on a real clock too (a jump). Calls made at once run one after another.
	 * Must not be awaited from inside a timer.
	 * @throws the first error of a timer, after all due timers have run
	 */
	advance(ms: number): Promise<void>;
	/** Drops all timers; nothing runs afterwards. */
	stop(): void;
}

export interface ClockOptions {
	mode: 'real' | 'virtual';
	/** Real mode: 60 makes a minute pass every second. Default 1. */
	speed?: number;
	/** Epoch ms. Default: now in real mode, 2026-01-15 09:00 UTC (a Thursday) in virtual mode. */
	start?: number;
	/** Errors of timers that ran by themselves (real mode). Default: console.error. */
	onError?: (error: unknown) => void;
}

interface Timer {
	at: number;
	work: TimerWork | null;
}

const VIRTUAL_START = Date.UTC(2026, 0, 15, 9);
/** A timer that re-arms itself at once would otherwise keep `advance` busy for ever. */
const MAX_TIMERS_PER_ADVANCE = 5_000_000;
const MAX_NODE_TIMEOUT = 2 ** 31 - 1;

class SandboxClock implements Clock {
	readonly mode: 'real' | 'virtual';
	readonly speed: number;
	private readonly timers = new SortedQueue<Timer>((timer) => timer.at);
	private readonly tracked = new Set<Promise<unknown>>();
	private readonly onError: (error: unknown) => void;
	/** Clock time at `anchor` (a `performance.now()` value). */
	private base: number;
	private anchor = performance.now();
	private nodeTimer: NodeJS.Timeout | undefined;
	private advancing: Promise<void> = Promise.resolve();
	private advances = 0;
	private stopped = false;

	constructor(options: ClockOptions) {
		this.mode = options.mode;
		this.speed = options.mode === 'virtual' ? 0 : (options.speed ?? 1);
		if (!(this.speed >= 0)) throw new RangeError('speed must be a positive number');
		this.base = options.start ?? (options.mode === 'virtual' ? VIRTUAL_START : Date.now());
		this.onError = options.onError ?? ((error) => console.error('sandbox clock:', error));
	}

	now(): number {
		return Math.floor(this.exact());
	}

	schedule(ms: number, work: TimerWork): () => void {
		const timer: Timer = { at: this.now() + Math.max(0, ms), work };
		if (this.stopped) return () => undefined;
		this.timers.add(timer);
		if (this.timers.first() === timer) this.arm();
		return () => {
			timer.work = null;
		};
	}

	track(work: Promise<unknown>): void {
		const forget = () => void this.tracked.delete(settled);
		const settled: Promise<void> = work.then(forget, forget);
		this.tracked.add(settled);
	}

	async advance(ms: number): Promise<void> {
		if (!(ms >= 0)) throw new RangeError('advance needs milliseconds, 0 or more');
		const run = this.advancing.then(async () => await this.runUntil(ms));
		this.advancing = run.catch(() => undefined);
		await run;
	}

	stop(): void {
		this.stopped = true;
		this.timers.clear();
		clearTimeout(this.nodeTimer);
	}

	private exact(): number {
		return this.base + (performance.now() - this.anchor) * this.speed;
	}

	private jump(to: number): void {
		if (to <= this.exact()) return;
		this.base = to;
		this.anchor = performance.now();
	}

	private async runUntil(ms: number): Promise<void> {
		this.advances++;
		clearTimeout(this.nodeTimer);
		const target = this.now() + ms;
		const errors: unknown[] = [];
		let left = MAX_TIMERS_PER_ADVANCE;
		try {
			for (;;) {
				const next = this.peek();
				if (this.tracked.size > 0 && !(next && next.at <= this.now())) {
					await Promise.all(this.tracked);
				} else if (next && next.at <= target) {
					this.jump(next.at);
					const started = this.runDue(this.now(), errors, () => left-- > 0);
					if (started.length > 0) await Promise.all(started);
				} else {
					break;
				}
				if (left <= 0) throw new Error('too many timers: one seems to re-arm itself at once');
			}
			this.jump(target);
		} finally {
			this.advances--;
			this.arm();
		}
		if (errors.length > 0) throw errors[0];
	}

	/** Runs what is due at `now`, without waiting; returns what the timers started. */
	private runDue(now: number, errors: unknown[], allowed: () => boolean): Array<Promise<unknown>> {
		const started: Array<Promise<unknown>> = [];
		for (let next = this.peek(); next && next.at <= now && allowed(); next = this.peek()) {
			this.timers.shift();
			try {
				const result = next.work?.();
				if (result) started.push(result.catch((error: unknown) => errors.push(error)));
			} catch (error) {
				errors.push(error);
			}
		}
		return started;
	}

	/** The next timer that was not cancelled. */
	private peek(): Timer | undefined {
		while (this.timers.first()?.work === null) this.timers.shift();
		return this.timers.first();
	}

	private arm(): void {
		if (this.speed === 0 || this.stopped || this.advances > 0) return;
		clearTimeout(this.nodeTimer);
		const next = this.peek();
		if (!next) return;
		const wait = Math.min((next.at - this.exact()) / this.speed, MAX_NODE_TIMEOUT);
		this.nodeTimer = setTimeout(() => this.fire(), Math.max(0, Math.ceil(wait)));
		// A waiting phone call must not keep a finished program alive; the HTTP server does that.
		this.nodeTimer.unref();
	}

	private fire(): void {
		const errors: unknown[] = [];
		let left = 10_000;
		const started = this.runDue(this.now(), errors, () => left-- > 0);
		const report = () => errors.forEach((error) => this.onError(error));
		if (started.length > 0) void Promise.all(started).then(report);
		else report();
		this.arm();
	}
}

/** Makes a clock: `virtual` stands still until `advance`, `real` runs `speed` times as fast as life. */
export function createClock(options: ClockOptions): Clock {
	return new SandboxClock(options);
}

/** A view of a clock whose timers can all be cancelled at once. */
export interface ClockScope extends Pick<Clock, 'now' | 'schedule' | 'track'> {
	cancelAll(): void;
}

/** @param onError gets the errors of the timers; without it they are the clock's */
export function scopeClock(clock: Clock, onError?: (error: unknown) => void): ClockScope {
	const cancels = new Set<() => void>();
	return {
		now: () => clock.now(),
		track: (work) => clock.track(work),
		schedule(ms, work) {
			const cancel = clock.schedule(ms, () => {
				cancels.delete(cancel);
				if (!onError) return work();
				return (async () => await work())().catch(onError);
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
