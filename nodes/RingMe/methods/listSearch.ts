import type { ILoadOptionsFunctions, INodeListSearchResult, INodeType } from 'n8n-workflow';

import { toNodeError } from '../../shared/errors/toNodeError';
import { locatorValue } from '../../shared/parameters/parseText';
import { searchMethodName, type Field, type Locator } from '../../shared/schema/field';
import { inputName, type Resource } from '../../shared/schema/operation';
import { PbxClient, type PathValues } from '../../shared/transport/client';
import { PAGE_SIZE } from '../../shared/lists/pagination';
import { answerLocators } from '../answer/parameters';
import { findOperation, resources } from '../resources';

type RecordList = NonNullable<Locator['list']>;

/**
 * List search of a locator: one page of its records, filtered by what the user typed.
 *
 * @throws NodeApiError with the PBX's message, which the editor shows in the list
 */
const createListSearch = ({
	resource: resourceKey,
	operation: operationKey = 'getMany',
	format,
	id = 'id',
	query,
}: RecordList) =>
	async function (
		this: ILoadOptionsFunctions,
		filter = '',
		paginationToken?: string,
	): Promise<INodeListSearchResult> {
		const { resource, operation } = findOperation(resourceKey, operationKey) ?? {};
		if (!resource || !operation) return { results: [] };
		const page = Number(paginationToken ?? 1);
		try {
			const pbxClient = this.getNodeParameter('client', '') as string;
			const authentication = this.getNodeParameter('authentication', 'oAuth2');
			const client = await PbxClient.create(this, authentication, pbxClient);
			const qs = { ...query?.(), ...(operation.paged && { page, per_page: PAGE_SIZE }) };
			const records = await client.records(operation, pathValues(this, resource), {
				http: { qs },
			});
			const text = filter.trim().toLowerCase();
			const timeZone = this.getTimezone();
			const results = records
				.map((record) => ({
					name: format(record, timeZone),
					value: record[id] as string | number,
				}))
				.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(text));
			const hasMore = operation.paged && records.length > 0;
			return { results, ...(hasMore && { paginationToken: String(page + 1) }) };
		} catch (thrown) {
			const error = toNodeError(thrown, { node: this.getNode(), itemIndex: 0 });
			throw error;
		}
	};

/** Path inputs that the user has chosen so far, such as the agent type. */
const pathValues =
	(context: ILoadOptionsFunctions, resource: Resource): PathValues =>
	(placeholder) => {
		const field = resource.path.find(({ key }) => key === placeholder);
		const value =
			field && (context.getCurrentNodeParameter(inputName(resource, field)) ?? field.default);
		return { label: field?.label ?? placeholder, value: locatorValue(value) };
	};

function* withColumns(fields: Field[]): Generator<Field> {
	for (const field of fields) {
		yield field;
		if (field.columns) yield* withColumns(field.columns);
	}
}

const lists = resources
	.flatMap(({ path, operations }) => [
		...path,
		...Object.values(operations).flatMap(({ required = [], optional = [] }) => [
			...required,
			...optional,
		]),
	])
	.concat(answerLocators)
	.flatMap((field) => [...withColumns([field])])
	.flatMap(({ locator }) => locator?.list ?? []);

export const methods: INodeType['methods'] = {
	listSearch: Object.fromEntries(
		lists.map((list) => [searchMethodName(list), createListSearch(list)]),
	),
};
