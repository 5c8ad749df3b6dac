import type { IDataObject } from 'n8n-workflow';

import type { Outcome } from '../../shared/errors/outcome';
import { invalidResponseError, RequestError } from '../../shared/errors/requestError';
import { isRecord } from '../../shared/transport/records';
import type { PendingTask } from '../run/writeMemory';
import { describeCounts, type TaskCounts } from './summary';

/** The two requests that adding tasks needs. Both throw RequestError. */
export interface TaskQueue {
	/** `task_count` of the scheduler; NaN where the PBX does not return it. */
	count(): Promise<number>;
	/** Returns the response to a batch. */
	add(tasks: IDataObject[]): Promise<unknown>;
}

/** One task of the batch is invalid, or (413) the batch is too large. */
const SPLITTABLE_STATUS = new Set([400, 413, 422]);

/**
 * Sends the tasks of one scheduler in batches, in their order, and sets the result of each.
 *
 * A rejected batch is halved until the invalid task stands alone. Whether a PBX rejects a batch as a
 * whole is not documented, so before anything of it is sent again the scheduler must count exactly
 * what was confirmed; otherwise nothing more is sent. A batch whose response was lost is never sent
 * again.
 */
export class BatchSender {
	readonly counts: TaskCounts;

	private fatalError: unknown;

	/**
	 * @param initialCount `task_count` of the scheduler
	 * @param continueOnFail whether valid tasks are sent when one is rejected
	 */
	constructor(
		private readonly queue: TaskQueue,
		initialCount: number,
		private readonly continueOnFail: boolean,
	) {
		this.counts = { initial: initialCount, confirmed: 0, expected: initialCount };
	}

	async send(tasks: PendingTask[], batchSize: number) {
		for (let start = 0; start < tasks.length; start += batchSize) {
			await this.sendBatch(tasks.slice(start, start + batchSize));
		}
	}

	private async sendBatch(tasks: PendingTask[]): Promise<void> {
		if (this.fatalError !== undefined) return setResult(tasks, 'notSent', this.fatalError);
		let response: unknown;
		try {
			response = await this.queue.add(tasks.map(({ task }) => task));
		} catch (error) {
			return await this.handleError(tasks, error);
		}
		const created = createdTasks(response, tasks.length);
		if (!created)
			return await this.handleUnknown(tasks, invalidResponseError({ method: 'POST' }, response));
		this.counts.confirmed += created.length;
		this.counts.expected += created.length;
		matchByNumbers(tasks, created).forEach((task, index) => {
			tasks[index].result = { outcome: 'succeeded', task };
		});
	}

	private async handleError(tasks: PendingTask[], thrown: unknown): Promise<void> {
		if (!(thrown instanceof RequestError)) return this.stop(tasks, 'notSent', thrown);
		const error = nameItems(thrown, tasks);
		if (error.outcome === 'unknown') return await this.handleUnknown(tasks, error);
		if (error.outcome === 'notSent') return this.stop(tasks, 'notSent', error);
		const { status = 0 } = error.details;
		if (!SPLITTABLE_STATUS.has(status)) return this.stop(tasks, 'failed', error);
		if ((await this.currentCount()) !== this.counts.expected) {
			// Despite the status, some of them may have been added.
			const details = { ...error.details, kind: 'invalidResponse' } as const;
			return this.stop(tasks, 'unknown', new RequestError(details, error.request));
		}
		if (tasks.length === 1) {
			return this.continueOnFail
				? setResult(tasks, 'failed', error)
				: this.stop(tasks, 'failed', error);
		}
		const middle = Math.ceil(tasks.length / 2);
		await this.sendBatch(tasks.slice(0, middle));
		await this.sendBatch(tasks.slice(middle));
	}

	/** Continues with later batches only if the task count can still be read, and uses it as the new baseline. */
	private async handleUnknown(tasks: PendingTask[], error: unknown) {
		const current = await this.currentCount();
		setResult(tasks, 'unknown', error, describeCounts(this.counts));
		if (!this.continueOnFail || current === undefined) this.fatalError = error;
		else this.counts.expected = current;
	}

	private stop(tasks: PendingTask[], outcome: Exclude<Outcome, 'succeeded'>, error: unknown) {
		this.fatalError = error;
		const counts = outcome === 'unknown' ? describeCounts(this.counts) : undefined;
		setResult(tasks, outcome, error, counts);
	}

	private async currentCount(): Promise<number | undefined> {
		try {
			const current = await this.queue.count();
			this.counts.current = Number.isFinite(current) ? current : undefined;
		} catch {
			this.counts.current = undefined;
		}
		return this.counts.current;
	}
}

/** The PBX counts the tasks of a request: its `tasks[0]` becomes the item that n8n shows. */
function nameItems({ details, request }: RequestError, tasks: PendingTask[]): RequestError {
	const message = details.message.replace(/\btasks(?:\[(\d+)\]|\.(\d+)\b)/g, (text, ...groups) => {
		const task = tasks[Number(groups[0] ?? groups[1])];
		if (!task) return text;
		const { itemIndex, position } = task;
		return position > 0 ? `item ${itemIndex}, task ${position}` : `item ${itemIndex}`;
	});
	return new RequestError({ ...details, message }, request);
}

function setResult(
	tasks: PendingTask[],
	outcome: Exclude<Outcome, 'succeeded'>,
	error: unknown,
	counts?: string,
) {
	for (const task of tasks) task.result = { outcome, error, counts };
}

/** The created tasks, if the response contains one for each that was sent. */
function createdTasks(response: unknown, expected: number): IDataObject[] | undefined {
	const tasks = isRecord(response) ? response.tasks : undefined;
	const isComplete = Array.isArray(tasks) && tasks.length === expected && tasks.every(isRecord);
	return isComplete ? (tasks as IDataObject[]) : undefined;
}

const MATCH_KEYS = ['a_number', 'b_number', 'extension_id'];

/** The created tasks in the order in which they were sent, in case the PBX returns them in another. */
function matchByNumbers(tasks: PendingTask[], created: IDataObject[]): IDataObject[] {
	const isInOrder = tasks.every(({ task }, index) =>
		MATCH_KEYS.every((key) => isSameValue(task[key], created[index][key])),
	);
	if (isInOrder) return created;
	const createdByKey = new Map<string, IDataObject[]>();
	for (const task of created) {
		const key = matchKey(task);
		const sameKey = createdByKey.get(key);
		if (sameKey) sameKey.push(task);
		else createdByKey.set(key, [task]);
	}
	const matched = tasks.map(({ task }) => createdByKey.get(matchKey(task))?.shift());
	// A PBX that rewrites numbers leaves only the order to match by.
	return matched.every((task) => task !== undefined) ? matched : created;
}

const matchKey = (task: IDataObject) => MATCH_KEYS.map((key) => String(task[key] ?? '')).join('|');

/** The PBX returns null for what was not sent. */
const isSameValue = (sent: unknown, returned: unknown) =>
	sent === returned || String(sent ?? '') === String(returned ?? '');
