/**
 * `npm run docs`: writes what is generated from the contract and the operations: the table of operations in
 * README.md and the output previews in `nodes/RingMe/__schema__`. A test fails while either is not current.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from '../test/support/paths.mts';
import { operationsTable } from './docs/operationsTable.mts';
import { previews } from './docs/previews.mts';
import { replaceSection } from './docs/replaceSection.mts';

const readme = join(ROOT, 'README.md');
const text = await readFile(readme, 'utf8');
await writeFile(readme, replaceSection(text, 'operations', await operationsTable()));

const folder = join(ROOT, 'nodes', 'RingMe', '__schema__');
const files = await previews();
await rm(folder, { recursive: true, force: true });
for (const [path, json] of files) {
	const file = join(folder, path);
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, json);
}
console.log(`The table of operations and ${files.size} output previews are written.`);
