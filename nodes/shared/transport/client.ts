import type {
	IAdditionalCredentialOptions,
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IExecuteSingleFunctions,
	IHookFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IPollFunctions,
	IN8nHttpFullResponse,
	IN8nHttpResponse,
	IWebhookFunctions,
} from 'n8n-workflow';

import type { Operation } from '../schema/operation';
import { API_ROOT, pbxOrigin } from './baseUrl';
import { ValidationError } from '../errors/validationError';
import { isEmpty } from '../parameters/parseText';
import { delay, withTimeout } from './delay';
import { parseError } from './parseError';
import { encodeSegment, expandPath } from './path';
import { extractRecords } from './records';
import { redact, secretsOf, tokenOf } from './redact';
import {
	canceledError,
	outcomeOf,
	RequestError,
	type ErrorDetails,
	type RequestInfo,
} from '../errors/requestError';
import { getRetryDelay } from './retryPolicy';

/** The contexts of n8n in which a request can be sent. */
export type Caller =
	| IExecuteFunctions
	| IExecuteSingleFunctions
	| IHookFunctions
	| ILoadOptionsFunctions
	| IPollFunctions
	| IWebhookFunctions;

export interface RequestOptions extends RequestInfo {
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Encoded path below the API root; see `PbxClient.path`. */
	path: string;
	/** Query, body, headers, timeout in milliseconds (default 30,000) and the like. */
	http?: Partial<IHttpRequestOptions>;
	/** Authorization header, instead of the credential's token. */
	authorization?: string;
	/** Stops the request before its next attempt. */
	signal?: AbortSignal;
	/** Makes one attempt: the caller repeats the request later. */
	once?: boolean;
	/** Consumes a streamed body and returns its replacement. A stream error fails the request. */
	consumeBody?: (response: IN8nHttpFullResponse) => Promise<unknown>;
	/** Values entered by the user that no message may contain, besides those of the credential. */
	secrets?: string[];
}

/** What fills the placeholders of a path: the label of the input, for errors, and its value. */
export type PathValues = (placeholder: string) => { label: string; value: unknown };

/** Values by placeholder, which no user has entered: an error names the placeholder. */
export const toPathValues =
	(values: Record<string, unknown>): PathValues =>
	(placeholder) => ({ label: placeholder, value: values[placeholder] });

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 5;

/** What an error keeps of a request. */
export const toRequestInfo = ({
	method,
	repeatable,
	afterUnknownAttempt,
	basicAuth,
	resource,
}: RequestInfo): RequestInfo => ({
	method,
	repeatable,
	afterUnknownAttempt,
	basicAuth,
	resource,
});

/** Name of the credential type behind the 'Authentication' parameter. */
export const credentialTypeOf = (authentication: unknown) =>
	authentication === 'accessToken' ? 'ringMeApi' : 'ringMeOAuth2Api';

/**
 * The same text for credentials with the same fields, for comparison. A token can be renewed at any moment,
 * so that of OAuth2 is left out. It contains secrets.
 */
export const credentialKeyOf = (credentials: ICredentialDataDecryptedObject) =>
	JSON.stringify({ ...credentials, oauthTokenData: undefined });

/** The only way to the PBX: credential, base URL, PBX client, retries and redaction. */
export class PbxClient {
	private constructor(
		private readonly caller: Caller,
		private readonly credentialType: string,
		readonly credentials: ICredentialDataDecryptedObject,
		private readonly pbxClient?: string,
	) {}

	/**
	 * A client with the credential that the node uses. Its expressions have the values of the item of
	 * the caller, or of the first item.
	 *
	 * @param authentication value of the 'Authentication' parameter
	 * @param pbxClient client account from the node's settings; default: that of the credential
	 */
	static async create(
		caller: Caller,
		authentication: unknown,
		pbxClient?: string,
	): Promise<PbxClient> {
		const credentialType = credentialTypeOf(authentication);
		const credentials = await caller.getCredentials(credentialType);
		return new PbxClient(caller, credentialType, credentials, pbxClient);
	}

	/**
	 * Spares n8n from reading and decrypting an access token for every request. n8n ignores it for OAuth2, where
	 * it renews the token.
	 */
	private get decrypted(): IAdditionalCredentialOptions {
		const { credentialType: type, credentials: data } = this;
		return { credentialsDecrypted: { id: '', name: '', type, data } };
	}

	/** See `credentialKeyOf`. */
	get credentialKey(): string {
		return credentialKeyOf(this.credentials);
	}

	/** The same text for clients that use the same account of a PBX with the same credential. */
	get accountKey(): string {
		return JSON.stringify([this.pbxClient || this.credentials.client, this.credentialKey]);
	}

	/**
	 * The PBX client: of the node, else of the credential. An empty one of the credential would be another than the
	 * one meant, where it comes from an expression.
	 *
	 * @throws ValidationError for an empty one
	 */
	private get account(): unknown {
		if (this.pbxClient) return this.pbxClient;
		const { client } = this.credentials;
		if (!isEmpty(client)) return client;
		throw new ValidationError(
			"'PBX Client' of the credential is empty",
			'Enter @me for the client of the logged-in user. If it is an expression, check that it has a value.',
		);
	}

	/** Whether a token is at hand; without one, n8n fetches it with the first request. */
	get hasToken(): boolean {
		return 'accessToken' in this.credentials || !!tokenOf(this.credentials);
	}

	/** Fills a path template. `client_id` is the PBX client: of the node, else of the credential, else `@me`. */
	path(template: string, values: PathValues): string {
		return expandPath(template, (placeholder) => {
			if (placeholder === 'client_id') {
				return encodeSegment('PBX Client', this.account);
			}
			const { label, value } = values(placeholder);
			return encodeSegment(label, value);
		});
	}

