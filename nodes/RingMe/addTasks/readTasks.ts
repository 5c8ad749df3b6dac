import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { locatorValue } from '../../shared/parameters/parseText';
import { serializeFields } from '../../shared/parameters/serialize';
import { evaluateSimpleExpression } from '../../shared/parameters/simpleExpression';
import { camelCase, type Field } from '../../shared/schema/field';
import { encodeSegment } from '../../shared/transport/path';
import { resultKey, runOptions, taskDefaults, taskFields } from '../resources/common/task';
import {
	applyItem,
	parseResultKey,
	parseTaskList,
	validateTask,
	type PendingTask,
	type UnknownFields,
} from './pendingTask';
import { isConsent } from './screening';

/** Evaluates a node parameter for one item. */
type Evaluate = (name: string, itemIndex: number, fallback?: unknown) => unknown;

/**
 * Reads parameters with as few of n8n's evaluations as give the same values: 10,000 items with four
 * expressions each take it seconds. A parameter without expressions is read once; one with only
 * `{{ $json.field }}` is read from the item. A name can be a path such as `options.campaign`.
 */
export class ParameterReader {
	private readonly parameters: IDataObject;

	readonly firstIndex: number;

	private readonly staticValues = new Map<string, unknown>();

	private readonly dynamicNames = new Map<string, boolean>();

	constructor(
		context: Pick<IExecuteFunctions, 'getNode'>,
		private readonly items: INodeExecutionData[],
		private readonly evaluate: Evaluate,
	) {
		this.parameters = context.getNode().parameters as IDataObject;
		this.firstIndex = items.findIndex((item) => item !== undefined);
	}

	get(name: string, itemIndex: number, fallback?: unknown): unknown {
		if (this.isDynamic(name)) {
			const value = evaluateSimpleExpression(this.raw(name), this.items[itemIndex].json);
			return value === undefined ? this.evaluate(name, itemIndex, fallback) : value;
		}
		if (!this.staticValues.has(name)) {
			this.staticValues.set(name, this.evaluate(name, itemIndex, fallback));
		}
		return this.staticValues.get(name);
	}

	/** The value for the whole run: that of the first item. */
	getOfRun(name: string, fallback?: unknown): unknown {
		return this.get(name, this.firstIndex, fallback);
	}

	/** Whether the user set the parameter. */
	has(name: string): boolean {
		return this.raw(name) !== undefined;
	}

	/** Whether the value can differ between items. */
	isDynamic(name: string): boolean {
		let isDynamic = this.dynamicNames.get(name);
		if (isDynamic === undefined) {
			isDynamic = JSON.stringify([this.raw(name)]).includes('"=');
			this.dynamicNames.set(name, isDynamic);
		}
		return isDynamic;
	}

	private raw(name: string): unknown {
		return name
			.split('.')
			.reduce<unknown>((value, key) => (value as IDataObject | undefined)?.[key], this.parameters);
	}
}

export interface RunOptions {
	batchSize: number;
	skipDuplicates: boolean;
	skipAddedBefore: boolean;
	campaign: string;
	consentField: string | undefined;
	doNotCall: string[];
	/** URL of a RingMe Trigger. */
	reportResultsTo: string | undefined;
	reportConnectedCalls: boolean;
}

const OPTIONS = 'options';

/** Reads and serializes options of the collection; only these options are evaluated. */
function readOptions(
	fields: Field[],
	parameters: ParameterReader,
	itemIndex: number,
	timeZone: string,
): IDataObject {
	const values: IDataObject = {};
	for (const { key } of fields) {
		const name = camelCase(key);
		const value = parameters.get(`${OPTIONS}.${name}`, itemIndex);
		values[name] = value as IDataObject[string];
	}
	return serializeFields(fields, values, timeZone) as IDataObject;
}

const setOptions = (fields: Field[], parameters: ParameterReader) =>
	fields.filter(({ key }) => parameters.has(`${OPTIONS}.${camelCase(key)}`));

/**
 * The options that concern the whole run, from the first item.
 *
 * @throws ValidationError for an invalid value
 */
