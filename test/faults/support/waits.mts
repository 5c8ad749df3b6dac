/**
 * Lets the waits between two tries pass fifty times faster, and notes them. Only these: the
 * timeouts of requests and the sandbox's own pauses keep their length.
 */
export class Waits {
	/** Every wait that was begun, in the milliseconds it would have taken. */
	readonly begun: number[] = [];

	private readonly real = globalThis.setTimeout;

	/** @param are the lengths that are waits between tries, in milliseconds */
	constructor(private readonly are: (ms: number) => boolean = (ms) => BACK_OFFS.has(ms)) {
		const fast = (work: () => void, ms = 0, ...args: unknown[]) => {
			if (!this.are(ms)) return this.real(work, ms, ...args);
			this.begun.push(ms);
			return this.real(work, ms / 50, ...args);
		};
		globalThis.setTimeout = Object.assign(fast, this.real) as typeof setTimeout;
	}

	end() {
		globalThis.setTimeout = this.real;
	}
}

const BACK_OFFS = new Set([1000, 2000, 4000]);
