import type {
	IExecuteData,
	IExecuteFunctions,
	IExecutePaginationFunctions,
	INodeExecutionData,
} from 'n8n-workflow';

import { explain, type About } from '../../shared/errors/toNodeError';
import { errorItem, simplified } from '../../shared/transport/records';
import { taskScheduler } from '../resources/taskScheduler';
import { Delivery, type Evidence } from './batchSender';
import type { Draft } from './pendingTask';
import { schedulerOf } from './schedulerClient';
import { readDrafts, reader, readOptions, withoutDuplicates, type Read } from './readTasks';
import { report } from './summary';

/** Either way n8n can come: with all items at once, or (as a tool of an agent) with one. */
export type Context = IExecuteFunctions | IExecutePaginationFunctions;

/**
 * Adds tasks for all input items in few requests. Each created task is one output item, linked to
 * the item it came from, in input order.
 *
 * @throws NodeApiError or NodeOperationError saying which items are added, which are not and which
 * are unknown; with Continue On Fail the items say it themselves
 */
export async function addTasks(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = this.getInputData();
	const read = reader(this, items, (name, item, fallback) =>
		this.getNodeParameter(name, item, fallback as object),
	);
	const hint = (message: string) => this.addExecutionHints?.({ message, location: 'outputPane' });
	const about: About = { node: this.getNode(), itemIndex: 0 };
	const fail: Fail = (thrown, item, rest) => explain(thrown, { ...about, itemIndex: item, rest });
	const data = this.getExecuteData();
	const recall = (drafts: Draft[]) => {
		keepFates(attempts.get(data) ?? [], drafts);
		attempts.set(data, drafts);
	};
	return [await add(this, items, read, about, { hint, fail, recall })];
}

/**
 * The same for one item: the declarative fallback, where n8n does not know of `customOperations`.
 *
 * @param memory drafts of earlier attempts, by item
 */
export async function addOneTask(
	context: IExecutePaginationFunctions,
	about: About,
	memory: Map<number, Draft[]>,
): Promise<INodeExecutionData[]> {
	const read: Read = (name, _item, fallback) => context.getNodeParameter(name, fallback as object);
	const input = context.getInputData() as INodeExecutionData;
	// What goes around every request explains the failure.
	const fail: Fail = (thrown, _item, rest) => {
		about.done = rest;
		return thrown as Error;
	};
	const output = await add(context, [input], read, about, {
		fail,
		hint: () => {},
		recall: (drafts) => {
			keepFates(memory.get(about.itemIndex) ?? [], drafts);
			memory.set(about.itemIndex, drafts);
		},
	});
	return output.map((each) => ({ ...each, pairedItem: { item: about.itemIndex } }));
}

/** What is thrown for a failure of an item; `rest` is what became of the others. */
type Fail = (thrown: unknown, item: number, rest?: string) => Error;

interface Surroundings {
	/** Shown beside the output. */
	hint: (message: string) => void;
	fail: Fail;
	/** Gives the drafts the fates of an earlier attempt. */
	recall: (drafts: Draft[]) => void;
}

async function add(
	context: Context,
	items: INodeExecutionData[],
	read: Read,
	about: About,
	{ hint, fail, recall }: Surroundings,
): Promise<INodeExecutionData[]> {
	const goOn = context.continueOnFail();
	const zone = context.getTimezone();
	let options;
	try {
		options = readOptions(read, zone);
	} catch (thrown) {
		throw fail(thrown, 0);
	}
	const all = readDrafts(items, read, zone);
	const drafts = options.skipDuplicates ? withoutDuplicates(all) : all;
	if (drafts.length < all.length) {
		hint(`Left out as duplicates: ${all.length - drafts.length} of ${all.length} tasks.`);
	}
	recall(drafts);
	const bad = drafts.find(({ problem }) => problem);
	if (bad && !goOn) throw fail(bad.problem, bad.item, 'Nothing was sent.');

	const evidence: Evidence[] = [];
	for (const group of byScheduler(drafts)) {
		try {
			const scheduler = await schedulerOf(context, read, group[0], about);
			const { name, status, task_count: before } = await scheduler.read();
			if (status === 'off') {
				hint(
					`The scheduler "${String(name)}" is off: the tasks will wait until it is switched on.`,
				);
			}
			const delivery = new Delivery(scheduler, Number(before ?? NaN), goOn);
			evidence.push(delivery.evidence);
			await delivery.send(group, options.batchSize);
		} catch (failure) {
			for (const draft of group) draft.fate ??= { kind: 'notSent', failure };
		}
		const failed = goOn ? undefined : firstFailure(drafts);
		if (failed) throw fail(failed.failure, failed.item, report(drafts, evidence));
	}
	const simple = read('simplify', 0, true) ? taskScheduler.operations.addTasks.simple : undefined;
	return drafts.map(({ item, problem, fate }) => {
		if (fate?.kind === 'added') {
			return { json: simple ? simplified(fate.task, simple) : fate.task, pairedItem: { item } };
		}
		const error = explain(problem ?? fate?.failure, {
			...about,
			itemIndex: item,
			rest: fate?.evidence,
		});
		if (fate?.kind === 'notSent') error.message = `Not sent: ${error.message}`;
		return errorItem(error, item);
	});
}

/** The first draft that stopped the run: a known failure before one that only was not sent. */
function firstFailure(drafts: Draft[]) {
	const failed =
		drafts.find(({ fate }) => fate?.kind === 'refused' || fate?.kind === 'unknown') ??
		drafts.find(({ fate }) => fate?.kind === 'notSent');
	return failed?.fate && 'failure' in failed.fate
		? { item: failed.item, failure: failed.fate.failure }
		: undefined;
}

function byScheduler(drafts: Draft[]): Iterable<Draft[]> {
	const groups = new Map<string, Draft[]>();
	for (const draft of drafts) {
		if (draft.problem || draft.fate) continue;
		// The scheduler's ID is a path segment, which has no slash.
		const key = `${draft.scheduler}/${draft.client}`;
		const group = groups.get(key);
		if (group) group.push(draft);
		else groups.set(key, [draft]);
	}
	return groups.values();
}

const attempts = new WeakMap<IExecuteData, Draft[]>();

/**
 * *Retry On Fail* runs the whole node again with the same data behind it. What was added then, or
 * may have been, keeps its fate and is not sent again.
 */
function keepFates(earlier: Draft[], drafts: Draft[]) {
	for (const [index, { item, client, scheduler, task, fate }] of earlier.entries()) {
		const draft = drafts[index];
		const same = draft?.item === item && draft.scheduler === scheduler && draft.client === client;
		if (!same || JSON.stringify(draft.task) !== JSON.stringify(task)) continue;
		if (fate?.kind === 'added' || fate?.kind === 'unknown') draft.fate = fate;
	}
}
