import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pbx } from '../pbx.mts';
import { bearerOf } from './auth.mts';
import { errorBody } from './errors.mts';
import type { Fault } from './faults.mts';

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));
const LOGIN_PAGE = '<!doctype html><html><body><h1>Log in</h1></body></html>';

/**
 * What a fault does before the PBX acts.
 * @returns whether the request is over (answered, or its connection is gone)
 */
export async function strikeBefore(
	pbx: Pbx,
	fault: Fault,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<boolean> {
	switch (fault.kind) {
		case 'slow':
			await pause(fault.ms ?? 1000);
			return false;
		case 'tokenDeath':
			pbx.oauth.revoke(bearerOf(request.headers.authorization) ?? '');
			return false;
		case 'dropBefore':
		case 'refuse':
			reply.hijack();
			request.raw.socket.destroy();
			return true;
		case 'status':
			if (fault.acts) return false;
			dress(reply, fault);
			await reply.send(bodyOf(fault));
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

/** What a fault does to an answer after the PBX acted; returns the payload to send in its place. */
export function strikeAfter(
	fault: Fault,
	request: FastifyRequest,
	reply: FastifyReply,
	payload: unknown,
): unknown {
	switch (fault.kind) {
		case 'dropAfter':
			request.raw.socket.destroy();
			return payload;
		case 'status':
			if (!fault.acts) return payload;
			dress(reply, fault);
			return bodyOf(fault);
		case 'emptyBody':
			void reply.removeHeader('content-length');
			return '';
		case 'truncate':
			return cutOff(request, reply, toBuffer(payload));
		case 'wrongShape':
			return reshaped(payload);
		case 'hugeBody':
			return padded(payload, fault.bytes ?? 1_000_000);
		default:
			return payload;
	}
}

function dress(reply: FastifyReply, fault: Fault): void {
	void reply.code(fault.status ?? 500).headers(fault.headers ?? {});
	void reply.type(fault.contentType ?? 'application/json; charset=utf-8');
	if (fault.retryAfter !== undefined) void reply.header('retry-after', String(fault.retryAfter));
}

function bodyOf(fault: Fault): string {
	const { body = errorBody(`Fault ${fault.status ?? 500}`) } = fault;
	return typeof body === 'string' ? body : JSON.stringify(body);
}

function toBuffer(payload: unknown): Buffer {
	return Buffer.isBuffer(payload) ? payload : Buffer.from(String(payload ?? ''));
}

/** Promises the whole length, sends half of it, and hangs up. */
function cutOff(request: FastifyRequest, reply: FastifyReply, whole: Buffer): Readable {
	void reply.header('content-length', String(Math.max(2, whole.length)));
	let sent = false;
	return new Readable({
		read() {
			if (!sent) {
				sent = true;
				this.push(whole.subarray(0, Math.max(1, whole.length >> 1)));
				return;
			}
			// Give the half time to leave before the connection goes.
			setTimeout(() => request.raw.socket.destroy(), 10);
		},
	});
}

function parsed(payload: unknown): unknown {
	try {
		return JSON.parse(String(payload)) as unknown;
	} catch {
		return undefined;
	}
}

function reshaped(payload: unknown): string {
	const value = parsed(payload);
	return JSON.stringify(Array.isArray(value) ? { items: value } : [value ?? null]);
}

function padded(payload: unknown, bytes: number): string {
	const value = parsed(payload);
	const padding = 'x'.repeat(bytes);
	if (Array.isArray(value)) return JSON.stringify([...(value as unknown[]), { padding }]);
	return JSON.stringify({ ...(value as object | undefined), padding });
}
