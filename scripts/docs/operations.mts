import { loadContract, type ApiOperation } from '../../sandbox/http/contract.mts';
import { operationLabel } from '../../nodes/RingMe/descriptions/buildProperties.ts';
import { resources } from '../../nodes/RingMe/resources/index.ts';
import type {
	Operation as OperationDefinition,
	Resource,
} from '../../nodes/shared/schema/operation.ts';

export interface Operation {
	resource: Resource;
	/** Value of the Operation dropdown. */
	key: string;
	label: string;
	row: OperationDefinition;
	/** Several where the path contains a choice such as Agent Type, else one. */
	endpoints: ApiOperation[];
}

/** Every operation of the node with its endpoints of the contract, sorted by the labels of resource and operation. */
export async function operations(): Promise<Operation[]> {
	const contract = await loadContract();
	return resources
		.flatMap((resource) =>
			Object.entries(resource.operations).map(([key, row]) => {
				const paths = pathsOf(resource, row.path);
				return {
					resource,
					key,
					label: operationLabel(key, row),
					row,
					endpoints: paths.map((path) => {
						const found = contract.operations.find(
							(one) => one.method === row.method && one.path === path,
						);
						if (!found) throw new Error(`The contract has no ${row.method} ${path}`);
						return found;
					}),
				};
			}),
		)
		.sort(
			(a, b) => a.resource.label.localeCompare(b.resource.label) || a.label.localeCompare(b.label),
		);
}

/** The operations that respond to a request of the PBX, and so have no endpoint. */
export const responseOperations = () =>
	resources.flatMap((resource) =>
		Object.entries(resource.responseOperations).map(([key, operation]) => ({
			resource,
			key,
			operation,
		})),
	);

/** The path with each value of its choice, if it has one. */
function pathsOf(resource: Resource, path: string): string[] {
	const choice = resource.path.find(
		({ kind, key }) => kind === 'choice' && path.includes(`{${key}}`),
	);
	if (!choice) return [path];
	return (choice.choices ?? []).flatMap(({ value }) =>
		pathsOf(resource, path.replace(`{${choice.key}}`, String(value))),
	);
}
