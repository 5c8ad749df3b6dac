import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';
import type { Document, Operation } from 'openapi-backend';
import { parse } from 'yaml';

/** The part of a JSON schema that the sandbox and the tests read. */
export interface Schema {
	type?: string | string[];
	format?: string;
	pattern?: string;
	minimum?: number;
	maximum?: number;
	default?: unknown;
	items?: Schema;
	properties?: Record<string, Schema>;
	required?: string[];
	enum?: unknown[];
	oneOf?: Schema[];
}

export interface QueryParameter {
	name: string;
	required?: boolean;
	schema: Schema;
	/** Whether it may have several values, each of which has the schema. */
	'x-repeatable'?: boolean;
}

/** An operation of the contract, in the form that the sandbox needs. */
export interface ApiOperation {
	id: string;
	/** Whether the API reference page does not list it. */
	isBeyondPage: boolean;
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** As in the contract, without the base path: `/client/{client_id}/did/`. */
	path: string;
	query: QueryParameter[];
	/** Undocumented parameters of the query that clients use. */
	seenQuery: QueryParameter[];
	/** Types of the path parameters. */
	pathTypes: Map<string, string | string[] | undefined>;
	body?: { mediaType: string; schema: Schema };
	/** Status code of success. */
	success: number;
	/** Schema of a successful response, if it is JSON. */
	responseSchema?: Schema;
	definition: Operation<Document>;
}

export interface Contract {
	operations: ApiOperation[];
	byId: Map<string, ApiOperation>;
	/** Validates a request. @returns one error message; undefined if the request is valid */
	check(operation: ApiOperation, request: CheckedRequest): string | undefined;
	/** Validates a response, for tests. @returns all error messages */
	checkResponse(operation: ApiOperation, status: number, body: unknown): string[];
}

export interface CheckedRequest {
	/** Path without the base path, with the values of its parameters. */
	path: string;
	query: Record<string, string | string[]>;
	headers: Record<string, string | string[] | undefined>;
	body: unknown;
}

const BEYOND_PAGE_TAG = 'Beyond the API Page';

export const API_ROOT = '/api/ver1.0';

let shared: Promise<Contract> | undefined;

/** Loads `api/openapi.yaml`, once per process. Operations are compiled when first used. */
export async function loadContract(): Promise<Contract> {
	shared ??= createContract();
	return await shared;
}

async function createContract(): Promise<Contract> {
	const file = join(import.meta.dirname, '..', '..', 'api', 'openapi.yaml');
	const backend = new OpenAPIBackend({
		definition: mergeRefSiblings(parse(readFileSync(file, 'utf8'))) as Document,
		quick: true,
		strict: true,
		ignoreTrailingSlashes: false,
		customizeAjv: (ajv) => {
			addFormats(ajv, ['uri', 'email']);
			return ajv;
		},
	});
	await backend.init();
	const operations = backend.router.getOperations().map(toOperation);
	return {
		operations,
		byId: new Map(operations.map((operation) => [operation.id, operation])),
		check(operation, request) {
			const { errors } = backend.validator.validateRequest(
				{
					...request,
					query: documentedQuery(operation, request.query),
					body: operation.method === 'PUT' ? withoutNulls(request.body) : request.body,
					method: operation.method,
					headers: contentTypeHeader(request),
				},
				operation.definition,
			);
			return errors?.length ? formatError(errors[0]) : undefined;
		},
		checkResponse(operation, status, body) {
			const { errors } = backend.validator.validateResponse(body, operation.definition, status);
			return (errors ?? []).map(formatError);
		},
	};
}

/** An update clears a field with null, whatever its type. */
const withoutNulls = (body: unknown) =>
	typeof body === 'object' && body !== null && !Array.isArray(body)
		? Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
		: body;

/** The query without undocumented parameters, and the last value only of one that may be repeated. */
const documentedQuery = ({ query, seenQuery }: ApiOperation, sent: CheckedRequest['query']) =>
	Object.fromEntries(
		Object.entries(sent)
			.filter(([key]) => !seenQuery.some(({ name }) => name === key))
			.map(([key, value]) => {
				const isRepeatable = query.find(({ name }) => name === key)?.['x-repeatable'];
				return [key, (isRepeatable && [value].flat().at(-1)) || value];
			}),
	);

/**
 * Replaces each `$ref` that has sibling keywords by a copy of the schema merged with them. OpenAPI 3.1
 * allows siblings, such as a `default` or a description, but openapi-backend would ignore them.
 */
function mergeRefSiblings(document: unknown): unknown {
	const resolveRef = (ref: string) =>
		ref
			.slice(2)
			.split('/')
			.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], document);
	const walk = (node: unknown): unknown => {
		if (Array.isArray(node)) return node.map(walk);
		if (typeof node !== 'object' || node === null) return node;
		const { $ref, ...rest } = node as { $ref?: string };
		if (typeof $ref === 'string' && Object.keys(rest).length > 0) {
			return { ...(resolveRef($ref) as object), ...rest };
		}
		return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]));
	};
	return walk(document);
}

function contentTypeHeader(request: CheckedRequest): Record<string, string | string[]> {
	const type = request.headers['content-type'];
	return type === undefined ? {} : { 'content-type': type };
}

function toOperation(definition: Operation<Document>): ApiOperation {
	const parameters = (definition.parameters ?? []) as Array<{
		name: string;
		in: string;
		schema: Schema;
	}>;
	const content = (definition.requestBody as { content?: Record<string, { schema: Schema }> })
		?.content;
	const mediaType = content && Object.keys(content)[0];
	const [status, response] = Object.entries(definition.responses ?? {}).find(([code]) =>
		code.startsWith('2'),
	) ?? ['200', {}];
	const responseContent = (response as { content?: Record<string, { schema: Schema }> }).content;
	return {
		id: definition.operationId ?? `${definition.method} ${definition.path}`,
		isBeyondPage: definition.tags?.includes(BEYOND_PAGE_TAG) ?? false,
		method: definition.method.toUpperCase() as ApiOperation['method'],
		path: definition.path,
		query: parameters.filter((parameter) => parameter.in === 'query'),
		seenQuery:
			(definition as { 'x-seen-parameters'?: QueryParameter[] })['x-seen-parameters'] ?? [],
		pathTypes: new Map(
			parameters
				.filter((parameter) => parameter.in === 'path')
				.map((parameter) => [parameter.name, parameter.schema.type]),
		),
		body: mediaType ? { mediaType, schema: content[mediaType].schema } : undefined,
		success: Number(status),
		responseSchema: responseContent?.['application/json']?.schema,
		definition,
	};
}

interface AjvError {
	instancePath?: string;
	keyword?: string;
	message?: string;
	params?: Record<string, unknown>;
}

/** Formats an error of ajv, e.g. `tasks[3].try_count must be <= 50`. */
function formatError(error: AjvError): string {
	const location = (error.instancePath ?? '')
		.replace(/^\/(requestBody|query|path|header)/, '')
		.replace(/\/(\d+)(?=\/|$)/g, '[$1]')
		.replace(/\//g, '.')
		.replace(/^\./, '');
	const params = error.params ?? {};
	let message = error.message ?? 'is invalid';
	if (error.keyword === 'additionalProperties') {
		message = `unknown parameter '${String(params.additionalProperty)}'`;
	} else if (error.keyword === 'enum') {
		message += `: ${JSON.stringify(params.allowedValues)}`;
	}
	return location ? `${location} ${message}` : message;
}
