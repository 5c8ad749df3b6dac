/**
 * `npm run test:e2e`: the package in a real n8n. Installs n8n and Node 24 if they are missing, builds the package and
 * runs `test/e2e/*.e2e.mts`; with names as arguments only those: `npm run test:e2e -- editor`.
 * `UPDATE_SCREENSHOTS=1` takes the pictures of the README.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { buildPackage } from '../test/support/buildPackage.mts';
import { installN8n } from '../test/support/n8n/installN8n.mts';
import { ROOT } from '../test/support/paths.mts';

const names = process.argv.slice(2);
const folder = join('test', 'e2e');
const files = (await readdir(join(ROOT, folder)))
	.filter((file) => file.endsWith('.e2e.mts'))
	.filter((file) => names.length === 0 || names.includes(file.replace('.e2e.mts', '')))
	.map((file) => join(folder, file));
if (files.length === 0) throw new Error(`There is no test/e2e/${names.join(' ')}.e2e.mts`);

await buildPackage(console.log);
await installN8n(console.log);
const args = ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=1'];
const { exitCode } = await execa(process.execPath, [...args, ...files], {
	cwd: ROOT,
	stdio: 'inherit',
	reject: false,
});
process.exit(exitCode ?? 1);
