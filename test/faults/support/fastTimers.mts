import { ClientRequest } from 'node:http';

/**
 * Makes some delays pass faster, and records them: by default those between retries, while timeouts and
 * the sandbox's own delays keep their length.
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

/** The timeout of a request: 30 seconds, two minutes for Add Tasks, five minutes for a file. */
const isTimeout = (ms: number) => ms >= 30_000 && ms <= 300_000;

/**
 * Runs `work` with a timeout of 750 ms for each response, and of 1,500 ms for the body of a file.
 *
 * @param isShort whether the timeout of a request that begins now is short; a busy machine can exceed it without a
 * fault
 */
export async function withShortTimeouts<T>(
	work: () => Promise<T>,
	isShort = () => true,
): Promise<T> {
	const timers = new FastTimers(200, isTimeout);
	const original = ClientRequest.prototype.setTimeout;
	ClientRequest.prototype.setTimeout = function (ms, callback) {
		return original.call(this, isTimeout(ms) && isShort() ? 750 : ms, callback);
	};
	try {
		return await work();
	} finally {
		ClientRequest.prototype.setTimeout = original;
		timers.restore();
	}
}

/**
 * The back-off, and the wait of 'Skip People Added Before' before it trusts its record of people: in
 * these tests no other run records any.
 */
export const isBackOffOrRecordWait = (ms: number) => isBackOff(ms) || ms === 300;
