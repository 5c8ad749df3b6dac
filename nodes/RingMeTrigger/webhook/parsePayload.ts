import { createHash, timingSafeEqual } from 'crypto';

import { entries, MAX_BODY_BYTES, mergeFields, type Fields } from '../../shared/webhook/fields';
import { EVENT_PARAMETER, SECRET_PARAMETER } from '../registration/reconcile';

/** A request to the webhook, as n8n parsed it. */
export interface WebhookRequest {
	query: Record<string, unknown>;
	body: unknown;
	contentType?: string;
	/** Length of the body in bytes. */
	bodyBytes: number;
}

/**
 * Whether the request contains the secret of the registered URL. Compared in constant time. Without a
 * secret to compare with, no request is authentic.
 */
export function isAuthentic({ query }: WebhookRequest, secret: unknown): boolean {
	const received = query[SECRET_PARAMETER];
	if (typeof secret !== 'string' || secret === '' || typeof received !== 'string') return false;
	return timingSafeEqual(digest(received), digest(secret));
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The event type that the URL was registered for. */
export const registeredEvent = ({ query }: WebhookRequest) => {
	const event = query[EVENT_PARAMETER];
	return typeof event === 'string' ? event : undefined;
};

/**
 * The fields of an event. They arrive as a form in the body (POST) or in the query (GET). Some
 * integrators saw them in the query of a POST, so both are read; the body takes precedence.
 *
 * @returns undefined for a request that no PBX sends: another content type, nested or too many values,
 * too long, or without fields
 */
export function parseFields({
	query,
	body,
	contentType,
	bodyBytes,
}: WebhookRequest): Fields | undefined {
	if (bodyBytes > MAX_BODY_BYTES) return undefined;
	const bodyEntries = entries(body);
	const hasBody = bodyBytes > 0 || bodyEntries.length > 0;
	if (hasBody && !/^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')) {
		return undefined;
	}
	const queryEntries = entries(query).filter(
		([name]) => name !== SECRET_PARAMETER && name !== EVENT_PARAMETER,
	);
	return mergeFields([...queryEntries, ...bodyEntries]);
}
