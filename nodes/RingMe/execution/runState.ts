import {
	sleep,
	type ICredentialDataDecryptedObject,
	type IExecuteData,
	type IExecutePaginationFunctions,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';

import type { Draft } from '../addTasks/pendingTask';
import type { About } from '../../shared/errors/toNodeError';
import type { Failure } from '../../shared/transport/parseError';
import { LONGEST_WAIT_MS, waitToldByPbx } from '../../shared/transport/retryPolicy';

/** How many requests of one node run the PBX gets at the same time. */
const IN_FLIGHT = 5;

/** Lets so many in at a time, in the order in which they came. */
export class Gate {
	private waiting: Array<() => void> = [];

	private inside = 0;

	constructor(private readonly places: number) {}

	async pass<T>(work: () => Promise<T>): Promise<T> {
		if (this.inside >= this.places) await new Promise<void>((next) => this.waiting.push(next));
		else this.inside++;
		try {
			return await work();
		} finally {
			const next = this.waiting.shift();
			if (next) next();
			else this.inside--;
		}
	}
}

/** What became of an item. */
export type Fate = 'done' | 'unknown' | 'failed';

/** An item's work under way, and what an error about it may need to know. */
export interface Attempt {
	about: About;
	output: Promise<INodeExecutionData[]>;
}

/**
 * What the items of one node run share. n8n starts all items at once and tells none about the
 * others; here they queue, stop together, and are not done again when n8n repeats the node
 * (*Retry On Fail*).
 */
export class Run {
	private readonly gate = new Gate(IN_FLIGHT);

	private readonly single = new Gate(1);

	private lastItem = -1;

	private begun = 0;

	private starting: Promise<unknown> | undefined;

	private opening: Promise<unknown> | undefined;

	private stopper = new AbortController();

	private barrier: { failure: Failure; until: number } | undefined;

	private outcomes: Array<Promise<unknown>> = [];

	/** Read once: n8n copies it anew each time it is asked for. */
	node?: INode;

	/** Read once: n8n decrypts a credential anew each time it is asked for. */
	credentials?: Promise<ICredentialDataDecryptedObject>;

	/** By item, in this try of the node. */
	fates = new Map<number, Fate>();

	/** Writes that are under way, were done, or may have been and must not be done twice. */
	readonly kept = new Map<number, Attempt>();

	/** Items of which an earlier write may have been done. */
	readonly lost = new Set<number>();

	/** Tasks that earlier tries were to add. */
	readonly drafts = new Map<number, Draft[]>();

	constructor(
		readonly total: number,
		/** Called by an agent, which may want the same thing twice. */
		readonly isTool: boolean,
	) {}

	/** n8n repeats a node from its first item, with the same run behind it. */
	begin(item: number) {
		if (item <= this.lastItem) {
			this.stopper = new AbortController();
			this.starting = this.opening = this.barrier = undefined;
			this.outcomes = [];
			this.fates = new Map();
			this.begun = 0;
		}
		this.lastItem = item;
		this.begun++;
	}

	/**
	 * Whether n8n gave up while it was starting the items, because an input of one could not be read.
	 * It starts them in one go, fails the node without a word to those that it has started, and would
	 * let them act. (Not so with *Batching*, which pauses in between.)
	 */
	async isGivenUp(): Promise<boolean> {
		await (this.starting ??= sleep(0));
		return this.begun > 1 && this.begun < this.total;
	}

	async pass<T>(oneAtATime: boolean, work: () => Promise<T>): Promise<T> {
		return await (oneAtATime ? this.single : this.gate).pass(work);
	}

	/** Keeps what has not been sent from being sent. */
	stop() {
		this.stopper.abort();
	}

	get stopped() {
		return this.stopper.signal.aborted;
	}

	/** Ends what waits for its next try, too. */
	get stopSignal() {
		return this.stopper.signal;
	}

	async watch<T>(outcome: Promise<T>): Promise<T> {
		this.outcomes.push(outcome);
		return await outcome;
	}

	/** Ends when every item has its outcome. */
	async settle() {
		await Promise.allSettled(this.outcomes);
	}

	/** Lets the first request go ahead alone: n8n fetches a token for each that finds none. */
	async afterFirst<T>(ask: () => Promise<T>): Promise<T> {
		const { opening } = this;
		if (opening) {
			await opening;
			return await ask();
		}
		const first = ask();
		this.opening = Promise.allSettled([first]);
		return await first;
	}

	/** Notes a failure that the next requests would meet too: an unaccepted token, a used-up hour. */
	bar(failure: Failure) {
		const { status = 500, token } = failure;
		const wait = status === 429 ? (waitToldByPbx(failure) ?? 0) : 0;
		if (wait > LONGEST_WAIT_MS) this.barrier = { failure, until: Date.now() + wait };
		else if (status === 401 || (token && status < 500 && status !== 429)) {
			this.barrier = { failure, until: Infinity };
		}
	}

	/** The failure that stands in the way of the next request, if one does. */
	get barred(): Failure | undefined {
		return this.barrier && Date.now() < this.barrier.until ? this.barrier.failure : undefined;
	}

	/** An agent that asks for the same again wants it again. */
	forgetAll() {
		this.kept.clear();
		this.lost.clear();
		this.drafts.clear();
	}
}

const runs = new WeakMap<IExecuteData, Map<string, Run>>();

/**
 * The run behind a context. n8n makes one `IExecuteData` for a node run and gives it to each item. As
 * a tool of an agent the node gets the agent's, for all calls of all tools: there each call is a run,
 * and one with the same arguments may be the repetition of an earlier one.
 */
export function runOf(context: IExecutePaginationFunctions): Run {
	const data = context.getExecuteData();
	const isTool = !/\.ringMe(Tool)?$/.test(data.node.type);
	const call = isTool ? `${context.getNode().id} ${JSON.stringify(context.getInputData())}` : '';
	const ofData = runs.get(data) ?? new Map<string, Run>();
	runs.set(data, ofData);
	let run = ofData.get(call);
	if (!run) {
		const items = data.data.main?.[0] ?? data.data.ai_tool?.[0] ?? [];
		run = new Run(isTool || data.node.executeOnce ? 1 : items.length, isTool);
		ofData.set(call, run);
	}
	return run;
}