	/**
	 * The records that an operation returns for one request.
	 *
	 * @throws RequestError
	 */
	async records(
		operation: Operation,
		values: PathValues,
		options: Partial<RequestOptions> = {},
	): Promise<IDataObject[]> {
		const { method } = operation;
		const path = this.path(operation.path, values);
		const { body, statusCode } = await this.request({ ...options, method, path });
		return extractRecords(operation, body, statusCode);
	}

	/**
	 * Sends one request, with retries where they are safe, and returns the whole response.
	 *
	 * @throws RequestError when there is no usable response; ValidationError for an invalid Base URL
	 */
	async request(options: RequestOptions): Promise<IN8nHttpFullResponse> {
		const { method } = options;
		const origin = pbxOrigin(this.credentials.baseUrl);
		const cancelSignal = this.cancelSignal();
		const signals = [cancelSignal, options.signal].filter((signal) => signal !== undefined);
		let target: Target = { baseURL: origin, url: API_ROOT + options.path, qs: options.http?.qs };
		let afterUnknownAttempt = options.afterUnknownAttempt ?? false;
		for (let attempt = 1, redirects = 0; ; ) {
			if (signals.some(({ aborted }) => aborted)) throw canceledError(method, afterUnknownAttempt);
			try {
				return await this.attempt(options, target, cancelSignal);
			} catch (thrown) {
				const parsed = await parseError(thrown);
				const details = withoutOwnLocation(parsed, origin);
				const info = { ...options, afterUnknownAttempt };
				const mayBeExecuted = outcomeOf(details, info) === 'unknown';
				if (cancelSignal?.aborted) throw canceledError(method, mayBeExecuted);
				const redirect = redirectTarget(method, parsed, origin + target.url);
				if (redirect && redirects < MAX_REDIRECTS) {
					const { qs } = options.http ?? {};
					// A redirect that keeps the query has it already.
					target = { baseURL: origin, url: redirect, qs: redirect.includes('?') ? undefined : qs };
					redirects++;
					continue;
				}
				const retryDelay = options.once ? undefined : getRetryDelay(options, details, attempt++);
				if (retryDelay === undefined) throw await this.toRequestError(details, info);
				afterUnknownAttempt ||= mayBeExecuted;
				await delay(retryDelay, signals);
			}
		}
	}

	/** One attempt, without retries. */
	private async attempt(
		{ method, http, authorization, consumeBody }: RequestOptions,
		target: Target,
		cancelSignal: AbortSignal | undefined,
	): Promise<IN8nHttpFullResponse> {
		const { helpers } = this.caller;
		const timeout = http?.timeout ?? DEFAULT_TIMEOUT_MS;
		const request: IHttpRequestOptions = {
			arrayFormat: 'repeat',
			json: true,
			...http,
			method,
			headers: { ...http?.headers, ...(authorization && { Authorization: authorization }) },
			...target,
			timeout,
			// HTTP clients follow a redirected POST with a GET, and send the token to subdomains.
			disableFollowRedirect: true,
			...(this.credentials.ignoreSSLIssues === true && { skipSslCertificateValidation: true }),
			...(cancelSignal && { abortSignal: cancelSignal }),
			returnFullResponse: true,
		};
		const response = (
			authorization
				? await helpers.httpRequest(request)
				: await helpers.httpRequestWithAuthentication.call(
						this.caller,
						this.credentialType,
						request,
						this.decrypted,
					)
		) as IN8nHttpFullResponse;
		if (!consumeBody) return response;
		const body = await withTimeout(consumeBody(response), timeout, response.body);
		return { ...response, body: body as IN8nHttpResponse };
	}

	/**
	 * An error about a request, with secrets redacted: those of the request, of the credential, and of
	 * a token that was renewed since the client was made.
	 */
	async toRequestError(
		details: ErrorDetails,
		info: Pick<RequestOptions, 'method' | 'secrets'> & RequestInfo,
	): Promise<RequestError> {
		const current = await this.caller.getCredentials(this.credentialType).catch(() => undefined);
		const secrets = [
			...secretsOf(this.credentials),
			...(current ? secretsOf(current) : []),
			...(info.secrets ?? []),
		];
		// Redacted before it is shortened: a secret cut in two would not be found.
		const message = shorten(redact(details.message.slice(0, MAX_REDACTED_LENGTH), secrets));
		return new RequestError({ ...details, message }, toRequestInfo(info));
	}

	private cancelSignal(): AbortSignal | undefined {
		return 'getExecutionCancelSignal' in this.caller
			? this.caller.getExecutionCancelSignal()
			: undefined;
	}
}

/**
 * Where a redirected GET may be sent: only to the PBX itself, since another host must not get the
 * token. API frameworks redirect like this to add or remove a slash at the end of a path.
 */
function redirectTarget(
	method: string,
	{ status = 0, location }: ErrorDetails,
	url: string,
): string | undefined {
	if (method !== 'GET' || status < 300 || status >= 400 || !location) return undefined;
	const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
	return target?.origin === new URL(url).origin ? target.pathname + target.search : undefined;
}

/** Only the location of a redirect to another host is shown. */
function withoutOwnLocation(details: ErrorDetails, origin: string): ErrorDetails {
	const { location = '' } = details;
	const isOther = URL.canParse(location) && new URL(location).origin !== new URL(origin).origin;
	return isOther ? details : { ...details, location: undefined };
}

type Target = Pick<IHttpRequestOptions, 'baseURL' | 'url' | 'qs'>;

const MAX_MESSAGE_LENGTH = 300;
/** Enough for a message; what is cut off here is not shown. */
const MAX_REDACTED_LENGTH = 100 * MAX_MESSAGE_LENGTH;

function shorten(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH - 3)}...` : line;
}
