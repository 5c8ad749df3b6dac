/**
 * `npm run test:compat`: the same package on older and newer n8n, by hand and before a release. On each: the nodes
 * load, the credential's test succeeds, a read, Add Tasks, and a delivery to the trigger. Prints a table; if all is well,
 * puts it into the README. Exit status 1 if something fails. Versions as arguments run those alone and leave the README.
 *
 * Each n8n is installed into `.local/compat` once (1.6 to 2.9 GB, some minutes); all but the newest run on the Node that
 * runs this, 20 to 24.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import { startSandbox } from '../sandbox/index.mts';
import { installOldN8n } from './compat/install.mts';
import { checks } from './compat/checks.mts';
import { withTable } from './docs/marks.mts';
import { installPackage } from './n8n/community-package.mts';
import { Editor } from './n8n/editor.mts';
import { LOCAL, LOGS, N8N_RECIPE, ROOT } from './n8n/folders.mts';
import { installN8n, type InstalledN8n } from './n8n/install.mts';
import { startN8n } from './n8n/server.mts';

const OLD = ['1.123.0', '2.0.3'];
const README = join(ROOT, 'README.md');
const say = (line: string) => console.log(line);

const recipe = await readFile(join(N8N_RECIPE, 'package.json'), 'utf8');
const newest = (JSON.parse(recipe) as { dependencies: { n8n: string } }).dependencies.n8n;
const all = [...OLD, newest];
const asked = process.argv.slice(2);
const unknown = asked.filter((version) => !all.includes(version));
if (unknown.length > 0) {
	throw new Error(`Not one of ${all.join(', ')}: ${unknown.join(', ')}`);
}
// What is still running then is ended by handlers of this.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => process.exit(130));
}

say('Building the package ...');
await execa('npm', ['run', 'build'], { cwd: ROOT });
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
	await writeFile(README, withTable(await readFile(README, 'utf8'), text, 'compatibility'));
}
process.exit(failed ? 1 : 0);

/** @returns for each check `ok` or `failed`; what went wrong is said */
async function smoke(n8n: InstalledN8n): Promise<string[]> {
	const data = join(LOCAL, 'compat', `data-${n8n.version}`);
	await rm(data, { recursive: true, force: true });
	await installPackage(data);
	const sandbox = await startSandbox({ clock: 'virtual', start: Date.now() });
	try {
		const ports = { editor: await getPort(), broker: await getPort() };
		const log = join(LOGS, `compat-${n8n.version}.log`);
		// Old ones do not know the modules that are switched off in new ones, and say so by ending.
		const env: Record<string, string> = OLD.includes(n8n.version)
			? { N8N_DISABLED_MODULES: '' }
			: {};
		const server = await startN8n(n8n, ports, say, undefined, { data, log, env });
		const kill = () => server.kill();
		process.on('exit', kill);
		try {
			const editor = await Editor.open(server.url, data);
			const results: string[] = [];
			for (const [name, check] of Object.entries(checks)) {
				const error = await check({ editor, sandbox }).then(
					() => undefined,
					(thrown: Error) => thrown,
				);
				say(`  n8n ${n8n.version}: ${name}: ${error ? `failed: ${error.message}` : 'ok'}`);
				results.push(error ? 'failed' : 'ok');
			}
			return results;
		} finally {
			await server.stop();
			process.off('exit', kill);
		}
	} finally {
		await sandbox.stop();
	}
}
