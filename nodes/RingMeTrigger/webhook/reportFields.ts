import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../../shared/transport/records';
import { REPORT_PARAMETER } from '../../shared/taskReports/taskReport';
import { MAX_BODY_BYTES, MAX_FIELDS } from '../../shared/webhook/fields';
import type { WebhookRequest } from './parsePayload';

/** Far deeper than a description of a task. */
const MAX_DEPTH = 8;

/**
 * What the PBX sent with a report, as n8n parsed it: the query and the body in one object. Nothing of it
 * is documented, so everything is accepted, and too much is left out: only the signature counts.
 */
export function reportFields({ query, body, bodyBytes }: WebhookRequest): IDataObject {
	const fields = Object.fromEntries(
		Object.entries(query).filter(([name]) => name !== REPORT_PARAMETER),
	);
	const values = bodyBytes > MAX_BODY_BYTES ? fields : { ...fields, ...bodyFields(body) };
	return countValues(values) > MAX_FIELDS ? {} : (values as IDataObject);
}

/** A body that is no object, such as text, becomes the field `body`. */
function bodyFields(body: unknown): object {
	if (isRecord(body)) return body;
	return body === undefined || body === null || body === '' ? {} : { body };
}

/** The number of values at all depths. */
function countValues(value: unknown, depth = 0): number {
	if (typeof value !== 'object' || value === null) return 1;
	if (depth === MAX_DEPTH) return Infinity;
	let count = 0;
	for (const each of Object.values(value)) {
		count += countValues(each, depth + 1);
		if (count > MAX_FIELDS) break;
	}
	return count;
}

/** What may be the ID of the task. */
export interface TaskId {
	id: string;
	/** The request itself names it as the ID of its task. Otherwise only the task can tell. */
	isCertain: boolean;
}

/** Each is read from the PBX. */
const MAX_TASK_IDS = 10;

/**
 * Finds what may be the ID of the task, the most likely first: `task_id`, `TaskID` and the like, or `id`
 * within `task`; then a bare `id`; then the same names deeper in the request, for example among the
 * variables of the task, where they may be those of something else.
 */
export function findTaskIds(fields: IDataObject): TaskId[] {
	const values = leaves(fields);
	const named = (pattern: RegExp) =>
		values.filter(([path]) => pattern.test(path)).map(([, id]) => id);
	const certain = new Set(named(/^(task\.)?taskid$|^task\.id$/));
	const ids = new Set([...certain, ...named(/^id$/), ...named(/(^|\.)task\.?id$/)]);
	return [...ids].slice(0, MAX_TASK_IDS).map((id) => ({ id, isCertain: certain.has(id) }));
}

/**
 * All values that can be an ID, with their paths in lower case: `task.id`, `variables.taskid`.
 * The elements of a list have the path of the list.
 */
function leaves(value: unknown, path = ''): Array<[path: string, id: string]> {
	if (Array.isArray(value)) return value.flatMap((element) => leaves(element, path));
	if (isRecord(value)) {
		return Object.entries(value).flatMap(([name, field]) => {
			const key = name.replace(/[^a-z\d]/gi, '').toLowerCase();
			return leaves(field, path ? `${path}.${key}` : key);
		});
	}
	if (typeof value !== 'string' && typeof value !== 'number') return [];
	const id = String(value).trim();
	return /^[\w-]{1,64}$/.test(id) ? [[path, id]] : [];
}
