import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request that the server received, with its whole body. */
export interface ReceivedRequest {
	method: string;
	/** Path and query string */
	path: string;
	headers: IncomingMessage['headers'];
	body: string;
}

export interface TestServer {
	/** Without a slash at the end */
	url: string;
	/** Oldest first */
	requests: ReceivedRequest[];
	/** Ends open connections, too. */
	stop(): Promise<void>;
}

/** Sends the response. The error that it throws becomes a response with status 500. */
export type Responder = (request: ReceivedRequest, response: ServerResponse) => unknown;

/**
 * Starts an HTTP server, or an HTTPS server, on 127.0.0.1 and a free port.
 *
 * @param respond default: status 200 without a body
 * @param tls key and certificate for HTTPS
 */
export async function startTestServer(
	respond: Responder = (_, response) => void response.end(),
	tls?: ServerOptions,
): Promise<TestServer> {
	const requests: ReceivedRequest[] = [];
	const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
		const body = (await buffer(incoming)).toString();
		const { method = '', url: path = '', headers } = incoming;
		const request = { method, path, headers, body };
		requests.push(request);
		await respond(request, response);
	};
	const listener = (incoming: IncomingMessage, response: ServerResponse) => {
		handle(incoming, response).catch((error: Error) => {
			// The sender may have left before the end of its body.
			if (!response.headersSent && !response.destroyed) response.writeHead(500);
			response.end(error.message);
		});
	};
	const server = tls ? createHttpsServer(tls, listener) : createServer(listener);
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const { port } = server.address() as AddressInfo;
	return {
		url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
		requests,
		async stop() {
			server.closeAllConnections();
			await new Promise((closed) => server.close(closed));
		},
	};
}
