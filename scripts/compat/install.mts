import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { LOCAL, N8N_RECIPE } from '../n8n/folders.mts';
import type { InstalledN8n } from '../n8n/install.mts';
import { npmInstall } from '../npm.mjs';
import { telling } from '../progress.mjs';

/** As n8n's own package.json has it, from 1.123 to 2.0. */
const HIGHEST_NODE = 24;
const RESOLVE_TIMEOUT_MS = 10 * 60_000;
/** The newest n8n's database driver in a version whose binaries run on Node 20: no compiler is needed. */
const DRIVER = { name: '@appthreat/sqlite3', version: '8.0.1' };

/**
 * An n8n of before 2.36, which does not need Node 24, on the Node that runs this. What is there already is reused;
 * an interrupted or outdated installation is done again.
 *
 * @param say gets lines about what is going on, at least every few seconds
 * @throws Error when this Node is too new for it, or npm fails
 */
export async function installOldN8n(
	version: string,
	say: (line: string) => void,
): Promise<InstalledN8n> {
	if (Number(process.versions.node.split('.')[0]) > HIGHEST_NODE) {
		throw new Error(`n8n ${version} does not run on Node ${process.versions.node}.`);
	}
	const folder = join(LOCAL, 'compat', version);
	const installed = {
		version,
		node: process.execPath,
		bin: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
	};
	const recipe = recipeOf(version);
	const file = join(folder, 'package.json');
	const made = await readFile(file, 'utf8').catch(() => undefined);
	// npm writes this list last of all. It may lack what the lock file has: npm leaves out what only a peer wants.
	const isComplete = existsSync(join(folder, 'node_modules', '.package-lock.json'));
	if (made === recipe && isComplete) return installed;

	say(`Installing n8n ${version} into .local/compat (1.6 GB, once; some minutes) ...`);
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await cp(join(N8N_RECIPE, 'sqlite3'), join(folder, 'sqlite3'), { recursive: true });
	await writeFile(file, recipe);
	const resolving = execa(
		'npm',
		['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
		{ cwd: folder, timeout: RESOLVE_TIMEOUT_MS },
	);
	await telling(resolving, say, () => 'finding out what belongs to it');
	await npmInstall({ cwd: folder, say });
	return installed;
}

/** The package.json to install from; see that of the newest n8n. */
function recipeOf(version: string): string {
	const recipe = {
		private: true,
		dependencies: { [DRIVER.name]: DRIVER.version, n8n: version, sqlite3: 'file:./sqlite3' },
		overrides: {
			sqlite3: '$sqlite3',
			// The one that n8n asks for is not on npm.
			xlsx: '0.18.5',
			// It says that it needs an older one than n8n has; npm would install it thrice, and n8n needs it to be one.
			'@n8n/typeorm': { '@sentry/node': '^9.42.1' },
		},
	};
	return `${JSON.stringify(recipe, null, 2)}\n`;
}
