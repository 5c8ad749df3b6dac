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
			const next = this.queue.shift();
			if (next) next();
			else this.activeCount--;
		}
	}
}
