import type { IDataObject } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';
import { formatValue, parseJson } from '../../shared/parameters/parseJson';
import { isTriggerUrl } from '../../shared/taskReports/reportUrl';
import { isRecord } from '../../shared/transport/records';
import { taskFields } from '../resources/common/task';
import type { PendingTask, ResultKey } from '../run/writeMemory';

export const newPendingTask = (itemIndex: number): PendingTask => ({
	itemIndex,
	position: 0,
	client: '',
	schedulerId: '',
	task: {},
	// All properties from the start: 10,000 objects of one shape.
	error: undefined,
	skipped: undefined,
	resultKey: null,
	result: undefined,
});

/** Whether a task says whom to call. */
export const isTargeted = (task: IDataObject) =>
	Boolean(task.a_number || task.b_number || task.extension_id);

/** @param cure what to do, as a sentence */
export const noTargetError = (cure: string) =>
	new ValidationError('The task has no number or extension', cure);

/** The PBX stores at most this many characters of a variable (RingMe documentation of task schedulers). */
const MAX_VARIABLE_LENGTH = 200;

/**
 * Checks a task before it is sent.
 *
 * @throws ValidationError for a task without a number or extension, with an invalid webhook URL, or
 * with a variable that is too long
 */
export function validateTask(task: IDataObject) {
	if (!isTargeted(task)) {
		throw noTargetError(
			"Enter an 'A Number', a 'B Number' or an 'Extension': a_number, b_number or extension_id. If the item is an empty row, remove it with a Filter.",
		);
	}
	for (const { key, label } of urlFields) {
		const url = task[key];
		if (url === undefined) continue;
		if (!isHttpUrl(String(url))) {
			throw new ValidationError(
				`${key} is not a URL: ${formatValue(url)}`,
				'It must start with https:// or http://.',
			);
		}
		if (isTriggerUrl(String(url))) {
			throw new ValidationError(
				`'${label}' is the URL of a RingMe Trigger, which would reject every request to it`,
				"Remove it, and enter the URL in the option 'Report Results To' of 'Add Tasks'.",
			);
		}
	}
	if (isRecord(task.variables)) validateVariables(task.variables);
}

function validateVariables(variables: IDataObject) {
	for (const name in variables) {
		const { length } = String(variables[name]);
		if (length > MAX_VARIABLE_LENGTH) {
			throw new ValidationError(
				`The variable "${name}" has ${length} characters`,
				`The PBX stores at most ${MAX_VARIABLE_LENGTH}. Shorten the value or leave it out.`,
			);
		}
	}
}

const MAX_KEY_LENGTH = 200;

/** @throws ValidationError for a value that is empty, too long, or neither text nor a number */
export function parseResultKey(value: unknown): ResultKey {
	const isNumber = typeof value === 'number' && Number.isFinite(value);
	if ((!isNumber && typeof value !== 'string') || value === '') {
		throw new ValidationError(
			value === undefined || value === null || value === ''
				? "'Result Key' is empty for this item"
				: `'Result Key' is neither text nor a number: ${formatValue(value)}`,
			'It identifies the result of the task. Check that the expression has a value for each item.',
		);
	}
	const { length } = String(value);
	if (length > MAX_KEY_LENGTH) {
		throw new ValidationError(
			`'Result Key' has ${length} characters`,
			`At most ${MAX_KEY_LENGTH} are possible. Use something short that identifies the item, such as a row number or an ID.`,
		);
	}
	return value;
}

const urlFields = taskFields.filter(({ key }) => key.startsWith('url_'));

function isHttpUrl(url: string) {
	return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

/**
 * The tasks of a JSON input: text, a list, or an object with the list in `tasks`.
 *
 * @throws ValidationError for anything but a list of objects with at least one task
 */
export function parseTaskList(value: unknown): IDataObject[] {
	const input = parseJson({ label: 'Tasks' }, value);
	const list = isRecord(input) ? input.tasks : input;
	if (!Array.isArray(list) || list.length === 0 || !list.every(isRecord)) {
		throw new ValidationError(
			`'Tasks' is not a list of tasks: ${formatValue(value)}`,
			'Enter a list with at least one task, like [{ "a_number": "+79161112233", "extension_id": 85219 }].',
		);
	}
	return list as IDataObject[];
}
