/** A request that the PBX holds. */
export interface HeldRequest {
	method: string;
	path: string;
	/** The port of its sender. */
	port?: number;
}

interface Waiting {
	/** Lets the request go; `false` drops its connection. */
	leave(isHandled: boolean): void;
	/** Resolves when the PBX has handled the request. */
	handled: Promise<void>;
}

/** Holds requests until it is opened. */
export class Gate {
	private isOpen = false;
	private readonly requests: HeldRequest[] = [];
	private readonly waiting: Waiting[] = [];
	private watchers: Array<() => void> = [];

	/**
	 * Holds a request.
	 *
	 * @param handled resolves when the PBX has handled it
	 * @returns whether it is to be handled; if not, its connection is to be dropped
	 */
	async pass(request: HeldRequest, handled: Promise<void>): Promise<boolean> {
		if (this.isOpen) return true;
		return await new Promise((leave) => {
			this.requests.push(request);
			this.waiting.push({ leave, handled });
			for (const watcher of this.watchers) watcher();
		});
	}

	/** Resolves with the first `count` requests that were held, once there are so many. */
	async held(count: number): Promise<HeldRequest[]> {
		await new Promise<void>((resolve) => {
			const watcher = () => {
				if (this.requests.length < count) return;
				this.watchers = this.watchers.filter((each) => each !== watcher);
				resolve();
			};
			this.watchers.push(watcher);
			watcher();
		});
		return this.requests.slice(0, count);
	}

	/** Lets all requests go, also later ones. Resolves when the PBX has handled those that were held. */
	async open(): Promise<void> {
		this.isOpen = true;
		await Promise.all(
			this.waiting.splice(0).map(async ({ leave, handled }) => {
				leave(true);
				await handled;
			}),
		);
	}

	/** Drops the connections of the requests that are held. */
	drop(): void {
		this.isOpen = true;
		for (const { leave } of this.waiting.splice(0)) leave(false);
	}

	/** In a list of faults: the number of requests that are held. */
	toJSON(): number {
		return this.waiting.length;
	}
}
