import type { ClockScope } from './clock.mts';

/** Something that happens `after` milliseconds from the start of a call; `at` is its epoch ms. */
export interface Step {
	after: number;
	run(at: number): void;
}

/** Plays the steps of calls, either on the clock or at once. */
export class Timeline {
	private readonly pending = new Set<() => void>();

	constructor(private readonly clock: ClockScope) {}

	/** Each step at its time on the clock. Resolves after the last one, or when `stop` is called. */
	async live(steps: Step[]): Promise<void> {
		await new Promise<void>((resolve) => {
			const done = () => {
				this.pending.delete(done);
				resolve();
			};
			this.pending.add(done);
			for (const step of steps) {
				this.clock.schedule(step.after, () => step.run(this.clock.now()));
			}
			const end = Math.max(...steps.map((step) => step.after));
			this.clock.schedule(end, done);
		});
	}

	/** All steps now, with the times of something that has just ended. */
	atOnce(steps: Step[]): void {
		const inOrder = [...steps].sort((one, other) => one.after - other.after);
		const start = this.clock.now() - (inOrder.at(-1)?.after ?? 0);
		for (const step of inOrder) step.run(start + step.after);
	}

	/** Releases everybody who waits for a call that will not go on. */
	stop(): void {
		for (const done of this.pending) done();
	}
}
