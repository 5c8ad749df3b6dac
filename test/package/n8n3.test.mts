import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type { INodeType, INodeTypeDescription } from 'n8n-workflow';

import { ROOT } from '../support/paths.mts';

/**
 * Nothing here uses what n8n 3.0 removes: https://docs.n8n.io/changelog/v30-breaking-changes/. `npm run test:examples`
 * also asks n8n's own migration report about the examples. `npm run build` has to come first.
 */

const REMOVED_NODES = Object.entries({
	'n8n-nodes-base': `
		aiTransform cron function functionItem htmlExtract iCal interval itemLists moveBinaryData openAi orbit
		readBinaryFile readBinaryFiles readPDF workflowTrigger writeBinaryFile`,
	'@n8n/n8n-nodes-langchain': `
		code documentBinaryInputLoader documentGithubLoader documentJsonInputLoader lmOpenAi manualChatTrigger
		memoryChatRetriever memoryMotorhead memoryZep openAiAssistant toolHttpRequest toolSerpApi
		vectorStoreInMemoryInsert vectorStoreInMemoryLoad vectorStorePineconeInsert vectorStorePineconeLoad
		vectorStoreSupabaseInsert vectorStoreSupabaseLoad vectorStoreZep vectorStoreZepInsert vectorStoreZepLoad`,
}).flatMap(([name, types]) =>
	types
		.trim()
		.split(/\s+/)
		.map((type) => `${name}.${type}`),
);

/** What was removed, and how it is recognised in a file of any kind. */
const REMOVED: Record<string, RegExp> = {
	'a removed node': new RegExp(`["'\`](${REMOVED_NODES.join('|').replaceAll('.', '\\.')})["'\`]`),
	'version 1 of the AI Agent': /n8n-nodes-langchain\.agent["'],\s*["']?typeVersion["']?:\s*1\b/,
	'the helper $getPairedItem': /\$getPairedItem\b/,
	'the helper $evaluateExpression of the Code node': /\$evaluateExpression\b/,
	'binary data in memory': /N8N_DEFAULT_BINARY_DATA_MODE\W+default\b/,
	'a removed environment variable': new RegExp(
		[
			'\\bOFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS',
			'\\bN8N_DB_PING_TIMEOUT',
			'\\bN8N_MIGRATE_FS_STORAGE_PATH',
			'\\bN8N_PRE_EXECUTE_ERROR_CREATES_EXECUTION',
		].join('|'),
	),
	'the caller policy "any"': /callerPolicy["']?:\s*["']any["']/,
	'n8n from npm': /\bnpx n8n\b|\bnpm (install|i) (-g |--global )?n8n(?![\w-])/,
};

const findRemoved = (text: string) =>
	Object.entries(REMOVED)
		.filter(([, form]) => form.test(text))
		.map(([what]) => what);

interface Workflow {
	nodes: Array<{
		name: string;
		type: string;
		parameters: Record<string, unknown>;
		alwaysOutputData?: boolean;
	}>;
	connections: Record<string, { main?: unknown[] }>;
}

/** Settings of a workflow that n8n 3 removes or understands differently. */
function findRemovedSettings({ nodes, connections }: Workflow): string[] {
	return nodes.flatMap(({ name, type, parameters, alwaysOutputData }) => {
		const isCall = type === 'n8n-nodes-base.executeWorkflow';
		const outputs = connections[name]?.main?.length ?? 0;
		return [
			...(isCall && parameters.mode === 'each' ? [`${name}: runs once for each item`] : []),
			...(isCall && ['localFile', 'url'].includes(String(parameters.source))
				? [`${name}: reads its workflow from a file or URL`]
				: []),
			...(alwaysOutputData && outputs > 1
				? [`${name}: always outputs data, on one of several outputs`]
				: []),
		];
	});
}

