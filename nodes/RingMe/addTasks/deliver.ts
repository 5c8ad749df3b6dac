import type { IDataObject } from 'n8n-workflow';

import { ExchangeFailure } from '../request/exchange';
import { unreadable } from '../request/items';
import { mayBeDone } from '../request/retry';
import type { Draft } from './draft';

/** What is known of a draft in the end. */
export type Fate =
	| { kind: 'added'; task: IDataObject }
	| { kind: 'refused'; failure: unknown }
	| { kind: 'unknown'; failure: unknown }
	| { kind: 'notSent'; failure?: unknown };

/** Counts of a scheduler, as evidence of what the PBX did. */
export interface Evidence {
	/** All tasks of the scheduler before the run. */
	before: number;
	/** Tasks that the PBX said it created in this run. */
	confirmed: number;
	/** What the scheduler should count if nothing else happened to it. */
	expected: number;
	/** What it counted when that was last asked; absent if it could not be asked. */
	now?: number;
}

/** The two requests that adding tasks needs. Both throw ExchangeFailure. */
export interface Pbx {
	count(): Promise<number>;
	add(tasks: IDataObject[]): Promise<unknown>;
}

const REFUSES_A_TASK = new Set([400, 422]);
const TOO_LARGE = 413;

/**
 * Sends the drafts of one scheduler in batches, in their order, and finds out what became of each.
 *
 * A refused batch is halved until the bad task stands alone. Whether a PBX refuses a batch as a
 * whole is not documented, so before anything of it is sent again the scheduler must count exactly
 * what was confirmed; else nothing more is sent. A batch whose answer was lost is never sent again.
 */
export class Delivery {
	readonly fates = new Map<Draft, Fate>();

	private stoppedBy: unknown;

	readonly evidence: Evidence;

	/**
	 * @param before `task_count` of the scheduler
	 * @param goOn whether one bad task leaves the others their way
	 */
	constructor(
		private readonly pbx: Pbx,
		before: number,
		private readonly goOn: boolean,
	) {
		this.evidence = { before, confirmed: 0, expected: before };
	}

	async send(drafts: Draft[], batchSize: number) {
		for (let start = 0; start < drafts.length; start += batchSize) {
			await this.batch(drafts.slice(start, start + batchSize));
		}
	}

	private async batch(drafts: Draft[]): Promise<void> {
		if (this.stoppedBy !== undefined) {
			return this.mark(drafts, { kind: 'notSent', failure: this.stoppedBy });
		}
		let answer: unknown;
		try {
			answer = await this.pbx.add(drafts.map(({ task }) => task));
		} catch (failure) {
			return await this.failed(drafts, failure);
		}
		const created = tasksIn(answer, drafts.length);
		if (!created) return await this.unknown(drafts, unreadable({ method: 'POST' }, answer));
		this.evidence.confirmed += created.length;
		this.evidence.expected += created.length;
		pairUp(drafts, created).forEach((task, index) =>
			this.fates.set(drafts[index], { kind: 'added', task }),
		);
	}

	private async failed(drafts: Draft[], thrown: unknown): Promise<void> {
		const status = thrown instanceof ExchangeFailure ? thrown.failure.status : undefined;
		if (thrown instanceof ExchangeFailure && mayBeDone(thrown.method, thrown.failure)) {
			return await this.unknown(drafts, thrown);
		}
		const divisible = status === TOO_LARGE || REFUSES_A_TASK.has(status ?? 0);
		if (!divisible) {
			this.stoppedBy = thrown;
			return this.mark(drafts, { kind: 'refused', failure: thrown });
		}
		if (!(await this.nothingWasAdded())) {
			this.stoppedBy = thrown;
			return this.mark(drafts, { kind: 'unknown', failure: thrown });
		}
		if (drafts.length === 1) {
			if (!this.goOn) this.stoppedBy = thrown;
			return this.mark(drafts, { kind: 'refused', failure: thrown });
		}
		const middle = Math.ceil(drafts.length / 2);
		await this.batch(drafts.slice(0, middle));
		await this.batch(drafts.slice(middle));
	}

	/** The rest may only go on where the PBX still answers and the count is a firm ground again. */
	private async unknown(drafts: Draft[], failure: unknown) {
		this.mark(drafts, { kind: 'unknown', failure });
		const now = await this.countNow();
		if (!this.goOn || now === undefined) this.stoppedBy = failure;
		else this.evidence.expected = now;
	}

	private async nothingWasAdded() {
		return (await this.countNow()) === this.evidence.expected;
	}

	private async countNow(): Promise<number | undefined> {
		try {
			this.evidence.now = await this.pbx.count();
		} catch {
			this.evidence.now = undefined;
		}
		return this.evidence.now;
	}

	private mark(drafts: Draft[], fate: Fate) {
		for (const draft of drafts) this.fates.set(draft, fate);
	}
}

/** The created tasks, if the answer holds one for each that was sent. */
function tasksIn(answer: unknown, expected: number): IDataObject[] | undefined {
	const { tasks } = (answer ?? {}) as { tasks?: unknown };
	const isRecord = (each: unknown) => typeof each === 'object' && each !== null;
	const complete = Array.isArray(tasks) && tasks.length === expected && tasks.every(isRecord);
	return complete ? (tasks as IDataObject[]) : undefined;
}

/** The answer's tasks in the order of the drafts, should the PBX give them in another. */
function pairUp(drafts: Draft[], created: IDataObject[]): IDataObject[] {
	const same = (draft: Draft, task: IDataObject) => who(draft.task) === who(task);
	if (drafts.every((draft, index) => same(draft, created[index]))) return created;
	const waiting = new Map<string, IDataObject[]>();
	for (const task of created) waiting.set(who(task), [...(waiting.get(who(task)) ?? []), task]);
	const found = drafts.map((draft) => waiting.get(who(draft.task))?.shift());
	// A PBX that rewrites the numbers leaves only the order to go by.
	return found.every((task) => task !== undefined) ? found : created;
}

const who = ({ a_number: a, b_number: b, extension_id: extension }: IDataObject) =>
	`${String(a ?? '')}|${String(b ?? '')}|${String(extension ?? '')}`;
