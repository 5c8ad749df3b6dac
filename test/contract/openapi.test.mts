/**
 * Compares `api/openapi.yaml` with `api/page-shape.json`, which was read from the text of the vendor's
 * API page by a reader of its own: a field lost, added, misspelt or mistyped in the transcription
 * fails here. What the contract knows beyond the page is marked in it (`x-beyond-page` and so on)
 * and listed in `BEYOND_PAGE_LIMITS`; only that is left out of the comparison.
 */
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
	security?: unknown;
	parameters?: Parameter[];
	requestBody?: { required?: boolean; content: Content };
	responses: Record<string, Response>;
};
type Fields = Record<string, string>;
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

/** Limits that other public documents give, or that follow from the meaning; the page has none. */
const BEYOND_PAGE_LIMITS: Record<string, string> = {
	page: ' min=1',
	per_page: ' min=1',
	'tasks[].try_count': ' min=1 max=50',
};

/** The object itself, or what its `$ref` points to; words beside the `$ref` win (OpenAPI 3.1). */
function resolve<T extends { $ref?: string }>(node: T): T {
	if (node.$ref === undefined) return node;
	const { $ref, ...beside } = node;
	const found = $ref
		.slice('#/'.length)
		.split('/')
		.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], contract);
	if (found === undefined) throw new Error(`Nothing at ${$ref}`);
	return { ...resolve(found as T), ...beside };
}

/** A field in the notation of page-shape.json, and its nested fields as `name[].field`. */
function spell(name: string, given: Schema, required: boolean, answer: boolean, out: Fields) {
	const schema = resolve(given);
	const foreign = new Set([...(schema['x-beyond-page-types'] ?? []), ...(answer ? ['null'] : [])]);
	const types = [schema.type ?? 'untyped'].flat().filter((type) => !foreign.has(type));
	let text = schema.format === 'binary' ? 'file' : types.join('|');
	if (schema.items) {
		const items = resolve(schema.items);
		text += ` [${[items.type ?? 'untyped'].flat().join('|')}]`;
		for (const [key, value] of Object.entries(spellAll(items, answer)))
			out[`${name}[].${key}`] = value;
	}
	if (required) text += ' required';
	let limits = '';
	if (schema.minimum !== undefined) limits += ` min=${schema.minimum}`;
	if (schema.maximum !== undefined) limits += ` max=${schema.maximum}`;
	out[name] = text + limits;
	if (schema.enum) {
		const later = schema['x-added-later'] ?? [];
		const words = schema.enum.filter((word) => word !== null && !later.includes(String(word)));
		out[name] += ` enum=${words.map(String).sort().join('|')}`;
	}
	if (schema.default !== undefined) out[name] += ` default=${String(schema.default)}`;
}

function spellAll(given: Schema, answer: boolean): Fields {
	const schema = resolve(given);
	const out: Fields = {};
	for (const [name, property] of Object.entries(schema.properties ?? {})) {
		if (resolve(property)['x-beyond-page']) continue;
		spell(name, property, schema.required?.includes(name) ?? false, answer, out);
	}
	return out;
}

const SUCCESS: Record<string, string> = { get: '200', post: '201', put: '200', delete: '204' };

function success({ method, operation }: (typeof operations)[number]): Response {
	return resolve(operation.responses[SUCCESS[method]]);
}

/** What one record of the answer looks like: the item of a list, the first of alternatives. */
function answerSchema(response: Response): Schema | undefined {
	const schema = response.content?.['application/json']?.schema;
	const first = schema?.oneOf?.[0] ?? schema;
	const record = first && resolve(first);
	return record?.type === 'array' ? record.items : record;
}

function shapeOf(entry: (typeof operations)[number]): Shape {
	const shape: Shape = {};
	for (const parameter of entry.parameters) {
		const place = parameter.in as 'path' | 'query';
		spell(
			parameter.name,
			parameter.schema,
			parameter.required ?? false,
			false,
			(shape[place] ??= {}),
		);
	}
	const content = entry.operation.requestBody?.content ?? {};
	if (content['application/json']) shape.json = spellAll(content['application/json'].schema, false);
	if (content['multipart/form-data']) {
		shape.form = spellAll(content['multipart/form-data'].schema, false);
	}
	const answer = answerSchema(success(entry));
	const fields = answer && spellAll(answer, true);
	if (fields && Object.keys(fields).length > 0) shape.response = fields;
	return shape;
}

/** The page's shape with the limits known from elsewhere put in. */
function withLimits(shape: Shape): Shape {
	return Object.fromEntries(
		Object.entries(shape).map(([place, fields]) => [
			place,
			Object.fromEntries(
				Object.entries(fields).map(([name, text]) => {
					const limits = place === 'response' ? undefined : BEYOND_PAGE_LIMITS[name];
					return [name, limits ? text.replace(/^\w+( required)?/, `$&${limits}`) : text];
				}),
			),
		]),
	);
}

const pageOperations: Record<string, Shape> = page.operations;

