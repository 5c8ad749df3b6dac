/**
 * `npm run test:compat`: the same package on older n8n and on the newest, by hand before a release. On each: the nodes
 * load, the credential's test succeeds, a read, Add Tasks, the error output, and an event for the trigger. Prints a
 * table; if everything passes, writes it into docs/compatibility.md. Exit status 1 if something fails. With versions
 * as arguments only those run, and the page stays as it is.
 *
 * Each n8n is installed into `.local` once (1.6 to 2.9 GB, some minutes); all but the newest run on the Node that
 * runs this, 20 to 24.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { checks, runChecks } from '../test/compat/checks.mts';
import { installOldN8n } from '../test/compat/installOldN8n.mts';
import { buildPackage } from '../test/support/buildPackage.mts';
import {
	installN8n,
	readNewestVersion,
	type InstalledN8n,
} from '../test/support/n8n/installN8n.mts';
import { startTestEnvironment } from '../test/support/n8n/testEnvironment.mts';
import { ROOT } from '../test/support/paths.mts';
import { replaceSection } from './docs/replaceSection.mts';

const OLD_VERSIONS = ['1.123.0', '2.0.3'];
const PAGE = join(ROOT, 'docs', 'compatibility.md');

const allVersions = [...OLD_VERSIONS, await readNewestVersion()];
const requested = process.argv.slice(2);
const unknown = requested.filter((version) => !allVersions.includes(version));
if (unknown.length > 0) {
	throw new Error(`Not one of ${allVersions.join(', ')}: ${unknown.join(', ')}`);
}

await buildPackage(console.log);
const rows: string[][] = [];
for (const version of requested.length > 0 ? requested : allVersions) {
	const n8n = OLD_VERSIONS.includes(version)
		? await installOldN8n(version, console.log)
		: await installN8n(console.log);
	const { stdout: node } = await execa(n8n.node, ['--version']);
	rows.push([version, node.slice(1), ...(await checkVersion(n8n))]);
}
const head = ['n8n', 'Node', ...Object.keys(checks)];
const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
console.log(`\n${table}`);
const hasFailed = rows.flat().includes('failed');
if (!hasFailed && requested.length === 0) {
	const day = new Date().toISOString().slice(0, 10);
	const text = `Printed by \`npm run test:compat\` on ${day}: the package installed from its packed archive, against the sandbox PBX.\n\n${table}\n`;
	await writeFile(PAGE, replaceSection(await readFile(PAGE, 'utf8'), 'compatibility', text));
}
process.exit(hasFailed ? 1 : 0);

/** @returns `ok` or `failed` for each check */
async function checkVersion(n8n: InstalledN8n): Promise<string[]> {
	// Old versions exit if a module that new ones have is disabled.
	const env: Record<string, string> = OLD_VERSIONS.includes(n8n.version)
		? { N8N_DISABLED_MODULES: '' }
		: {};
	const environment = await startTestEnvironment(`compat-${n8n.version}`, { n8n, env });
	try {
		return await runChecks(`n8n ${n8n.version}`, environment);
	} finally {
		await environment.stop();
	}
}
