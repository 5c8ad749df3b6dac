import { createHash, timingSafeEqual } from 'crypto';

import type { Fields } from '../events';

/** Far more than any event is long; a text message is the largest. */
const MOST_BYTES = 128 * 1024;
const MOST_FIELDS = 200;

/** The two things the registered address carries in its query. */
export const SECRET = 'secret';
export const EVENT = 'event';

/** What arrived, as n8n has parsed it. */
export interface Request {
	query: Record<string, unknown>;
	body: unknown;
	contentType?: string;
	/** Length of the body. */
	bytes: number;
}

/**
 * Whether the request carries the secret of the registered address. Compared in constant time; with
 * no secret to compare with, nothing is authentic.
 */
export function isAuthentic({ query }: Request, secret: unknown): boolean {
	const given = query[SECRET];
	if (typeof secret !== 'string' || secret === '' || typeof given !== 'string') return false;
	return timingSafeEqual(digest(given), digest(secret));
}

const digest = (words: string) => createHash('sha256').update(words).digest();

/** The event that the address was registered for. */
export const registeredEvent = ({ query }: Request) => {
	const event = query[EVENT];
	return typeof event === 'string' ? event : undefined;
};

/**
 * The fields of an event. They come as a form in the body (POST) or in the query (GET), and some
 * integrators saw them in the query of a POST, so both count; the body wins.
 *
 * @returns nothing for a request that no PBX sends: another content type, nested or too many values,
 * too long, or no field at all
 */
export function readFields({ query, body, contentType, bytes }: Request): Fields | undefined {
	if (bytes > MOST_BYTES) return undefined;
	const sent = entries(body);
	if (
		(bytes > 0 || sent.length) &&
		!/^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')
	)
		return undefined;
	const all = [...entries(query).filter(([name]) => name !== SECRET && name !== EVENT), ...sent];
	if (all.length === 0 || all.length > MOST_FIELDS) return undefined;
	const fields: Fields = {};
	for (const [name, value] of all) {
		// Of a repeated field, the last.
		const last: unknown = Array.isArray(value) ? value[value.length - 1] : value;
		if (typeof last !== 'string' || name === '__proto__') return undefined;
		fields[name] = last;
	}
	return fields;
}

const entries = (values: unknown): Array<[string, unknown]> =>
	typeof values === 'object' && values !== null ? Object.entries(values) : [];
