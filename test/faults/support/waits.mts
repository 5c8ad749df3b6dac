/**
 * Lets the waits between two tries pass faster, and notes them. Only these: the timeouts of requests
 * and the sandbox's own pauses keep their length.
 */
export class Waits {
	/** Every wait that was begun, in the milliseconds it would have taken. */
	readonly begun: number[] = [];

	private readonly real = globalThis.setTimeout;

	/**
	 * @param speed how many times faster
	 * @param are the lengths that are waits between tries, in milliseconds
	 */
	constructor(speed = 50, are = isBackOff) {
		const { real } = this;
		const fast = (work: () => void, ms = 0, ...args: unknown[]) => {
			if (!are(ms)) return real(work, ms, ...args);
			this.begun.push(ms);
			return real(work, ms / speed, ...args);
		};
		globalThis.setTimeout = Object.assign(fast, real) as typeof setTimeout;
	}

	end() {
		globalThis.setTimeout = this.real;
	}
}

/** The back-off of the node: one, two or four seconds, less up to half as jitter. */
export const isBackOff = (ms: number) => ms >= 500 && ms <= 4000;
