/**
 * `npm run test:compat`: the same package on older and newer n8n, by hand and before a release. On each: the nodes
 * load, the credential's test succeeds, a read, Add Tasks, the error output, and a delivery to the trigger. Prints a
 * table; if all is well, writes it into docs/compatibility.md. Exit status 1 if something fails. Versions as arguments
 * run those alone and leave the page.
 *
 * Each n8n is installed into `.local/compat` once (1.6 to 2.9 GB, some minutes); all but the newest run on the Node that
 * runs this, 20 to 24.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { build } from './build.mts';
import { installOldN8n } from './compat/install.mts';
import { checks } from './compat/checks.mts';
import { withTable } from './docs/marks.mts';
import { ROOT } from './n8n/folders.mts';
import { installN8n, newestVersion, type InstalledN8n } from './n8n/install.mts';
import { startWorld } from './n8n/world.mts';

const OLD = ['1.123.0', '2.0.3'];
const PAGE = join(ROOT, 'docs', 'compatibility.md');
const say = (line: string) => console.log(line);

const all = [...OLD, await newestVersion()];
const asked = process.argv.slice(2);
const unknown = asked.filter((version) => !all.includes(version));
if (unknown.length > 0) {
	throw new Error(`Not one of ${all.join(', ')}: ${unknown.join(', ')}`);
}

await build(say);
const rows: string[][] = [];
for (const version of all.filter((each) => asked.length === 0 || asked.includes(each))) {
	const n8n = OLD.includes(version) ? await installOldN8n(version, say) : await installN8n(say);
	const { stdout: node } = await execa(n8n.node, ['--version']);
	rows.push([version, node.slice(1), ...(await smoke(n8n))]);
}
const head = ['n8n', 'Node', ...Object.keys(checks)];
const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
say(`\n${table}`);
const failed = rows.flat().includes('failed');
if (!failed && asked.length === 0) {
	const day = new Date().toISOString().slice(0, 10);
	const text = `Printed by \`npm run test:compat\` on ${day}: the package installed from its packed archive, against the sandbox PBX.\n\n${table}\n`;
	await writeFile(PAGE, withTable(await readFile(PAGE, 'utf8'), text, 'compatibility'));
}
process.exit(failed ? 1 : 0);

/** @returns for each check `ok` or `failed`; what went wrong is said */
async function smoke(n8n: InstalledN8n): Promise<string[]> {
	// Old ones do not know the modules that are switched off in new ones, and say so by ending.
	const env: Record<string, string> = OLD.includes(n8n.version) ? { N8N_DISABLED_MODULES: '' } : {};
	const world = await startWorld(`compat-${n8n.version}`, { n8n, env });
	try {
		const results: string[] = [];
		for (const [name, check] of Object.entries(checks)) {
			const error = await check(world).then(
				() => undefined,
				(thrown: Error) => thrown,
			);
			say(`  n8n ${n8n.version}: ${name}: ${error ? `failed: ${error.message}` : 'ok'}`);
			results.push(error ? 'failed' : 'ok');
		}
		return results;
	} finally {
		await world.stop();
	}
}
