import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { locatorValue, serializeFields } from '../../shared/parameters/serialize';
import { evaluateSimpleExpression } from '../../shared/parameters/simpleExpression';
import { encodeSegment } from '../../shared/transport/path';
import { runOptions, taskDefaults, taskFields } from '../resources/common/task';
import {
	applyItem,
	parseTaskList,
	validateTask,
	type PendingTask,
	type UnknownFields,
} from './pendingTask';

/** Returns the value of a node parameter for one item. */
export type GetParameter = (name: string, itemIndex: number, fallback?: unknown) => unknown;

/**
 * Reads parameters with as few of n8n's evaluations as give the same values: 10,000 items with four
 * expressions each take it seconds. A parameter without expressions is read once; one with only
 * `{{ $json.field }}` is read from the item.
 */
export function createParameterReader(
	context: Pick<IExecuteFunctions, 'getNode'>,
	items: INodeExecutionData[],
	evaluate: GetParameter,
): GetParameter {
	const { parameters } = context.getNode();
	const staticValues = new Map<string, unknown>();
	const dynamicNames = new Set(
		Object.keys(parameters).filter((name) => JSON.stringify(parameters[name]).includes('"=')),
	);
	return (name, itemIndex, fallback) => {
		if (dynamicNames.has(name)) {
			const value = evaluateSimpleExpression(parameters[name], items[itemIndex].json);
			return value === undefined ? evaluate(name, itemIndex, fallback) : value;
		}
		if (!staticValues.has(name)) staticValues.set(name, evaluate(name, itemIndex, fallback));
		return staticValues.get(name);
	};
}

export interface RunOptions {
	batchSize: number;
	skipDuplicates: boolean;
}

const OPTIONS = 'taskSchedulerTaskOptions';

/**
 * The options that concern the whole run, from the first item.
 *
 * @throws ValidationError for an invalid value
 */
export function readRunOptions(getParameter: GetParameter, timeZone: string): RunOptions {
	const options = getParameter(OPTIONS, 0, {}) as IDataObject;
	const { batch_size: batchSize = 500, skip_duplicates: skipDuplicates = false } = serializeFields(
		runOptions,
		options,
		timeZone,
	);
	return { batchSize: batchSize as number, skipDuplicates: skipDuplicates as boolean };
}

/** Remembers the last result: a parameter without expressions is the same object for all items. */
function memoizeLast<A, R>(compute: (argument: A) => R): (argument: A) => R {
	let last: { argument: A; result: R } | undefined;
	return (argument) => {
		if (last?.argument !== argument) last = { argument, result: compute(argument) };
		return last.result;
	};
}

/** Every task of every item, in input order. Those that cannot be sent have an error. */
export function readTasks(
	items: INodeExecutionData[],
	getParameter: GetParameter,
	timeZone: string,
): PendingTask[] {
	const tasks: PendingTask[] = [];
	const readDefaults = memoizeLast(
		(options: IDataObject) => serializeFields(taskDefaults, options, timeZone) as IDataObject,
	);
	for (let itemIndex = 0; itemIndex < items.length; itemIndex++) {
		const pending = newPendingTask(itemIndex);
		try {
			const { client } = getParameter('options', itemIndex, {}) as { client?: string };
			pending.client = client ?? '';
			pending.task = { ...readDefaults(getParameter(OPTIONS, itemIndex, {}) as IDataObject) };
			pending.schedulerId = encodeSegment(
				'Task Scheduler ID',
				locatorValue(getParameter('schedulerId', itemIndex, '')),
			);
			const taskInput = getParameter('taskInput', itemIndex, 'automatic');
			if (taskInput === 'json') {
				const list = parseTaskList(getParameter('tasks', itemIndex));
				tasks.push(...fromList(pending, list));
				continue;
			}
			if (taskInput === 'fields') {
				const values = getParameter('task', itemIndex, {}) as IDataObject;
				Object.assign(pending.task, serializeFields(taskFields, values, timeZone));
			} else {
				const unknownFields = getParameter('unknownFields', itemIndex, 'reject') as UnknownFields;
				applyItem(pending.task, items[itemIndex].json, unknownFields);
			}
			validateTask(pending.task);
		} catch (error) {
			pending.error = error;
		}
		tasks.push(pending);
	}
	return tasks;
}

const newPendingTask = (itemIndex: number): PendingTask => ({
	itemIndex,
	client: '',
	schedulerId: '',
	task: {},
	// All properties from the start: 10,000 objects of one shape.
	error: undefined,
	result: undefined,
});

/** The tasks of a JSON list. An invalid task does not affect the others. */
const fromList = (template: PendingTask, list: IDataObject[]) =>
	list.map((fields) => {
		const pending: PendingTask = { ...template, task: { ...template.task } };
		try {
			applyItem(pending.task, fields, 'reject');
			validateTask(pending.task);
		} catch (error) {
			pending.error = error;
		}
		return pending;
	});

/** Leaves out tasks with the same numbers as an earlier one of this run. */
export function withoutDuplicates(tasks: PendingTask[]): PendingTask[] {
	const seen = new Set<string>();
	return tasks.filter(({ error, client, schedulerId, task }) => {
		if (error) return true;
		const key = JSON.stringify([client, schedulerId, task.a_number, task.b_number]);
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}
