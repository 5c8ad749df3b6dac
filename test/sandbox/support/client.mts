import type { ApiOperation } from '../../../sandbox/http/contract.mts';
import { API_ROOT } from '../../../sandbox/http/contract.mts';

export type Json = Record<string, unknown>;

export interface Answer {
	status: number;
	headers: Headers;
	bytes: Buffer;
	text: string;
	/** Parsed JSON; undefined if it is none. */
	json: unknown;
}

export interface Call {
	params?: Record<string, string | number>;
	/** Lists repeat their key. */
	query?: Record<string, unknown>;
	body?: unknown;
	form?: FormData;
	/** null sends no authorization at all. */
	authorization?: string | null;
}

/** Asks the sandbox as any HTTP client would. */
export class Client {
	constructor(
		readonly url: string,
		private readonly authorization = 'Bearer sandbox-token',
	) {}

	/** An operation of the contract; `client_id` is `@me` unless it is given. */
	async call(operation: ApiOperation, call: Call = {}): Promise<Answer> {
		const params: Call['params'] = { client_id: '@me', ...call.params };
		const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
			encodeURIComponent(String(params[name])),
		);
		return await this.ask(operation.method, API_ROOT + path, call);
	}

	/** Any path of the server. */
	async ask(method: string, path: string, call: Call = {}): Promise<Answer> {
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

	/** As fetch has it; redirects are not followed. */
	async send(path: string, init: RequestInit): Promise<Answer> {
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
