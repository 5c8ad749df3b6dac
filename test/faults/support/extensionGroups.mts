/** Creating one extension group per item: the write that most tests use. */
import type { IDataObject } from 'n8n-workflow';

import type { FaultInput } from '../../../sandbox/index.mts';
import type { Fixture } from '../../harness/fixture.mts';

export type Options = NonNullable<Parameters<Fixture['run']>[1]>;

export const createGroup = {
	resource: 'extensionGroup',
	operation: 'create',
	extensionGroupName: '={{ $json.name }}',
};

/** Input items with the names `G0`, `G1` ... */
export const groupItems = (count: number) =>
	Array.from({ length: count }, (_, item) => ({ name: `G${item}` }));

export const groupNames = (count: number) => groupItems(count).map(({ name }) => name);

export function extensionGroups(fixture: Fixture) {
	return {
		/** Runs the node with so many items. */
		create: async (count: number, options: Options = {}, parameters: IDataObject = {}) =>
			await fixture.run(
				{ ...createGroup, ...(parameters as object) },
				{ json: groupItems(count), ...options },
			),
		/** The requests that create a group. */
		requests: () => fixture.sandbox.journal.find('POST', '/extension_group/'),
		/** The names of the groups that exist, in the order of their numbers. */
		existing: () =>
			fixture.sandbox.store.extensionGroups
				.list()
				.map(({ name }) => name)
				.filter((name) => /^G\d+$/.test(name))
				.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
		/** Adds a fault to the n-th request, counted from 0. */
		addFault: (nth: number, fault: FaultInput) =>
			fixture.sandbox.faults.add({ match: { path: '/extension_group/' }, after: nth, ...fault }),
	};
}
