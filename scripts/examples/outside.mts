import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { N8N_HOST } from '../n8n/folders.mts';

/** The world outside of n8n and the PBX, as far as the examples talk to it: web addresses and a mail server. */

/** A request that a workflow sent. */
export interface Sent {
	path: string;
	body: Record<string, unknown>;
}

/** A mail that a workflow sent. */
export interface Mail {
	subject: string;
	from: { text: string };
	to: { text: string };
	text: string;
	attachments: Array<{ filename: string; contentType: string; content: Buffer }>;
}

export interface WebAddress {
	url: string;
	/** What arrived, oldest first */
	sent: Sent[];
	stop(): Promise<void>;
}

export interface MailServer {
	port: number;
	mails: Mail[];
	stop(): Promise<void>;
}

/** A web server of this machine that takes JSON and answers 200, as chats do. */
export async function webAddress(): Promise<WebAddress> {
	const sent: Sent[] = [];
	const server = createServer((request, response) => {
		void note(request, sent).then(
			() => response.end('ok'),
			(error: Error) => response.writeHead(400).end(error.message),
		);
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		sent,
		async stop() {
			server.closeAllConnections();
			await new Promise((closed) => server.close(closed));
		},
	};
}

async function note(request: IncomingMessage, sent: Sent[]): Promise<void> {
	const body = JSON.parse(await text(request)) as Sent['body'];
	sent.push({ path: request.url ?? '', body });
}

/** A mail server of this machine that takes every mail, without a login. */
export async function mailServer(): Promise<MailServer> {
	// n8n's own copy, which reads mails for its IMAP trigger.
	const { simpleParser } = createRequire(join(N8N_HOST, 'node_modules', 'n8n', 'package.json'))(
		'mailparser',
	) as { simpleParser(mail: NodeJS.ReadableStream): Promise<Mail> };
	const mails: Mail[] = [];
	const server = new SMTPServer({
		authOptional: true,
		disabledCommands: ['STARTTLS'],
		onData(stream, _session, done) {
			simpleParser(stream).then((mail) => {
				mails.push(mail);
				done();
			}, done);
		},
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const { port } = server.server.address() as AddressInfo;
	return {
		port,
		mails,
		stop: async () => await new Promise((closed) => server.close(closed)),
	};
}
