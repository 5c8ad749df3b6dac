// Generated files are up to date: the table of operations in docs/operations.md and the output previews.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeType } from 'n8n-workflow';

import page from '../../api/page-shape.json';
import { loadN8n, ROOT } from '../../test/harness/n8n.mts';
import { aiToolsList } from './aiTools.mts';
import { operations, responseOperations, type Operation } from './operations.mts';
import { operationsTable } from './operationsTable.mts';
import { pollingPreview } from './pollingPreview.mts';
import { pathOf, previewOf, previews } from './previews.mts';
import { replaceSection } from './replaceSection.mts';

const read = (...path: string[]) => readFileSync(join(ROOT, ...path), 'utf8');
const name = ({ resource, key }: Operation) => `${resource.key}.${key}`;

it('keeps the table of docs/operations.md current (npm run docs)', async () => {
	const page = read('docs', 'operations.md');
	expect(replaceSection(page, 'operations', await operationsTable())).toBe(page);
});

it('keeps docs/ai-tools.md current (npm run docs)', async () => {
	const { workflow, require } = await loadN8n();
	const { RingMe } = require(join(ROOT, 'dist', 'nodes', 'RingMe', 'RingMe.node.js')) as {
		RingMe: new () => INodeType;
	};
	const page = read('docs', 'ai-tools.md');
	const tools = aiToolsList(new RingMe().description, workflow.NodeHelpers);
	expect(replaceSection(page, 'tools', tools)).toBe(page);
});

it('says in the README how many endpoints, operations and resources there are', async () => {
	const all = await operations();
	const endpoints = [...new Set(all.flatMap((each) => each.endpoints))];
	const beyondPage = endpoints.filter(({ isBeyondPage }) => isBeyondPage).length;
	const ofPage = endpoints.length - beyondPage;
	const resources = new Set(all.map(({ resource }) => resource)).size;
	expect(read('README.md')).toContain(
		`${ofPage} of ${page.operationCount}, and ${beyondPage} beyond, as ${all.length + responseOperations().length} operations of ${resources} resources`,
	);
});

describe('the output previews', () => {
	const folder = join('nodes', 'RingMe', '__schema__');
	const filesIn = (root: string) =>
		readdirSync(join(ROOT, root), { recursive: true, encoding: 'utf8' })
			.filter((path) => path.endsWith('.json'))
			.map((path) => path.replaceAll('\\', '/'))
			.sort();

	it.each([folder, join('dist', folder)])('are current in %s (npm run docs)', async (root) => {
		const files = await previews();
		expect(filesIn(root)).toEqual([...files.keys()].sort());
		for (const [path, text] of files) expect(read(root, path)).toBe(text);
	});

	it('are found by n8n', async () => {
		const { core } = await loadN8n();
		const nodeDir = join(ROOT, 'dist', 'nodes', 'RingMe');
		for (const operation of await operations()) {
			const preview = previewOf(operation);
			const found = core.loadOutputSchema({
				nodeDir,
				version: 1,
				resource: operation.resource.key,
				operation: operation.key,
			});
			expect([pathOf(operation), found]).toEqual([pathOf(operation), preview]);
		}
	});

	it('include that of RingMe Polling Trigger, current and found by n8n (npm run docs)', async () => {
		const { core } = await loadN8n();
		const nodeDir = join('nodes', 'RingMePollingTrigger');
		const text = pollingPreview();
		expect(read(nodeDir, '__schema__', 'v1.0.0.json')).toBe(text);
		const found = core.loadOutputSchema({ nodeDir: join(ROOT, 'dist', nodeDir), version: 1 });
		expect(found).toEqual(JSON.parse(text));
	});

	it('exist for every operation whose response the contract describes', async () => {
		const without = (await operations()).filter((each) => !previewOf(each)).map(name);
		expect(without).toEqual(['variable.getMany', 'variable.set']);
	});
});

it('Simplify leaves at most ten fields of every record', async () => {
	for (const operation of await operations()) {
		const { simplifiedFields, ...whole } = operation.row;
		const sizes = operation.endpoints.map((endpoint) => {
			const unsimplified = { ...operation, row: whole, endpoints: [endpoint] };
			return Object.keys(previewOf(unsimplified)?.properties ?? {}).length;
		});
		const fieldCount = simplifiedFields?.length ?? Math.max(...sizes);
		expect([name(operation), fieldCount <= 10]).toEqual([name(operation), true]);
	}
});
