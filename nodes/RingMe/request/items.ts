import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Row } from '../resources/rows';
import { ExchangeFailure } from './exchange';

/** Output items of one input item, each linked to it. */
export const linked = (records: IDataObject[], item: number): INodeExecutionData[] =>
	records.map((json) => ({ json, pairedItem: { item } }));

/** An error as an output item. n8n sends items of this form to the error output, where there is one. */
export const errorItem = (
	error: { message: string; description?: string | null },
	item: number,
): INodeExecutionData => ({
	json: { error: error.message, ...(error.description && { details: error.description }) },
	pairedItem: { item },
});

/**
 * The records in an answer.
 *
 * @throws ExchangeFailure where the answer is not what this operation gives, for example the HTML of
 * a login page with status 200
 */
export function recordsIn(row: Row, body: unknown): IDataObject[] {
	if (row.result === 'deleted') return [{ deleted: true }];
	const isList = row.result === 'list';
	if (body === undefined || body === null || body === '') return isList ? [] : [{ success: true }];
	const inner = row.root && isRecord(body) && row.root in body ? body[row.root] : body;
	if ((isList || row.result === 'done') && Array.isArray(inner) && inner.every(isRecord)) {
		return inner;
	}
	if (isRecord(body) && (!isList || row.open)) return [body];
	if (row.bare && typeof body === 'string' && !/^\s*</.test(body)) return [{ [row.bare]: body }];
	throw unreadable(row, body);
}

const isRecord = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

export const unreadable = ({ method }: Pick<Row, 'method'>, body: unknown) =>
	new ExchangeFailure(
		{
			kind: 'unreadable',
			headers: {},
			message: typeof body === 'string' ? 'The answer is not JSON' : 'The answer has another form',
		},
		method,
		false,
	);

/** The fields a person wants, where a record has more than ten. */
export function simplified(record: IDataObject, fields: string[]): IDataObject {
	const kept: IDataObject = {};
	for (const field of fields) {
		if (field in record) kept[field] = record[field];
	}
	return kept;
}
