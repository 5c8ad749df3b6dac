/**
 * Prints the table of operations into README.md, between its `operations` marks:
 * `npx tsx scripts/operations.mts`. A test fails while it is not current.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { operationsTable, withTable } from './docs/table.mts';

const file = fileURLToPath(new URL('../README.md', import.meta.url));
await writeFile(file, withTable(await readFile(file, 'utf8'), await operationsTable()));
