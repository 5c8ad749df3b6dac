interface Stoppable {
	stop(): Promise<void>;
}

/**
 * Stops what was started, in reverse order. A signal exits this process, which also ends the programs it started.
 * (Node 20 has no AsyncDisposableStack.)
 */
export class CleanupStack {
	private readonly started: Stoppable[] = [];

	constructor() {
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
			process.once(signal, () => process.exit(130));
		}
	}

	/** @returns its argument */
	add<T extends Stoppable>(started: T): T {
		this.started.push(started);
		return started;
	}

	async stopAll(): Promise<void> {
		for (let last = this.started.pop(); last; last = this.started.pop()) await last.stop();
	}
}
