import { setTimeout as delay } from 'node:timers/promises';
import type { Query } from './api.mts';
import { fieldsOf } from './api.mts';
import { NoResponseError, StopError } from './errors.mts';

/** Root of the API below the base URL. */
const API_ROOT = '/api/ver1.0';
/** Larger bodies are read up to here only. */
const MAX_BODY_BYTES = 4_000_000;
const REQUEST_TIMEOUT_MS = 30_000;

export interface ConnectionOptions {
	/** URL of the API without a path. */
	baseUrl: string;
	applicationId: string;
	secret: string;
	/** Milliseconds from one request to the next. */
	intervalMs: number;
	/** Maximum number of requests, without those that clean up. */
	maxRequests: number;
	/** Stops the run before the next request. A request in flight is always finished. */
	signal?: AbortSignal;
}

export interface PbxRequest {
	query?: Query;
	/** Sent as JSON. */
	json?: unknown;
	/** Sent as multipart, or urlencoded. */
	form?: FormData | URLSearchParams;
	/** Default: the token of the application. */
	token?: string;
	/** Whether a further token is fetched when the PBX refuses the own one. Default true. */
	renewsToken?: boolean;
}

export interface PbxResponse {
	status: number;
	headers: Headers;
	/** The parsed JSON; undefined if the body is something else. */
	json: unknown;
	body: Buffer;
	/** Time at which the response arrived, in epoch milliseconds. */
	receivedAt: number;
}

/**
 * Sends requests to the PBX: one after the other, slowly, and at most as many as stated. It follows no
 * redirect, so that the token reaches no other host.
 */
export class Connection {
	/** Number of requests so far, without those that clean up. */
	requests = 0;
	/** Tokens so far, for redaction. */
	readonly tokens: string[] = [];
	/** Latest time for which a token was issued, in epoch milliseconds by the clock of the PBX. */
	tokenExpiresAt: number | undefined;
	private nextAt = 0;
	private intervalMs: number;
	private isCleaningUp = false;

	constructor(readonly options: ConnectionOptions) {
		this.intervalMs = options.intervalMs;
	}

	/** Runs the requests of a function beyond the stated number, also after the run was stopped. */
	async cleanUp<T>(run: () => Promise<T>): Promise<T> {
		this.isCleaningUp = true;
		try {
			return await run();
		} finally {
			this.isCleaningUp = false;
		}
	}

	/** Runs the requests of a function without a pause between them. */
	async together<T>(run: () => Promise<T>): Promise<T> {
		this.intervalMs = 0;
		try {
			return await run();
		} finally {
			this.intervalMs = this.options.intervalMs;
			this.nextAt = Date.now() + this.intervalMs;
		}
	}

	/** Fetches an access token. @throws StopError if the PBX issues none, NoResponseError */
	async authenticate(): Promise<void> {
		const { applicationId, secret } = this.options;
		const response = await this.requestToken(
			new URLSearchParams({
				grant_type: 'client_credentials',
				client_id: applicationId,
				client_secret: secret,
			}),
		);
		const { access_token: token, expires_in: life, error } = fieldsOf(response.json);
		if (response.status !== 200 || typeof token !== 'string') {
			const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? `, ${error}` : '';
			throw new StopError(
				`The PBX issued no access token (status ${response.status}${code}). Check the base URL, the application ID and the secret; the application has to be a trusted one.`,
			);
		}
		this.tokens.push(token);
		const now = Date.parse(response.headers.get('date') ?? '') || response.receivedAt;
		this.tokenExpiresAt = typeof life === 'number' ? now + life * 1000 : undefined;
	}

	/** Requests a token with these fields. @throws NoResponseError */
	async requestToken(
		form: URLSearchParams | FormData,
		headers: Record<string, string> = {},
	): Promise<PbxResponse> {
		return await this.send('POST', `${this.options.baseUrl}/oauth/token`, { headers, body: form });
	}

