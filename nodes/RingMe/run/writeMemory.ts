import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Outcome } from '../../shared/errors/outcome';

/** An item being processed. */
export interface ItemExecution {
	output: Promise<INodeExecutionData[]>;
	isReadOnly: boolean;
}

/** The result of a task that was to be added. */
export type TaskResult =
	| { outcome: 'succeeded'; task: IDataObject }
	| {
			outcome: Exclude<Outcome, 'succeeded'>;
			error: unknown;
			/** Task counts of the scheduler, for a task of unknown outcome. */
			counts?: string;
	  };

/** Whether the task is in the task scheduler, or may be: it must not be added again. */
export const mayBeAdded = (result: TaskResult | undefined) =>
	result?.outcome === 'succeeded' || result?.outcome === 'unknown';

export type SkipReason = 'no consent' | 'do not call' | 'duplicate' | 'added before';

/** Value of 'Result Key'; null without one. */
export type ResultKey = string | number | null;

/** A task to be added. Its item and its place among the tasks of the item identify it over all tries. */
export interface PendingTask {
	itemIndex: number;
	/** Among the tasks of its item, from 0. */
	position: number;
	/** PBX client from the node's settings; empty: that of the credential. */
	client: string;
	/** Encoded as a path segment. */
	schedulerId: string;
	task: IDataObject;
	/** Why it cannot be sent. */
	error?: unknown;
	/** Why it must not be sent. */
	skipped?: SkipReason;
	/** What comes back with the result. */
	resultKey?: ResultKey;
	result?: TaskResult;
}

/**
 * The writes of one node run. It survives *Retry On Fail*, which runs the whole node again: what was
 * done, or may have been, is not done a second time.
 */
export class WriteMemory {
	/** Writes by item: in progress, done, or of unknown outcome and not to be repeated. */
	private readonly executions = new Map<number, ItemExecution>();

	/** Items with an earlier write that may have been executed. */
	private readonly unknownItems = new Set<number>();

	/** Tasks of the latest try that could read them, with their results, by item. */
	private readonly tasks = new Map<number, PendingTask[]>();

	/** Whom this run has recorded in n8n's store, and not forgotten: they were not added *before*. */
	readonly recordedPeople = new Set<string>();

	get(itemIndex: number): ItemExecution | undefined {
		return this.executions.get(itemIndex);
	}

	remember(itemIndex: number, execution: ItemExecution) {
		this.executions.set(itemIndex, execution);
	}

	/** @param execution nothing is forgotten if a later try has started another one */
	forget(itemIndex: number, execution: ItemExecution) {
		if (this.executions.get(itemIndex) === execution) this.executions.delete(itemIndex);
	}

	markUnknown(itemIndex: number) {
		this.unknownItems.add(itemIndex);
	}

	isUnknown(itemIndex: number): boolean {
		return this.unknownItems.has(itemIndex);
	}

	/** Whether no earlier try has read tasks. */
	get hasNoTasks(): boolean {
		return this.tasks.size === 0;
	}

	/** The tasks of an item, from the latest try that could read them. */
	tasksOf(itemIndex: number): PendingTask[] {
		return this.tasks.get(itemIndex) ?? [];
	}

	/** @param tasks all tasks of each of their items, in the order of their positions */
	rememberTasks(tasks: PendingTask[]) {
		for (const task of tasks) {
			if (task.position === 0) this.tasks.set(task.itemIndex, [task]);
			else this.tasks.get(task.itemIndex)?.push(task);
		}
	}

	clear() {
		this.executions.clear();
		this.unknownItems.clear();
		this.tasks.clear();
		this.recordedPeople.clear();
	}
}
