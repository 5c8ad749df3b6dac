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

/** The ID of the task as the PBX may name it, and whether the name leaves no doubt. */
export interface TaskId {
	id: string;
	isCertain: boolean;
}

/**
 * Finds the ID of the task: `task_id`, `TaskID` and the like, at any depth, or `id` within `task`. Else a
 * bare `id`, which may be that of something else.
 */
export function findTaskId(fields: IDataObject): TaskId | undefined {
	const named = findId(fields, (path) => /(^|\W)task\W?id$/.test(path));
	if (named) return { id: named, isCertain: true };
	const bare = findId(fields, (path) => path === 'id');
	return bare ? { id: bare, isCertain: false } : undefined;
}

/** @param matches gets the path in lower case without underscores and dashes: `task.id` */
function findId(
	fields: IDataObject,
	matches: (path: string) => boolean,
	parent = '',
): string | undefined {
	for (const [name, value] of Object.entries(fields)) {
		const path = `${parent}${name.replace(/[_-]/g, '').toLowerCase()}`;
		if (isRecord(value)) {
			const found = findId(value, matches, `${path}.`);
			if (found) return found;
		} else if (matches(path) && /^[\w-]{1,64}$/.test(String(value))) {
			return String(value);
		}
	}
	return undefined;
}
