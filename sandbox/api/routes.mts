import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticateByPassword, authenticateByToken, authorize } from '../http/auth.mts';
import { checkForm } from '../http/body.mts';
import { API_ROOT } from '../http/contract.mts';
import type { ApiOperation, Contract, QueryParameter, Schema } from '../http/contract.mts';
import { PbxError, badRequest } from '../http/errors.mts';
import type { Pbx } from '../http/pbx.mts';
import { FileResponse } from './context.mts';
import type { Context } from './context.mts';
import { handlers } from './index.mts';
import { findRecording, recordingFile } from './recordings.mts';
import { toResponseBody } from './serialize.mts';

/** Registers the operations of the contract, `GET /user/`, and the files that `storage_url` links to. */
export function registerApiRoutes(app: FastifyInstance, pbx: Pbx, contract: Contract): void {
	for (const operation of contract.operations) {
		if (!handlers[operation.id]) throw new Error(`no handler for ${operation.id}`);
		app.route({
			method: operation.method,
			url: API_ROOT + operation.path.replace(/\{(\w+)\}/g, ':$1'),
			config: { operationId: operation.id },
			handler: async (request, reply) => await handle(pbx, contract, operation, request, reply),
		});
	}
	if (pbx.deviates('wrongMethod405')) {
		for (const path of new Set(contract.operations.map((operation) => operation.path))) {
			app.route({
				method: 'PATCH',
				url: API_ROOT + path.replace(/\{(\w+)\}/g, ':$1'),
				handler: () => {
					throw new PbxError(405, 'Method not allowed');
				},
			});
		}
	}
	app.get(`${API_ROOT}/user/`, (request, reply) => {
		countRequest(pbx, reply);
		const { user } = authenticateByToken(pbx, request.headers.authorization);
		return reply.send({
			id: user.id,
			login: user.login,
			timezone: user.timezone,
			access: user.access,
			extra_params: user.extra_params,
			dealer_id: null,
			admin: false,
			client_id: user.kind === 'client' ? user.client_id : null,
			extension_id: user.extension_id,
			extension_group_id: user.extension_group_id,
		});
	});
	// The links of storage_url work without authentication.
	app.get<{ Params: { file: string } }>('/storage/:file', (request, reply) => {
		const recording = findRecording(pbx.store, request.params.file.replace(/\.\w+$/, ''));
		return sendFile(reply, recordingFile(pbx.store, recording));
	});
}

/** Counts the request towards the hourly limit and sets the limit's headers. @throws PbxError 429 */
function countRequest(pbx: Pbx, reply: FastifyReply): void {
	const withinLimit = pbx.rateLimit.take();
	void reply.headers(pbx.rateLimit.headers());
	if (!withinLimit) throw new PbxError(429, 'Rate limit exceeded', 'rate_limit_exceeded');
}

