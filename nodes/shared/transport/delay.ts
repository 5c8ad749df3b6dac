import { sleep } from 'n8n-workflow';

/** Waits, or until a signal is aborted. The caller checks the signals. */
export async function delay(milliseconds: number, signals: AbortSignal[]): Promise<void> {
	await sleep(milliseconds, AbortSignal.any(signals)).catch(() => {});
}

/**
 * Limits the time for consuming a response body: the HTTP client's own timeout ends when the headers
 * arrive.
 *
 * @param body the stream; destroyed on timeout
 * @throws Error with code ETIMEDOUT
 */
export async function withTimeout<T>(
	consumption: Promise<T>,
	milliseconds: number | undefined,
	body: unknown,
): Promise<T> {
	if (!milliseconds) return await consumption;
	const consumed = new AbortController();
	const timeout = sleep(milliseconds, consumed.signal).then(
		() => {
			(body as { destroy?: () => void }).destroy?.();
			throw Object.assign(new Error('The response body timed out'), { code: 'ETIMEDOUT' });
		},
		() => consumption,
	);
	try {
		return await Promise.race([consumption, timeout]);
	} finally {
		consumed.abort();
	}
}
