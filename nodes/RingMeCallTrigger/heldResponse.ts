import { sleep, type IWebhookFunctions } from 'n8n-workflow';

import { ANSWER_START } from '../shared/answer/xml';

type Response = ReturnType<IWebhookFunctions['getResponseObject']>;

/** Methods that set a status or headers. Ignored: status and headers of an answer are always the same. */
const SETTERS = [
	'append',
	'appendHeader',
	'attachment',
	'clearCookie',
	'contentType',
	'cookie',
	'flushHeaders',
	'format',
	'header',
	'links',
	'location',
	'removeHeader',
	'set',
	'setHeader',
	'setHeaders',
	'status',
	'type',
	'vary',
	'writeContinue',
	'writeHead',
	'writeProcessing',
] as const;

/** Methods with which n8n ends a request that no node has answered, or whose execution failed. */
const ENDINGS = [
	'download',
	'json',
	'jsonp',
	'redirect',
	'render',
	'sendFile',
	'sendStatus',
] as const;

/** Methods with which the answer of *Call → Answer* arrives. */
const BODIES = ['end', 'send'] as const;

const METHODS = [...SETTERS, ...ENDINGS, ...BODIES, 'write'] as const;

/** Responds to the PBX. The response has no effect if the connection is closed. */
export function sendXml(response: Response, xml: string) {
	response.statusCode = 200;
	response.setHeader('content-type', 'text/xml; charset=utf-8');
	response.setHeader('content-length', Buffer.byteLength(xml));
	response.end(xml);
}

/**
 * Takes hold of a response until n8n sends the answer. The PBX gets exactly one response with status
 * 200: the answer, or the fallback if n8n sends anything else (500 and JSON for a failed workflow, an
 * empty response for one without an answer) or nothing in time. What n8n does later has no effect,
 * not even in its log.
 *
 * @param waitMs milliseconds to wait for the answer
 */
export function holdResponse(response: Response, fallback: string, waitMs: number): void {
	// Other parts of n8n, such as compression, may have replaced methods of this response.
	const replaced = METHODS.map((name) => Object.getOwnPropertyDescriptor(response, name));
	const replace = (name: string, value: unknown) =>
		Object.defineProperty(response, name, { configurable: true, writable: true, value });
	const done = new AbortController();

	const release = () => {
		for (const [index, name] of METHODS.entries()) {
			const descriptor = replaced[index];
			if (descriptor) Object.defineProperty(response, name, descriptor);
			else Reflect.deleteProperty(response, name);
		}
	};
	const hold = () => {
		for (const name of SETTERS) replace(name, () => response);
		for (const name of ENDINGS) replace(name, () => respond(fallback));
		for (const name of BODIES) replace(name, takeBody);
		replace('write', () => true);
	};
	const respond = (xml: string) => {
		if (done.signal.aborted) return response;
		done.abort();
		release();
		if (!response.headersSent) sendXml(response, xml);
		hold();
		return response;
	};
	// n8n calls `end` without a body after it has sent the answer, and sometimes before.
	const takeBody = (body?: unknown) => {
		if (body === undefined || body === null || typeof body === 'function') return response;
		const text = Buffer.isBuffer(body) ? body.toString() : body;
		return respond(typeof text === 'string' && text.startsWith(ANSWER_START) ? text : fallback);
	};

	response.once('close', () => done.abort());
	hold();
	void sleep(waitMs, done.signal).then(
		() => respond(fallback),
		() => {},
	);
}
