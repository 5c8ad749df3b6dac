import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerToken } from './auth.mts';
import { errorBody } from './errors.mts';
import type { Fault } from './faults.mts';
import type { Pbx } from './pbx.mts';

const LOGIN_PAGE = '<!doctype html><html><body><h1>Log in</h1></body></html>';

/**
 * Applies a fault before the PBX acts on the request.
 * @returns whether the request is finished: it has a response, or its connection was dropped
 */
export async function injectBefore(
	pbx: Pbx,
	fault: Fault,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<boolean> {
	switch (fault.kind) {
		case 'hold':
			return !fault.acts && !(await hold(fault, request, reply));
		case 'tokenDeath':
			pbx.oauth.revoke(bearerToken(request.headers.authorization) ?? '');
			return false;
		case 'dropBefore':
		case 'refuse':
			reply.hijack();
			request.raw.socket.destroy();
			return true;
		case 'status':
			if (fault.acts) return false;
			applyHeaders(reply, fault);
			await reply.send(faultBody(fault));
			return true;
		case 'rateLimit':
			void reply.code(429).headers(pbx.rateLimit.headers());
			void reply.header('x-ratelimit-remaining', '0');
			if (fault.reset !== undefined) void reply.header('x-ratelimit-reset', String(fault.reset));
			if (fault.retryAfter !== undefined) {
				void reply.header('retry-after', String(fault.retryAfter));
			}
			await reply.send(errorBody('Rate limit exceeded', 'rate_limit_exceeded'));
			return true;
		case 'statsBusy':
			void reply.code(429);
			await reply.send(errorBody('Stats request already exists, concurrent request not allowed'));
			return true;
		case 'html200':
			await reply.code(200).type('text/html; charset=utf-8').send(LOGIN_PAGE);
			return true;
		case 'redirect':
			await reply.redirect(fault.to ?? '/', fault.status ?? 302);
			return true;
		default:
			return false;
	}
}

/** Applies a fault after the PBX has acted. @returns the payload to send instead of `payload` */
export async function injectAfter(
	fault: Fault,
	request: FastifyRequest,
	reply: FastifyReply,
	payload: unknown,
): Promise<unknown> {
	switch (fault.kind) {
		case 'hold':
			if (fault.acts) await hold(fault, request, reply);
			request.setHandled?.();
			return payload;
		case 'dropAfter':
			request.raw.socket.destroy();
			return payload;
		case 'status':
			if (!fault.acts) return payload;
			applyHeaders(reply, fault);
			return faultBody(fault);
		case 'emptyBody':
			void reply.removeHeader('content-length');
			return '';
		case 'truncate':
			return truncate(request, reply, toBuffer(payload));
		case 'wrongShape':
			return changeShape(payload);
		case 'hugeBody':
			return addPadding(payload, fault.bytes ?? 1_000_000);
		default:
			return payload;
	}
}

/** Holds a request or its response. @returns false if its connection was dropped instead */
async function hold(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
	const { method, raw } = request;
	const handled = new Promise<void>((resolve) => (request.setHandled = resolve));
	const held = { method, path: request.url.split('?', 1)[0], port: raw.socket.remotePort };
	if (await fault.gate.pass(held, handled)) return true;
	if (!reply.sent) reply.hijack();
	raw.socket.destroy();
	return false;
}

function applyHeaders(reply: FastifyReply, fault: Fault): void {
	void reply.code(fault.status ?? 500).headers(fault.headers ?? {});
	void reply.type(fault.contentType ?? 'application/json; charset=utf-8');
	if (fault.retryAfter !== undefined) void reply.header('retry-after', String(fault.retryAfter));
}

function faultBody(fault: Fault): string {
	const { body = errorBody(`Fault ${fault.status ?? 500}`) } = fault;
	return typeof body === 'string' ? body : JSON.stringify(body);
}

function toBuffer(payload: unknown): Buffer {
	return Buffer.isBuffer(payload) ? payload : Buffer.from(String(payload ?? ''));
}

/** Announces the whole length, sends half of the body, then drops the connection. */
function truncate(request: FastifyRequest, reply: FastifyReply, body: Buffer): Readable {
	void reply.header('content-length', String(Math.max(2, body.length)));
	let sent = false;
	return new Readable({
		read() {
			if (!sent) {
				sent = true;
				this.push(body.subarray(0, Math.max(1, body.length >> 1)));
				return;
			}
			// Once the first half is with the system, which happens after the callbacks that are due.
			const { socket } = request.raw;
			setImmediate(() => socket.write('', () => socket.destroy()));
		},
	});
}

function parseJson(payload: unknown): unknown {
	try {
		return JSON.parse(String(payload)) as unknown;
	} catch {
		return undefined;
	}
}

function changeShape(payload: unknown): string {
	const value = parseJson(payload);
	return JSON.stringify(Array.isArray(value) ? { items: value } : [value ?? null]);
}

function addPadding(payload: unknown, bytes: number): string {
	const value = parseJson(payload);
	const padding = 'x'.repeat(bytes);
	if (Array.isArray(value)) return JSON.stringify([...(value as unknown[]), { padding }]);
	return JSON.stringify({ ...(value as object | undefined), padding });
}
