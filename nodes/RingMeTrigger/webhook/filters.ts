import type { IDataObject } from 'n8n-workflow';

import { isOfSelectedExtension, type ExtensionFilter } from '../../shared/parameters/extensions';
import type { Fields } from '../../shared/webhook/fields';
import { isAgentEvent, isCall, isInternal } from '../events/events';

/** Value of the 'Filters' parameter. */
export interface Filters extends ExtensionFilter {
	direction?: string;
	callStatus?: string[];
	missedOnly?: boolean;
	ignoreInternal?: boolean;
	tag?: string;
}

/** An event from the PBX: its type, its fields as received, and simplified. */
export interface TriggerEvent {
	event: string;
	fields: Fields;
	simple: IDataObject;
}

/**
 * Whether an event passes the filters. A filter for calls does not apply to messages or agents, and a
 * filter for a field that the event does not have lets it pass: better one event too many than one lost. That is
 * different for the tag, which only calls with it have.
 */
export function matchesFilters({ event, fields, simple }: TriggerEvent, filters: Filters): boolean {
	const { direction, callStatus = [], missedOnly, ignoreInternal } = filters;
	if (direction && simple.direction && simple.direction !== direction) return false;
	if (!isAgentEvent(event) && !isOfSelectedExtension(simple, filters)) return false;
	if (!isCall(event)) return true;
	if (!hasTag(simple, filters)) return false;
	if (callStatus.length && !callStatus.includes(String(simple.status))) return false;
	if (missedOnly && !simple.missed) return false;
	return !(ignoreInternal && isInternal(fields));
}

/**
 * Whether a call has the tag of the filter, or one that begins with it if the filter ends with `*`. Only
 * calls that were started with a tag have one.
 */
function hasTag({ tag = '' }: IDataObject, { tag: filter }: Filters) {
	if (!filter) return true;
	return filter.endsWith('*')
		? String(tag).startsWith(filter.slice(0, -1)) && tag !== ''
		: tag === filter;
}
