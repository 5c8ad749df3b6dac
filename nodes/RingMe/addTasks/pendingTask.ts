import type { IDataObject } from 'n8n-workflow';

import { camelCase, type Field } from '../../shared/schema/field';
import { taskFields } from '../resources/common/task';
import {
	serializeField,
	ValidationError,
	parseJson,
	formatValue,
} from '../../shared/parameters/serialize';

/** A task that is to be created, and the input item it comes from. */
export interface Draft {
	item: number;
	/** As in the options of the node; empty: that of the credential. */
	client: string;
	scheduler: string;
	task: IDataObject;
	/** Why it cannot be sent. */
	problem: unknown;
	/** What became of it. */
	fate: Fate | undefined;
}

/** What is known of a draft in the end. */
export type Fate =
	| { kind: 'added'; task: IDataObject }
	| {
			kind: 'refused' | 'unknown' | 'notSent';
			failure: unknown;
			/** What the scheduler counted, where nobody knows. */
			evidence?: string;
	  };

export type UnknownFields = 'reject' | 'variables' | 'ignore';

/** Both spellings of every field: `a_number` and `aNumber`. */
const byName = new Map<string, Field>(
	taskFields.flatMap((field) => [
		[field.key, field],
		[camelCase(field.key), field],
	]),
);

/** `start_time_utc` says its zone in its name, whatever the zone of the workflow is. */
const NAMED_ZONE = 'utc';

/**
 * Puts an item's own fields into a task.
 *
 * @throws InputProblem for a value that does not fit, or a field that no task has
 */
export function fillTask(task: IDataObject, json: IDataObject, unknown: UnknownFields) {
	let others: IDataObject | undefined;
	for (const name in json) {
		const value = json[name];
		const field = byName.get(name);
		if (field) {
			const encoded = serializeField(field, value, NAMED_ZONE);
			if (encoded !== undefined) task[field.key] = encoded as IDataObject[string];
		} else if (unknown === 'variables') {
			others ??= {};
			if (value !== null && value !== undefined && value !== '') {
				others[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
			}
		} else if (unknown === 'reject') {
			throw new ValidationError(
				`A task has no field "${name}"`,
				'Rename or remove it, or choose under Other Fields that such fields become variables or are left out.',
			);
		}
	}
	if (others) task.variables = { ...others, ...(task.variables as IDataObject | undefined) };
}

/**
 * What can be known of a task before the PBX sees it.
 *
 * @throws InputProblem for a task that calls nobody, or an address that is not a web address
 */
export function check(task: IDataObject) {
	if (!task.a_number && !task.b_number && !task.extension_id) {
		throw new ValidationError(
			'The task calls nobody',
			'Give an A number, a B number or an extension: a_number, b_number or extension_id.',
		);
	}
	for (const key of URLS) {
		const address = task[key];
		if (address !== undefined && !isWebAddress(String(address))) {
			throw new ValidationError(
				`${key} is not a web address: ${formatValue(address)}`,
				'It starts with https:// or http://.',
			);
		}
	}
}

const URLS = taskFields.map(({ key }) => key).filter((key) => key.startsWith('url_'));

function isWebAddress(address: string) {
	try {
		return /^https?:$/.test(new URL(address).protocol);
	} catch {
		return false;
	}
}

/**
 * The list in a JSON input, which may be text, a list, or an object around one.
 *
 * @throws InputProblem where there is no list of objects
 */
export function taskList(value: unknown): IDataObject[] {
	const given = parseJson({ label: 'Tasks' }, value);
	const list = Array.isArray(given) ? given : (given as { tasks?: unknown } | null)?.tasks;
	const isObject = (each: unknown) =>
		typeof each === 'object' && each !== null && !Array.isArray(each);
	if (!Array.isArray(list) || list.length === 0 || !list.every(isObject)) {
		throw new ValidationError(
			`Tasks is not a list of tasks: ${formatValue(value)}`,
			'It looks like [{ "a_number": "+79161112233", "extension_id": 85219 }], with at least one task.',
		);
	}
	return list as IDataObject[];
}
