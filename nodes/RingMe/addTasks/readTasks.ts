import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { evaluateSimpleExpression } from '../../shared/parameters/simpleExpression';
import { segment } from '../../shared/transport/path';
import { serializeField, locatorValue } from '../../shared/parameters/serialize';
import { camelCase, type Field } from '../../shared/schema/field';
import { runOptions, taskDefaults, taskFields } from '../resources/common/task';
import { check, fillTask, taskList, type Draft, type UnknownFields } from './pendingTask';

/** The value of one of the node's inputs for one item. */
export type Read = (name: string, item: number, fallback?: unknown) => unknown;

/**
 * Reads inputs with as little of n8n's evaluation as gives the same: 10,000 items with four
 * expressions each take it seconds. An input without expressions is read once; one with nothing but
 * what dragging a field into it leaves, `{{ $json.name }}`, is read from the item.
 */
export function reader(
	context: Pick<IExecuteFunctions, 'getNode'>,
	items: INodeExecutionData[],
	evaluate: Read,
): Read {
	const raw = context.getNode().parameters;
	const fixed = new Map<string, unknown>();
	const changing = new Set(
		Object.keys(raw).filter((name) => JSON.stringify(raw[name]).includes('"=')),
	);
	return (name, item, fallback) => {
		if (changing.has(name)) {
			const value = evaluateSimpleExpression(raw[name], items[item].json);
			return value === undefined ? evaluate(name, item, fallback) : value;
		}
		if (!fixed.has(name)) fixed.set(name, evaluate(name, item, fallback));
		return fixed.get(name);
	};
}

export interface Options {
	batchSize: number;
	skipDuplicates: boolean;
}

const OPTIONS = 'taskSchedulerTaskOptions';

/**
 * The options about the whole run, from the first item.
 *
 * @throws InputProblem for a value that does not fit
 */
export function readOptions(read: Read, zone: string): Options {
	const { batch_size: batchSize = 500, skip_duplicates: skipDuplicates = false } = encoded(
		runOptions,
		read(OPTIONS, 0, {}) as IDataObject,
		zone,
	);
	return { batchSize: batchSize as number, skipDuplicates: skipDuplicates as boolean };
}

/** The set ones of several inputs, under their names on the wire. */
function encoded(fields: Field[], values: IDataObject, zone: string): IDataObject {
	const set: IDataObject = {};
	for (const field of fields) {
		const value = serializeField(field, values[camelCase(field.key)], zone);
		if (value !== undefined) set[field.key] = value as IDataObject[string];
	}
	return set;
}

/** Remembers the last result: an input without expressions is the same object for all items. */
function once<A, R>(work: (argument: A) => R): (argument: A) => R {
	let last: { argument: A; result: R } | undefined;
	return (argument) => {
		if (last?.argument !== argument) last = { argument, result: work(argument) };
		return last.result;
	};
}

/** Every task of every item, in input order; those that cannot be sent say why. */
export function readDrafts(items: INodeExecutionData[], read: Read, zone: string): Draft[] {
	const drafts: Draft[] = [];
	const defaultsOf = once((given: IDataObject) => encoded(taskDefaults, given, zone));
	for (let item = 0; item < items.length; item++) {
		const first = newDraft(item);
		try {
			const { client } = read('options', item, {}) as { client?: string };
			first.client = client ?? '';
			first.task = { ...defaultsOf(read(OPTIONS, item, {}) as IDataObject) };
			first.scheduler = segment('Task Scheduler', locatorValue(read('schedulerId', item, '')));
			const mode = read('taskInput', item, 'automatic');
			if (mode === 'json') {
				drafts.push(...listed(first, taskList(read('tasks', item))));
				continue;
			}
			if (mode === 'fields') {
				Object.assign(first.task, encoded(taskFields, read('task', item, {}) as IDataObject, zone));
			} else {
				fillTask(
					first.task,
					items[item].json,
					read('unknownFields', item, 'reject') as UnknownFields,
				);
			}
			check(first.task);
		} catch (problem) {
			first.problem = problem;
		}
		drafts.push(first);
	}
	return drafts;
}

const newDraft = (item: number): Draft => ({
	item,
	client: '',
	scheduler: '',
	task: {},
	problem: undefined,
	fate: undefined,
});

/** The drafts of a JSON input; a bad task leaves the others of its list their way. */
const listed = (first: Draft, list: IDataObject[]) =>
	list.map((source) => {
		const draft: Draft = { ...first, task: { ...first.task } };
		try {
			fillTask(draft.task, source, 'reject');
			check(draft.task);
		} catch (problem) {
			draft.problem = problem;
		}
		return draft;
	});

/** Without the tasks that call the same two numbers as an earlier one of this run. */
export function withoutDuplicates(drafts: Draft[]): Draft[] {
	const seen = new Set<string>();
	return drafts.filter(({ problem, client, scheduler, task }) => {
		if (problem) return true;
		const key = JSON.stringify([client, scheduler, task.a_number, task.b_number]);
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}
