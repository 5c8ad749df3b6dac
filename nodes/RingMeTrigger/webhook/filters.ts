import type { IDataObject } from 'n8n-workflow';

import { locatorValue } from '../../shared/parameters/serialize';
import { shortNumber } from '../../shared/schema/locators';
import { isAgentEvent, isCall, isInternal, type Fields } from '../events';

/** What the user has set under Filters. */
export interface Filters {
	direction?: string;
	callStatus?: string[];
	missedOnly?: boolean;
	ignoreInternal?: boolean;
	extensions?: { rows?: Array<{ extension?: unknown }> };
}

/** A delivery that has been understood. */
export interface Happening {
	event: string;
	fields: Fields;
	simple: IDataObject;
}

/**
 * Whether the workflow wants it. A filter about calls says nothing about messages or agents, and one
 * about something that the delivery does not tell lets it through: rather one too many than one lost.
 */
export function passes({ event, fields, simple }: Happening, filters: Filters): boolean {
	const { direction, callStatus = [], missedOnly, ignoreInternal } = filters;
	if (direction && simple.direction && simple.direction !== direction) return false;
	if (!isAgentEvent(event) && !isOfChosenExtension(simple, filters)) return false;
	if (!isCall(event)) return true;
	if (callStatus.length && !callStatus.includes(String(simple.status))) return false;
	if (missedOnly && !simple.missed) return false;
	return !(ignoreInternal && isInternal(fields));
}

/** An extension is given by its id, its name (`1844*101`) or its number (`101`). */
function isOfChosenExtension({ extension, extensionId }: IDataObject, { extensions }: Filters) {
	const chosen = (extensions?.rows ?? [])
		.map((row) => String(locatorValue(row.extension) ?? '').trim())
		.filter(Boolean);
	if (!chosen.length || (extension === undefined && extensionId === undefined)) return true;
	const names = [String(extensionId), String(extension), shortNumber(extension)];
	return chosen.some((each) => names.includes(each));
}
