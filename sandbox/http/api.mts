import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FileAnswer } from '../api/context.mts';
import type { Ctx } from '../api/context.mts';
import { handlers } from '../api/index.mts';
import { audioOf, recordOf } from '../api/recordings.mts';
import { toWire } from '../api/respond.mts';
import type { Pbx } from '../pbx.mts';
import { authorize, byPassword, byToken } from './auth.mts';
import { formProblem } from './body.mts';
import { API_ROOT } from './contract.mts';
import type { ApiOperation, Contract, QueryParameter, Schema } from './contract.mts';
import { PbxError, badRequest } from './errors.mts';

/** Routes of the contract's operations, of the current user, and of the store behind `storage_url`. */
export function apiRoutes(app: FastifyInstance, pbx: Pbx, contract: Contract): void {
	for (const operation of contract.operations) {
		if (!handlers[operation.id]) throw new Error(`no handler for ${operation.id}`);
		app.route({
			method: operation.method,
			url: API_ROOT + operation.path.replace(/\{(\w+)\}/g, ':$1'),
			config: { operationId: operation.id },
			handler: async (request, reply) => await serve(pbx, contract, operation, request, reply),
		});
	}
	app.get(`${API_ROOT}/user/`, (request, reply) => {
		spend(pbx, reply);
		const { user } = byToken(pbx, request.headers.authorization);
		const { id, login, timezone, access, extra_params, client_id } = user;
		return reply.send({
			...{ id, login, timezone, access, extra_params, dealer_id: null, admin: false },
			client_id: user.kind === 'client' ? client_id : null,
			extension_id: user.extension_id,
			extension_group_id: user.extension_group_id,
		});
	});
	// Links from storage_url/ need no authentication (facts, section 9).
	app.get<{ Params: { file: string } }>('/storage/:file', (request, reply) => {
		const record = recordOf(pbx.store, request.params.file.replace(/\.\w+$/, ''));
		return sendFile(reply, audioOf(pbx.store, record));
	});
}

/** Counts the request towards the hourly limit and sets its headers. @throws PbxError 429 */
function spend(pbx: Pbx, reply: FastifyReply): void {
	const within = pbx.rateLimit.take();
	void reply.headers(pbx.rateLimit.headers());
	if (!within) throw new PbxError(429, 'Rate limit exceeded', 'rate_limit_exceeded');
}

async function serve(
	pbx: Pbx,
	contract: Contract,
	operation: ApiOperation,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const { entry } = request;
	if (!entry) throw new Error('a request without a journal entry');
	spend(pbx, reply);
	const { authorization } = request.headers;
	const basic = operation.id === 'downloadRecordBasicAuth';
	const caller = basic ? byPassword(pbx, authorization) : byToken(pbx, authorization);
	const raw = request.params as Record<string, string>;
	authorize(pbx, caller, operation, raw.client_id);

	const query = request.query as Ctx['query'];
	const problem =
		mediaTypeProblem(operation, request) ??
		contract.check(operation, {
			path: request.url.slice(API_ROOT.length).split('?', 1)[0],
			query: query as Record<string, string | string[]>,
			headers: request.headers,
			body: request.form ? request.form.fields : request.body,
		});
	if (problem !== undefined) throw badRequest(problem);

	const result = await handlers[operation.id]({
		pbx,
		store: pbx.store,
		operation,
		params: paramsOf(operation, raw),
		query: queryOf(operation.query, query),
		body: (request.form?.fields ?? request.body ?? {}) as Ctx['body'],
		files: request.form?.files ?? {},
		session: caller.session,
		fault: request.fault,
		entry,
	});
	entry.acted = operation.method !== 'GET';
	if (result instanceof FileAnswer) return sendFile(reply, result);
	void reply.code(operation.success);
	if (operation.success === 204) return reply.send();
	void reply.type('application/json; charset=utf-8');
	return reply.send(JSON.stringify(toWire(operation, result)));
}

function sendFile(reply: FastifyReply, file: FileAnswer): FastifyReply {
	return reply
		.type(file.mediaType)
		.header('content-disposition', `attachment; filename="${file.filename}"`)
		.send(file.data);
}

/** A body of the wrong kind, or one where none belongs; checked before the contract looks inside. */
function mediaTypeProblem(operation: ApiOperation, request: FastifyRequest): string | undefined {
	const { body, form } = request;
	if (!operation.body) {
		const empty =
			body === undefined ||
			body === null ||
			(typeof body === 'object' && Object.keys(body).length === 0);
		return form || !empty ? 'this request takes no body' : undefined;
	}
	if (operation.body.mediaType === 'multipart/form-data') {
		if (!form) return 'the body must be multipart/form-data';
		return formProblem(operation.body.schema as Parameters<typeof formProblem>[0], form);
	}
	const type = request.headers['content-type'] ?? '';
	if (!/^application\/json\b/i.test(type)) {
		return 'the body must be JSON (Content-Type: application/json)';
	}
	// openapi-backend would parse a JSON text inside a JSON text.
	return typeof body === 'object' && body !== null ? undefined : 'the body must be a JSON object';
}

const isNumeric = (type: Schema['type']) => type === 'integer' || type === 'number';

function paramsOf(operation: ApiOperation, raw: Record<string, string>): Ctx['params'] {
	const params: Ctx['params'] = {};
	for (const [name, value] of Object.entries(raw)) {
		params[name] = isNumeric(operation.pathTypes.get(name)) ? Number(value) : value;
	}
	return params;
}

/** The query in the contract's types; only what was sent (checked before, so it converts). */
function queryOf(parameters: QueryParameter[], raw: Record<string, unknown>): Ctx['query'] {
	const query: Ctx['query'] = {};
	const convert = (type: Schema['type'], value: unknown): unknown => {
		if (isNumeric(type)) return Number(value);
		return type === 'boolean' ? value === 'true' : value;
	};
	for (const { name, schema } of parameters) {
		const value = raw[name];
		if (value === undefined) continue;
		query[name] =
			schema.type === 'array'
				? [value].flat().map((item) => convert(schema.items?.type, item))
				: convert(schema.type, value);
	}
	return query;
}
