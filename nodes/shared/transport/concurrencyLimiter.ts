/** Limits concurrency. Waiting work starts in FIFO order. */
export class ConcurrencyLimiter {
	private readonly queue: Array<() => void> = [];

	private activeCount = 0;

	constructor(private readonly concurrency: number) {}

	async run<T>(work: () => Promise<T>): Promise<T> {
		if (this.activeCount >= this.concurrency) {
			await new Promise<void>((start) => this.queue.push(start));
		} else {
			this.activeCount++;
		}
		try {
			return await work();
		} finally {
			this.release();
		}
	}

	/**
	 * Takes free slots for additional work, without waiting.
	 *
	 * @param limit maximum number of slots
	 * @returns how many were taken; each needs a call of `release`
	 */
	takeFreeSlots(limit: number): number {
		const taken = Math.max(0, Math.min(limit, this.concurrency - this.activeCount));
		this.activeCount += taken;
		return taken;
	}

	release() {
		const startNext = this.queue.shift();
		if (startNext) startNext();
		else this.activeCount--;
	}
}
