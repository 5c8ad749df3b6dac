import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 30_000;
const POLL_MS = 100;

/**
 * Asks again and again until there is an answer.
 *
 * @param what for the message when there is none in time
 * @throws Error then
 */
export async function until<T>(
	what: string,
	ask: () => T | undefined | Promise<T | undefined>,
	waitMs = WAIT_MS,
): Promise<T> {
	const started = Date.now();
	for (;;) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (Date.now() - started > waitMs) {
			throw new Error(`Waited ${waitMs / 1000} s for ${what}, in vain.`);
		}
		await sleep(POLL_MS);
	}
}
