import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 30_000;
const POLL_MS = 100;

type Nothing = undefined | false;

/**
 * Asks again and again until there is an answer other than nothing and false.
 *
 * @param what for the message when there is none in time
 * @throws Error then
 */
export async function until<T>(
	what: string,
	ask: () => T | Nothing | Promise<T | Nothing>,
	waitMs = WAIT_MS,
): Promise<T> {
	const started = Date.now();
	for (;;) {
		const answer = await ask();
		if (answer !== undefined && answer !== false) return answer;
		if (Date.now() - started > waitMs) {
			throw new Error(`Waited ${waitMs / 1000} s for ${what}, in vain.`);
		}
		await sleep(POLL_MS);
	}
}
