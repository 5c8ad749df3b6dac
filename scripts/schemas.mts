/**
 * Writes the output previews of the RingMe node, `nodes/RingMe/__schema__`, anew from the contract:
 * `npx tsx scripts/schemas.mts`. A test fails while they are not current.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { previews } from './docs/previews.mts';

const folder = fileURLToPath(new URL('../nodes/RingMe/__schema__/', import.meta.url));
const files = await previews();
await rm(folder, { recursive: true, force: true });
for (const [path, text] of files) {
	const file = join(folder, path);
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, text);
}
console.log(`${files.size} previews written.`);
