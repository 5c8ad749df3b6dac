import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	IExecutePaginationFunctions,
	INodeExecutionData,
	IPairedItemData,
} from 'n8n-workflow';

import { IncompleteError } from '../../shared/errors/incompleteError';
import { formatRanges } from '../../shared/errors/outcome';
import { RequestError } from '../../shared/errors/requestError';
import { toNodeError } from '../../shared/errors/toNodeError';
import { ValidationError } from '../../shared/errors/validationError';
import { credentialTypeOf, PbxClient } from '../../shared/transport/client';
import { pickFields, toErrorItem } from '../output/outputItems';
import { taskFields } from '../resources/common/task';
import { taskScheduler } from '../resources/taskScheduler';
import { getNodeRun, type NodeRun } from '../run/nodeRun';
import { mayBeAdded, type PendingTask, type WriteMemory } from '../run/writeMemory';
import { AddedBefore } from './addedBefore';
import { BatchSender } from './batchSender';
import { restoreEarlierTries, tasksWithoutReading } from './earlierTries';
import type { ProcessedStore } from './peopleMemory';
import { ParameterReader } from './parameterReader';
import { readRunOptions, readTasks, type RunOptions } from './readTasks';
import { reportResults } from './reportResults';
import { requireSameCredential, spread } from './sameCredential';
import { createSchedulerClient } from './schedulerClient';
import {
	describeDoubtful,
	describeSkipped,
	isOpen,
	numbersKey,
	skipDoNotCall,
	skipDuplicates,
} from './screening';
import { describePeople, itemsByOutcome, plural, summarizeTasks, type TaskCounts } from './summary';

/** n8n calls a custom operation once, and a declarative operation for each item. */
type Context = IExecuteFunctions | IExecutePaginationFunctions;

/** The input of a call, whichever way n8n made it. */
interface TaskInput {
	context: Context;
	/** By index; n8n may not have started all. */
	items: INodeExecutionData[];
	parameters: ParameterReader;
	/**
	 * The credential with the values of an item in its expressions.
	 *
	 * @throws Error if an expression needs an item that does not exist
	 */
	getCredentials(type: string, itemIndex: number): Promise<ICredentialDataDecryptedObject>;
	/** Indexes of the items whose credential is compared. */
	comparedItems: number[];
	/** What earlier tries of the same node run have done. */
	memory: WriteMemory;
	/** n8n's store of people added before; undefined where n8n does not give access to it. */
	store?: ProcessedStore;
	/** Part of the references of tasks: the same in all tries of the node run. */
	runReference: string;
	/** Shows a hint beside the output. */
	addHint(message: string): void;
}

/**
 * Adds tasks for all input items in few requests. Each created task is one output item, linked to the
 * item that it comes from, in input order.
 *
 * @throws NodeApiError or NodeOperationError with the outcome of each item; with Continue On Fail the
 * output items contain it
 */
export async function addTasks(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = this.getInputData();
	const { writes, reference } = getNodeRun(this);
	const input: TaskInput = {
		context: this,
		items,
		parameters: new ParameterReader(this, items, (name, itemIndex, fallback) =>
			this.getNodeParameter(name, itemIndex, fallback as object),
		),
		getCredentials: async (type, itemIndex) => await this.getCredentials(type, itemIndex),
		comparedItems: [...items.keys()],
		memory: writes,
		store: this.helpers,
		runReference: reference,
		addHint: (message) => this.addExecutionHints?.({ message, location: 'outputPane' }),
	};
	try {
		return [await createTasks(input)];
	} catch (thrown) {
		const { itemIndex, cause } = toItemError(thrown);
		const error = toNodeError(cause, { node: this.getNode(), itemIndex });
		throw error;
	}
}

/**
 * How many items the declarative fallback reads the credential of: n8n's Engine 2.0 takes 30 ms for
 * each, and the fallback cannot ask for the credential without an item.
 */
const MAX_COMPARED_ITEMS = 20;

/** Returns the output of an item, or throws its RequestError, ValidationError or IncompleteError. */
type OutputOfItem = (itemIndex: number) => INodeExecutionData[];

/**
 * Adds tasks for all items that n8n has started: the declarative fallback, where n8n bypasses
 * `customOperations`. It needs as few requests as the custom operation.
 *
 * @param contexts by item, in input order
 */
