import { locatorValue } from '../../shared/parameters/serialize';
import { shortNumber } from '../../shared/schema/locators';

/** Value of the filter 'Extensions'. */
export interface ExtensionFilter {
	extensions?: { rows?: Array<{ extension?: unknown }> };
}

/** The extensions of the filter as the user entered them: ID, name (`1844*101`) or number (`101`). */
export const filteredExtensions = ({ extensions }: ExtensionFilter): string[] =>
	(extensions?.rows ?? [])
		.map((row) => String(locatorValue(row.extension) ?? '').trim())
		.filter(Boolean);

/** Whether the text that the user entered means the extension with this ID and name. */
export const isSameExtension = (entered: string, id: unknown, name: unknown) =>
	[String(id), String(name), shortNumber(name)].includes(entered);
