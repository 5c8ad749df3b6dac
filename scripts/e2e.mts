/**
 * `npm run test:e2e`: the package in a real n8n. Gets what is missing (n8n, Node 24, on Debian Chromium), builds
 * the package and runs `test/e2e/*.e2e.mts`; with arguments, only the named ones: `npm run test:e2e -- editor`.
 * `UPDATE_SCREENSHOTS=1` takes the pictures of the README anew.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { findChromium } from '../test/e2e/support/chromium.mts';
import { build } from './build.mts';
import { ROOT } from './n8n/folders.mts';
import { installN8n } from './n8n/install.mts';

const only = process.argv.slice(2);
const folder = join('test', 'e2e');
const files = (await readdir(join(ROOT, folder)))
	.filter((file) => file.endsWith('.e2e.mts'))
	.filter((file) => only.length === 0 || only.some((name) => file.startsWith(`${name}.`)))
	.map((file) => join(folder, file));
if (files.length === 0) throw new Error(`There is no test/e2e/${only.join(' ')}.e2e.mts`);

await build(console.log);
await installN8n(console.log);
await findChromium(console.log);
const args = [
	'--import',
	'tsx',
	'--test',
	'--test-reporter=spec',
	'--test-concurrency=1',
	...files,
];
const { exitCode } = await execa(process.execPath, args, {
	cwd: ROOT,
	stdio: 'inherit',
	reject: false,
});
process.exit(exitCode ?? 1);