	/**
	 * Sends a request to the API. A GET without a response is sent once more.
	 * @param path below `/api/ver1.0`, encoded
	 * @throws NoResponseError, StopError
	 */
	async request(method: string, path: string, request: PbxRequest = {}): Promise<PbxResponse> {
		const { query = [], json, form, token, renewsToken = true } = request;
		const url = new URL(this.options.baseUrl + API_ROOT + path);
		for (const [name, value] of query) url.searchParams.append(name, value);
		const send = async () =>
			await this.send(method, url.href, {
				headers: {
					authorization: `Bearer ${token ?? this.tokens.at(-1) ?? ''}`,
					...(json !== undefined && { 'content-type': 'application/json' }),
				},
				body: json === undefined ? form : JSON.stringify(json),
			});
		let response: PbxResponse;
		try {
			response = await send();
		} catch (error) {
			if (method !== 'GET' || !(error instanceof NoResponseError)) throw error;
			response = await send();
		}
		if (response.status === 401 && token === undefined && renewsToken) {
			await this.authenticate();
			response = await send();
			if (response.status === 401) throw new StopError('The PBX rejects its own access token.');
		}
		if (isLimitReached(response)) {
			const reset = response.headers.get('x-ratelimit-reset');
			throw new StopError(
				`The hourly limit of the PBX is used up${reset ? `; it is reset in ${reset} s` : ''}.`,
			);
		}
		return response;
	}

	private async send(
		method: string,
		url: string,
		init: { headers: Record<string, string>; body?: FormData | URLSearchParams | string },
	): Promise<PbxResponse> {
		await this.waitForTurn();
		let response: Response;
		let body: Buffer;
		try {
			response = await fetch(url, {
				...init,
				method,
				redirect: 'manual',
				signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
			});
			body = await readBody(response);
		} catch (error) {
			throw new NoResponseError(`no response (${errorCode(error)})`);
		}
		const { status, headers } = response;
		if (status >= 500 || isElsewhere(url, response)) {
			throw new NoResponseError(`no response of the API (status ${status})`);
		}
		return { status, headers, json: parseJson(body), body, receivedAt: Date.now() };
	}

	/** @throws StopError if the run was stopped, or the stated number of requests is used up */
	private async waitForTurn(): Promise<void> {
		const { maxRequests, signal } = this.options;
		const startsAt = Math.max(Date.now(), this.nextAt);
		this.nextAt = startsAt + this.intervalMs;
		const ms = startsAt - Date.now();
		if (this.isCleaningUp) {
			await delay(ms);
			return;
		}
		if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
		if (signal?.aborted) throw new StopError('The run was stopped.');
		if (this.requests >= maxRequests) {
			throw new StopError(`The stated number of requests (${maxRequests}) is used up.`);
		}
		this.requests++;
	}
}

/** Whether the hourly limit is reached, unlike a 429 of statistics that are busy. */
function isLimitReached({ status, headers, json }: PbxResponse): boolean {
	if (status !== 429) return false;
	return (
		fieldsOf(json).status === 'rate_limit_exceeded' || headers.get('x-ratelimit-remaining') === '0'
	);
}

/**
 * Whether something else than the API responded, as while the PBX is maintained: a page, or a redirect. A
 * page that says that a path is wrong, and a redirect that only adds or removes a slash, are answers.
 */
function isElsewhere(url: string, { status, headers }: Response): boolean {
	const location = headers.get('location');
	if (status >= 300 && status < 400) {
		const path = (href: string) => new URL(href, url).pathname.replace(/\/$/, '');
		return location === null || !URL.canParse(location, url) || path(location) !== path(url);
	}
	return status < 300 && /^text\/html\b/i.test(headers.get('content-type') ?? '');
}

async function readBody(response: Response): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	const reader = response.body?.getReader();
	for (let size = 0; reader && size <= MAX_BODY_BYTES; ) {
		const { done, value } = await reader.read();
		if (done) return Buffer.concat(chunks);
		chunks.push(value);
		size += value.length;
	}
	await reader?.cancel();
	return Buffer.concat(chunks);
}

function parseJson(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString()) as unknown;
	} catch {
		return undefined;
	}
}

/** A code such as ECONNRESET. The message may contain the address, so it is not used. */
function errorCode(error: unknown): string {
	const { name, cause } = error as { name?: string; cause?: { code?: string; name?: string } };
	return cause?.code ?? (name === 'TimeoutError' ? name : (cause?.name ?? 'connection failed'));
}
