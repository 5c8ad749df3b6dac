import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchResult,
	INodeType,
} from 'n8n-workflow';

import { credentialType, exchange } from '../../shared/transport/sendRequest';
import { explain, secretsOf } from '../../shared/errors/toNodeError';
import { recordsIn } from '../../shared/transport/records';
import { PER_PAGE } from '../execution/pagination';
import { fill, segment } from '../../shared/transport/path';
import { locatorValue } from '../../shared/parameters/serialize';
import { findOperation, resources } from '../resources';
import { searchMethodName, type Field, type Locator } from '../../shared/schema/field';
import { inputName, type Resource } from '../../shared/schema/operation';

type List = NonNullable<Locator['list']>;

/**
 * A page of the records to pick from, filtered by what the user has typed.
 *
 * @throws NodeApiError with the PBX's words, which the editor shows in the list
 */
export const search = ({ of, show, id = 'id', query }: List) =>
	async function (
		this: ILoadOptionsFunctions,
		filter = '',
		token?: string,
	): Promise<INodeListSearchResult> {
		const { resource, row } = findOperation(of, 'getMany') ?? {};
		if (!resource || !row) return { results: [] };
		const type = credentialType(this.getNodeParameter('authentication', 'oAuth2'));
		const credentials = await this.getCredentials(type);
		const page = Number(token ?? 1);
		try {
			const answer = await exchange(this, credentials, type, {
				method: row.method,
				path: fill(row.path, (placeholder) =>
					segmentFor(this, resource, placeholder, credentials.client),
				),
				qs: { ...query?.(), ...(row.paged && { page, per_page: PER_PAGE }) },
				json: true,
				timeout: 30_000,
			});
			const records = recordsIn(row, answer.body);
			const typed = filter.trim().toLowerCase();
			const zone = this.getTimezone();
			const results = records
				.map((record) => ({ name: show(record, zone), value: record[id] as string | number }))
				.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(typed));
			const more = row.paged && records.length > 0;
			return { results, ...(more && { paginationToken: String(page + 1) }) };
		} catch (thrown) {
			const error = explain(thrown, {
				node: this.getNode(),
				itemIndex: 0,
				secrets: secretsOf(credentials),
			});
			throw error;
		}
	};

function segmentFor(
	context: ILoadOptionsFunctions,
	resource: Resource,
	placeholder: string,
	credentialClient: unknown,
) {
	if (placeholder === 'client_id') {
		const { client } = context.getNodeParameter('options', {}) as IDataObject;
		return segment('PBX Client', client || credentialClient || '@me');
	}
	const field = resource.path.find(({ key }) => key === placeholder);
	const chosen =
		field && (context.getCurrentNodeParameter(inputName(resource, field)) ?? field.initial);
	return segment(field?.label ?? placeholder, locatorValue(chosen));
}

function* everyField(fields: Field[]): Generator<Field> {
	for (const field of fields) {
		yield field;
		if (field.columns) yield* everyField(field.columns);
	}
}

const lists = resources
	.flatMap(({ path, rows }) => [
		...path,
		...Object.values(rows).flatMap(({ required = [], optional = [] }) => [
			...required,
			...optional,
		]),
	])
	.flatMap((field) => [...everyField([field])])
	.flatMap(({ locator }) => locator?.list ?? []);

export const methods: INodeType['methods'] = {
	listSearch: Object.fromEntries(lists.map((list) => [searchMethodName(list), search(list)])),
};
