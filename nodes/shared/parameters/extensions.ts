import type { IDataObject } from 'n8n-workflow';

import { shortNumber } from '../schema/locators';
import { locatorValue } from './parseText';
import { numberIdentity } from './phoneNumber';

/** Value of the filter 'Extensions'. */
export interface ExtensionFilter {
	extensions?: { rows?: Array<{ extension?: unknown }> };
}

/** The extensions of the filter as the user entered them: ID, name (`1844*101`) or number (`101`). */
export const filteredExtensions = ({ extensions }: ExtensionFilter): string[] =>
	(extensions?.rows ?? [])
		.map((row) => String(locatorValue(row.extension) ?? '').trim())
		.filter(Boolean);

/** Whether a number has the form `1844*101`: the prefix of the PBX, a star, the number. */
export const isExtensionName = (number: unknown) => /^\d+\*\d+$/.test(String(number));

/** Whether the text that the user entered means the extension with this ID and name, with or without a domain. */
export function isSameExtension(entered: string, id: unknown, name: unknown): boolean {
	const number = numberIdentity(String(name));
	return [String(id), number, shortNumber(number)].includes(numberIdentity(entered));
}

/**
 * Whether a simplified event is one of the filter's extensions; without any in the filter, always. An
 * event without an extension passes: better one event too many than one lost.
 */
export function isOfSelectedExtension(
	{ extension, extensionId }: IDataObject,
	filter: ExtensionFilter,
): boolean {
	const selected = filteredExtensions(filter);
	if (!selected.length || (extension === undefined && extensionId === undefined)) return true;
	return selected.some((entered) => isSameExtension(entered, extensionId, extension));
}
