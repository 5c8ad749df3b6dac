import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import { OpenAPIBackend } from 'openapi-backend';
import type { Document, Operation } from 'openapi-backend';
import { parse } from 'yaml';

/** The part of a JSON schema that the sandbox itself looks at. */
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
}

/** One of the 118 operations, with what the sandbox needs of it worked out once. */
export interface ApiOperation {
	id: string;
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** As in the contract, without the base: `/client/{client_id}/did/`. */
	path: string;
	query: QueryParameter[];
	/** Types of the path parameters. */
	pathTypes: Map<string, string | string[] | undefined>;
	body?: { mediaType: string; schema: Schema };
	success: number;
	/** Schema of the success answer, if it is JSON. */
	answer?: Schema;
	definition: Operation<Document>;
}

export interface Contract {
	operations: ApiOperation[];
	byId: Map<string, ApiOperation>;
	/** What is wrong with a request, as one sentence; undefined if the contract allows it. */
	check(operation: ApiOperation, request: CheckedRequest): string | undefined;
	/** What is wrong with an answer (used by tests). */
	checkAnswer(operation: ApiOperation, status: number, body: unknown): string[];
}

export interface CheckedRequest {
	/** Path below the API's base, with every placeholder filled. */
	path: string;
	query: Record<string, string | string[]>;
	headers: Record<string, string | string[] | undefined>;
	body: unknown;
}

export const API_ROOT = '/api/ver1.0';

let shared: Promise<Contract> | undefined;

/** The contract of `api/openapi.yaml`, parsed once per process and compiled per operation on first use. */
export async function loadContract(): Promise<Contract> {
	shared ??= build();
	return await shared;
}

async function build(): Promise<Contract> {
	const file = join(import.meta.dirname, '..', '..', 'api', 'openapi.yaml');
	const backend = new OpenAPIBackend({
		definition: withSiblings(parse(readFileSync(file, 'utf8'))) as Document,
		quick: true,
		strict: true,
		ignoreTrailingSlashes: false,
		customizeAjv: (ajv) => {
			addFormats(ajv, ['uri', 'email']);
			return ajv;
		},
	});
	await backend.init();
	const operations = backend.router.getOperations().map(describe);
	return {
		operations,
		byId: new Map(operations.map((operation) => [operation.id, operation])),
		check(operation, request) {
			const { errors } = backend.validator.validateRequest(
				{ ...request, method: operation.method, headers: headersOf(request) },
				operation.definition,
			);
			return errors?.length ? sentence(errors[0]) : undefined;
		},
		checkAnswer(operation, status, body) {
			const { errors } = backend.validator.validateResponse(body, operation.definition, status);
			return (errors ?? []).map(sentence);
		},
	};
}

/**
 * Merges what stands beside a schema's `$ref` (OpenAPI 3.1 allows a `default` or a description there) into
 * a copy of the schema; openapi-backend's reader would drop it.
 */
function withSiblings(document: unknown): unknown {
	const at = (ref: string) =>
		ref
			.slice(2)
			.split('/')
			.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], document);
	const walk = (node: unknown): unknown => {
		if (Array.isArray(node)) return node.map(walk);
		if (typeof node !== 'object' || node === null) return node;
		const { $ref, ...rest } = node as { $ref?: string };
		if (typeof $ref === 'string' && Object.keys(rest).length > 0) {
			return { ...(at($ref) as object), ...rest };
		}
		return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]));
	};
	return walk(document);
}

function headersOf(request: CheckedRequest): Record<string, string | string[]> {
	const type = request.headers['content-type'];
	return type === undefined ? {} : { 'content-type': type };
}

function describe(definition: Operation<Document>): ApiOperation {
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
	const answers = (response as { content?: Record<string, { schema: Schema }> }).content;
	return {
		id: definition.operationId ?? `${definition.method} ${definition.path}`,
		method: definition.method.toUpperCase() as ApiOperation['method'],
		path: definition.path,
		query: parameters.filter((parameter) => parameter.in === 'query'),
		pathTypes: new Map(
			parameters
				.filter((parameter) => parameter.in === 'path')
				.map((parameter) => [parameter.name, parameter.schema.type]),
		),
		body: mediaType ? { mediaType, schema: content[mediaType].schema } : undefined,
		success: Number(status),
		answer: answers?.['application/json']?.schema,
		definition,
	};
}

interface AjvError {
	instancePath?: string;
	keyword?: string;
	message?: string;
	params?: Record<string, unknown>;
}

/** `tasks[3].try_count must be <= 50`, from what ajv says. */
function sentence(error: AjvError): string {
	const where = (error.instancePath ?? '')
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
	return where ? `${where} ${message}` : message;
}
