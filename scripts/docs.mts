/**
 * `npm run docs`: writes what is generated from the contract and the operations: the table of operations in
 * docs/operations.md, what a model is shown in docs/ai-tools.md, the output previews in the folders `__schema__`, and
 * the table of countries. A test fails while one is not current.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NodeHelpers } from 'n8n-workflow';

import { RingMe } from '../nodes/RingMe/RingMe.node.ts';
import { ROOT } from '../test/support/paths.mts';
import { aiToolsList } from './docs/aiTools.mts';
import { countriesSource } from './docs/countries.mts';
import { operationsTable } from './docs/operationsTable.mts';
import { pollingPreview } from './docs/pollingPreview.mts';
import { previews } from './docs/previews.mts';
import { replaceSection } from './docs/replaceSection.mts';

const generated = {
	operations: ['operations.md', await operationsTable()],
	tools: ['ai-tools.md', aiToolsList(new RingMe().description, NodeHelpers)],
};
for (const [section, [file, content]] of Object.entries(generated)) {
	const page = join(ROOT, 'docs', file);
	await writeFile(page, replaceSection(await readFile(page, 'utf8'), section, content));
}

const folder = join(ROOT, 'nodes', 'RingMe', '__schema__');
const files = await previews();
await rm(folder, { recursive: true, force: true });
for (const [path, json] of files) {
	const file = join(folder, path);
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, json);
}
const preview = join(ROOT, 'nodes', 'RingMePollingTrigger', '__schema__', 'v1.0.0.json');
await mkdir(dirname(preview), { recursive: true });
await writeFile(preview, pollingPreview());
await writeFile(join(ROOT, 'nodes', 'shared', 'parameters', 'countries.ts'), countriesSource());
console.log(
	`The table of operations, the tools and ${files.size + 1} output previews are written.`,
);
