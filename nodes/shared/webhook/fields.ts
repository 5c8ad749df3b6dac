import type { IWebhookFunctions } from 'n8n-workflow';

/** Far more than any request of the PBX has; a text message is the longest. */
export const MAX_BODY_BYTES = 128 * 1024;
export const MAX_FIELDS = 200;

/** The fields of a request of the PBX. All values are text. */
export type Fields = Record<string, string>;

/**
 * Merges the fields of the query and then of the body; of a repeated field, the last value counts.
 *
 * @returns undefined for what no PBX sends: no fields, too many, or nested values
 */
export function mergeFields(all: Array<[string, unknown]>): Fields | undefined {
	if (all.length === 0 || all.length > MAX_FIELDS) return undefined;
	const fields: Fields = {};
	for (const [name, value] of all) {
		const last: unknown = Array.isArray(value) ? value[value.length - 1] : value;
		if (typeof last !== 'string' || name === '__proto__') return undefined;
		fields[name] = last;
	}
	return fields;
}

/**
 * Separates fields from our own parameters: a PBX that appends `?a=1` to a URL that has a query already
 * makes it a part of the last value. Our values have no character that separates parameters.
 *
 * @param own names of our parameters
 */
export function separateAppended(
	query: Record<string, unknown>,
	own: string[],
): Record<string, unknown> {
	const separated = { ...query };
	for (const name of own) {
		const value = query[name];
		if (typeof value !== 'string') continue;
		const [, ownValue, appended] = /^([\w.-]+)(?:\?|&|%3f|%26)(.*)$/is.exec(value) ?? [];
		if (ownValue === undefined) continue;
		separated[name] = ownValue;
		for (const parameter of appended.split('&')) {
			const [key, ...text] = parameter.split('=');
			if (key) separated[key] ??= text.join('=');
		}
	}
	return separated;
}

/** The length of the body of a request in bytes. */
export function bodyBytesOf(context: IWebhookFunctions): number {
	const { rawBody } = context.getRequestObject() as { rawBody?: Buffer };
	return rawBody?.length ?? Number(context.getHeaderData()['content-length'] ?? 0);
}

export const entries = (values: unknown): Array<[string, unknown]> =>
	typeof values === 'object' && values !== null ? Object.entries(values) : [];
