import type {
	IDataObject,
	ILoadOptionsFunctions,
	INodeListSearchResult,
	INodeType,
} from 'n8n-workflow';

import { credentialType, exchange } from '../request/exchange';
import { explain, secretsOf } from '../request/explain';
import { recordsIn } from '../request/items';
import { fill, segment } from '../request/path';
import { findRow } from '../resources';

/** How a list is read and what a person sees of its records. */
interface Search {
	resource: string;
	name: (record: IDataObject) => string;
}

const PER_PAGE = 100;

const named = (record: IDataObject) => String(record.name ?? record.id);

/** `1844*101` → `101`: people know the number without the prefix of the PBX. */
const shortNumber = (name: unknown) => String(name ?? '').replace(/^.*\*/, '');

const searches: Record<string, Search> = {
	searchDialRules: { resource: 'dialRule', name: named },
	searchExtensionGroups: { resource: 'extensionGroup', name: named },
	searchExtensions: {
		resource: 'extension',
		name: ({ name, label }) => [shortNumber(name), label].filter(Boolean).join(' '),
	},
	searchIntervals: { resource: 'interval', name: named },
};

const search = ({ resource, name }: Search) =>
	async function (
		this: ILoadOptionsFunctions,
		filter = '',
		token?: string,
	): Promise<INodeListSearchResult> {
		const { row } = findRow(resource, 'getMany') ?? {};
		if (!row) return { results: [] };
		const type = credentialType(this.getNodeParameter('authentication', 'oAuth2'));
		const credentials = await this.getCredentials(type);
		const { client } = this.getNodeParameter('options', {}) as { client?: string };
		const page = Number(token ?? 1);
		try {
			const answer = await exchange(this, credentials, type, {
				method: 'GET',
				path: fill(row.path, () => segment('PBX Client', client || credentials.client || '@me')),
				...(row.paged && { qs: { page, per_page: PER_PAGE } }),
				json: true,
				timeout: 30_000,
			});
			const records = recordsIn(row, answer.body);
			const wanted = filter.trim().toLowerCase();
			const results = records
				.map((record) => ({ name: name(record), value: record.id as number }))
				.filter((each) => `${each.name} ${each.value}`.toLowerCase().includes(wanted));
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

export const methods: INodeType['methods'] = {
	listSearch: Object.fromEntries(
		Object.entries(searches).map(([key, each]) => [key, search(each)]),
	),
};
