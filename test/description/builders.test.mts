// What n8n tells a model that builds a workflow: n8n's own type generator runs on the built nodes.

import type { INodeProperties, INodePropertyOptions, INodeType } from 'n8n-workflow';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { loadN8n, ROOT } from '../harness/n8n.mts';
import { flatten } from './support/rules.mts';

const NODES = ['RingMe', 'RingMeTrigger', 'RingMeCallTrigger', 'RingMePollingTrigger'];
/** A model reads the file of one operation at a time. */
const MAX_OPERATION_CHARACTERS = 13_000;
const MAX_NODE_CHARACTERS = 130_000;

type Description = INodeType['description'];
interface Generator {
	generateNodeTypeFile(description: Description): string;
	planSplitVersionFiles(description: Description, version: number): Map<string, string>;
}

let generator: Generator;
const descriptions = new Map<string, Description>();

beforeAll(async () => {
	const n8n = await loadN8n();
	// n8n-core brings the generator along.
	const { resolve } = createRequire(n8n.require.resolve('n8n-core'));
	generator = n8n.require(resolve('@n8n/workflow-sdk/scripts/generate-types')) as Generator;
	for (const name of NODES) {
		const file = join(ROOT, 'dist', 'nodes', name, `${name}.node.js`);
		const Node = (n8n.require(file) as Record<string, new () => INodeType>)[name];
		const { description } = new Node();
		descriptions.set(name, { ...description, name: `n8n-nodes-ringme.${description.name}` });
	}
});

const descriptionOf = (name: string) => descriptions.get(name) as Description;
const generate = (name: string) => generator.generateNodeTypeFile(descriptionOf(name));
/** One line, as hints are in the generated file. */
const hintsOf = ({ properties }: Description) =>
	properties
		.flatMap((property) => flatten(property))
		.flatMap(({ property }) => property.builderHint?.propertyHint ?? []);

it.each(NODES)('generates types of %s with every hint', (name) => {
	const file = generate(name);
	const hints = hintsOf(descriptionOf(name));
	for (const hint of hints) expect(file).toContain(`@builderHint ${hint}`);
	expect(file).toContain(`type: 'n8n-nodes-ringme.${descriptionOf(name).name.split('.')[1]}'`);
	// The generator escapes what is not plain text. n8n's lint demands the link in the texts about expressions.
	const plain = file.replaceAll(/using an &lt;a href="[^"]*"&gt;expression&lt;\/a&gt;/g, '');
	expect(plain).not.toMatch(/&(lt|gt|amp|quot|#\d+);|<\/?code>/);
});

it('gives hints for the inputs of Add Tasks that mislead', () => {
	const names = descriptionOf('RingMe')
		.properties.flatMap((property) => flatten(property))
		.filter(({ property }) => property.builderHint)
		.map(({ property }) => property.name);
	expect(names.sort()).toEqual(['reportResultsTo', 'schedulerId', 'taskInput']);
});

it('keeps the types of RingMe short, also those of one operation', () => {
	expect(generate('RingMe').length).toBeLessThan(MAX_NODE_CHARACTERS);
	const files = generator.planSplitVersionFiles(descriptionOf('RingMe'), 1);
	const long = [...files].filter(([, text]) => text.length > MAX_OPERATION_CHARACTERS);
	expect(long.map(([path]) => path)).toEqual([]);
});

it.each(NODES)('says when to choose %s, and names related nodes that exist', (name) => {
	const { searchHint = '', relatedNodes = [] } = descriptionOf(name).builderHint ?? {};
	expect(searchHint.length).toBeGreaterThan(100);
	expect(searchHint.length).toBeLessThan(800);
	const names = [...descriptions.values()].map((description) => description.name);
	expect(relatedNodes.length).toBeGreaterThan(0);
	for (const { nodeType } of relatedNodes) expect(names).toContain(nodeType);
});

it('hides the operations from tools that a tool cannot execute', () => {
	const hidden = descriptionOf('RingMe')
		.properties.filter(({ name }) => name === 'operation')
		.flatMap(({ options }) => options as Array<INodePropertyOptions & INodeProperties>)
		.filter(({ displayOptions }) => displayOptions?.hide?.['@tool'])
		.map(({ value }) => value);
	expect(hidden.sort()).toEqual(['answer', 'callAndWait']);
});
