/**
 * `npm run test:compat`: the same package on older and newer n8n, by hand and before a release. On each: the nodes
 * load, the credential's test succeeds, a read, Add Tasks, and a delivery to the trigger. Prints the table of the README;
 * exit status 1 if something fails. Versions as arguments run those alone.
 *
 * Each n8n is installed into `.local/compat` once (1.6 to 2.9 GB, some minutes); all but the newest run on the Node that
 * runs this, which has to be 20 or 22 for them, and need a C++ compiler and Python for their database driver.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Table from 'cli-table3';
import { execa } from 'execa';
import getPort from 'get-port';
import { startSandbox } from '../sandbox/index.mts';
import { installOldN8n } from './compat/install.mts';
import { checks } from './compat/checks.mts';
import { installPackage } from './n8n/community-package.mts';
import { Editor } from './n8n/editor.mts';
import { LOCAL, LOGS, ROOT } from './n8n/folders.mts';
import { installN8n, type InstalledN8n } from './n8n/install.mts';
import { startN8n } from './n8n/server.mts';

const OLD = ['1.123.0', '2.0.3'];
const say = (line: string) => console.log(line);

say('Building the package ...');
await execa('npm', ['run', 'build'], { cwd: ROOT });
const newest = await installN8n(say);
const asked = process.argv.slice(2);
const versions = [...OLD, newest.version].filter((each) => !asked.length || asked.includes(each));
const table = new Table({ head: ['n8n', 'Node', ...Object.keys(checks)], style: { head: [] } });
let failed = false;
for (const version of versions) {
	const n8n = OLD.includes(version) ? await installOldN8n(version, say) : newest;
	const results = await smoke(n8n);
	failed ||= results.some((result) => result !== 'ok');
	const { stdout: node } = await execa(n8n.node, ['--version']);
	table.push([version, node, ...results]);
}
say(table.toString());
process.exit(failed ? 1 : 0);

/** @returns for each check `ok` or what went wrong */
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
		try {
			const editor = await Editor.open(server.url, data);
			const results: string[] = [];
			for (const [name, check] of Object.entries(checks)) {
				const result = await check({ editor, sandbox }).then(
					() => 'ok',
					(error: Error) => error.message,
				);
				say(`  n8n ${n8n.version}: ${name}: ${result}`);
				results.push(result);
			}
			return results;
		} finally {
			await server.stop();
		}
	} finally {
		await sandbox.stop();
	}
}
