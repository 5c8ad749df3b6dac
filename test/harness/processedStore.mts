/** n8n's store of what nodes have processed, which is a part of n8n's server. */
import type {
	DeduplicationItemTypes,
	DeduplicationScope,
	ICheckProcessedContextData,
	IDataDeduplicator,
	IDeduplicationOutput,
} from 'n8n-workflow';
import { createHash } from 'node:crypto';

/** On the clock of `Timers`, which runs only as tests want. */
const LATENCY_MS = 100;

/**
 * Keeps a list of digests for each node, like n8n's database, and with the same weaknesses: it reads a
 * list, changes it and writes it without a lock, so of two changes at the same moment the first is lost;
 * of two first entries at the same moment one fails; and an entry twice in one call is not found.
 * Only the mode `entries` is there.
 */
export class ProcessedStore implements IDataDeduplicator {
	/** Lists as JSON, as in n8n's database. */
	private readonly lists = new Map<string, string>();

	/** Whether time passes between reading and writing a list: a third of what a run waits for others. */
	takesTime = false;

	/** Number of next accesses that fail, before or after they have written. */
	readonly failures = { before: 0, after: 0 };

	/** Number of accesses. */
	accesses = 0;

	async checkProcessedAndRecord(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<IDeduplicationOutput> {
		const output: IDeduplicationOutput = { new: [], processed: [] };
		await this.change(scope, context, (list) => {
			const known = new Set(list);
			for (const item of items) {
				const digest = digestOf(item);
				if (known.has(digest)) output.processed.push(item);
				else {
					output.new.push(item);
					list.push(digest);
				}
			}
			return list;
		});
		return output;
	}

	async removeProcessed(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<void> {
		const removed = new Set(items.map(digestOf));
		await this.change(scope, context, (list) => list.filter((each) => !removed.has(each)));
	}

	async clearAllProcessedItems(scope: DeduplicationScope, context: ICheckProcessedContextData) {
		this.lists.delete(keyOf(scope, context));
	}

	async getProcessedDataCount(scope: DeduplicationScope, context: ICheckProcessedContextData) {
		return this.read(keyOf(scope, context))?.length ?? 0;
	}

	/** All digests, of all nodes. */
	get size(): number {
		return [...this.lists.keys()].reduce((sum, key) => sum + (this.read(key)?.length ?? 0), 0);
	}

	clear() {
		this.lists.clear();
		Object.assign(this.failures, { before: 0, after: 0 });
		this.takesTime = false;
		this.accesses = 0;
	}

	private async change(
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
		edit: (list: string[]) => string[],
	) {
		this.accesses++;
		if (this.failures.before-- > 0) throw new Error('database is locked');
		const key = keyOf(scope, context);
		const list = this.read(key);
		await new Promise((resolve) => {
			if (this.takesTime) setTimeout(resolve, LATENCY_MS);
			else setImmediate(resolve);
		});
		if (!list && this.lists.has(key)) throw new Error('UNIQUE constraint failed');
		this.lists.set(key, JSON.stringify(edit(list ?? [])));
		if (this.failures.after-- > 0) throw new Error('Connection terminated');
	}

	private read(key: string): string[] | undefined {
		const json = this.lists.get(key);
		return json === undefined ? undefined : (JSON.parse(json) as string[]);
	}
}

const digestOf = (item: DeduplicationItemTypes) =>
	createHash('md5').update(String(item)).digest('base64');

const keyOf = (scope: DeduplicationScope, { workflow, node }: ICheckProcessedContextData) =>
	`${workflow.id} ${scope === 'node' ? node?.id : ''}`;