/** Handles a request for an operation: limit, authentication, validation, handler, response. */
async function handle(
	pbx: Pbx,
	contract: Contract,
	operation: ApiOperation,
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<FastifyReply> {
	const { entry } = request;
	if (!entry) throw new Error('a request without a journal entry');
	countRequest(pbx, reply);
	const { authorization } = request.headers;
	const caller =
		operation.id === 'downloadRecordBasicAuth'
			? authenticateByPassword(pbx, authorization)
			: authenticateByToken(pbx, authorization);
	const params = request.params as Record<string, string>;
	const query = acceptedQuery(pbx, operation, request.query as Context['query']);
	if (pbx.deviates('contractFirst')) assertValid(pbx, contract, operation, request, query);
	const extensionId = authorize(pbx, caller, operation, params);
	assertValid(pbx, contract, operation, request, query);

	const result = await handlers[operation.id]({
		pbx,
		store: pbx.store,
		operation,
		params: {
			...convertParams(operation, params),
			...(extensionId !== undefined && { extension_id: extensionId }),
		},
		query: convertQuery([...operation.query, ...operation.seenQuery], query),
		body: (request.form?.fields ?? request.body ?? {}) as Context['body'],
		files: request.form?.files ?? {},
		session: caller.session,
		fault: request.fault,
		entry,
	});
	entry.acted = operation.method !== 'GET';
	if (result instanceof FileResponse) return sendFile(reply, result);
	const isPlainSuccess = operation.id === 'replaceSoundFile' && pbx.deviates('replacedSound200');
	void reply.code(isPlainSuccess ? 200 : operation.success);
	if (operation.success === 204) return reply.send();
	void reply.type('application/json; charset=utf-8');
	return reply.send(JSON.stringify(toResponseBody(operation, result)));
}

/** @throws PbxError 400 unless the request follows the contract */
function assertValid(
	pbx: Pbx,
	contract: Contract,
	operation: ApiOperation,
	request: FastifyRequest,
	query: Context['query'],
): void {
	const body = request.form ? request.form.fields : request.body;
	const isIgnored = !operation.body && pbx.deviates('ignoredBodies');
	const problem =
		(isIgnored ? undefined : checkMediaType(operation, request)) ??
		contract.check(operation, {
			path: documentedPath(operation, request.url.slice(API_ROOT.length).split('?', 1)[0]),
			query: query as Record<string, string | string[]>,
			headers: request.headers,
			body: isIgnored ? undefined : acceptedBody(pbx, operation, body),
		});
	if (problem !== undefined) throw badRequest(problem);
}

/** The path with a slash at its end exactly if the contract has one. */
function documentedPath(operation: ApiOperation, path: string): string {
	const withoutSlash = path.replace(/\/$/, '');
	return operation.path.endsWith('/') ? `${withoutSlash}/` : withoutSlash;
}

/** The query without what this PBX ignores. */
function acceptedQuery(
	pbx: Pbx,
	operation: ApiOperation,
	query: Context['query'],
): Context['query'] {
	const accepted: Context['query'] = {};
	for (const [key, value] of Object.entries(query)) {
		const name = pbx.deviates('bracketLists') ? key.replace(/\[\d+\]$/, '') : key;
		const { query: documented, seenQuery } = operation;
		const isKnown = [...documented, ...seenQuery].some((parameter) => parameter.name === name);
		if (!isKnown && pbx.deviates('ignoredUnknowns')) continue;
		accepted[name] = name in accepted ? [accepted[name], value].flat() : value;
	}
	return accepted;
}

/** The body without what this PBX ignores. */
function acceptedBody(pbx: Pbx, operation: ApiOperation, body: unknown): unknown {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
	const known = operation.body?.schema.properties;
	const entries = Object.entries(body).filter(
		([name]) => !known || !pbx.deviates('ignoredUnknowns') || Object.hasOwn(known, name),
	);
	if (operation.id !== 'createPhoneEvent' || !pbx.deviates('anyEventType')) {
		return Object.fromEntries(entries);
	}
	return { ...Object.fromEntries(entries), event_type: 'hangup' };
}

function sendFile(reply: FastifyReply, file: FileResponse): FastifyReply {
	return reply
		.type(file.mediaType)
		.header('content-disposition', `attachment; filename="${file.filename}"`)
		.send(file.data);
}

/**
 * Checks that the request has a body of the operation's media type, or none where none is allowed.
 * @returns an error message, or undefined
 */
function checkMediaType(operation: ApiOperation, request: FastifyRequest): string | undefined {
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
		return checkForm(operation.body.schema as Parameters<typeof checkForm>[0], form);
	}
	const type = request.headers['content-type'] ?? '';
	if (!/^application\/json\b/i.test(type)) {
		return 'the body must be JSON (Content-Type: application/json)';
	}
	// Without this check openapi-backend would accept JSON encoded as a JSON string.
	return typeof body === 'object' && body !== null ? undefined : 'the body must be a JSON object';
}

const isNumeric = (type: Schema['type']) => type === 'integer' || type === 'number';

function convertParams(operation: ApiOperation, params: Record<string, string>): Context['params'] {
	return Object.fromEntries(
		Object.entries(params).map(([name, value]) => [
			name,
			isNumeric(operation.pathTypes.get(name)) ? Number(value) : value,
		]),
	);
}

/** Converts the sent query parameters to the types of the contract. They are valid at this point. */
function convertQuery(
	parameters: QueryParameter[],
	query: Record<string, unknown>,
): Context['query'] {
	const convert = (type: Schema['type'], value: unknown): unknown => {
		if (isNumeric(type)) return Number(value);
		return type === 'boolean' ? value === 'true' : value;
	};
	const converted: Context['query'] = {};
	for (const { name, schema, 'x-repeatable': isRepeatable } of parameters) {
		const value = query[name];
		if (value === undefined) continue;
		const { type } = (schema.type === 'array' ? schema.items : schema) ?? {};
		const isList = schema.type === 'array' || isRepeatable;
		converted[name] = isList
			? [value].flat().map((item) => convert(type, item))
			: convert(type, value);
	}
	return converted;
}
