/**
 * Writes the table of operations into docs/operations.md, between its `operations` marks:
 * `npx tsx scripts/operations.mts`. A test fails while it is not current.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { withTable } from './docs/marks.mts';
import { operationsTable } from './docs/table.mts';

const file = fileURLToPath(new URL('../docs/operations.md', import.meta.url));
const text = await readFile(file, 'utf8');
await writeFile(file, withTable(text, await operationsTable(), 'operations'));