describe('the contract and the API page', () => {
	it('have the same operations', () => {
		expect(operations.map(({ key }) => key).sort()).toEqual(Object.keys(pageOperations).sort());
		expect(operations).toHaveLength(page.operationCount);
	});

	it('have the same number of operations per method and of fields per place', () => {
		const methodCounts: Record<string, number> = {};
		const fieldCounts: Record<string, number> = {};
		for (const entry of operations) {
			const method = entry.method.toUpperCase();
			methodCounts[method] = (methodCounts[method] ?? 0) + 1;
			for (const [place, fields] of Object.entries(shapeOf(entry))) {
				fieldCounts[place] = (fieldCounts[place] ?? 0) + Object.keys(fields).length;
			}
		}
		expect(methodCounts).toEqual(page.methodCounts);
		expect(fieldCounts).toEqual(page.fieldCounts);
	});

	it.each(operations.map((entry) => [entry.key, entry] as const))('%s', (key, entry) => {
		expect(shapeOf(entry)).toEqual(withLimits(pageOperations[key]));
	});
});

describe('the contract', () => {
	it('is valid OpenAPI 3.1', () => {
		const cli = join(
			root,
			'node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js',
		);
		const printed = execFileSync(process.execPath, [cli, file], { encoding: 'utf8' });
		expect(JSON.parse(printed)).toEqual({ valid: true });
		expect(readFileSync(file, 'utf8')).toContain('openapi: 3.1.0');
	});

	it('gives every operation a unique camelCase id, one declared tag and a summary', () => {
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

	it('is served below /api/ver1.0 with a bearer token, except for the download with basic authentication', () => {
		expect(contract.servers.map(({ url }) => url)).toEqual(['/api/ver1.0']);
		expect(contract.security).toEqual([{ oauth2: ['all'] }, { bearer: [] }]);
		const own = operations.filter(({ operation }) => operation.security !== undefined);
		expect(own.map(({ key, operation }) => [key, operation.security])).toEqual([
			['GET /client/{client_id}/record/{record_uuid}/download/', [{ basic: [] }]],
		]);
	});

	it('answers GET and PUT with 200, POST with 201, DELETE with an empty 204, and 4XX with the common error', () => {
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

	it('answers the lists, and only them, with a bare array', () => {
		const lists = operations.filter((entry) => {
			const schema = success(entry).content?.['application/json']?.schema;
			return schema !== undefined && resolve(schema).type === 'array';
		});
		// A list of calls comes in an object; nobody has seen the list of variables.
		const named = operations
			.map(({ operation }) => operation.operationId)
			.filter((id) => id.startsWith('list') && !['listActiveCalls', 'listVariables'].includes(id));
		expect(lists.map(({ operation }) => operation.operationId).sort()).toEqual(named.sort());
	});

	it('is strict in requests: closed bodies, body required if a field is, arrays by repeated key', () => {
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
				const repeats = style === 'form' && explode === true;
				expect([key, name, repeats]).toEqual([key, name, resolve(schema).type === 'array']);
			}
			const places = [...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
			const inPath = parameters.filter((parameter) => parameter.in === 'path');
			expect(inPath.map(({ name }) => name)).toEqual(places);
		}
	});

	it('holds nothing that nobody refers to', () => {
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
	for (const word of ['x-beyond-page', 'x-beyond-page-types', 'x-added-later', 'x-unknown']) {
		ajv.addKeyword(word);
	}
	ajv.addFormat('binary', true);
	ajv.addKeyword('components');
	ajv.addSchema({ $id: 'contract', components: contract.components });
	const compile = (name: string) => ajv.compile({ $ref: `contract#/components/schemas/${name}` });

	it.each(Object.keys(contract.components.schemas))('%s compiles', (name) => {
		expect(compile(name)).toBeInstanceOf(Function);
	});

	it('of all parameters, bodies and answers compile', () => {
		const inContract = (schema: Schema): Schema =>
			JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"contract#/'));
		for (const entry of operations) {
			const contents = { ...entry.operation.requestBody?.content, ...success(entry).content };
			const schemas = Object.values(contents).map(({ schema }) => schema);
			for (const schema of [...schemas, ...entry.parameters.map((parameter) => parameter.schema)]) {
				expect(ajv.compile(inContract(schema))).toBeInstanceOf(Function);
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
		['an unknown field', { tasks: [{ a_number: '79990000001', aNumber: '1' }] }, false],
	])('judge a request to add %s', (_, body, valid) => {
		expect(compile('TaskBatchCreate')(body)).toBe(valid);
	});

	it('take null for what the PBX leaves open, but not for an id', () => {
		const task = { id: 1, name: null, status: 'delayed_interval', finish_result: null, cdr: null };
		expect(compile('Task')(task)).toBe(true);
		expect(compile('Task')({ ...task, id: null })).toBe(false);
		expect(compile('Task')({ ...task, status: 'unheard-of' })).toBe(false);
	});
});
