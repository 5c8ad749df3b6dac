const HOUR_MS = 3_600_000;

/**
 * The hourly limit: requests per client and clock hour, shared by all users and applications
 * (https://ringme-confluence.atlassian.net/wiki, pages 1901920568 and 3190554629).
 */
export class RateLimit {
	private hour = -1;
	private used = 0;

	/**
	 * @param limit requests per hour
	 * @param now returns the PBX time in epoch milliseconds
	 * @param resetIsEpoch whether the header of the reset is an epoch in seconds
	 */
	constructor(
		readonly limit: number,
		private readonly now: () => number,
		private readonly resetIsEpoch = false,
	) {}

	/** Counts a request. @returns false if the limit of this hour is exhausted */
	take(): boolean {
		this.startNewHour();
		if (this.used >= this.limit) return false;
		this.used++;
		return true;
	}

	/** The three headers of every response; the reset is given in seconds from now. */
	headers(): Record<string, string> {
		this.startNewHour();
		const seconds = Math.ceil((HOUR_MS - (this.now() % HOUR_MS)) / 1000);
		const reset = this.resetIsEpoch ? Math.round(this.now() / 1000) + seconds : seconds;
		return {
			'x-ratelimit-limit': String(this.limit),
			'x-ratelimit-remaining': String(this.limit - this.used),
			'x-ratelimit-reset': String(reset),
		};
	}

	reset(): void {
		this.used = 0;
	}

	private startNewHour(): void {
		const hour = Math.floor(this.now() / HOUR_MS);
		if (hour === this.hour) return;
		this.hour = hour;
		this.used = 0;
	}
}
