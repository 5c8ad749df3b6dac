const HOUR = 3_600_000;

/**
 * The hourly limit: counted per client over clock hours, shared by all users and applications
 * (https://ringme-confluence.atlassian.net/wiki, pages 1901920568 and 3190554629).
 */
export class RateLimit {
	private hour = -1;
	private used = 0;

	/**
	 * @param limit requests per hour
	 * @param now PBX time in ms
	 */
	constructor(
		readonly limit: number,
		private readonly now: () => number,
	) {}

	/** Counts a request; false if the hour's limit is used up. */
	take(): boolean {
		this.turn();
		if (this.used >= this.limit) return false;
		this.used++;
		return true;
	}

	/** The three headers that each answer carries; reset is in seconds from now. */
	headers(): Record<string, string> {
		this.turn();
		return {
			'x-ratelimit-limit': String(this.limit),
			'x-ratelimit-remaining': String(this.limit - this.used),
			'x-ratelimit-reset': String(Math.ceil((HOUR - (this.now() % HOUR)) / 1000)),
		};
	}

	reset(): void {
		this.used = 0;
	}

	private turn(): void {
		const hour = Math.floor(this.now() / HOUR);
		if (hour === this.hour) return;
		this.hour = hour;
		this.used = 0;
	}
}
