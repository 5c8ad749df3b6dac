import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Operation } from '../schema/operation';
import { ExchangeFailure } from './sendRequest';

/** Output items of one input item, each linked to it. */
export const linked = (records: IDataObject[], item: number): INodeExecutionData[] =>
	records.map((json) => ({ json, pairedItem: { item } }));

/**
 * An error as an output item: what happened and, as `message`, what to do. n8n sends items with these two fields to
 * the error output, where there is one; before version 2.1 no other field may be beside `error` (`handleNodeErrorOutput`).
 */
export const errorItem = (
	error: { message: string; description?: string | null },
	item: number,
): INodeExecutionData => ({
	json: { error: error.message, ...(error.description && { message: error.description }) },
	pairedItem: { item },
});

/**
 * The records in an answer.
 *
 * @throws ExchangeFailure where the answer is not what this operation gives, for example the HTML of
 * a login page with status 200, or nothing where there should be records
 */
export function recordsIn(row: Operation, body: unknown, status = 200): IDataObject[] {
	const isList = row.result === 'list';
	const isEmpty = body === undefined || body === null || body === '';
	if (isEmpty && row.method === 'GET' && status !== 204) throw unreadable(row, body);
	if (row.result === 'deleted' && (isEmpty || typeof body === 'object')) return [{ deleted: true }];
	if (isEmpty) return isList ? [] : [{ success: true }];
	const inner =
		row.rootProperty && isRecord(body) && row.rootProperty in body ? body[row.rootProperty] : body;
	if ((isList || row.result === 'done') && Array.isArray(inner) && inner.every(isRecord)) {
		return inner;
	}
	if (isRecord(body) && (!isList || row.open)) return [body];
	if (row.bare && typeof body === 'string' && !/^\s*</.test(body)) return [{ [row.bare]: body }];
	throw unreadable(row, body);
}

export const isRecord = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

export const unreadable = ({ method }: Pick<Operation, 'method'>, body: unknown) =>
	new ExchangeFailure(
		{
			kind: 'unreadable',
			headers: {},
			message: !body
				? 'The answer is empty'
				: typeof body === 'string'
					? 'The answer is not JSON'
					: 'The answer has another form',
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

/** `[0, 1, 2, 5]` → `0–2, 5`, with at most so many pieces. */
export function ranges(numbers: number[], most = 12): string {
	const pieces: string[] = [];
	for (let start = 0; start < numbers.length; ) {
		let end = start;
		while (numbers[end + 1] === numbers[end] + 1) end++;
		pieces.push(start === end ? `${numbers[start]}` : `${numbers[start]}–${numbers[end]}`);
		start = end + 1;
	}
	const more = pieces.length - most;
	return more > 0 ? `${pieces.slice(0, most).join(', ')} and ${more} more` : pieces.join(', ');
}

/** `Added: items 0–2, 5.`; nothing for no items. */
export function itemLine(title: string, items: number[], more = ''): string {
	if (items.length === 0) return '';
	return `${title}: item${items.length === 1 ? '' : 's'} ${ranges(items)}${more}.`;
}
