/** Checks the example workflows without running them, which `npm run test:examples` does. */
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
	'n8n-nodes-ringme.ringMeCallTrigger': 'RingMeCallTrigger',
	'n8n-nodes-ringme.ringMePollingTrigger': 'RingMePollingTrigger',
	'n8n-nodes-ringme.ringMeTrigger': 'RingMeTrigger',
};
const STICKY = 'n8n-nodes-base.stickyNote';
/** URLs outside of example.com, which is reserved for documentation (RFC 2606). */
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

	it('has parameters that the nodes accept unchanged', () => {
		expect(ours.length).toBeGreaterThan(0);
		for (const node of ours) {
			const description = descriptions.get(node.type) as INodeTypeDescription;
			const { getNodeParameters, getNodeParametersIssues } = n8n.workflow.NodeHelpers;
			// n8n drops unknown and hidden parameters, and adds the others with their defaults.
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
			// Credentials are chosen after the import; everything else must be valid.
			expect(
				getNodeParametersIssues(properties, { ...node, parameters: known ?? {} }, description),
			).toBeNull();
			expect(node.typeVersion).toBe(description.version);
		}
	});

	it('connects all its nodes and refers to no others', () => {
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
		const webhooks = working.filter(({ type }) => /ringMe(Call)?Trigger$|webhook$/.test(type));
		expect(webhooks.every(({ webhookId }) => webhookId)).toBe(true);
	});

	it('is explained in a note and in docs/examples.md', () => {
		const notes = example.nodes.filter(({ type }) => type === STICKY);
		const titles = notes.map(({ parameters }) => String(parameters.content).split('\n')[0]);
		expect(titles).toContain(`## ${example.name}`);
		const docs = read('docs', 'examples.md');
		expect(docs).toContain(`## ${example.name}\n`);
		expect(docs).toContain(`../examples/${file}`);
	});

	it('contains no credentials, no data and no real addresses', () => {
		expect(example.nodes.filter(({ credentials }) => credentials)).toEqual([]);
		expect(example.pinData).toEqual({});
		const parameters = JSON.stringify(example.nodes.map((node) => node.parameters));
		expect(parameters).not.toMatch(ADDRESS);
		expect(parameters.replace(/6f1c6a10-8f0e-4f6e-9a53-0c7b6a1f\d{4}/g, '')).not.toMatch(SECRET);
	});
});

it('uses each node ID in one example only', () => {
	const ids = examples.flatMap(([, { nodes }]) => nodes.map(({ id }) => id));
	expect(new Set(ids).size).toBe(ids.length);
});
