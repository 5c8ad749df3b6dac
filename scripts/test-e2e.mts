/**
 * `npm run test:e2e`: the package in a real n8n. Installs n8n and Node 24 if they are missing, builds the package and
 * runs `test/e2e/*.e2e.mts`; with names as arguments only those: `npm run test:e2e -- editor`.
 * `UPDATE_SCREENSHOTS=1` takes the pictures of `docs/images`.
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
/** They mostly wait for the next minute, at which n8n polls, so they run beside the others. */
const isPolling = (file: string) => file.endsWith('polling.e2e.mts');
const groups = [files.filter(isPolling), files.filter((file) => !isPolling(file))];
const results = await Promise.all(groups.filter(({ length }) => length > 0).map(runTests));
process.exit(results.every((succeeded) => succeeded) ? 0 : 1);

/** Runs files one after another. @returns whether all tests have passed */
async function runTests(group: string[]): Promise<boolean> {
	const args = ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=1'];
	const { exitCode } = await execa(process.execPath, [...args, ...group], {
		cwd: ROOT,
		stdio: 'inherit',
		reject: false,
	});
	return exitCode === 0;
}
