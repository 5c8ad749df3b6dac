import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';
import { textOfObject } from '../../shared/parameters/parseCollection';
import { isEmpty, isExpression, locatorValue } from '../../shared/parameters/parseText';
import {
	parseBoolean,
	parseChoice,
	parsePbxClient,
	serializeField,
} from '../../shared/parameters/serialize';
import { parsePhoneNumbers } from '../../shared/parameters/phoneNumber';
import { camelCase, type Field } from '../../shared/schema/field';
import { encodeSegment } from '../../shared/transport/path';
import { isRecord } from '../../shared/transport/records';
import {
	doNotCall,
	resultKey,
	runOptions,
	taskDefaults,
	taskFields,
	taskInput,
	unknownFields,
} from '../resources/common/task';
import type { PendingTask } from '../run/writeMemory';
import { Columns, listColumns, nameTheNumber, refuseOthers, refuseRepeated } from './columns';
import {
	isTargeted,
	newPendingTask,
	noTargetError,
	parseResultKey,
	parseTaskList,
	validateTask,
} from './pendingTask';
import type { ParameterReader } from './parameterReader';
import { isConsent } from './screening';
import { emptyOption, NUMBER_KEYS, TaskFieldReader } from './taskFieldReader';

export interface RunOptions {
	batchSize: number;
	skipDuplicates: boolean;
	skipAddedBefore: boolean;
	campaign: string;
	consentField: string | undefined;
	/** Numbers that must not be called; undefined without such a list. */
	doNotCall: string[] | undefined;
	/** URL of a RingMe Trigger. */
	reportResultsTo: string | undefined;
	reportConnectedCalls: boolean;
	isSimplified: boolean;
	/** ISO code of the country of national numbers; without one, no country is guessed. */
	country: string | undefined;
}

const OPTIONS = 'options';

const optionName = ({ key }: Field) => `${OPTIONS}.${camelCase(key)}`;

const setOptions = (fields: Field[], parameters: ParameterReader) =>
	fields.filter((field) => parameters.has(optionName(field)));

/**
 * The options that concern the whole run, from the first item.
 *
 * @throws ValidationError for an invalid value, and for an option that is set and has none: without it,
 * people would be called who must not be
 */
export function readRunOptions(parameters: ParameterReader, timeZone: string): RunOptions {
	const options: IDataObject = {};
	for (const field of setOptions(runOptions, parameters)) {
		if (field === doNotCall) continue;
		const value = parameters.getOfRun(optionName(field));
		const isLeftEmpty = isEmpty(value) && !isExpression(parameters.raw(optionName(field)));
		if (isEmpty(value) && !(isLeftEmpty && field.allowEmpty)) throw emptyOption(field);
		options[field.key] = serializeField(field, value, timeZone) as IDataObject[string];
	}
	const country = options.country_of_numbers as string | undefined;
	return {
		batchSize: (options.batch_size as number | undefined) ?? 500,
		skipDuplicates: options.skip_duplicates === true,
		skipAddedBefore: options.skip_people_added_before === true,
		campaign: (options.campaign as string | undefined) ?? '',
		consentField: options.consent_field as string | undefined,
		doNotCall: doNotCallOf(parameters, country),
		country,
		reportResultsTo: options.report_results_to as string | undefined,
		reportConnectedCalls: options.report_connected_calls === true,
		isSimplified: parseBoolean({ label: 'Simplify' }, parameters.getOfRun('simplify', true)),
	};
}

/** @throws ValidationError for a list that is set and has no number, or an entry that is not one number */
const doNotCallOf = (parameters: ParameterReader, country: string | undefined) =>
	parameters.has(optionName(doNotCall))
		? parsePhoneNumbers(doNotCall.label, parameters.getOfRun(optionName(doNotCall)), country)
		: undefined;

/** Reads the defaults of tasks. Those without expressions are serialized once. */
function createDefaultsReader(
	parameters: ParameterReader,
	taskFieldReader: TaskFieldReader,
	timeZone: string,
) {
	const fields = setOptions(taskDefaults, parameters);
	const isDynamic = (field: Field) => parameters.isDynamic(optionName(field));
	const dynamicFields = fields.filter(isDynamic);
	const staticFields = fields.filter((field) => !isDynamic(field));
	const read = (some: Field[], itemIndex: number) => {
		const task: IDataObject = {};
		for (const field of some) {
			taskFieldReader.set(task, field, parameters.get(optionName(field), itemIndex), timeZone);
		}
		return task;
	};
	let staticValues: IDataObject | undefined;
	return (itemIndex: number): IDataObject => {
		staticValues ??= read(staticFields, itemIndex);
		return { ...staticValues, ...read(dynamicFields, itemIndex) };
	};
}

export interface TasksRead {
	tasks: PendingTask[];
	/** How many of those that can be sent have a number that is not sent as it was entered. */
	changedCount: number;
}

/** Reads every task of every item, for one run. */
class TaskReader {
	private readonly columns: Columns;

	private readonly fields: TaskFieldReader;

	private readonly readDefaults: (itemIndex: number) => IDataObject;

	/** Tasks with a number that is not sent as it was entered. */
	private changedCount = 0;

	private readonly keyName: string | undefined;

	/** Whether an item has been asked for its consent, and whether one has the column. */
	private readonly consent = { isAsked: false, isFound: false };

	constructor(
		private readonly items: INodeExecutionData[],
		private readonly parameters: ParameterReader,
		private readonly timeZone: string,
		private readonly options: RunOptions,
	) {
		this.columns = new Columns(options.consentField);
		this.fields = new TaskFieldReader(options.country);
		this.readDefaults = createDefaultsReader(parameters, this.fields, timeZone);
		const hasKey = options.reportResultsTo !== undefined && parameters.has(optionName(resultKey));
		this.keyName = hasKey ? optionName(resultKey) : undefined;
	}

