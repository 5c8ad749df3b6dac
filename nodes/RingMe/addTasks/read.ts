import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { taskOptions, taskFields } from '../resources/task';
import { camel } from '../resources/fields';
import { segment } from '../request/path';
import { encode, InputProblem, locatorValue } from '../request/values';
import { check, taskList, taskOf, type Draft, type UnknownFields } from './draft';

/** The value of one of the node's inputs for one item. */
export type Read = (name: string, item: number, fallback?: unknown) => unknown;

export interface Options {
	batchSize: number;
	skipDuplicates: boolean;
	defaults: IDataObject;
}

/** Reads inputs that hold no expression only once: an evaluation for each of 10,000 items takes seconds. */
export function reader(context: Pick<IExecuteFunctions, 'getNode'>, evaluate: Read): Read {
	const raw = context.getNode().parameters;
	const fixed = new Map<string, unknown>();
	return (name, item, fallback) => {
		if (JSON.stringify(raw[name] ?? null).includes('"=')) return evaluate(name, item, fallback);
		if (!fixed.has(name)) fixed.set(name, evaluate(name, item, fallback));
		return fixed.get(name);
	};
}

/**
 * The options, from the first item: they are about the run.
 *
 * @throws InputProblem
 */
export function readOptions(read: Read, zone: string): Options {
	const given = read('taskSchedulerTaskOptions', 0, {}) as IDataObject;
	const values: IDataObject = {};
	for (const field of taskOptions) {
		const value = encode(field, given[camel(field.key)], zone);
		if (value !== undefined) values[field.key] = value as IDataObject[string];
	}
	const { batch_size: batchSize, skip_duplicates: skipDuplicates, ...defaults } = values;
	return {
		batchSize: (batchSize as number | undefined) ?? 500,
		skipDuplicates: skipDuplicates === true,
		defaults,
	};
}

/** Every task of every item, in input order; those that cannot be sent say why. */
export function readDrafts(
	items: INodeExecutionData[],
	read: Read,
	defaults: IDataObject,
	zone: string,
): Draft[] {
	const drafts: Draft[] = [];
	for (let item = 0; item < items.length; item++) {
		const add = (build: () => IDataObject) => {
			const draft: Draft = { item, scheduler: '', task: {} };
			try {
				draft.scheduler = segment('Task Scheduler', locatorValue(read('schedulerId', item, '')));
				draft.task = { ...defaults, ...build() };
				check(draft.task);
			} catch (error) {
				draft.problem = asProblem(error);
			}
			drafts.push(draft);
		};
		const from = read('taskInput', item, 'automatic');
		if (from === 'json') {
			let list: IDataObject[] = [];
			try {
				list = taskList(read('tasks', item));
			} catch (error) {
				drafts.push({ item, scheduler: '', task: {}, problem: asProblem(error) });
			}
			for (const each of list) add(() => taskOf(each, 'error'));
		} else if (from === 'fields') {
			add(() => fieldsOf(read('task', item, {}) as IDataObject, zone));
		} else {
			const unknown = read('unknownFields', item, 'error') as UnknownFields;
			add(() => taskOf(items[item].json, unknown));
		}
	}
	return drafts;
}

function fieldsOf(values: IDataObject, zone: string): IDataObject {
	const task: IDataObject = {};
	for (const field of taskFields) {
		const value = encode(field, values[camel(field.key)], zone);
		if (value !== undefined) task[field.key] = value as IDataObject[string];
	}
	return task;
}

const asProblem = (error: unknown) =>
	error instanceof InputProblem ? error : new InputProblem((error as Error).message);

/** Tasks that call the same two numbers as an earlier one of this run are marked, not sent. */
export function withoutDuplicates(drafts: Draft[]): { kept: Draft[]; skipped: number } {
	const seen = new Set<string>();
	const kept = drafts.filter(({ problem, scheduler, task }) => {
		if (problem) return true;
		const key = JSON.stringify([scheduler, task.a_number, task.b_number]);
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	});
	return { kept, skipped: drafts.length - kept.length };
}
