import type { IDataObject } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';
import { isExpression } from '../../shared/parameters/parseText';
import { serializeField } from '../../shared/parameters/serialize';
import { isEmptyNumber } from '../../shared/parameters/phoneNumber';
import { camelCase, type Field } from '../../shared/schema/field';
import { isRecord } from '../../shared/transport/records';
import { taskFields } from '../resources/common/task';
import { listColumns } from './columns';
import type { ParameterReader } from './parameterReader';

/** Keys of the numbers of a task. */
export const NUMBER_KEYS = ['a_number', 'b_number'];

const numberFields = taskFields.filter(({ key }) => NUMBER_KEYS.includes(key));

/** An option that is set and has no value: without it, other people would be called than are meant. */
export const emptyOption = ({ label }: Field) =>
	new ValidationError(
		`'${label}' is set, but it is empty`,
		'Check that its expression has a value, or remove the option.',
	);

/** Reads the values of the fields of tasks. */
export class TaskFieldReader {
	/** Whether a number was changed since the caller has set it to false. */
	hasChangedNumber = false;

	/** @param country ISO code of the country of national numbers; without one, no country is guessed */
	constructor(private readonly country?: string) {}

	/**
	 * Sets a field of a task, if there is a value. Names with values are added to those that the task has.
	 *
	 * @param timeZone of a time without one
	 * @throws ValidationError for a value that does not fit the field
	 */
	set(task: IDataObject, field: Field, value: unknown, timeZone: string) {
		const { key, kind } = field;
		const serialized = serializeField(field, value, timeZone, undefined, this.country);
		if (serialized === undefined) return;
		if (kind === 'phoneNumber' && typeof value === 'string' && serialized !== value.trim()) {
			this.hasChangedNumber = true;
		}
		if (kind === 'keyValues') TaskFieldReader.addValues(task, key, serialized as IDataObject);
		else task[key] = serialized as IDataObject[string];
	}

	/**
	 * Sets the numbers that have inputs of their own.
	 *
	 * @throws ValidationError also for a number whose expression has no value: a dead call, or one to nobody
	 */
	setMappedNumbers(
		task: IDataObject,
		parameters: ParameterReader,
		item: IDataObject,
		itemIndex: number,
	) {
		for (const field of numberFields) {
			const name = camelCase(field.key);
			const value = parameters.get(name, itemIndex, '');
			if (isEmptyNumber(value) && isExpression(parameters.raw(name))) {
				throw new ValidationError(
					`'${field.label}' is empty`,
					`Its expression has no value for this item. Columns of the item: ${listColumns(Object.keys(item)) || 'none'}.`,
				);
			}
			this.set(task, field, value, '');
		}
	}

	/** Adds names with values to a field of a task. */
	static addValues(task: IDataObject, key: string, values: IDataObject) {
		const earlier = task[key];
		task[key] = { ...(isRecord(earlier) ? (earlier as IDataObject) : undefined), ...values };
	}
}
