import type { IDataObject } from 'n8n-workflow';

import { ExchangeFailure } from '../../shared/transport/sendRequest';
import { unreadable } from '../../shared/transport/records';
import { mayBeDone } from '../../shared/transport/retryPolicy';
import type { Draft, Fate } from './pendingTask';
import { counts } from './summary';

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
	/** `task_count` of the scheduler. */
	count(): Promise<number>;
	/** The answer to a batch. */
	add(tasks: IDataObject[]): Promise<unknown>;
}

/** A bad task is among them, or (413) there are too many. */
const DIVISIBLE = new Set([400, 413, 422]);

/**
 * Sends the drafts of one scheduler in batches, in their order, and notes what became of each.
 *
 * A refused batch is halved until the bad task stands alone. Whether a PBX refuses a batch as a
 * whole is not documented, so before anything of it is sent again the scheduler must count exactly
 * what was confirmed; else nothing more is sent. A batch whose answer was lost is never sent again.
 */
export class Delivery {
	readonly evidence: Evidence;

	private stoppedBy: unknown;

	/**
	 * @param before `task_count` of the scheduler
	 * @param goOn whether the others go their way when one task is bad
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
		if (this.stoppedBy !== undefined) return mark(drafts, 'notSent', this.stoppedBy);
		let answer: unknown;
		try {
			answer = await this.pbx.add(drafts.map(({ task }) => task));
		} catch (failure) {
			return await this.failed(drafts, failure);
		}
		const created = tasksIn(answer, drafts.length);
		if (!created) return await this.lost(drafts, unreadable({ method: 'POST' }, answer));
		this.evidence.confirmed += created.length;
		this.evidence.expected += created.length;
		inOrderOf(drafts, created).forEach((task, index) => {
			drafts[index].fate = { kind: 'added', task };
		});
	}

	private async failed(drafts: Draft[], thrown: unknown): Promise<void> {
		if (!(thrown instanceof ExchangeFailure)) return this.stop(drafts, 'notSent', thrown);
		if (mayBeDone(thrown)) return await this.lost(drafts, thrown);
		const { failure, method } = thrown;
		if (failure.kind === 'cancelled') return this.stop(drafts, 'notSent', thrown);
		if (!DIVISIBLE.has(failure.status ?? 0)) return this.stop(drafts, 'refused', thrown);
		if ((await this.countNow()) !== this.evidence.expected) {
			// Whatever it says: some of them may have been added.
			const uncertain = { ...failure, kind: 'unreadable' } as const;
			return this.stop(drafts, 'unknown', new ExchangeFailure(uncertain, method, false));
		}
		if (drafts.length === 1) {
			return this.goOn ? mark(drafts, 'refused', thrown) : this.stop(drafts, 'refused', thrown);
		}
		const middle = Math.ceil(drafts.length / 2);
		await this.batch(drafts.slice(0, middle));
		await this.batch(drafts.slice(middle));
	}

	/** The rest may go on only where the PBX still answers, from the count that it then has. */
	private async lost(drafts: Draft[], failure: unknown) {
		const now = await this.countNow();
		mark(drafts, 'unknown', failure, counts(this.evidence));
		if (!this.goOn || now === undefined) this.stoppedBy = failure;
		else this.evidence.expected = now;
	}

	private stop(drafts: Draft[], kind: Exclude<Fate['kind'], 'added'>, failure: unknown) {
		this.stoppedBy = failure;
		mark(drafts, kind, failure, kind === 'unknown' ? counts(this.evidence) : undefined);
	}

	private async countNow(): Promise<number | undefined> {
		try {
			const now = await this.pbx.count();
			this.evidence.now = Number.isFinite(now) ? now : undefined;
		} catch {
			this.evidence.now = undefined;
		}
		return this.evidence.now;
	}
}

function mark(
	drafts: Draft[],
	kind: Exclude<Fate['kind'], 'added'>,
	failure: unknown,
	evidence?: string,
) {
	for (const draft of drafts) draft.fate = { kind, failure, evidence };
}

/** The created tasks, if the answer holds one for each that was sent. */
function tasksIn(answer: unknown, expected: number): IDataObject[] | undefined {
	const { tasks } = (answer ?? {}) as { tasks?: unknown };
	const isRecord = (each: unknown) => typeof each === 'object' && each !== null;
	const complete = Array.isArray(tasks) && tasks.length === expected && tasks.every(isRecord);
	return complete ? (tasks as IDataObject[]) : undefined;
}

/** The answer's tasks in the order of the drafts, should the PBX give them in another. */
function inOrderOf(drafts: Draft[], created: IDataObject[]): IDataObject[] {
	if (
		drafts.every(({ task }, index) => WHOM.every((key) => isSame(task[key], created[index][key])))
	) {
		return created;
	}
	const waiting = new Map<string, IDataObject[]>();
	for (const task of created) waiting.set(whom(task), [...(waiting.get(whom(task)) ?? []), task]);
	const found = drafts.map(({ task }) => waiting.get(whom(task))?.shift());
	// A PBX that rewrites the numbers leaves only the order to go by.
	return found.every((task) => task !== undefined) ? found : created;
}

const WHOM = ['a_number', 'b_number', 'extension_id'];

const whom = (task: IDataObject) => WHOM.map((key) => String(task[key] ?? '')).join('|');

/** The PBX gives null for what was not sent. */
const isSame = (sent: unknown, answered: unknown) =>
	sent === answered || String(sent ?? '') === String(answered ?? '');
