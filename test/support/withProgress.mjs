/** Plain JavaScript without dependencies, because it is needed while those are installed. */

const INTERVAL_MS = 10_000;

/**
 * Logs a line every ten seconds until a promise settles, so that nobody has to wonder whether anything happens.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {(line: string) => void} log
 * @param {() => string} message the elapsed time is appended
 * @returns {Promise<T>} the outcome of `promise`
 */
export async function withProgress(promise, log, message) {
	const startedAt = Date.now();
	const timer = setInterval(() => {
		const seconds = Math.round((Date.now() - startedAt) / 1000);
		log(`  ${message()}, ${seconds} s`);
	}, INTERVAL_MS);
	try {
		return await promise;
	} finally {
		clearInterval(timer);
	}
}
