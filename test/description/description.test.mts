// The built descriptions: complete by the contract, valid by the rules, small, and quick to load.

import type { ICredentialType, INodeType } from 'n8n-workflow';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import type { Resource } from '../../nodes/shared/schema/operation';
import { loadContract } from '../../sandbox/http/contract.mts';
import { loadN8n, ROOT, type N8n } from '../harness/n8n.mts';
import page from '../../api/page-shape.json';
import { listEndpoints } from '../wire/support/endpoints.mts';
import { BuiltNode } from '../wire/support/node.mts';
import { PAGING } from '../wire/support/requests.mts';
import { flatten, rules } from './support/rules.mts';
import { avoidedWords, textRules } from './support/texts.mts';

const FILE = join(ROOT, 'dist', 'nodes', 'RingMe', 'RingMe.node.js');
const TRIGGERS = ['RingMeTrigger', 'RingMePollingTrigger'];
const CREDENTIALS = ['RingMeApi', 'RingMeOAuth2Api'];

let n8n: N8n;
let instance: INodeType;
let triggers: INodeType[];
let credentials: ICredentialType[];
let node: BuiltNode;
const properties = () => instance.description.properties;
const create = () => new (n8n.require(FILE) as { RingMe: new () => INodeType }).RingMe();

beforeAll(async () => {
	n8n = await loadN8n();
	instance = create();
	triggers = TRIGGERS.map((name) => {
		const file = join(ROOT, 'dist', 'nodes', name, `${name}.node.js`);
		return new (n8n.require(file) as Record<string, new () => INodeType>)[name]();
	});
	credentials = CREDENTIALS.map((name) => {
		const file = join(ROOT, 'dist', 'credentials', `${name}.credentials.js`);
		return new (n8n.require(file) as Record<string, new () => ICredentialType>)[name]();
	});
	node = new BuiltNode(n8n, instance.description);
});

describe('the node, compared with the contract', () => {
	it('has every endpoint of the API page and beyond it once, and no other', () => {
		const endpoints = listEndpoints();
		const ofPage = endpoints.filter(({ isBeyondPage }) => !isBeyondPage);
		expect(ofPage).toHaveLength(page.operationCount);
		const endpointName = (method: string, path: string) => `${method} ${path}`;
		expect(
			node
				.operations()
				.map(({ method, path }) => endpointName(method, path))
				.sort(),
		).toEqual(endpoints.map(({ method, path }) => endpointName(method, path)).sort());
	});

	it('has a parameter for every parameter of an endpoint, and no other', async () => {
		const contract = await loadContract();
		for (const endpoint of listEndpoints()) {
			const { query, body } = contract.byId.get(endpoint.id) ?? { query: [] };
			const [operation] = node.operationsFor(endpoint);
			const inputs = node.inputs(operation);
			const names = (list: Array<{ name: string }>) => list.map(({ name }) => name).sort();
			const expected = names(query).filter(
				(name) => !PAGING.includes(name) || names(inputs.query).includes(name),
			);
			expect([endpoint.id, names(inputs.query)]).toEqual([endpoint.id, expected]);
			// A task's fields are read by the custom operation.
			if (endpoint.id === 'addTasks') continue;
			const fields = Object.keys(body?.schema.properties ?? {}).sort();
			// A field of an object such as the variables of a call may have an input of its own.
			const nested = Object.values(body?.schema.properties ?? {}).flatMap((schema) =>
				schema.type === 'object' ? Object.keys(schema.properties ?? {}) : [],
			);
			const ofBody = names(inputs.body).filter((name) => !nested.includes(name));
			expect([endpoint.id, ofBody]).toEqual([endpoint.id, fields]);
		}
	});

	it('shows exactly the required parameters outside of collections', async () => {
		const contract = await loadContract();
		for (const endpoint of listEndpoints().filter(({ id }) => id !== 'addTasks')) {
			const { query, body } = contract.byId.get(endpoint.id) ?? { query: [] };
			const inputs = node.inputs(node.operationsFor(endpoint)[0]);
			const required = [
				...query.filter((parameter) => parameter.required).map(({ name }) => name),
				...(body?.schema.required ?? []),
			];
			const top = [...inputs.query, ...inputs.body].filter(({ path }) => path.length === 1);
			expect([endpoint.id, top.map(({ name }) => name).sort()]).toEqual([
				endpoint.id,
				required.sort(),
			]);
		}
	});

	it('shows the required fields of an operation in the order of its definition', () => {
		const { resources } = n8n.require(join(ROOT, 'dist', 'nodes', 'RingMe', 'resources')) as {
			resources: Resource[];
		};
		for (const operation of node.operations()) {
			const resource = resources.find(({ key }) => key === operation.resource);
			const { required = [] } = resource?.operations[operation.operation] ?? {};
			const { query, body } = node.inputs(operation);
			const shown = [...query, ...body].filter(({ path }) => path.length === 1);
			const names = shown.map(({ name }) => name);
			const defined = required.map(({ key }) => key).filter((key) => names.includes(key));
			expect([operation.path, names]).toEqual([operation.path, defined]);
		}
	});
});

