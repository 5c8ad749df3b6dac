/** Plain JavaScript without dependencies, because it is needed while those are installed. */

const SAY_EVERY_MS = 5_000;

/**
 * Says something every few seconds while some work goes on, so that nobody has to wonder whether it does.
 *
 * @template T
 * @param {Promise<T>} work
 * @param {(line: string) => void} say
 * @param {() => string} line what there is to say; the time that has passed is added
 * @returns {Promise<T>} the work's own outcome
 */
export async function telling(work, say, line) {
	const started = Date.now();
	const ticker = setInterval(() => say(`  ${line()}, ${elapsed(started)}`), SAY_EVERY_MS);
	try {
		return await work;
	} finally {
		clearInterval(ticker);
	}
}

/** @param {number} since milliseconds, of `Date.now()` @returns {string} like 1:05 */
export function elapsed(since) {
	const seconds = Math.round((Date.now() - since) / 1000);
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
