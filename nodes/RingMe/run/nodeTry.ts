import { sleep } from 'n8n-workflow';

import type { ItemsByOutcome, Outcome } from '../../shared/errors/outcome';
import type { PbxClient } from '../../shared/transport/client';
import { CircuitBreaker } from './circuitBreaker';

/** Items that are processed together. */
interface Gathering {
	items: Map<number, unknown>;
	result: Promise<unknown>;
}

/** What the items of one try of the node share. *Retry On Fail* starts a new one. */
export class NodeTry {
	private readonly abortController = new AbortController();

	private readonly outcomes = new Map<number, Outcome>();

	private readonly pending: Array<Promise<unknown>> = [];

	private startedItems = 0;

	private gathering?: Gathering;

	private startTick?: Promise<unknown>;

	/** By credential. */
	private readonly firstRequests = new Map<string, Promise<unknown>>();

	/** By account: what one PBX refuses says nothing about another. */
	private readonly circuitBreakers = new Map<string, CircuitBreaker>();

	constructor(private readonly totalItems: number) {}

	itemStarted() {
		this.startedItems++;
	}

	/**
	 * Whether n8n failed while it was starting the items, because an input of one could not be
	 * evaluated. n8n's routing node starts all items in one tick and leaves those running that it has
	 * started; they must not send anything.
	 */
	async wasAbandoned(): Promise<boolean> {
		await (this.startTick ??= sleep(0));
		return this.startedItems < this.totalItems;
	}

	/**
	 * Runs work once for all items that n8n starts in this tick.
	 *
	 * @param work gets the items by index
	 */
	async gather<Item, Result>(
		itemIndex: number,
		item: Item,
		work: (items: Map<number, Item>) => Promise<Result>,
	): Promise<Result> {
		const gathering = (this.gathering ??= this.startGathering(work));
		gathering.items.set(itemIndex, item);
		return (await gathering.result) as Result;
	}

	private startGathering<Item>(work: (items: Map<number, Item>) => Promise<unknown>): Gathering {
		const items = new Map<number, Item>();
		const run = async () => {
			await (this.startTick ??= sleep(0));
			return await work(items);
		};
		return { items: items as Map<number, unknown>, result: run() };
	}

	/** Prevents requests that have not been sent, and ends the waits before retries. */
	stop() {
		this.abortController.abort();
	}

	get signal(): AbortSignal {
		return this.abortController.signal;
	}

	get isStopped(): boolean {
		return this.signal.aborted;
	}

	/** Keeps a promise for `waitForAll`. */
	track<T>(promise: Promise<T>): Promise<T> {
		this.pending.push(promise);
		return promise;
	}

	async waitForAll() {
		await Promise.allSettled(this.pending);
	}

	/** The circuit breaker for the requests of a client, shared with all that use the same account. */
	circuitBreakerOf({ accountKey }: PbxClient): CircuitBreaker {
		let circuitBreaker = this.circuitBreakers.get(accountKey);
		if (!circuitBreaker) {
			circuitBreaker = new CircuitBreaker();
			this.circuitBreakers.set(accountKey, circuitBreaker);
		}
		return circuitBreaker;
	}

	/**
	 * Runs the first request with a credential alone. n8n fetches one token for each request that finds
	 * none, so parallel first requests would fetch several.
	 */
	async afterFirstRequest<T>({ credentialKey }: PbxClient, send: () => Promise<T>): Promise<T> {
		const earlier = this.firstRequests.get(credentialKey);
		if (earlier) {
			await earlier;
			return await send();
		}
		const first = send();
		this.firstRequests.set(credentialKey, Promise.allSettled([first]));
		return await first;
	}

	setOutcome(itemIndex: number, outcome: Outcome) {
		this.outcomes.set(itemIndex, outcome);
	}

	/** All items of the run; those without an outcome were not sent. Undefined for a single item. */
	itemsByOutcome(): ItemsByOutcome | undefined {
		if (this.totalItems < 2) return undefined;
		const items: ItemsByOutcome = {};
		for (let itemIndex = 0; itemIndex < this.totalItems; itemIndex++) {
			const outcome = this.outcomes.get(itemIndex) ?? 'notSent';
			(items[outcome] ??= []).push(itemIndex);
		}
		return items;
	}
}
