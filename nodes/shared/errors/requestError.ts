import type { Outcome } from './outcome';

/** Why a request has no usable response. */
export type ErrorKind =
	/** The PBX responded with an error status. */
	| 'http'
	/** No connection was established, so nothing was executed. */
	| 'connection'
	/** The TLS certificate of the PBX was rejected, so nothing was sent. */
	| 'tls'
	/** No complete response arrived. The PBX may have executed the request. */
	| 'interrupted'
	/** The user or a failed item stopped the request. */
	| 'canceled'
	/** The response is not one of this API. */
	| 'invalidResponse'
	/** The response is text or empty instead of a file. */
	| 'notAFile'
	/** n8n itself did not send the request. */
	| 'other';

/** What is known about a failed request, without the request itself: that contains the token. */
export interface ErrorDetails {
	kind: ErrorKind;
	/** The request for an access token failed, so the request proper was never sent. */
	isTokenRequest?: boolean;
	/** HTTP status. */
	status?: number;
	/** Milliseconds until the PBX accepts requests again, if it says so. */
	retryAfterMs?: number;
	/** Where a redirect leads. */
	location?: string;
	/** The PBX's own message. */
	message: string;
	/** The PBX's machine-readable code, for example `app_access_type_deny`. */
	code?: string;
}

/** The record that a request is about: `{ label: 'extension', id: 85219 }`. */
export interface RecordReference {
	label: string;
	id: unknown;
}

/** What an error has to know about its request. */
export interface RequestInfo {
	method: string;
	/** False where executing it twice is not the same as once, although it is no POST. */
	repeatable?: false;
	/** An earlier attempt may have been executed. */
	afterUnknownAttempt?: boolean;
	/** Authorized with login and password instead of the token. */
	basicAuth?: boolean;
	resource?: RecordReference;
}

/** Whether executing a request twice changes nothing more: never for a POST, which may ring a phone again. */
export const isRepeatable = ({ method, repeatable }: RequestInfo) =>
	method !== 'POST' && repeatable !== false;

/** A request without a usable response. Its message contains no secrets. */
export class RequestError extends Error {
	readonly name = 'RequestError';

	readonly outcome: Exclude<Outcome, 'succeeded'>;

	/** @param details with secrets already redacted */
	constructor(
		readonly details: ErrorDetails,
		readonly request: RequestInfo,
	) {
		super(details.message);
		this.outcome = outcomeOf(details, request);
	}

	/** Whether the PBX responded with this HTTP status. */
	hasStatus(status: number): boolean {
		return this.details.kind === 'http' && this.details.status === status;
	}
}

/** Whether the PBX may have executed a failed request. GET changes nothing, so its outcome is never unknown. */
export function outcomeOf(
	{ kind, status = 0, isTokenRequest }: ErrorDetails,
	{ method, afterUnknownAttempt = false }: RequestInfo,
): RequestError['outcome'] {
	// A redirect may follow an executed request: 303 does.
	const isUnclear = status >= 500 || (status >= 300 && status < 400);
	const mayBeExecuted =
		kind === 'interrupted' || kind === 'invalidResponse' || (kind === 'http' && isUnclear);
	if (method !== 'GET' && (afterUnknownAttempt || (mayBeExecuted && !isTokenRequest))) {
		return 'unknown';
	}
	return kind === 'canceled' ? 'notSent' : 'failed';
}

/** @param afterUnknownAttempt whether a request was in flight, or an earlier attempt may have been executed */
export const canceledError = (method: string, afterUnknownAttempt = false) =>
	new RequestError(
		{ kind: 'canceled', message: 'The execution was canceled' },
		{ method, afterUnknownAttempt },
	);

/** The response is not one of this API, for example an HTML page with status 200. */
export const invalidResponseError = ({ method, repeatable }: RequestInfo, body: unknown) =>
	new RequestError(
		{ kind: 'invalidResponse', message: describeBody(body) },
		{ method, repeatable },
	);

function describeBody(body: unknown) {
	if (!body) return 'The response is empty';
	return typeof body === 'string'
		? 'The response is not JSON'
		: 'The response has an unexpected structure';
}
