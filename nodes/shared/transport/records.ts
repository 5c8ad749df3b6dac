import type { IDataObject } from 'n8n-workflow';

import type { Operation } from '../schema/operation';
import { invalidResponseError } from '../errors/requestError';

export const isRecord = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The records in a response, as they came.
 *
 * @param status HTTP status of the response
 * @throws RequestError for a body that this operation cannot return, for example the HTML of a login
 * page with status 200, or nothing where there should be records
 */
export function extractRecords(operation: Operation, body: unknown, status = 200): IDataObject[] {
	const { result, rootProperty, parse } = operation;
	const isEmpty = body === undefined || body === null || body === '';
	if (isEmpty && operation.method === 'GET' && status !== 204) {
		throw invalidResponseError(operation, body);
	}
	if (result === 'deleted' && (isEmpty || typeof body === 'object')) return [{ deleted: true }];
	if (isEmpty) return result === 'list' ? [] : [{ success: true }];
	const records = parse ? parse(body) : documentedRecords(result, rootProperty, body);
	if (!records) throw invalidResponseError(operation, body);
	return records;
}

function documentedRecords(
	result: Operation['result'],
	rootProperty: string | undefined,
	body: unknown,
): IDataObject[] | undefined {
	if (result !== 'list') return isRecord(body) ? [body] : undefined;
	const list = rootProperty && isRecord(body) ? body[rootProperty] : body;
	// An empty list of a PBX that has no word for it.
	if (list === null) return [];
	return Array.isArray(list) && list.every(isRecord) ? (list as IDataObject[]) : undefined;
}
