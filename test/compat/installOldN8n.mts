import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledN8n } from '../support/n8n/installN8n.mts';
import { npm } from '../support/npm.mjs';
import { LOCAL, MANIFESTS } from '../support/paths.mts';

/** From the package.json of n8n 1.123 to 2.0. */
const MAX_NODE = 24;
/** The newest n8n's database driver in a version whose binaries run on Node 20: no compiler is needed. */
const DRIVER = { name: '@appthreat/sqlite3', version: '8.0.1' };

/**
 * An n8n older than 2.36, which does not need Node 24, on the Node that runs this. A complete installation is reused,
 * an interrupted or outdated one is replaced.
 *
 * @param log gets lines about it, at least every few seconds
 * @throws Error when this Node is too new for it, or npm fails
 */
export async function installOldN8n(
	version: string,
	log: (line: string) => void,
): Promise<InstalledN8n> {
	if (Number(process.versions.node.split('.')[0]) > MAX_NODE) {
		throw new Error(`n8n ${version} does not run on Node ${process.versions.node}.`);
	}
	const folder = join(LOCAL, 'compat', version);
	const installed = {
		version,
		node: process.execPath,
		bin: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
	};
	const manifest = createManifest(version);
	const file = join(folder, 'package.json');
	const isCurrent = (await readFile(file, 'utf8').catch(() => undefined)) === manifest;
	// npm writes this list last of all: without it the installation was interrupted.
	const isComplete = existsSync(join(folder, 'node_modules', '.package-lock.json'));
	if (isCurrent && isComplete) return installed;

	log(`Installing n8n ${version} into .local/compat (1.6 GB, once; some minutes) ...`);
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	await cp(join(MANIFESTS, 'n8n', 'sqlite3'), join(folder, 'sqlite3'), { recursive: true });
	await writeFile(file, manifest);
	await npm(['install'], { cwd: folder, log });
	return installed;
}

/** The package.json to install from; compare that of the newest n8n. */
function createManifest(version: string): string {
	const manifest = {
		private: true,
		dependencies: { [DRIVER.name]: DRIVER.version, n8n: version, sqlite3: 'file:./sqlite3' },
		overrides: {
			sqlite3: '$sqlite3',
			// The one that n8n asks for is not on npm.
			xlsx: '0.18.5',
			// It asks for an older one than n8n has. npm would install both, and n8n needs a single one.
			'@n8n/typeorm': { '@sentry/node': '^9.42.1' },
		},
	};
	return `${JSON.stringify(manifest, null, 2)}\n`;
}
