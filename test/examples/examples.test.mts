/** The example workflows, without running them (`npm run test:examples` does): that they fit the nodes and tell nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode, INodeType, INodeTypeDescription } from 'n8n-workflow';

import { loadN8n, ROOT, type N8n } from '../harness/n8n.mts';

interface Example {
	name: string;
	nodes: INode[];
	connections: Record<string, { main: Array<Array<{ node: string }>> }>;
	pinData: object;
}

const OURS = {
	'n8n-nodes-ringme.ringMe': 'RingMe',
	'n8n-nodes-ringme.ringMeTrigger': 'RingMeTrigger',
};
const STICKY = 'n8n-nodes-base.stickyNote';
/** Names that stand for "yours" and lead nowhere (RFC 2606), and what documents itself. */
const ADDRESS = /https?:\/\/(?![\w.-]*\bexample\.com\b)[^\s"']+/;
const SECRET = /\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9_-]{32,}\b/;

const files = readdirSync(join(ROOT, 'examples')).filter((file) => file.endsWith('.json'));
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');
const examples = files.map(
	(file) => [file, JSON.parse(read('examples', file)) as Example] as const,
);

let n8n: N8n;
const descriptions = new Map<string, INodeTypeDescription>();

beforeAll(async () => {
	n8n = await loadN8n();
	for (const [type, name] of Object.entries(OURS)) {
		const file = join(ROOT, 'dist', 'nodes', name, `${name}.node.js`);
		const classes = n8n.require(file) as Record<string, new () => INodeType>;
		descriptions.set(type, new classes[name]().description);
	}
});

describe.each(examples)('%s', (file, example) => {
	const working = example.nodes.filter(({ type }) => type !== STICKY);
	const ours = working.filter(({ type }) => type in OURS);

	it('uses the nodes as they are', () => {
		expect(ours.length).toBeGreaterThan(0);
		for (const node of ours) {
			const description = descriptions.get(node.type) as INodeTypeDescription;
			const { getNodeParameters, getNodeParametersIssues } = n8n.workflow.NodeHelpers;
			// What n8n makes of the parameters: unknown and hidden ones are gone, the others are there with their defaults.
			const known = getNodeParameters(
				description.properties,
				node.parameters,
				true,
				false,
				node,
				description,
			);
			expect({ node: node.name, parameters: known }).toMatchObject({
				node: node.name,
				parameters: node.parameters,
			});
			const { properties } = description;
			// A credential is chosen after the import, and a list without one is empty; all else must be right.
			expect(
				getNodeParametersIssues(properties, { ...node, parameters: known ?? {} }, description),
			).toBeNull();
			expect(node.typeVersion).toBe(description.version);
		}
	});

	it('names nodes that are there, all connected, each ID once', () => {
		const names = new Set(working.map(({ name }) => name));
		expect(names.size).toBe(working.length);
		const targets = Object.values(example.connections).flatMap(({ main }) =>
			main.flat().map(({ node }) => node),
		);
		for (const name of [...Object.keys(example.connections), ...targets]) {
			expect(names).toContain(name);
		}
		const starts = working.filter(({ name }) => !targets.includes(name));
		expect(starts.every(({ type }) => /trigger$|webhook$/i.test(type))).toBe(true);
		for (const [, name] of JSON.stringify(working).matchAll(/\$\('([^']+)'\)/g)) {
			expect(names).toContain(name);
		}
		const ids = example.nodes.map(({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
		const webhooks = working.filter(({ type }) => /ringMeTrigger$|webhook$/.test(type));
		expect(webhooks.every(({ webhookId }) => webhookId)).toBe(true);
	});

	it('explains itself', () => {
		const notes = example.nodes.filter(({ type }) => type === STICKY);
		const titles = notes.map(({ parameters }) => String(parameters.content).split('\n')[0]);
		expect(titles).toContain(`## ${example.name}`);
		const docs = read('docs', 'examples.md');
		expect(docs).toContain(`## ${example.name}\n`);
		expect(docs).toContain(`../examples/${file}`);
	});

	it('holds no credentials, no data and no address of anybody', () => {
		expect(example.nodes.filter(({ credentials }) => credentials)).toEqual([]);
		expect(example.pinData).toEqual({});
		const parameters = JSON.stringify(example.nodes.map((node) => node.parameters));
		expect(parameters).not.toMatch(ADDRESS);
		expect(parameters.replace(/6f1c6a10-8f0e-4f6e-9a53-0c7b6a1f\d{4}/g, '')).not.toMatch(SECRET);
	});
});

it('no ID is used by two examples', () => {
	const ids = examples.flatMap(([, { nodes }]) => nodes.map(({ id }) => id));
	expect(new Set(ids).size).toBe(ids.length);
});
