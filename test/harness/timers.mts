import { ClientRequest } from 'node:http';

interface Timer {
	ms: number;
	/** When it is due, on a clock that only these timers move. */
	due: number;
	isWait: boolean;
	run: () => void;
}

type Handle = ReturnType<typeof setTimeout>;

/** Node never waits longer. */
const FOREVER_MS = 2 ** 31 - 1;

/** Shorter ones keep their length: they only let other work go first. */
const SHORTEST_MS = 100;
/** What lasts so long is a timeout, or a wait during which something else has to happen. */
const TIMEOUT_MS = 10_000;
/** After it, the RingMe Trigger responds to the report of a task, which it goes on to read. */
const RESPONSE_TIME_MS = 2_000;
/** Longer ones keep their length: they end what hangs. */
const LONGEST_MS = 300_000;

/**
 * Timers of the nodes, of n8n and of its HTTP client that pass by an event instead of by time, so that no test
 * depends on how busy the machine is:
 *
 * - A wait, such as the one before a retry, passes as soon as everything that is due has run; of several, the one
 *   that is due first.
 * - A timeout never passes by itself. A test fires it, for instance when the PBX says that it holds the request.
 */
export class Timers {
	/** The waits that began, in milliseconds. */
	readonly waits: number[] = [];
	/** Called before a wait ends. */
	beforeEnd: (() => unknown) | undefined;

	private readonly pending = new Map<Handle, Timer>();
	/** The requests of n8n's HTTP client that have a timeout, in milliseconds. */
	private readonly requests = new Map<ClientRequest, number>();
	private watchers: Array<() => void> = [];
	private now = 0;
	private isRunning = false;
	private readonly original = {
		setTimeout: globalThis.setTimeout,
		clearTimeout: globalThis.clearTimeout,
		signal: AbortSignal.timeout.bind(AbortSignal),
		requestTimeout: ClientRequest.prototype.setTimeout,
	};

	/**
	 * @param isWait whether a timer of so many milliseconds passes by itself; default: those below ten seconds, but for
	 * the time in which the RingMe Trigger responds
	 */
	constructor(isWait = isShortWait) {
		const { original, requests } = this;
		const isTaken = (ms: unknown): ms is number =>
			typeof ms === 'number' && ms >= SHORTEST_MS && ms <= LONGEST_MS;
		const set = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
			isTaken(ms) && !isOfNode()
				? this.add(() => callback(...args), ms, isWait(ms))
				: original.setTimeout(callback, ms, ...args);
		globalThis.setTimeout = Object.assign(set, original.setTimeout) as typeof setTimeout;
		globalThis.clearTimeout = ((handle?: Handle) => {
			this.pending.delete(handle as Handle);
			original.clearTimeout(handle);
		}) as typeof clearTimeout;
		AbortSignal.timeout = (ms) => {
			if (!isTaken(ms)) return original.signal(ms);
			const controller = new AbortController();
			const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
			this.add(() => controller.abort(reason), ms, false);
			return controller.signal;
		};
		ClientRequest.prototype.setTimeout = function (ms, callback) {
			if (!isTaken(ms)) return original.requestTimeout.call(this, ms, callback);
			if (callback) this.once('timeout', callback);
			requests.set(this, ms);
			this.once('close', () => requests.delete(this));
			return this;
		};
	}

	/** Forgets the waits, and the timers that have not passed. */
	reset() {
		for (const handle of this.pending.keys()) this.original.clearTimeout(handle);
		this.pending.clear();
		this.waits.length = 0;
		this.beforeEnd = undefined;
	}

	/** Gives time its way again. Timers that have not passed never will. */
	restore() {
		this.reset();
		globalThis.setTimeout = this.original.setTimeout;
		globalThis.clearTimeout = this.original.clearTimeout;
		AbortSignal.timeout = this.original.signal;
		ClientRequest.prototype.setTimeout = this.original.requestTimeout;
	}

	/** Resolves as soon as `count` timers of so many milliseconds have begun and not passed. */
	async begun(ms: number, count = 1): Promise<void> {
		await new Promise<void>((resolve) => {
			const watcher = () => {
				const timers = [...this.pending.values()].filter((timer) => timer.ms === ms);
				if (timers.length < count) return;
				this.watchers = this.watchers.filter((each) => each !== watcher);
				resolve();
			};
			this.watchers.push(watcher);
			watcher();
		});
	}

	/** Fires the timers of so many milliseconds. @throws Error if there is none */
	fire(ms: number) {
		const timers = [...this.pending].filter(([, timer]) => timer.ms === ms);
		if (timers.length === 0) throw new Error(`No timer of ${ms} ms has begun`);
		for (const [handle] of timers) this.end(handle);
	}

	/**
	 * Fires the timeout of a request of n8n's HTTP client.
	 *
	 * @param port of its connection, as the PBX sees it
	 * @returns the timeout in milliseconds
	 * @throws Error if no request with a timeout has this port
	 */
	timeOut(port: number | undefined): number {
		const found = [...this.requests].find(([{ socket }]) => socket?.localPort === port);
		if (!found) throw new Error(`No request of the port ${port} has a timeout`);
		const [request, ms] = found;
		request.emit('timeout');
		return ms;
	}

	private add(run: () => void, ms: number, isWait: boolean): Handle {
		const handle = this.original.setTimeout(() => {}, FOREVER_MS);
		this.pending.set(handle, { ms, due: this.now + ms, isWait, run });
		if (isWait) {
			this.waits.push(ms);
			this.runWaits();
		}
		for (const watcher of this.watchers) watcher();
		return handle;
	}

	private end(handle: Handle) {
		const timer = this.pending.get(handle);
		if (!timer) return;
		clearTimeout(handle);
		this.now = Math.max(this.now, timer.due);
		timer.run();
	}

	/** Ends the waits one after the other, after all other work that is due. */
	private runWaits() {
		if (this.isRunning) return;
		this.isRunning = true;
		setImmediate(async () => {
			await this.beforeEnd?.();
			const [next] = this.pendingWaits();
			if (next) this.end(next);
			this.isRunning = false;
			if (this.pendingWaits().length > 0) this.runWaits();
		});
	}

	/** The one that is due first comes first. */
	private pendingWaits(): Handle[] {
		return [...this.pending]
			.filter(([, { isWait }]) => isWait)
			.sort(([, a], [, b]) => a.due - b.due)
			.map(([handle]) => handle);
	}
}

/** The default of `Timers`. */
export const isShortWait = (ms: number) => ms < TIMEOUT_MS && ms !== RESPONSE_TIME_MS;

/** `Timers` for the tests of a file, which forget theirs after each test. */
export function setupTimers(isWait?: (ms: number) => boolean): Timers {
	const timers = new Timers(isWait);
	afterEach(() => timers.reset());
	afterAll(() => timers.restore());
	return timers;
}

/** Whether a timer is one of Node itself, such as those of fetch. */
const isOfNode = () => new Error().stack?.split('\n')[3]?.includes('(node:') ?? false;
