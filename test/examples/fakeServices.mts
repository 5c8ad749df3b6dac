import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { N8N_DIR } from '../support/paths.mts';
import { startTestServer, type TestServer } from '../support/testServer.mts';

/** A mail that a workflow sent. */
export interface Mail {
	subject: string;
	from: { text: string };
	to: { text: string };
	text: string;
	attachments: Array<{ filename: string; contentType: string; content: Buffer }>;
}

export interface MailServer {
	port: number;
	/** Oldest first */
	mails: Mail[];
	stop(): Promise<void>;
}

/**
 * In place of the chats that the examples post JSON to, and of the speech-to-text and the language model that they
 * ask. The transcript names the file, and the summary repeats the transcript.
 */
export async function startWebServices(): Promise<TestServer> {
	return await startTestServer(({ path, body }, response) => {
		const respond = (json: object) => {
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify(json));
		};
		if (path.endsWith('/transcriptions')) {
			const [, fileName] = /filename="([^"]+)"/.exec(body) ?? [];
			return respond({ text: `words of ${fileName}` });
		}
		if (path.endsWith('/completions')) {
			const { messages } = JSON.parse(body) as { messages: Array<{ content: string }> };
			return respond({
				choices: [{ message: { content: `Summary: ${messages.at(-1)?.content}` } }],
			});
		}
		response.end('ok');
	});
}

/** Accepts every mail, without a login. */
export async function startMailServer(): Promise<MailServer> {
	// n8n's own copy, which parses mails for its IMAP trigger.
	const { simpleParser } = createRequire(join(N8N_DIR, 'node_modules', 'n8n', 'package.json'))(
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