it.each(Object.keys(rules))('follows the rule: %s', (name) => {
	expect(rules[name](properties(), node)).toEqual([]);
});

describe('the texts of the nodes and credentials', () => {
	it.each(Object.keys(textRules))('follow the rule: %s', (name) => {
		const rule = textRules[name];
		expect(rule(properties())).toEqual([]);
		for (const { description } of triggers) {
			expect([description.name, rule(description.properties)]).toEqual([description.name, []]);
		}
		for (const credential of credentials) {
			expect([credential.name, rule(credential.properties)]).toEqual([credential.name, []]);
		}
	});

	it('use the standard terms of telephony and n8n outside of parameters', () => {
		const texts = [
			instance.description.description,
			...triggers.flatMap(({ description: trigger }) => [
				trigger.description,
				trigger.eventTriggerDescription,
				trigger.activationMessage,
			]),
			...credentials.flatMap(({ test }) =>
				(test?.rules ?? []).map(({ properties: { message } }) => message),
			),
		];
		expect(texts.filter((text) => typeof text === 'string').length).toBeGreaterThan(6);
		expect(texts.flatMap((text) => avoidedWords(String(text ?? '')))).toEqual([]);
	});

	it('call the list of events of a trigger Trigger On, without a description', () => {
		for (const { description } of triggers) {
			const events = description.properties.find(({ name }) => /^events?$/.test(name));
			expect(events?.displayName).toBe('Trigger On');
			expect(events?.description).toBeUndefined();
		}
	});
});

it('handles every request with one pagination function', () => {
	expect(instance.description.requestOperations?.pagination).toBeInstanceOf(Function);
	expect(Object.keys(instance.description.requestOperations ?? {})).toEqual(['pagination']);
	expect(instance.execute).toBeUndefined();
});

it('has a list search method for every resource locator', () => {
	const searches = properties()
		.flatMap((property) => flatten(property))
		.flatMap(({ property }) => property.modes ?? [])
		.flatMap(({ typeOptions }) => typeOptions?.searchListMethod ?? []);
	const methods = Object.keys(instance.methods?.listSearch ?? {}).sort();
	expect([...new Set(searches)].sort()).toEqual(methods);
});

describe('the description', () => {
	it('has at most 200 KB and 170 parameters', () => {
		expect(JSON.stringify(instance.description).length).toBeLessThanOrEqual(200_000);
		expect(properties().length).toBeLessThanOrEqual(170);
	});

	it('is a new object for every instance, because n8n appends to its properties', () => {
		const [first, second] = [create(), create()];
		expect(first.description.properties).not.toBe(second.description.properties);
		expect(first.description.properties).toEqual(second.description.properties);
	});
});

it('loads no code but its own and n8n-workflow', () => {
	const script = `
		require('n8n-workflow');
		const loaded = new Set(Object.keys(require.cache));
		new (require(${JSON.stringify(FILE)}).RingMe)();
		console.log(JSON.stringify(Object.keys(require.cache).filter((path) => !loaded.has(path))));
	`;
	const output = execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' });
	const files = JSON.parse(output) as string[];
	expect(files.length).toBeGreaterThan(20);
	expect(files.filter((path) => !path.startsWith(join(ROOT, 'dist')))).toEqual([]);
});