	/** @throws ValidationError if no item has the column of 'Consent Field' */
	read(): TasksRead {
		const tasks: PendingTask[] = [];
		for (let itemIndex = 0; itemIndex < this.items.length; itemIndex++) {
			// n8n has not started it.
			if (!this.items[itemIndex]) continue;
			for (const task of this.readItem(itemIndex)) tasks.push(task);
		}
		if (this.consent.isAsked && !this.consent.isFound) throw this.noConsentColumn();
		return { tasks, changedCount: this.changedCount };
	}

	private readItem(itemIndex: number): PendingTask[] {
		const { parameters } = this;
		const pending = newPendingTask(itemIndex);
		const { json } = this.items[itemIndex];
		this.fields.hasChangedNumber = false;
		try {
			pending.client = parsePbxClient(
				parameters.get('client', itemIndex, ''),
				parameters.raw('client'),
			);
			pending.task = this.readDefaults(itemIndex);
			pending.schedulerId = encodeSegment(
				'Task Scheduler ID',
				locatorValue(parameters.get('schedulerId', itemIndex, '')),
			);
			if (this.keyName) pending.resultKey = parseResultKey(parameters.get(this.keyName, itemIndex));
			const mode = this.choiceOf(taskInput, itemIndex);
			if (mode === 'json') {
				const list = parseTaskList(parameters.get('tasks', itemIndex));
				return list.map((fields, position) => this.readListed(pending, fields, position));
			}
			if (!this.hasConsent(json)) pending.skipped = 'no consent';
			if (mode === 'fields') this.applyMapping(pending.task, json, itemIndex);
			else this.applyColumns(pending.task, json, this.choiceOf(unknownFields, itemIndex));
			this.finish(pending);
		} catch (error) {
			// Nobody has to correct the data of people who are not called.
			if (!pending.skipped) pending.error = error;
		}
		return [pending];
	}

	private finish({ task, skipped }: PendingTask) {
		validateTask(task);
		if (this.fields.hasChangedNumber && !skipped) this.changedCount++;
	}

	/** A task of a JSON list. An invalid one does not affect the others. */
	private readListed(template: PendingTask, fields: IDataObject, position: number): PendingTask {
		const pending: PendingTask = { ...template, position, task: { ...template.task } };
		if (!this.hasConsent(fields)) pending.skipped = 'no consent';
		this.fields.hasChangedNumber = false;
		try {
			this.applyColumns(pending.task, fields, 'reject');
			this.finish(pending);
		} catch (error) {
			if (!pending.skipped) pending.error = error;
		}
		return pending;
	}

	/** Copies the columns of an item into a task. */
	private applyColumns(task: IDataObject, item: IDataObject, others: unknown) {
		const set = this.columns.of(item);
		refuseRepeated(set, item);
		if (others === 'reject') refuseOthers(set);
		if (others === 'variables') {
			const variables: IDataObject = {};
			for (const name of set.others) {
				if (!isEmpty(item[name])) variables[name] = String(textOfObject(item[name]));
			}
			if (Object.keys(variables).length > 0) {
				TaskFieldReader.addValues(task, 'variables', variables);
			}
		}
		for (const { name, field, isUtc } of set.fields) {
			this.fields.set(task, field, item[name], isUtc ? 'utc' : this.timeZone);
		}
		if (!set.hasNumber && !isTargeted(task)) throw noTargetError(nameTheNumber(Object.keys(item)));
	}

	/** The values of 'Map Each Field'. */
	private applyMapping(task: IDataObject, item: IDataObject, itemIndex: number) {
		const { parameters } = this;
		this.fields.setMappedNumbers(task, parameters, item, itemIndex);
		const values = parameters.get('taskFields', itemIndex, {});
		if (!isRecord(values)) {
			throw new ValidationError(
				"'Additional Fields' is an expression",
				"Add its fields one by one with 'Add Field', or choose 'JSON' as 'Task Input'.",
			);
		}
		for (const field of taskFields) {
			if (NUMBER_KEYS.includes(field.key)) continue;
			this.fields.set(task, field, values[camelCase(field.key)], this.timeZone);
		}
	}

	private choiceOf(field: Field, itemIndex: number): unknown {
		return parseChoice(field, this.parameters.get(camelCase(field.key), itemIndex, field.default));
	}

	/** Whether nobody has to agree, or the person has agreed. */
	private hasConsent(item: IDataObject): boolean {
		if (this.options.consentField === undefined) return true;
		const { consent } = this.columns.of(item);
		this.consent.isAsked = true;
		this.consent.isFound ||= consent.length > 0;
		const values = consent.map((name) => item[name]).filter((value) => !isEmpty(value));
		return values.length > 0 && values.every(isConsent);
	}

	private noConsentColumn() {
		const { json } = this.items[this.parameters.firstIndex];
		return new ValidationError(
			`No item has the field "${this.options.consentField}" of 'Consent Field'`,
			`Nobody would be called. Fields of the first item: ${listColumns(Object.keys(json)) || 'none'}.`,
		);
	}
}

/**
 * Every task of every item, in input order. Those that cannot be sent have an error.
 *
 * @throws ValidationError if no item has the column of 'Consent Field'
 */
export const readTasks = (
	items: INodeExecutionData[],
	parameters: ParameterReader,
	timeZone: string,
	options: RunOptions,
): TasksRead => new TaskReader(items, parameters, timeZone, options).read();
