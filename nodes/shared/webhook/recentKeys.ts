/** Limits memory. The oldest keys are evicted first. */
const MAX_KEYS = 20_000;

/** Keys that arrived a short while ago, in the memory of this process. */
export class RecentKeys {
	/** With their time of arrival, oldest first. */
	private readonly arrivals = new Map<string, number>();

	/** @param windowMs how long a key is remembered */
	constructor(private readonly windowMs: number) {}

	/**
	 * Whether the key did not arrive before; remembers it if not. Nothing here waits, so within one
	 * process this is certain, however many requests arrive at once.
	 *
	 * @param now time of arrival in milliseconds
	 */
	isFirst(key: string, now = Date.now()): boolean {
		if (this.has(key, now)) return false;
		this.arrivals.set(key, now);
		evictOldest(this.arrivals, MAX_KEYS);
		return true;
	}

	/** Whether the key arrived before, without remembering it. */
	has(key: string, now = Date.now()): boolean {
		for (const [known, time] of this.arrivals) {
			if (now - time < this.windowMs) break;
			this.arrivals.delete(known);
		}
		return this.arrivals.has(key);
	}
}

export function evictOldest(map: Map<string, unknown>, maxSize: number) {
	for (const key of map.keys()) {
		if (map.size <= maxSize) break;
		map.delete(key);
	}
}
