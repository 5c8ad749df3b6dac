/** What has to be ended at last. */
interface Running {
	stop(): Promise<void>;
}

/** Ends what was started, the last first. A signal makes this process exit, which ends the programs it started. */
export class Cleanups {
	private readonly running: Running[] = [];

	constructor() {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.once(signal, () => process.exit(130));
		}
	}

	/** @returns what it is given */
	add<T extends Running>(running: T): T {
		this.running.push(running);
		return running;
	}

	async end(): Promise<void> {
		for (let each = this.running.pop(); each; each = this.running.pop()) await each.stop();
	}
}
