// Compares `api/openapi.yaml` with `api/page-shape.json`, which was extracted from the text of the vendor's
// API page independently, so that a missing, additional, misspelled or mistyped field is noticed. What the
// contract has beyond the page is marked in it (`x-beyond-page` and so on) or listed in
// `BEYOND_PAGE_LIMITS`, and not compared. Operations that the page does not have are counted apart.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

import page from '../../api/page-shape.json';

type Schema = {
	$ref?: string;
	type?: string | string[];
	enum?: unknown[];
	default?: unknown;
	pattern?: string;
	minimum?: number;
	maximum?: number;
	format?: string;
	items?: Schema;
	oneOf?: Schema[];
	properties?: Record<string, Schema>;
	required?: string[];
	additionalProperties?: boolean;
	'x-beyond-page'?: boolean;
	'x-beyond-page-types'?: string[];
	'x-added-later'?: string[];
	'x-unknown'?: boolean;
};
type Parameter = {
	$ref?: string;
	name: string;
	in: string;
	required?: boolean;
	style?: string;
	explode?: boolean;
	schema: Schema;
};
type Content = Record<string, { schema: Schema }>;
type Response = { $ref?: string; content?: Content; headers?: Record<string, unknown> };
type Operation = {
	operationId: string;
	tags: string[];
	summary: string;
	'x-source'?: string[];
	'x-confidence'?: string;
	security?: unknown;
	parameters?: Parameter[];
	requestBody?: { required?: boolean; content: Content };
	responses: Record<string, Response>;
};
/** Descriptions of fields, in the notation of page-shape.json, by name. */
type Fields = Record<string, string>;
/** The fields of an operation by their location. */
type Shape = Partial<Record<'path' | 'query' | 'json' | 'form' | 'response', Fields>>;

const root = join(__dirname, '..', '..');
const file = join(root, 'api', 'openapi.yaml');
const contract = parse(readFileSync(file, 'utf8')) as {
	servers: Array<{ url: string }>;
	tags: Array<{ name: string }>;
	security: unknown;
	paths: Record<string, Record<string, Operation> & { parameters?: Parameter[] }>;
	components: {
		securitySchemes: Record<string, unknown>;
		schemas: Record<string, Schema>;
		responses: Record<string, Response>;
		parameters: Record<string, Parameter>;
		headers: Record<string, unknown>;
	};
};

const METHODS = ['get', 'post', 'put', 'delete'];
const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
	METHODS.filter((method) => item[method]).map((method) => ({
		key: `${method.toUpperCase()} ${path}`,
		path,
		method,
		operation: item[method],
		parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(resolve),
	})),
);

const BEYOND_PAGE_TAG = 'Beyond the API Page';
const isBeyondPage = ({ operation }: (typeof operations)[number]) =>
	operation.tags.includes(BEYOND_PAGE_TAG);
/** The operations that the page lists. */
const pageOnly = operations.filter((entry) => !isBeyondPage(entry));

/** Limits from other public documents, or that follow from the meaning. The page has none. */
const BEYOND_PAGE_LIMITS: Record<string, string> = {
	page: ' min=1',
	per_page: ' min=1',
	'tasks[].try_count': ' min=1 max=50',
};

/** Resolves the `$ref` of a node. Keywords beside the `$ref` take precedence (OpenAPI 3.1). */
function resolve<T extends { $ref?: string }>(node: T): T {
	if (node.$ref === undefined) return node;
	const { $ref, ...siblings } = node;
	const target = $ref
		.slice('#/'.length)
		.split('/')
		.reduce<unknown>((parent, key) => (parent as Record<string, unknown>)[key], contract);
	if (target === undefined) throw new Error(`Nothing at ${$ref}`);
	return { ...resolve(target as T), ...siblings };
}

/**
 * Describes a field in the notation of page-shape.json, and its nested fields as `name[].field`.
 * @param isResponse responses may have null, which the page does not mention
 */
