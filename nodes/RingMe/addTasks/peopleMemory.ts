import { randomBytes } from 'crypto';
import { sleep, type DeduplicationHelperFunctions } from 'n8n-workflow';

import { ConcurrencyLimiter } from '../../shared/transport/concurrencyLimiter';

/**
 * n8n's own store of what a node has processed, in its database: one list for each node of a workflow,
 * in which n8n keeps digests. Available to custom operations.
 */
export type ProcessedStore = Pick<
	DeduplicationHelperFunctions,
	'checkProcessedAndRecord' | 'removeProcessed'
>;

/** Without a limit: n8n would forget the oldest entries beyond it, and people would be called again. */
const OPTIONS = { mode: 'entries' } as const;

const MAX_ATTEMPTS = 5;
const RETRY_DELAY_MS = 100;

const MAX_ROUNDS = 20;
/**
 * How long a run waits before it looks for its mark: longer than another one takes to record, even in a
 * process that is held up by other executions.
 */
const MIN_WAIT_MS = 300;
const WAIT_FACTOR = 3;
/** How long it waits at most before it records again: runs that erase each other's marks drift apart. */
const MAX_BACKOFF_MS = 500;

/** The runs of this process use the store one after the other. */
const storeLimiter = new ConcurrencyLimiter(1);

/**
 * Records people in n8n's store, and returns those whom no run had recorded before. Of several runs
 * that record a person at the same moment, in any process, one gets the person.
 *
 * n8n reads the list, changes it and writes it without a lock: of two runs that read the same list, the
 * last one to write erases what the other wrote. So each run also records a mark of its own, and looks
 * for it after a moment. If it is there, so is all that the run recorded, and whoever read the same
 * list has lost theirs. If it is gone, the run asks again. (Fischer's algorithm for mutual exclusion. It
 * relies on the moment being longer than a record takes.)
 *
 * @param keys one for each person, each only once
 * @throws Error if n8n's database fails, or other runs keep erasing what this one records
 */
export async function recordPeople(store: ProcessedStore, keys: string[]): Promise<Set<string>> {
	let candidates = keys;
	for (let round = 0; round < MAX_ROUNDS; round++) {
		const mark = `run ${randomBytes(12).toString('hex')}`;
		const { added, tookMs } = await record(store, candidates, mark);
		if (added.length === 0) {
			await forgetPeople(store, [mark]);
			return new Set();
		}
		await sleep(Math.max(MIN_WAIT_MS, WAIT_FACTOR * tookMs));
		if (await isRecorded(store, mark)) return new Set(added);
		await sleep(MAX_BACKOFF_MS * Math.random());
		candidates = added;
	}
	throw new Error('Other runs kept changing the list of people that n8n has for this node');
}

/**
 * Removes people from n8n's store.
 *
 * @throws Error if n8n's database fails
 */
export async function forgetPeople(store: ProcessedStore, keys: string[]) {
	if (keys.length === 0) return;
	await useStore(async () => await store.removeProcessed(keys, 'node', OPTIONS));
}

/**
 * @returns the keys that were not in the store, and how long n8n took
 * @throws Error if n8n's database fails
 */
async function record(store: ProcessedStore, keys: string[], mark: string) {
	return await useStore(async () => {
		const startedAt = Date.now();
		const values = [...keys, mark];
		const found = await store.checkProcessedAndRecord(values, 'node', OPTIONS);
		const added = found.new.map(String);
		// A failed attempt had recorded: who was new is not known any more.
		if (added.pop() !== mark) throw new UncertainRecordError();
		return { added, tookMs: Date.now() - startedAt };
	});
}

class UncertainRecordError extends Error {
	readonly message = 'It is unknown what an earlier, failed access has recorded';
}

/** n8n has no reading access: a mark that is not in the store any more is recorded again. */
async function isRecorded(store: ProcessedStore, mark: string): Promise<boolean> {
	return await useStore(async () => {
		const found = await store.checkProcessedAndRecord([mark], 'node', OPTIONS);
		return found.processed.length > 0;
	});
}

/** Repeats what failed: of the first records of a node at the same moment, the database rejects all but one. */
async function useStore<T>(work: () => Promise<T>): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await storeLimiter.run(work);
		} catch (error) {
			if (attempt === MAX_ATTEMPTS || error instanceof UncertainRecordError) throw error as Error;
		}
		await sleep(RETRY_DELAY_MS * attempt * (1 + Math.random()));
	}
}
