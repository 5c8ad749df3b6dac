import type { RequestError } from '../../shared/errors/requestError';
import { MAX_RETRY_DELAY_MS } from '../../shared/transport/retryPolicy';

/** Stops requests after a failure that every later request would meet as well. */
export class CircuitBreaker {
	private openedBy?: { error: RequestError; until: number };

	/** Opens the circuit for a rejected or unavailable token, or an exceeded hourly limit. */
	trip(error: RequestError) {
		const { status = 500, isTokenRequest, retryAfterMs = 0 } = error.details;
		if (status === 429) {
			if (retryAfterMs > MAX_RETRY_DELAY_MS) {
				this.openedBy = { error, until: Date.now() + retryAfterMs };
			}
		} else if (status === 401 || (isTokenRequest && status < 500)) {
			this.openedBy = { error, until: Infinity };
		}
	}

	/** The failure that the next request would meet; undefined while the circuit is closed. */
	get error(): RequestError | undefined {
		return this.openedBy && Date.now() < this.openedBy.until ? this.openedBy.error : undefined;
	}
}
