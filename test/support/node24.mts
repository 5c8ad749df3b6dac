import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { LOCAL } from './paths.mts';

const VERSION = '24.21.0';

/**
 * The path of a Node of version 24 or later, which n8n and its "vm" expression engine need: the running one if it is
 * new enough, else one in `.local`, which is downloaded on first use.
 *
 * It comes from the npm package `node-<platform>-<arch>`, which carries the official binary. The package `node`
 * (`npx -p node@24`) only has a script that fetches that package, and packages' scripts are not run here. There is no
 * lock file for it, because it would have to name the packages of all platforms.
 *
 * @throws Error when this platform has no such package, or npm fails
 */
export async function node24(log: (line: string) => void): Promise<string> {
	if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
	const isWindows = process.platform === 'win32';
	const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;
	const folder = join(LOCAL, 'node24', VERSION);
	const modules = join(folder, 'node_modules');
	const binary = join(modules, name, 'bin', isWindows ? 'node.exe' : 'node');
	// npm writes its list last of all: without it the installation was interrupted.
	if (existsSync(binary) && existsSync(join(modules, '.package-lock.json'))) return binary;
	log(`Downloading Node ${VERSION} (${name}, about 40 MB, once) ...`);
	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
	await npm(['install', '--no-save', '--no-package-lock', `${name}@${VERSION}`], {
		cwd: folder,
		log,
	});
	return binary;
}