const FOLDERS = '.ci .github api bench credentials docs examples nodes sandbox scripts test'.split(
	' ',
);
const TEXT = /\.(ts|mts|mjs|js|json|md|ya?ml|sh|html)$|^run$/;
/** These name what was removed, to find it. */
const SEARCHES = ['test/package/n8n3.test.mts', 'test/examples/migrationReport.mts'];

const files = [
	'README.md',
	'CONTRIBUTING.md',
	'package.json',
	...FOLDERS.flatMap((folder) =>
		readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && TEXT.test(entry.name))
			.map(({ parentPath, name }) => relative(ROOT, join(parentPath, name))),
	),
].filter((file) => !SEARCHES.includes(file) && !file.includes('node_modules'));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

it('no file of the project uses what n8n 3 removes', () => {
	expect(files.length).toBeGreaterThan(300);
	const found = files.flatMap((file) => findRemoved(read(file)).map((what) => `${file}: ${what}`));
	expect(found).toEqual([]);
});

it('no example has a setting that n8n 3 removes or understands differently', () => {
	const examples = files.filter((file) => /^examples\/.*\.json$/.test(file));
	expect(examples.length).toBeGreaterThan(5);
	const found = examples.flatMap((file) => findRemovedSettings(JSON.parse(read(file)) as Workflow));
	expect(found).toEqual([]);
});

it('no node has a colour or an icon of Font Awesome', () => {
	const require = createRequire(join(ROOT, 'package.json'));
	const { n8n } = JSON.parse(read('package.json')) as { n8n: { nodes: string[] } };
	for (const path of n8n.nodes) {
		const classes = require(join(ROOT, path)) as Record<string, new () => INodeType>;
		const [{ description }] = Object.values(classes).map((Class) => new Class());
		const { defaults, icon } = description as INodeTypeDescription;
		expect(defaults).not.toHaveProperty('color');
		expect(JSON.stringify(icon)).not.toContain('fa:');
	}
});

describe('the search', () => {
	it.each([
		[`{ "type": "n8n-nodes-base.function" }`, 'a removed node'],
		[`type: '@n8n/n8n-nodes-langchain.toolSerpApi'`, 'a removed node'],
		[`type: '@n8n/n8n-nodes-langchain.agent', typeVersion: 1.7,`, 'version 1 of the AI Agent'],
		['={{ $getPairedItem() }}', 'the helper $getPairedItem'],
		["$evaluateExpression('1')", 'the helper $evaluateExpression of the Code node'],
		["N8N_DEFAULT_BINARY_DATA_MODE: 'default'", 'binary data in memory'],
		['OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS=true', 'a removed environment variable'],
		['"callerPolicy": "any"', 'the caller policy "any"'],
		['npm install -g n8n', 'n8n from npm'],
	])('finds in %s %s', (text, what) => {
		expect(findRemoved(text)).toEqual([what]);
	});

	it.each([
		`type: 'n8n-nodes-base.functionless'`,
		`type: '@n8n/n8n-nodes-langchain.openAi'`,
		`type: '@n8n/n8n-nodes-langchain.agent', typeVersion: 3.1`,
		'npm install n8n-nodes-ringme',
		'callerPolicy: "workflowsFromSameOwner"',
	])('finds nothing in %s', (text) => {
		expect(findRemoved(text)).toEqual([]);
	});

	it('finds settings of a workflow', () => {
		const call = (name: string, parameters: Record<string, unknown>) => ({
			name,
			type: 'n8n-nodes-base.executeWorkflow',
			parameters,
		});
		const found = findRemovedSettings({
			nodes: [
				call('A', { mode: 'each' }),
				call('B', { source: 'url' }),
				{ name: 'C', type: 'n8n-nodes-base.if', parameters: {}, alwaysOutputData: true },
				call('D', { source: 'database' }),
			],
			connections: { C: { main: [[], []] } },
		});
		expect(found.map((line) => line[0])).toEqual(['A', 'B', 'C']);
	});
});
