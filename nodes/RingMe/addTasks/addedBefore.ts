import { ValidationError } from '../../shared/errors/validationError';
import { mayBeAdded, type PendingTask } from '../run/writeMemory';
import { forgetPeople, recordPeople, type ProcessedStore } from './peopleMemory';
import { personKey } from './screening';

/** *Skip People Added Before* for one run of the node. */
export class AddedBefore {
	private readonly keys = new Map<PendingTask, string>();

	/**
	 * @param store undefined where n8n does not give access to it
	 * @param recordedPeople whom this run has recorded, over all tries of *Retry On Fail*
	 */
	constructor(
		private readonly store: ProcessedStore | undefined,
		private readonly campaign: string,
		private readonly recordedPeople: Set<string>,
	) {}

	/** Constant, also when the task changes afterwards. */
	readonly keyOf = (task: PendingTask): string => {
		let key = this.keys.get(task);
		if (key === undefined) {
			key = personKey(task, this.campaign);
			this.keys.set(task, key);
		}
		return key;
	};

	/**
	 * Records the people of the tasks, and marks the tasks of those who were recorded before.
	 *
	 * @param tasks with different keys
	 * @throws ValidationError if n8n cannot record them; then nothing must be sent
	 */
	async skip(tasks: PendingTask[]) {
		const open = new Map(tasks.map((task) => [this.keyOf(task), task]));
		for (const key of this.recordedPeople) open.delete(key);
		if (open.size === 0) return;
		const added = await this.record([...open.keys()]);
		for (const [key, task] of open) {
			if (added.has(key)) this.recordedPeople.add(key);
			else task.skipped = 'added before';
		}
	}

	/**
	 * Forgets the people whose tasks were certainly not added, so that a later run adds them.
	 *
	 * @returns what to tell the user if that failed
	 */
	async forgetNotAdded(tasks: PendingTask[]): Promise<string | undefined> {
		const keys = tasks
			.filter(({ result }) => !mayBeAdded(result))
			.map(this.keyOf)
			.filter((key) => this.recordedPeople.has(key));
		if (!this.store || keys.length === 0) return undefined;
		try {
			await forgetPeople(this.store, keys);
		} catch (error) {
			return `The database of n8n failed: ${messageOf(error)}. So ${keys.length} people who were not added will be skipped as added before. To call them, add them under another 'Campaign'.`;
		}
		for (const key of keys) this.recordedPeople.delete(key);
		return undefined;
	}

	private async record(keys: string[]): Promise<Set<string>> {
		if (!this.store) {
			throw new ValidationError(
				"'Skip People Added Before' cannot be used here",
				'n8n gives a node no access to its memory when an AI Agent before version 3 uses it as a tool, or with the Engine 2.0. Use the node in a workflow of its own, or remove the option.',
			);
		}
		try {
			return await recordPeople(this.store, keys);
		} catch (error) {
			const failure = new ValidationError(
				`n8n could not record whom it adds: ${messageOf(error)}`,
				"Nothing was sent to this task scheduler. Some people may be recorded, and skipped as added before. To call them, add them under another 'Campaign'.",
			);
			throw failure;
		}
	}
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
