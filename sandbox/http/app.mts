import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { Form } from './body.mts';
import { MAX_BODY_BYTES, readForm, registerBodyParsers } from './body.mts';
import { PbxError, errorBody } from './errors.mts';
import { injectAfter, injectBefore } from './faultInjection.mts';
import type { Fault } from './faults.mts';
import { hashSecrets } from './journal.mts';
import type { JournalEntry } from './journal.mts';
import type { Pbx } from './pbx.mts';

declare module 'fastify' {
	interface FastifyRequest {
		/** Absent for control requests. */
		entry?: JournalEntry;
		fault?: Fault;
		/** Called when the PBX has handled a request that was held. */
		setHandled?: () => void;
		form?: Form;
	}
	interface FastifyContextConfig {
		operationId?: string;
	}
}

const CONTROL_PATH = '/_control/';
const API_PATH = '/api/';

/**
 * Creates the server without its routes: body parsing, journal, fault injection and error responses.
 * @param onError called with internal errors, which get a 500 response
 */
export async function createApp(
	pbx: Pbx,
	onError: (error: unknown) => void,
): Promise<FastifyInstance> {
	const app = fastify({
		bodyLimit: MAX_BODY_BYTES,
		exposeHeadRoutes: false,
		forceCloseConnections: true,
		keepAliveTimeout: 60_000,
		routerOptions: { maxParamLength: 2000, ignoreTrailingSlash: pbx.deviates('optionalSlash') },
		frameworkErrors: (error, _request, reply) => {
			void (reply as FastifyReply).code(error.statusCode ?? 400).send(errorBody(error.message));
		},
		clientErrorHandler: rejectMalformedRequest,
	});
	await registerBodyParsers(app);
	app.decorateRequest('entry');
	app.decorateRequest('fault');
	app.decorateRequest('setHandled');
	app.decorateRequest('form');
	addRequestHooks(app, pbx);
	addErrorHandlers(app, pbx, onError);
	return app;
}

/** Responds to what is not HTTP. */
function rejectMalformedRequest(error: FastifyError, socket: Socket): void {
	if (error.code === 'ECONNRESET' || !socket.writable) {
		socket.destroy();
		return;
	}
	const text = JSON.stringify(errorBody('Malformed request'));
	socket.end(
		'HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n' +
			`Content-Length: ${text.length}\r\n\r\n${text}`,
	);
}

/** Records requests in the journal and injects faults. */
function addRequestHooks(app: FastifyInstance, pbx: Pbx): void {
	app.addHook('onRequest', (request, reply, done) => {
		void reply.header('date', new Date(pbx.clock.now()).toUTCString());
		if (!request.url.startsWith(CONTROL_PATH)) recordRequest(pbx, request, reply);
		done();
	});
	app.addHook('preHandler', async (request, reply) => {
		if (request.isMultipart()) request.form = await readForm(request);
		const { entry } = request;
		if (!entry) return;
		recordBody(request, entry);
		const fault = pbx.faults.take(entry);
		if (fault) {
			request.fault = fault;
			entry.fault = fault.kind;
			if (await injectBefore(pbx, fault, request, reply)) return reply;
		}
		return undefined;
	});
	app.addHook('onSend', async (request, reply, payload) => {
		// The PBX's own clock, which also dates its records.
		void reply.header('date', new Date(pbx.clock.now()).toUTCString());
		const sent = request.fault
			? await injectAfter(request.fault, request, reply, payload)
			: payload;
		if (request.entry && pbx.statsRequest === request.entry) pbx.statsRequest = undefined;
		return sent;
	});
}

/** Sends errors in the format of the PBX. */
function addErrorHandlers(app: FastifyInstance, pbx: Pbx, onError: (error: unknown) => void): void {
	const addLimitHeaders = (request: FastifyRequest, reply: FastifyReply) => {
		if (request.url.startsWith(API_PATH)) void reply.headers(pbx.rateLimit.headers());
	};
	app.setNotFoundHandler((request, reply) => {
		addLimitHeaders(request, reply);
		return reply.code(404).send(errorBody('Not found'));
	});
	app.setErrorHandler((error, request, reply) => {
		addLimitHeaders(request, reply);
		if (error instanceof PbxError) {
			if (error.statusCode === 401) {
				void reply.header('www-authenticate', authenticationScheme(request));
			}
			const message =
				error.statusCode === 404 && !error.code && pbx.deviates('otherNotFound')
					? 'Object does not exist'
					: error.message;
			const statusCode =
				error.statusCode === 400 && pbx.deviates('validation422') ? 422 : error.statusCode;
			return reply.code(statusCode).send(errorBody(message, error.code));
		}
		const { statusCode = 500, message } = error as { statusCode?: number; message: string };
		if (statusCode >= 400 && statusCode < 500) {
			return reply.code(statusCode).send(errorBody(message));
		}
		onError(error);
		return reply.code(500).send(errorBody('Internal error'));
	});
}

/** The authentication scheme that the requested route accepts. */
function authenticationScheme(request: FastifyRequest): string {
	const basic = request.routeOptions.config.operationId === 'downloadRecordBasicAuth';
	return basic ? 'Basic realm="PBX"' : 'Bearer';
}

/** Adds a request to the journal, and its status once the connection has finished with it. */
function recordRequest(pbx: Pbx, request: FastifyRequest, reply: FastifyReply): void {
	const entry = pbx.journal.open({
		at: pbx.clock.now(),
		method: request.method,
		path: request.url.split('?', 1)[0],
		query: hashSecrets(request.query as JournalEntry['query']),
		headers: request.headers,
	});
	entry.operationId = request.routeOptions.config.operationId;
	request.entry = entry;
	const isApiRequest = entry.path.startsWith(API_PATH);
	if (isApiRequest) pbx.journal.startRequest();
	reply.raw.once('close', () => {
		if (isApiRequest) pbx.journal.endRequest();
		if (reply.raw.headersSent && request.fault?.kind !== 'dropAfter') {
			entry.status = reply.raw.statusCode;
		}
	});
}

function recordBody(request: FastifyRequest, entry: JournalEntry): void {
	if (request.form) {
		const files = Object.entries(request.form.files).map(([name, { data, ...rest }]) => [
			name,
			{ ...rest, size: data.length },
		]);
		entry.body = { ...hashSecrets(request.form.fields), ...Object.fromEntries(files) };
		return;
	}
	const { body } = request;
	const urlencoded = request.headers['content-type']?.startsWith(
		'application/x-www-form-urlencoded',
	);
	entry.body = urlencoded ? hashSecrets(body as Record<string, unknown>) : body;
}