export async function addTasksOfItems(
	contexts: Map<number, IExecutePaginationFunctions>,
	run: NodeRun,
): Promise<OutputOfItem> {
	const items: INodeExecutionData[] = [];
	for (const [itemIndex, each] of contexts) {
		items[itemIndex] = each.getInputData() as INodeExecutionData;
	}
	const [[firstIndex, context]] = contexts;
	const input: TaskInput = {
		context,
		items,
		parameters: new ParameterReader(context, items, (name, itemIndex, fallback) =>
			(contexts.get(itemIndex) ?? context).getNodeParameter(name, fallback as object),
		),
		getCredentials: async (type, itemIndex) => {
			const each = contexts.get(itemIndex);
			if (!each) throw new ValidationError(`There is no item ${itemIndex}`);
			return await each.getCredentials(type);
		},
		comparedItems: spread([...contexts.keys()], MAX_COMPARED_ITEMS),
		memory: run.writes,
		runReference: run.reference,
		addHint: () => {},
	};
	try {
		const outputs = new Map<number, INodeExecutionData[]>();
		for (const item of await createTasks(input)) {
			const { item: itemIndex } = item.pairedItem as IPairedItemData;
			const output = outputs.get(itemIndex);
			if (output) output.push(item);
			else outputs.set(itemIndex, [item]);
		}
		return (itemIndex) => outputs.get(itemIndex) ?? [];
	} catch (thrown) {
		const failed = toItemError(thrown, firstIndex);
		return (itemIndex) => {
			// Without Continue On Fail, n8n fails with the item that failed.
			if (itemIndex === failed.itemIndex || context.continueOnFail()) throw failed.cause as Error;
			return [];
		};
	}
}

/** The failure of one item, which stops the run. */
class ItemError extends Error {
	constructor(
		readonly itemIndex: number,
		readonly cause: unknown,
	) {
		super();
	}
}

/** A failure that concerns no item in particular is that of the first. */
const toItemError = (thrown: unknown, firstIndex = 0) =>
	thrown instanceof ItemError ? thrown : new ItemError(firstIndex, thrown);

/** What a run sends. */
interface PreparedRun {
	tasks: PendingTask[];
	options: RunOptions;
	addedBefore?: AddedBefore;
}

/** @throws ItemError for the first failure, without Continue On Fail */
async function createTasks(input: TaskInput): Promise<INodeExecutionData[]> {
	const { context, memory } = input;
	const [prepared] = await Promise.allSettled([prepareTasks(input)]);
	if (prepared.status === 'rejected') {
		const itemIndexes = Object.keys(input.items).map(Number);
		const tasks = tasksWithoutReading(itemIndexes, memory, prepared.reason);
		if (context.continueOnFail()) return toOutput(input, tasks, true);
		const error = stoppedBeforeSending(prepared.reason, tasks);
		throw new ItemError(input.parameters.firstIndex, error);
	}
	const { tasks, options, addedBefore } = prepared.value;
	memory.rememberTasks(tasks);
	const invalid = tasks.find(({ error }) => error);
	if (invalid && !context.continueOnFail()) {
		throw new ItemError(invalid.itemIndex, stoppedBeforeSending(invalid.error, tasks));
	}
	await sendTasks(input, tasks, options.batchSize, addedBefore);
	const skipped = describeSkipped(tasks);
	if (skipped) input.addHint(skipped);
	return toOutput(input, tasks, options.isSimplified);
}

/**
 * Reads, screens and signs the tasks; those of earlier tries stand.
 *
 * @throws ValidationError if nothing can be sent
 */
async function prepareTasks(input: TaskInput): Promise<PreparedRun> {
	const { context, items, parameters, memory } = input;
	const credentialType = credentialTypeOf(parameters.getOfRun('authentication'));
	await requireSameCredential(
		async (itemIndex) => await input.getCredentials(credentialType, itemIndex),
		input.comparedItems,
	);
	const timeZone = context.getTimezone();
	const options = readRunOptions(parameters, timeZone);
	const read = readTasks(items, parameters, timeZone, options);
	const tasks = restoreEarlierTries(read.tasks, memory);
	const addedBefore = options.skipAddedBefore
		? new AddedBefore(input.store, options.campaign, memory.recordedPeople)
		: undefined;
	screenTasks(tasks, read.changedCount, options, input);
	if (addedBefore) skipDuplicates(tasks, addedBefore.keyOf);
	await reportResults(tasks, options, input);
	return { tasks, options, addedBefore };
}

/** The error of a try that sent nothing, with what earlier tries have added. */
function stoppedBeforeSending(error: unknown, tasks: PendingTask[]) {
	const isAdded = tasks.some(({ result }) => mayBeAdded(result));
	const invalidItems = [...new Set(tasks.filter(hasError).map(({ itemIndex }) => itemIndex))];
	const progress = [
		isAdded ? summarizeTasks(tasks, []) : 'Nothing was sent.',
		invalidItems.length > 1 && `These items cannot be sent: ${formatRanges(invalidItems)}.`,
	];
	return new IncompleteError(
		error,
		progress.filter(Boolean).join(' '),
		itemsByOutcome(tasks),
		isAdded ? describePeople(tasks) : undefined,
	);
}

const hasError = ({ error }: PendingTask) => Boolean(error);