function describeField(
	name: string,
	node: Schema,
	isRequired: boolean,
	isResponse: boolean,
): Fields {
	const schema = resolve(node);
	const ignoredTypes = new Set(schema['x-beyond-page-types']);
	if (isResponse) ignoredTypes.add('null');
	const types = [schema.type ?? 'untyped'].flat().filter((type) => !ignoredTypes.has(type));
	const nested: Fields = {};
	let text = schema.format === 'binary' ? 'file' : types.join('|');
	if (schema.items) {
		const items = resolve(schema.items);
		text += ` [${[items.type ?? 'untyped'].flat().join('|')}]`;
		for (const [key, value] of Object.entries(describeFields(items, isResponse))) {
			nested[`${name}[].${key}`] = value;
		}
	}
	if (isRequired) text += ' required';
	if (schema.minimum !== undefined) text += ` min=${schema.minimum}`;
	if (schema.maximum !== undefined) text += ` max=${schema.maximum}`;
	if (schema.enum) {
		const addedLater = schema['x-added-later'] ?? [];
		const values = schema.enum.filter(
			(value) => value !== null && !addedLater.includes(String(value)),
		);
		text += ` enum=${values.map(String).sort().join('|')}`;
	}
	if (schema.default !== undefined) text += ` default=${String(schema.default)}`;
	return { ...nested, [name]: text };
}

/** Describes the properties of a schema, without those beyond the page. */
function describeFields(node: Schema, isResponse: boolean): Fields {
	const schema = resolve(node);
	const fields: Fields = {};
	for (const [name, property] of Object.entries(schema.properties ?? {})) {
		if (resolve(property)['x-beyond-page']) continue;
		const isRequired = schema.required?.includes(name) ?? false;
		Object.assign(fields, describeField(name, property, isRequired, isResponse));
	}
	return fields;
}

const SUCCESS: Record<string, string> = { get: '200', post: '201', put: '200', delete: '204' };

/** The response of success. */
function success({ method, operation }: (typeof operations)[number]): Response {
	return resolve(operation.responses[SUCCESS[method]]);
}

/** The schema of one record of a response: the item of a list, the first of alternatives. */
function recordSchema(response: Response): Schema | undefined {
	const schema = response.content?.['application/json']?.schema;
	const first = schema?.oneOf?.[0] ?? schema;
	const record = first && resolve(first);
	return record?.type === 'array' ? record.items : record;
}

function shapeOf(entry: (typeof operations)[number]): Shape {
	const shape: Shape = {};
	for (const { name, schema, required = false, ...parameter } of entry.parameters) {
		const location = parameter.in as 'path' | 'query';
		shape[location] = { ...shape[location], ...describeField(name, schema, required, false) };
	}
	const content = entry.operation.requestBody?.content ?? {};
	const json = content['application/json'];
	if (json) shape.json = describeFields(json.schema, false);
	const form = content['multipart/form-data'];
	if (form) shape.form = describeFields(form.schema, false);
	const record = recordSchema(success(entry));
	const fields = record && describeFields(record, true);
	if (fields && Object.keys(fields).length > 0) shape.response = fields;
	return shape;
}

/** Adds the limits beyond the page to the shape of the page. */
function withLimits(shape: Shape): Shape {
	return Object.fromEntries(
		Object.entries(shape).map(([location, fields]) => [
			location,
			Object.fromEntries(
				Object.entries(fields).map(([name, text]) => {
					const limits = location === 'response' ? undefined : BEYOND_PAGE_LIMITS[name];
					return [name, limits ? text.replace(/^\w+( required)?/, `$&${limits}`) : text];
				}),
			),
		]),
	);
}

const pageOperations: Record<string, Shape> = page.operations;

describe('the contract and the API page', () => {
	it('lists the same operations in the contract and on the API page', () => {
		expect(pageOnly.map(({ key }) => key).sort()).toEqual(Object.keys(pageOperations).sort());
		expect(pageOnly).toHaveLength(page.operationCount);
	});

	it('has as many operations per method and fields per location in the contract as on the page', () => {
		const methodCounts: Record<string, number> = {};
		const fieldCounts: Record<string, number> = {};
		for (const entry of pageOnly) {
			const method = entry.method.toUpperCase();
			methodCounts[method] = (methodCounts[method] ?? 0) + 1;
			for (const [location, fields] of Object.entries(shapeOf(entry))) {
				fieldCounts[location] = (fieldCounts[location] ?? 0) + Object.keys(fields).length;
			}
		}
		expect(methodCounts).toEqual(page.methodCounts);
		expect(fieldCounts).toEqual(page.fieldCounts);
	});

	it.each(pageOnly.map((entry) => [entry.key, entry] as const))(
		'describes the fields of %s as the API page does',
		(key, entry) => {
			expect(shapeOf(entry)).toEqual(withLimits(pageOperations[key]));
		},
	);

	it('names the source of every operation beyond the page, and how certain it is', () => {
		const beyondPage = operations.filter(isBeyondPage);
		expect(beyondPage.length).toBeGreaterThan(0);
		for (const { key, operation } of beyondPage) {
			expect(Object.keys(pageOperations)).not.toContain(key);
			const { 'x-source': sources = [], 'x-confidence': confidence } = operation;
			expect([key, sources.length > 0]).toEqual([key, true]);
			for (const source of sources) expect(source).toMatch(/^https:\/\/[^/]+\/\S+$/);
			expect([key, ['documented', 'partly seen']]).toEqual([
				key,
				expect.arrayContaining([confidence]),
			]);
		}
	});

	it('gives no source to the operations of the page', () => {
		expect(pageOnly.filter(({ operation }) => operation['x-source'])).toEqual([]);
	});
});