export function readRunOptions(parameters: ParameterReader, timeZone: string): RunOptions {
	const options = readOptions(
		setOptions(runOptions, parameters),
		parameters,
		parameters.firstIndex,
		timeZone,
	);
	return {
		batchSize: (options.batch_size as number | undefined) ?? 500,
		skipDuplicates: options.skip_duplicates === true,
		skipAddedBefore: options.skip_people_added_before === true,
		campaign: (options.campaign as string | undefined) ?? '',
		consentField: options.consent_field as string | undefined,
		doNotCall: (options.do_not_call as string[] | undefined) ?? [],
		reportResultsTo: options.report_results_to as string | undefined,
		reportConnectedCalls: options.report_connected_calls === true,
	};
}

/** Reads the defaults of tasks. Those without expressions are serialized once. */
function createDefaultsReader(parameters: ParameterReader, timeZone: string) {
	const fields = setOptions(taskDefaults, parameters);
	const isDynamic = ({ key }: Field) => parameters.isDynamic(`${OPTIONS}.${camelCase(key)}`);
	const dynamicFields = fields.filter(isDynamic);
	const staticFields = fields.filter((field) => !isDynamic(field));
	let staticValues: IDataObject | undefined;
	return (itemIndex: number): IDataObject => {
		staticValues ??= readOptions(staticFields, parameters, itemIndex, timeZone);
		if (dynamicFields.length === 0) return { ...staticValues };
		return { ...staticValues, ...readOptions(dynamicFields, parameters, itemIndex, timeZone) };
	};
}

/** Every task of every item, in input order. Those that cannot be sent have an error. */
export function readTasks(
	items: INodeExecutionData[],
	parameters: ParameterReader,
	timeZone: string,
	{ consentField, reportResultsTo }: RunOptions,
): PendingTask[] {
	const tasks: PendingTask[] = [];
	const readDefaults = createDefaultsReader(parameters, timeZone);
	const keyName = `${OPTIONS}.${camelCase(resultKey.key)}`;
	const hasKey = reportResultsTo !== undefined && parameters.has(keyName);
	for (let itemIndex = 0; itemIndex < items.length; itemIndex++) {
		// n8n has not started it.
		if (!items[itemIndex]) continue;
		const pending = newPendingTask(itemIndex);
		const { json } = items[itemIndex];
		try {
			pending.client = (parameters.get('client', itemIndex, '') as string) || '';
			pending.task = readDefaults(itemIndex);
			pending.schedulerId = encodeSegment(
				'Task Scheduler ID',
				locatorValue(parameters.get('schedulerId', itemIndex, '')),
			);
			if (hasKey) pending.resultKey = parseResultKey(parameters.get(keyName, itemIndex));
			const taskInput = parameters.get('taskInput', itemIndex, 'automatic');
			if (taskInput === 'json') {
				const list = parseTaskList(parameters.get('tasks', itemIndex));
				tasks.push(...fromList(pending, list, consentField));
				continue;
			}
			if (consentField && !isConsent(json[consentField])) pending.skipped = 'no consent';
			if (taskInput === 'fields') {
				const values = {
					...(parameters.get('taskFields', itemIndex, {}) as IDataObject),
					aNumber: parameters.get('aNumber', itemIndex) as string,
					bNumber: parameters.get('bNumber', itemIndex) as string,
				};
				Object.assign(pending.task, serializeFields(taskFields, values, timeZone));
			} else {
				const unknownFields = parameters.get('unknownFields', itemIndex, 'reject');
				applyItem(pending.task, json, unknownFields as UnknownFields, consentField);
			}
			validateTask(pending.task);
		} catch (error) {
			// Nobody has to correct the data of people who are not called.
			if (!pending.skipped) pending.error = error;
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
	skipped: undefined,
	resultKey: null,
	result: undefined,
});

/** The tasks of a JSON list. An invalid task does not affect the others. */
const fromList = (template: PendingTask, list: IDataObject[], consentField: string | undefined) =>
	list.map((fields) => {
		const pending: PendingTask = { ...template, task: { ...template.task } };
		if (consentField && !isConsent(fields[consentField])) pending.skipped = 'no consent';
		try {
			applyItem(pending.task, fields, 'reject', consentField);
			validateTask(pending.task);
		} catch (error) {
			if (!pending.skipped) pending.error = error;
		}
		return pending;
	});
