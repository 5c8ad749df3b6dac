import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

/** Output items, linked to their input item. */
export const toItems = (records: IDataObject[], itemIndex: number): INodeExecutionData[] =>
	records.map((json) => ({ json, pairedItem: { item: itemIndex } }));

/**
 * An error as an output item: what happened and, as `message`, what to do. n8n sends items with these
 * two fields to the error output, where there is one; before version 2.1 it accepts no other field
 * beside `error` (`handleNodeErrorOutput` of n8n-core).
 */
export const toErrorItem = (
	error: { message: string; description?: string | null },
	itemIndex: number,
): INodeExecutionData => ({
	json: { error: error.message, ...(error.description && { message: error.description }) },
	pairedItem: { item: itemIndex },
});

/** The given fields of a record, in their order. */
export function pickFields(record: IDataObject, fields: string[]): IDataObject {
	const picked: IDataObject = {};
	for (const field of fields) {
		if (field in record) picked[field] = record[field];
	}
	return picked;
}