describe('the contract', () => {
	it('validates the contract as OpenAPI 3.1', () => {
		const cli = join(
			root,
			'node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js',
		);
		const output = execFileSync(process.execPath, [cli, file], { encoding: 'utf8' });
		expect(JSON.parse(output)).toEqual({ valid: true });
		expect(readFileSync(file, 'utf8')).toContain('openapi: 3.1.0');
	});

	it('gives every operation of the contract a unique camelCase id, one declared tag and a summary', () => {
		const ids = operations.map(({ operation }) => operation.operationId);
		expect(new Set(ids).size).toBe(ids.length);
		const tags = contract.tags.map(({ name }) => name);
		for (const { operation } of operations) {
			expect(operation.operationId).toMatch(/^[a-z]+([A-Z][a-z]*)*$/);
			expect(operation.tags).toHaveLength(1);
			expect(tags).toContain(operation.tags[0]);
			expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
		}
		expect(new Set(operations.map(({ operation }) => operation.tags[0]))).toEqual(new Set(tags));
	});

	it('has the base path /api/ver1.0 and requires a bearer token except for the download with HTTP Basic', () => {
		expect(contract.servers.map(({ url }) => url)).toEqual(['/api/ver1.0']);
		expect(contract.security).toEqual([{ oauth2: ['all'] }, { bearer: [] }]);
		const exceptions = operations.filter(({ operation }) => operation.security !== undefined);
		expect(exceptions.map(({ key, operation }) => [key, operation.security])).toEqual([
			['GET /client/{client_id}/record/{record_uuid}/download/', [{ basic: [] }]],
		]);
	});

	it('describes the responses 200 of GET and PUT, 201 of POST, an empty 204 of DELETE, and 4XX', () => {
		for (const entry of operations) {
			const { responses } = entry.operation;
			expect([entry.key, Object.keys(responses).sort()]).toEqual([
				entry.key,
				[SUCCESS[entry.method], '4XX'].sort(),
			]);
			expect(responses['4XX']).toEqual({ $ref: '#/components/responses/Error' });
			expect([entry.key, success(entry).content === undefined]).toEqual([
				entry.key,
				entry.method === 'delete',
			]);
			expect(Object.keys(success(entry).headers ?? {})).toEqual(
				expect.arrayContaining(['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset']),
			);
		}
	});

	it('describes a bare array as the response of every list operation and of no other', () => {
		const lists = operations.filter((entry) => {
			const schema = success(entry).content?.['application/json']?.schema;
			return schema !== undefined && resolve(schema).type === 'array';
		});
		// Calls are a list inside an object, and the response for variables is unknown.
		const notBare = [
			'listActiveCalls',
			'listActiveCallsOfExtension',
			'listCallHistory',
			'listCalls',
			'listVariables',
		];
		const listIds = operations
			.map(({ operation }) => operation.operationId)
			.filter((id) => id.startsWith('list') && !notBare.includes(id));
		expect(lists.map(({ operation }) => operation.operationId).sort()).toEqual(listIds.sort());
	});

	it('closes request bodies, requires them if a field is required, and repeats the keys of arrays', () => {
		for (const { key, operation, parameters } of operations) {
			const body = operation.requestBody;
			if (body) {
				expect(Object.keys(body.content)).toHaveLength(1);
				const schema = resolve(Object.values(body.content)[0].schema);
				expect([key, body.required ?? false]).toEqual([key, (schema.required ?? []).length > 0]);
				const nested = Object.values(schema.properties ?? {}).flatMap(({ items }) => items ?? []);
				for (const closed of [schema, ...nested.map(resolve)]) {
					if (closed.properties) expect([key, closed.additionalProperties]).toEqual([key, false]);
				}
			}
			for (const { name, schema, style, explode } of parameters) {
				const repeatsKey = style === 'form' && explode === true;
				expect([key, name, repeatsKey]).toEqual([key, name, resolve(schema).type === 'array']);
			}
			const pathNames = [...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
			const inPath = parameters.filter((parameter) => parameter.in === 'path');
			expect(inPath.map(({ name }) => name)).toEqual(pathNames);
		}
	});

	it('contains no component that is not referenced', () => {
		const text = readFileSync(file, 'utf8');
		for (const [kind, entries] of Object.entries(contract.components)) {
			if (kind === 'securitySchemes') continue;
			for (const name of Object.keys(entries)) {
				expect(text).toContain(`'#/components/${kind}/${name}'`);
			}
		}
	});
});

describe('the schemas', () => {
	const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
	addFormats(ajv);
	for (const keyword of ['x-beyond-page', 'x-beyond-page-types', 'x-added-later', 'x-unknown']) {
		ajv.addKeyword(keyword);
	}
	ajv.addFormat('binary', true);
	ajv.addKeyword('components');
	ajv.addSchema({ $id: 'contract', components: contract.components });
	const compile = (name: string) => ajv.compile({ $ref: `contract#/components/schemas/${name}` });

	it.each(Object.keys(contract.components.schemas))('compiles the schema %s', (name) => {
		expect(compile(name)).toBeInstanceOf(Function);
	});

	it('compiles the schemas of all parameters, bodies and responses', () => {
		const withContractRefs = (schema: Schema): Schema =>
			JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"contract#/'));
		for (const entry of operations) {
			const contents = { ...entry.operation.requestBody?.content, ...success(entry).content };
			const schemas = Object.values(contents).map(({ schema }) => schema);
			for (const schema of [...schemas, ...entry.parameters.map((parameter) => parameter.schema)]) {
				expect(ajv.compile(withContractRefs(schema))).toBeInstanceOf(Function);
			}
		}
	});

	it.each([
		['a task', { tasks: [{ a_number: '79990000001', try_count: 50 }] }, true],
		['no tasks', { tasks: [] }, false],
		['a missing list', {}, false],
		['a number as text', { tasks: [{ a_number: '79990000001', extension_id: '101' }] }, false],
		['51 attempts', { tasks: [{ a_number: '79990000001', try_count: 51 }] }, false],
		['an ISO date', { tasks: [{ start_time_utc: '2026-01-02T03:04:05Z' }] }, false],
		['a date with a space', { tasks: [{ start_time_utc: '2026-01-02 03:04:05' }] }, true],
		['a start in seconds', { tasks: [{ start_time_utc: 30 }, { start_time_utc: '30' }] }, true],
		['no attempt for the caller', { tasks: [{ try_count_caller: 0 }] }, true],
		['minus one attempt for the caller', { tasks: [{ try_count_caller: -1 }] }, false],
		['ten days between attempts', { tasks: [{ try_again_pause_caller: 864_000 }] }, true],
		['a longer pause', { tasks: [{ try_again_pause_caller: 864_001 }] }, false],
		['a number per attempt', { tasks: [{ attempts_src_ani_numbers: ['79990000002'] }] }, true],
		['one number for all attempts', { tasks: [{ attempts_dst_ani_numbers: '7999' }] }, false],
		['an unknown field', { tasks: [{ a_number: '79990000001', aNumber: '1' }] }, false],
	])('decides whether a request to add %s is valid', (_name, body, valid) => {
		expect(compile('TaskBatchCreate')(body)).toBe(valid);
	});

	it('accepts null for unset fields of a task, but not for its id', () => {
		const task = { id: 1, name: null, status: 'delayed_interval', finish_result: null, cdr: null };
		expect(compile('Task')(task)).toBe(true);
		expect(compile('Task')({ ...task, id: null })).toBe(false);
		expect(compile('Task')({ ...task, status: 'unknown-status' })).toBe(false);
	});
});
