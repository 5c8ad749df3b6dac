/** The built description: complete by the contract, sound by the rules, and small. */
import type { INodeType } from 'n8n-workflow';
import { join } from 'node:path';

import { loadContract } from '../../sandbox/http/contract.mts';
import { loadN8n, ROOT, type N8n } from '../harness/n8n.mts';
import page from '../../api/page-shape.json';
import { listEndpoints } from '../wire/support/endpoints.mts';
import { BuiltNode } from '../wire/support/node.mts';
import { PAGING } from '../wire/support/requests.mts';
import { inside, rules } from './support/rules.mts';

const FILE = join(ROOT, 'dist', 'nodes', 'RingMe', 'RingMe.node.js');

let n8n: N8n;
let instance: INodeType;
let node: BuiltNode;
const properties = () => instance.description.properties;
const create = () => new (n8n.require(FILE) as { RingMe: new () => INodeType }).RingMe();

beforeAll(async () => {
	n8n = await loadN8n();
	instance = create();
	node = new BuiltNode(n8n, instance.description);
});

describe('by the contract', () => {
	it('has each endpoint once, and no other', () => {
		const endpoints = listEndpoints();
		expect(endpoints).toHaveLength(page.operationCount);
		const named = (method: string, path: string) => `${method} ${path}`;
		expect(
			node
				.places()
				.map((place) => named(place.method, node.pathOf(place)))
				.sort(),
		).toEqual(endpoints.map(({ method, path }) => named(method, path)).sort());
	});

	it('has an input for each parameter, and no other', async () => {
		const contract = await loadContract();
		for (const endpoint of listEndpoints()) {
			const { query, body } = contract.byId.get(endpoint.id) ?? { query: [] };
			const [place] = node.find(endpoint);
			const inputs = node.inputs(place);
			const names = (list: Array<{ name: string }>) => list.map(({ name }) => name).sort();
			const asked = names(query).filter(
				(name) => !PAGING.includes(name) || names(inputs.query).includes(name),
			);
			expect([endpoint.id, names(inputs.query)]).toEqual([endpoint.id, asked]);
			// A task's fields are read by the custom operation.
			if (endpoint.id === 'addTasks') continue;
			const fields = Object.keys(body?.schema.properties ?? {}).sort();
			expect([endpoint.id, names(inputs.body)]).toEqual([endpoint.id, fields]);
		}
	});

	it('asks for what is required outside of collections, and for nothing else', async () => {
		const contract = await loadContract();
		for (const endpoint of listEndpoints().filter(({ id }) => id !== 'addTasks')) {
			const { query, body } = contract.byId.get(endpoint.id) ?? { query: [] };
			const inputs = node.inputs(node.find(endpoint)[0]);
			const required = [
				...query.filter((one) => one.required).map(({ name }) => name),
				...(body?.schema.required ?? []),
			];
			const top = [...inputs.query, ...inputs.body].filter(({ at }) => at.length === 1);
			expect([endpoint.id, top.map(({ name }) => name).sort()]).toEqual([
				endpoint.id,
				required.sort(),
			]);
		}
	});
});

it.each(Object.keys(rules))('rule: %s', (name) => {
	expect(rules[name](properties(), node)).toEqual([]);
});

it('goes through one function around every request', () => {
	expect(instance.description.requestOperations?.pagination).toBeInstanceOf(Function);
	expect(Object.keys(instance.description.requestOperations ?? {})).toEqual(['pagination']);
	expect(instance.execute).toBeUndefined();
});

it('lists to pick from are there', () => {
	const searches = properties()
		.flatMap((one) => inside(one))
		.flatMap(({ property }) => property.modes ?? [])
		.flatMap(({ typeOptions }) => typeOptions?.searchListMethod ?? []);
	const methods = Object.keys(instance.methods?.listSearch ?? {}).sort();
	expect([...new Set(searches)].sort()).toEqual(methods);
});

describe('size', () => {
	it('is at most 200 KB and 220 inputs', () => {
		expect(JSON.stringify(instance.description).length).toBeLessThanOrEqual(200_000);
		expect(properties().length).toBeLessThanOrEqual(220);
	});

	it('each instance has properties of its own: n8n appends to them', () => {
		const [one, other] = [create(), create()];
		expect(one.description.properties).not.toBe(other.description.properties);
		expect(one.description.properties).toEqual(other.description.properties);
	});
});
