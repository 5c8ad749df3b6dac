import type { ApiOperation } from '../../../sandbox/http/contract.mts';
import { API_ROOT } from '../../../sandbox/http/contract.mts';

export type Json = Record<string, unknown>;

export interface ClientResponse {
	status: number;
	headers: Headers;
	bytes: Buffer;
	text: string;
	/** The parsed body; undefined if it is not JSON. */
	json: unknown;
}

/** Parameters of a request. */
export interface Call {
	params?: Record<string, string | number>;
	/** A list repeats its key. */
	query?: Record<string, unknown>;
	body?: unknown;
	form?: FormData;
	/** Default: the client's. null sends none. */
	authorization?: string | null;
}

/** An HTTP client for the sandbox. */
export class Client {
	constructor(
		readonly url: string,
		private readonly authorization = 'Bearer sandbox-token',
	) {}

	/** Calls an operation of the contract. The default of `client_id` is `@me`. */
	async call(operation: ApiOperation, call: Call = {}): Promise<ClientResponse> {
		const params: Call['params'] = { client_id: '@me', ...call.params };
		const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
			encodeURIComponent(String(params[name])),
		);
		return await this.request(operation.method, API_ROOT + path, call);
	}

	/** Requests any path of the server. */
	async request(method: string, path: string, call: Call = {}): Promise<ClientResponse> {
		const { authorization = this.authorization, body, form } = call;
		const headers = new Headers();
		if (authorization !== null) headers.set('authorization', authorization);
		if (body !== undefined) headers.set('content-type', 'application/json');
		const query = toQuery(call.query ?? {});
		return await this.send(path + (query ? `?${query}` : ''), {
			method,
			headers,
			body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
		});
	}

	/** Sends a request like `fetch`, without following redirects. */
	async send(path: string, init: RequestInit): Promise<ClientResponse> {
		const response = await fetch(this.url + path, { redirect: 'manual', ...init });
		const bytes = Buffer.from(await response.arrayBuffer());
		const text = bytes.toString('utf8');
		return { status: response.status, headers: response.headers, bytes, text, json: parse(text) };
	}
}

function toQuery(fields: Record<string, unknown>): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(fields)) {
		for (const item of [value].flat()) query.append(name, String(item));
	}
	return query.toString();
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
