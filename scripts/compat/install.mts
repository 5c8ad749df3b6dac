import { cp, mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { LOCAL, N8N_RECIPE } from '../n8n/folders.mts';
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
	// npm writes this file last of all.
	if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return installed;

	say(`Installing n8n ${version} into .local/compat (2 GB, once; some minutes) ...`);
	await mkdir(folder, { recursive: true });
	await cp(join(N8N_RECIPE, 'sqlite3'), join(folder, 'sqlite3'), { recursive: true });
	const recipe = {
		private: true,
		dependencies: { '@appthreat/sqlite3': '9.0.2', n8n: version, sqlite3: 'file:./sqlite3' },
		// The one n8n 1 asks for is not on npm.
		overrides: { sqlite3: '$sqlite3', xlsx: '0.18.5' },
	};
	await writeFile(join(folder, 'package.json'), JSON.stringify(recipe, null, 2));
	await execa('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress'], {
		cwd: folder,
		timeout: INSTALL_TIMEOUT_MS,
	});
	return installed;
}
