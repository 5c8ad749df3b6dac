import type { ClockScope } from './clock.mts';

/** A step of a call. */
export interface Step {
	/** Milliseconds from the start of the call. */
	delayMs: number;
	/** @param at time of the step in epoch milliseconds */
	run(at: number): void;
}

/** Runs the steps of calls, either on the clock or immediately. */
export class Timeline {
	private readonly pending = new Set<() => void>();

	constructor(private readonly clock: ClockScope) {}

	/** Runs each step at its time. Resolves after the last one, or when `stop` is called. */
	async runLive(steps: Step[]): Promise<void> {
		await new Promise<void>((resolve) => {
			const finish = () => {
				this.pending.delete(finish);
				resolve();
			};
			this.pending.add(finish);
			for (const step of steps) {
				this.clock.schedule(step.delayMs, () => step.run(this.clock.now()));
			}
			const lastDelayMs = Math.max(...steps.map((step) => step.delayMs));
			this.clock.schedule(lastDelayMs, finish);
		});
	}

	/** Runs all steps now, with the times of a call that has just ended. */
	runImmediately(steps: Step[]): void {
		const inOrder = [...steps].sort((a, b) => a.delayMs - b.delayMs);
		const start = this.clock.now() - (inOrder.at(-1)?.delayMs ?? 0);
		for (const step of inOrder) step.run(start + step.delayMs);
	}

	/** Resolves all `runLive` promises. Their remaining steps are cancelled with the clock scope. */
	stop(): void {
		for (const finish of this.pending) finish();
	}
}
