/**
 * Makes the delays between retries pass faster, and records them. The timeouts of requests and the
 * sandbox's own delays keep their length.
 */
export class FastTimers {
	/** The delays that began, in the milliseconds that they would have taken. */
	readonly delays: number[] = [];

	private readonly setTimeout = globalThis.setTimeout;

	/**
	 * @param speed how many times faster
	 * @param isFast whether a delay of so many milliseconds is recorded and passes faster
	 */
	constructor(speed = 50, isFast: (ms: number) => boolean = isBackOff) {
		const original = this.setTimeout;
		const fast = (callback: () => void, ms = 0, ...args: unknown[]) => {
			if (!isFast(ms)) return original(callback, ms, ...args);
			this.delays.push(ms);
			return original(callback, ms / speed, ...args);
		};
		globalThis.setTimeout = Object.assign(fast, original) as typeof setTimeout;
	}

	restore() {
		globalThis.setTimeout = this.setTimeout;
	}
}

/** The back-off of the node: one, two or four seconds, less up to half as jitter. */
export const isBackOff = (ms: number) => ms >= 500 && ms <= 4000;

/**
 * The back-off, and the wait of 'Skip People Added Before' before it trusts its record of people: in
 * these tests no other run records any.
 */
export const isBackOffOrRecordWait = (ms: number) => isBackOff(ms) || ms === 300;
