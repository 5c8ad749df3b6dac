import type { IDataObject } from 'n8n-workflow';

import {
	directionFilter,
	extensionsFilter,
	ignoreInternalFilter,
	missedOnlyFilter,
} from '../../shared/descriptions/triggerFilters';
import {
	isExtensionName,
	isOfSelectedExtension,
	type ExtensionFilter,
} from '../../shared/parameters/extensions';
import { integer } from '../../shared/schema/field';

/** The filters of the trigger. */
export const FILTERS = [
	directionFilter('Trigger only on calls in this direction'),
	extensionsFilter('Trigger only on calls of these extensions'),
	ignoreInternalFilter,
	integer(
		'minDuration',
		'Minimum Duration (Seconds)',
		'Trigger only on calls of at least this duration',
		{ min: 1, default: 10 },
	),
	missedOnlyFilter(
		"Whether to trigger only on inbound calls that nobody answered. Requires 'New Call' in 'Trigger On'.",
	),
];

/** Value of the 'Filters' parameter. */
export interface Filters extends ExtensionFilter {
	direction?: string;
	ignoreInternal?: boolean;
	minDuration?: number;
	missedOnly?: boolean;
}

/**
 * Whether a record passes the filters. A filter for a field that the record does not have lets it
 * pass: better one too many than one lost.
 */
export function matchesFilters(simple: IDataObject, filters: Filters): boolean {
	const { direction, ignoreInternal, minDuration, missedOnly } = filters;
	if (direction && simple.direction && simple.direction !== direction) return false;
	if (!isOfSelectedExtension(simple, filters)) return false;
	if (minDuration && Number(simple.duration ?? minDuration) < minDuration) return false;
	if (missedOnly && (simple.missed === false || isOutboundCall(simple))) return false;
	return !(ignoreInternal && isInternal(simple));
}

const isOutboundCall = ({ event, direction }: IDataObject) =>
	event === 'call' && direction === 'out';

/** Whether both parties are extensions: names of the form `1844*101`. */
const isInternal = ({ from, to }: IDataObject) => isExtensionName(from) && isExtensionName(to);
