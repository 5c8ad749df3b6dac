/** A server that answers whatever a test writes to the socket, right or wrong. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface RawRequest {
	method: string;
	path: string;
	headers: Record<string, string>;
	body: string;
}

export type Answer = (socket: Socket, request: RawRequest) => void | Promise<void>;

export class RawServer {
	readonly requests: RawRequest[] = [];

	private readonly sockets = new Set<Socket>();

	private constructor(private readonly server: Server) {}

	/** Listens on 127.0.0.1; gets one request for each connection. */
	static async open(answer: Answer): Promise<RawServer> {
		const server = createServer();
		const raw = new RawServer(server);
		server.on('connection', (socket) => raw.serve(socket, answer));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return raw;
	}

	get url() {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async close() {
		for (const socket of this.sockets) socket.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private serve(socket: Socket, answer: Answer) {
		this.sockets.add(socket);
		socket.on('close', () => this.sockets.delete(socket));
		socket.on('error', () => socket.destroy());
		let text = '';
		let done = false;
		socket.on('data', (chunk) => {
			text += chunk.toString('latin1');
			const [head, body] = text.split('\r\n\r\n', 2);
			if (done || body === undefined) return;
			const [first, ...lines] = head.split('\r\n');
			const headers = Object.fromEntries(
				lines.map((line) => [line.split(':')[0].toLowerCase(), line.slice(line.indexOf(':') + 2)]),
			);
			if (body.length < Number(headers['content-length'] ?? 0)) return;
			done = true;
			const [method, path] = first.split(' ');
			const request = { method, path, headers, body };
			this.requests.push(request);
			void answer(socket, request);
		});
	}
}

/** A whole answer. */
export const http = (
	status: number,
	body: string | Buffer,
	headers: Record<string, string> = {},
) => {
	const bytes = Buffer.from(body as string);
	const all = {
		'content-type': 'application/json',
		'content-length': String(bytes.length),
		connection: 'close',
		...headers,
	};
	const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
	return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n`), bytes]);
};
