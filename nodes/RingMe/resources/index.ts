import { extension } from './extension';
import type { Resource, Row } from './rows';
import { taskScheduler } from './taskScheduler';

/** Every resource of the node, as the Resource dropdown shows them. */
export const resources: Resource[] = [extension, taskScheduler];

const byKey = new Map(resources.map((each) => [each.key, each]));

/** The resource and row behind the two dropdowns; nothing where the pair does not exist. */
export function findRow(
	resourceKey: string,
	operation: string,
): { resource: Resource; row: Row } | undefined {
	const resource = byKey.get(resourceKey);
	const row = resource?.rows[operation];
	return resource && row ? { resource, row } : undefined;
}
