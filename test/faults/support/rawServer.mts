/** A server that sends whatever a test writes to the socket, whether valid or not. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface RawRequest {
	method: string;
	path: string;
	headers: Record<string, string>;
	body: string;
}

export type RawResponder = (socket: Socket, request: RawRequest) => void | Promise<void>;

export class RawServer {
	readonly requests: RawRequest[] = [];

	private readonly sockets = new Set<Socket>();

	private constructor(private readonly server: Server) {}

	/** Listens on 127.0.0.1; accepts one request per connection. */
	static async open(respond: RawResponder): Promise<RawServer> {
		const server = createServer();
		const raw = new RawServer(server);
		server.on('connection', (socket) => raw.handle(socket, respond));
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

	private handle(socket: Socket, respond: RawResponder) {
		this.sockets.add(socket);
		socket.on('close', () => this.sockets.delete(socket));
		socket.on('error', () => socket.destroy());
		let text = '';
		let isComplete = false;
		socket.on('data', (chunk) => {
			text += chunk.toString('latin1');
			const [head, body] = text.split('\r\n\r\n', 2);
			if (isComplete || body === undefined) return;
			const [requestLine, ...headerLines] = head.split('\r\n');
			const headers = Object.fromEntries(
				headerLines.map((line) => [
					line.split(':')[0].toLowerCase(),
					line.slice(line.indexOf(':') + 2),
				]),
			);
			if (body.length < Number(headers['content-length'] ?? 0)) return;
			isComplete = true;
			const [method, path] = requestLine.split(' ');
			const request = { method, path, headers, body };
			this.requests.push(request);
			void respond(socket, request);
		});
	}
}

/** The bytes of a complete response. */
export function httpResponse(
	status: number,
	body: string | Buffer,
	headers: Record<string, string> = {},
): Buffer {
	const bytes = Buffer.from(body as string);
	const allHeaders = {
		'content-type': 'application/json',
		'content-length': String(bytes.length),
		connection: 'close',
		...headers,
	};
	const lines = Object.entries(allHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
	return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\n${lines.join('')}\r\n`), bytes]);
}
