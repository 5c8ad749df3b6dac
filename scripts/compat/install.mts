import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { LOCAL } from '../n8n/folders.mts';
import type { InstalledN8n } from '../n8n/install.mts';

const INSTALL_TIMEOUT_MS = 20 * 60_000;

/**
 * An n8n of before 2.36, which does not need Node 24, on the Node that runs this.
 *
 * @throws Error when this Node is too new for it, or npm fails
 */
export async function installOldN8n(
	version: string,
	say: (line: string) => void,
): Promise<InstalledN8n> {
	if (Number(process.versions.node.split('.')[0]) > 22) {
		throw new Error(`n8n ${version} is tried on Node 20 or 22; this is ${process.version}.`);
	}
	const folder = join(LOCAL, 'compat', version);
	const installed = {
		version,
		node: process.execPath,
		bin: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
	};
	const done = join(folder, 'installed');
	if (existsSync(done)) return installed;

	say(`Installing n8n ${version} into .local/compat (2 GB, once; some minutes) ...`);
	await mkdir(folder, { recursive: true });
	const recipe = {
		private: true,
		dependencies: { n8n: version },
		// The one n8n 1 asks for is not on npm.
		overrides: { xlsx: '0.18.5' },
	};
	await writeFile(join(folder, 'package.json'), JSON.stringify(recipe, null, 2));
	const options = { cwd: folder, timeout: INSTALL_TIMEOUT_MS };
	const quiet = ['--no-audit', '--no-fund', '--no-progress'];
	await execa('npm', ['install', '--ignore-scripts', ...quiet], options);
	// The database driver is the one package whose script is needed. The driver of the newest n8n's recipe has its
	// binary in the package, but only for Node 24; this one has to be compiled.
	await execa('npm', ['rebuild', 'sqlite3', '--build-from-source'], options);
	await writeFile(done, '');
	return installed;
}
