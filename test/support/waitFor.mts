import { setTimeout as delay } from 'node:timers/promises';

/** Only ends what hangs, so it is generous: machines differ in speed. */
const TIMEOUT_MS = 600_000;
const INTERVAL_MS = 100;

export interface WaitOptions {
	timeoutMs?: number;
	intervalMs?: number;
	/** Stops waiting; the promise rejects with the signal's reason */
	signal?: AbortSignal;
}

/**
 * Evaluates a condition again and again until it returns a value other than undefined and false.
 *
 * @param description of the condition, for the error message
 * @returns that value
 * @throws Error when it takes longer than the timeout; what the condition throws
 */
export async function waitFor<T>(
	description: string,
	condition: () => T | undefined | false | Promise<T | undefined | false>,
	{ timeoutMs = TIMEOUT_MS, intervalMs = INTERVAL_MS, signal }: WaitOptions = {},
): Promise<T> {
	const startedAt = Date.now();
	for (;;) {
		signal?.throwIfAborted();
		const value = await condition();
		if (value !== undefined && value !== false) return value;
		if (Date.now() - startedAt > timeoutMs) {
			throw new Error(`Waited ${timeoutMs / 1000} s in vain for: ${description}`);
		}
		await delay(intervalMs, undefined, { signal });
	}
}
