// Which column of an item is which field of a task.

import type { IDataObject } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';
import { formatValue } from '../../shared/parameters/parseJson';
import { isEmpty } from '../../shared/parameters/parseText';
import type { Field } from '../../shared/schema/field';
import { taskFields } from '../resources/common/task';

/** What people vary in the name of a column: case, blanks, underscores, dashes, characters that nobody sees. */
function normalize(name: string): string {
	const letters = name.normalize('NFKC').replace(/[^\p{L}\p{M}\p{N}]/gu, '');
	return (letters || name.trim()).toLowerCase();
}

/** Task fields by their names: `a_number`, `aNumber` and 'A Number' are one. */
const fieldsByName = new Map<string, Field>(
	taskFields.flatMap((field) => [
		[normalize(field.key), field],
		[normalize(field.label), field],
	]),
);

const NUMBER_KEYS = new Set(['a_number', 'b_number', 'extension_id']);

/** Items with the same names of columns, which most items of a run have. */
interface ColumnSet {
	/** The columns that are fields of a task. */
	fields: Array<{ name: string; field: Field; isUtc: boolean }>;
	/** The columns that are not. */
	others: string[];
	/** The column that says whether the person agreed; there may be several that look the same. */
	consent: string[];
	/** Columns that are the same field. */
	repeated: string[][];
	/** Whether one of them says whom to call. */
	hasNumber: boolean;
}

/** Finds the columns of the items of a run. */
export class Columns {
	private readonly sets = new Map<string, ColumnSet>();

	private readonly consentName: string | undefined;

	/** @param consentField name of a column that is no field of the task */
	constructor(consentField?: string) {
		this.consentName = consentField === undefined ? undefined : normalize(consentField);
	}

	/** The columns of an item. */
	of(item: IDataObject): ColumnSet {
		const names = Object.keys(item);
		const key = JSON.stringify(names);
		let set = this.sets.get(key);
		if (!set) {
			set = this.match(names);
			this.sets.set(key, set);
		}
		return set;
	}

	private match(names: string[]): ColumnSet {
		const fields: ColumnSet['fields'] = [];
		const others: string[] = [];
		const consent: string[] = [];
		const byField = new Map<Field, string[]>();
		for (const name of names) {
			const normalized = normalize(name);
			const field = fieldsByName.get(normalized);
			if (normalized === this.consentName) consent.push(name);
			else if (field) {
				fields.push({ name, field, isUtc: normalized.endsWith('utc') });
				byField.set(field, [...(byField.get(field) ?? []), name]);
			} else others.push(name);
		}
		return {
			fields,
			others,
			consent,
			repeated: [...byField.values()].filter(({ length }) => length > 1),
			hasNumber: fields.some(({ field: { key } }) => NUMBER_KEYS.has(key)),
		};
	}
}

/** @throws ValidationError if two columns with values are the same field of a task */
export function refuseRepeated({ repeated }: ColumnSet, item: IDataObject) {
	for (const names of repeated) {
		const [first, second] = names.filter((name) => !isEmpty(item[name]));
		if (second === undefined) continue;
		throw new ValidationError(
			`The columns ${formatValue(first)} and ${formatValue(second)} are the same field of a task`,
			'Remove or rename one of them.',
		);
	}
}

const MAX_LISTED = 10;

/** `"Name", "Phone"`, for a message. */
export function listColumns(names: string[]): string {
	const listed = names.slice(0, MAX_LISTED).map(formatValue).join(', ');
	return names.length > MAX_LISTED ? `${listed} and ${names.length - MAX_LISTED} more` : listed;
}

const [{ label: NUMBER_LABEL }] = taskFields;

/** The cure for items without a column whose name is that of a number. */
export const nameTheNumber = (names: string[]) =>
	names.length > 0
		? `None of the columns is a number to call: ${listColumns(names)}. Rename the one with the phone numbers to ${taskFields[0].key}, or choose 'Map Each Field' as 'Task Input' and drag it onto '${NUMBER_LABEL}'.`
		: `The item has no columns. Enter a number as '${NUMBER_LABEL}', or remove the item with a Filter.`;

/** @throws ValidationError that names all columns which are not fields of a task */
export function refuseOthers({ others, hasNumber, fields }: ColumnSet) {
	if (others.length === 0) return;
	const isOne = others.length === 1;
	throw new ValidationError(
		`The ${isOne ? 'column' : 'columns'} ${listColumns(others)} ${isOne ? 'is no field' : 'are not fields'} of a task`,
		[
			...(hasNumber ? [] : [nameTheNumber([...fields.map(({ name }) => name), ...others])]),
			`${isOne ? 'Rename or remove it' : 'Rename or remove them'}, or choose under 'Unknown Fields' to store such columns as variables or to ignore them.`,
		].join(' '),
	);
}
