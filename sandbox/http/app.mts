import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Form } from './body.mts';
import { MAX_BODY, bodyParsers, readForm } from './body.mts';
import { PbxError, errorBody } from './errors.mts';
import { strikeAfter, strikeBefore } from './fault-effects.mts';
import type { Fault } from './faults.mts';
import { hashSecrets } from './journal.mts';
import type { JournalEntry } from './journal.mts';
import type { Pbx } from '../pbx.mts';

declare module 'fastify' {
	interface FastifyRequest {
		entry?: JournalEntry;
		fault?: Fault;
		form?: Form;
	}
	interface FastifyContextConfig {
		operationId?: string;
	}
}

const CONTROL = '/_control/';

/** The server without its routes: parsing, journal, faults and the form of errors. */
export async function createApp(
	pbx: Pbx,
	report: (error: unknown) => void,
): Promise<FastifyInstance> {
	const app = fastify({
		bodyLimit: MAX_BODY,
		exposeHeadRoutes: false,
		forceCloseConnections: true,
		keepAliveTimeout: 60_000,
		routerOptions: { maxParamLength: 2000, ignoreTrailingSlash: false },
		frameworkErrors: (error, _request, reply) => {
			const answer = reply as FastifyReply;
			void answer.code(error.statusCode ?? 400).send(errorBody(error.message));
		},
		clientErrorHandler(error, socket) {
			if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
			const text = JSON.stringify(errorBody('Malformed request'));
			socket.end(
				'HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n' +
					`Content-Length: ${text.length}\r\n\r\n${text}`,
			);
		},
	});
	await bodyParsers(app);
	app.decorateRequest('entry');
	app.decorateRequest('fault');
	app.decorateRequest('form');

	app.addHook('onRequest', (request, reply, done) => {
		if (!request.url.startsWith(CONTROL)) note(pbx, request, reply);
		done();
	});
	app.addHook('preHandler', async (request, reply) => {
		if (request.isMultipart()) request.form = await readForm(request);
		const { entry } = request;
		if (!entry) return;
		noteBody(request, entry);
		const fault = pbx.faults.take(entry);
		if (fault) {
			request.fault = fault;
			entry.fault = fault.kind;
			if (await strikeBefore(pbx, fault, request, reply)) return reply;
		}
		if (pbx.options.latencyMs > 0) {
			await new Promise((resolve) => setTimeout(resolve, pbx.options.latencyMs));
		}
		return undefined;
	});
	app.addHook('onSend', (request, reply, payload, done) => {
		done(null, request.fault ? strikeAfter(request.fault, request, reply, payload) : payload);
	});
	app.setNotFoundHandler((request, reply) => {
		if (request.url.startsWith('/api/')) void reply.headers(pbx.rateLimit.headers());
		return reply.code(404).send(errorBody('Not found'));
	});
	app.setErrorHandler((error, request, reply) => {
		if (request.url.startsWith('/api/')) void reply.headers(pbx.rateLimit.headers());
		if (error instanceof PbxError) {
			if (error.statusCode === 401) void reply.header('www-authenticate', schemeOf(request));
			return reply.code(error.statusCode).send(errorBody(error.message, error.word));
		}
		const { statusCode = 500, message } = error as { statusCode?: number; message: string };
		if (statusCode >= 400 && statusCode < 500) {
			return reply.code(statusCode).send(errorBody(message));
		}
		report(error);
		return reply.code(500).send(errorBody('Internal error'));
	});
	return app;
}

/** How the route wants to be asked. */
function schemeOf(request: FastifyRequest): string {
	const basic = request.routeOptions.config.operationId === 'downloadRecordBasicAuth';
	return basic ? 'Basic realm="PBX"' : 'Bearer';
}

/** Opens the request's journal entry, and closes it when its connection is done with it. */
function note(pbx: Pbx, request: FastifyRequest, reply: FastifyReply): void {
	const entry = pbx.journal.open({
		at: pbx.clock.now(),
		method: request.method,
		path: request.url.split('?', 1)[0],
		query: hashSecrets(request.query as JournalEntry['query']),
		headers: request.headers,
	});
	entry.operationId = request.routeOptions.config.operationId;
	request.entry = entry;
	const counts = entry.path.startsWith('/api/');
	if (counts) pbx.journal.enter();
	reply.raw.once('close', () => {
		if (counts) pbx.journal.leave();
		if (reply.raw.headersSent && request.fault?.kind !== 'dropAfter') {
			entry.status = reply.raw.statusCode;
		}
	});
}

function noteBody(request: FastifyRequest, entry: JournalEntry): void {
	if (request.form) {
		const files = Object.entries(request.form.files).map(([name, { data, ...rest }]) => [
			name,
			{ ...rest, size: data.length },
		]);
		entry.body = { ...hashSecrets(request.form.fields), ...Object.fromEntries(files) };
		return;
	}
	const { body } = request;
	const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
	entry.body = form ? hashSecrets(body as Record<string, unknown>) : body;
}