/** Marks the tasks that must not be sent. Hints say whom the lists cover, and what is doubtful. */
function screenTasks(
	tasks: PendingTask[],
	changedCount: number,
	{ doNotCall, skipDuplicates: isOnce, country }: RunOptions,
	{ addHint }: TaskInput,
) {
	if (changedCount > 0) {
		addHint(
			country
				? `Wrote the numbers of ${changedCount} tasks in the international form.`
				: `Removed spaces, brackets and dashes from the numbers of ${changedCount} tasks.`,
		);
	}
	if (doNotCall) {
		const count = skipDoNotCall(tasks, doNotCall);
		addHint(
			`'Do Not Call' has ${plural(doNotCall.length, 'number', 'numbers')}: ${plural(count, 'person', 'people')} skipped.`,
		);
	}
	if (isOnce) skipDuplicates(tasks, numbersKey);
	const open = tasks.filter(isOpen);
	const doubtful = country ? undefined : describeDoubtful(open.map(({ task }) => task));
	if (doubtful) addHint(doubtful);
	const oneSided = open.filter(({ task }) => task.b_number && !task.a_number).length;
	if (oneSided > 0)
		addHint(`${plural(oneSided, 'task has', 'tasks have')} no '${taskFields[0].label}'.`);
}

/**
 * Sends the tasks, scheduler by scheduler.
 *
 * @throws ItemError for the first failure, without Continue On Fail
 */
async function sendTasks(
	input: TaskInput,
	tasks: PendingTask[],
	batchSize: number,
	addedBefore: AddedBefore | undefined,
) {
	const { context, parameters } = input;
	const continueOnFail = context.continueOnFail();
	const counts: TaskCounts[] = [];
	let isCalling = false;
	for (const group of groupByScheduler(tasks)) {
		const [{ client, schedulerId }] = group;
		try {
			const pbx = await PbxClient.create(context, parameters.getOfRun('authentication'), client);
			const scheduler = createSchedulerClient(pbx, decodeURIComponent(schedulerId));
			const { name, status, task_count: initialCount } = await scheduler.read();
			isCalling = status === 'on';
			if (status === 'off') {
				input.addHint(
					`The task scheduler "${String(name)}" is off: its tasks wait until it is switched on.`,
				);
			}
			await addedBefore?.skip(group);
			const sender = new BatchSender(scheduler, Number(initialCount ?? NaN), continueOnFail);
			counts.push(sender.counts);
			await sender.send(
				group.filter(({ skipped }) => !skipped),
				batchSize,
			);
		} catch (error) {
			for (const task of group) task.result ??= { outcome: 'notSent', error };
		}
		const note = await addedBefore?.forgetNotAdded(group);
		if (note) input.addHint(note);
		stopAtFailure(note);
	}
	// There may be nothing left to send after an earlier try whose outcome is unknown.
	stopAtFailure();

	function stopAtFailure(note?: string) {
		const failed = continueOnFail ? undefined : firstFailure(tasks);
		if (!failed) return;
		const { itemIndex, error } = failed;
		const summary = [summarizeTasks(tasks, counts), note].filter(Boolean).join(' ');
		throw new ItemError(
			itemIndex,
			new IncompleteError(error, summary, itemsByOutcome(tasks), describePeople(tasks, isCalling)),
		);
	}
}

/** Created tasks and, with Continue On Fail, errors as output items. */
function toOutput({ context }: TaskInput, tasks: PendingTask[], isSimplified: boolean) {
	const { simplifiedFields = [] } = taskScheduler.operations.addTasks;
	return tasks.map(({ itemIndex, task, error, skipped, result }): INodeExecutionData => {
		if (skipped) {
			const { a_number, b_number, name } = task;
			return { json: { skipped, a_number, b_number, name }, pairedItem: { item: itemIndex } };
		}
		if (result?.outcome === 'succeeded') {
			const json = isSimplified ? pickFields(result.task, simplifiedFields) : result.task;
			return { json, pairedItem: { item: itemIndex } };
		}
		const nodeError = toNodeError(error ?? result?.error, {
			node: context.getNode(),
			itemIndex,
			otherItems: result?.counts,
		});
		if (result?.outcome === 'notSent') explainNotSent(nodeError, result.error);
		return toErrorItem(nodeError, itemIndex);
	});
}

/** The error of a task that was not sent is that of an earlier batch, which may have another outcome. */
function explainNotSent(nodeError: ReturnType<typeof toNodeError>, cause: unknown) {
	if (cause instanceof RequestError && cause.outcome === 'unknown') {
		nodeError.message = 'Not sent: it is unknown whether the tasks before it were added';
		nodeError.description =
			'Compare the number of tasks in the task scheduler, then add this task again.';
	} else {
		nodeError.message = `Not sent: ${nodeError.message}`;
	}
}

/** The first failure that stopped the run: a task that was sent, before one that was not. */
function firstFailure(tasks: PendingTask[]) {
	const failed =
		tasks.find(({ result }) => result?.outcome === 'failed' || result?.outcome === 'unknown') ??
		tasks.find(({ result }) => result?.outcome === 'notSent');
	return failed?.result && 'error' in failed.result
		? { itemIndex: failed.itemIndex, error: failed.result.error }
		: undefined;
}

function groupByScheduler(tasks: PendingTask[]): Iterable<PendingTask[]> {
	const groups = new Map<string, PendingTask[]>();
	for (const task of tasks) {
		if (!isOpen(task)) continue;
		// The scheduler ID is an encoded path segment, so it contains no slash.
		const key = `${task.schedulerId}/${task.client}`;
		const group = groups.get(key);
		if (group) group.push(task);
		else groups.set(key, [task]);
	}
	return groups.values();
}
