/** Creating extension groups, one for each item: the write that most tests look at. */
import type { IDataObject } from 'n8n-workflow';

import type { FaultInput } from '../../../sandbox/index.mts';
import type { Bench } from '../../harness/pbx.mts';

export type Options = Parameters<Bench['run']>[1];

/** `G0`, `G1` ... */
export const names = (count: number) =>
	Array.from({ length: count }, (_, item) => ({ name: `G${item}` }));

export const createGroup = {
	resource: 'extensionGroup',
	operation: 'create',
	extensionGroupName: '={{ $json.name }}',
};

export function groupsOf(bench: Bench) {
	return {
		create: async (count: number, options: Options = {}, parameters: IDataObject = {}) =>
			await bench.run(
				{ ...createGroup, ...(parameters as object) },
				{ json: names(count), ...options },
			),
		/** The requests that create one. */
		posts: () => bench.sandbox.journal.find('POST', '/extension_group/'),
		/** The names of those that the PBX has, in the order of their numbers. */
		added: () =>
			bench.sandbox.store.extensionGroups
				.list()
				.map(({ name }) => name)
				.filter((name) => /^G\d+$/.test(name))
				.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
		/** Strikes the n-th creation, counted from 0. */
		onGroup: (nth: number, fault: FaultInput) =>
			bench.sandbox.faults.add({ match: { path: '/extension_group/' }, after: nth, ...fault }),
	};
}
