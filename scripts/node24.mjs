/**
 * Finds or fetches a Node.js >= 24.
 *
 * n8n 2.36 and later, and the "vm" expression engine, need Node 24; the package itself builds and
 * is tested on Node 20 too. The npm packages `node-<platform>-<arch>` carry the official binaries,
 * so one `npm install` into a git-ignored folder is enough: nothing is installed system-wide.
 *
 * From a script: `const node = await node24();`
 * From a shell:  `node scripts/node24.mjs` prints the path; with arguments it runs that Node with them
 * (`node scripts/node24.mjs node_modules/.bin/jest`).
 *
 * Plain JavaScript without dependencies, because it has to run before anything else is set up.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const NODE_VERSION = '24.21.0';
const LOWEST_MAJOR = 24;
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const CACHE = fileURLToPath(new URL('../.local/node24/', import.meta.url));
const WINDOWS = process.platform === 'win32';

const run = promisify(execFile);

/**
 * The path of a Node.js binary of version 24 or later: the running one if it is new enough, else the
 * one kept in `.local/node24`, which is downloaded on first use.
 *
 * @param {{ log?: (line: string) => void }} [options] `log` gets one line before the download starts
 * @returns {Promise<string>} absolute path
 * @throws {Error} when this platform has no such package, or npm fails
 */
export async function node24({ log = console.error } = {}) {
	if (Number(process.versions.node.split('.')[0]) >= LOWEST_MAJOR) return process.execPath;

	const name = `node-${WINDOWS ? 'win' : process.platform}-${process.arch}`;
	const folder = join(CACHE, `${name}-${NODE_VERSION}`);
	const binaryIn = (root) => join(root, 'node_modules', name, 'bin', WINDOWS ? 'node.exe' : 'node');
	if (existsSync(binaryIn(folder))) return binaryIn(folder);

	log(`Getting Node ${NODE_VERSION} (${name}, about 40 MB, kept in .local/node24) ...`);
	await mkdir(CACHE, { recursive: true });
	// Installed beside and renamed at the end: an interrupted download never looks finished, and two
	// scripts that start at once do not disturb each other.
	const scratch = await mkdtemp(join(CACHE, 'install-'));
	try {
		await writeFile(join(scratch, 'package.json'), '{ "private": true }\n');
		await npm(
			[
				'install',
				'--ignore-scripts',
				'--no-save',
				'--no-package-lock',
				'--no-audit',
				'--no-fund',
				`${name}@${NODE_VERSION}`,
			],
			scratch,
		);
		const { stdout } = await run(binaryIn(scratch), ['--version']);
		if (stdout.trim() !== `v${NODE_VERSION}`) {
			throw new Error(`${name} brought ${stdout.trim()} instead of v${NODE_VERSION}`);
		}
		await rename(scratch, folder).catch((error) => {
			if (!existsSync(binaryIn(folder))) throw error;
		});
	} catch (error) {
		throw new Error(`Could not get Node ${NODE_VERSION}: ${error.stderr || error.message}`, {
			cause: error,
		});
	} finally {
		await rm(scratch, { recursive: true, force: true });
	}
	return binaryIn(folder);
}

/** The npm that started us if there is one (it is a script that our own Node can run), else the one in PATH. */
function npm(args, cwd) {
	const options = { cwd, timeout: INSTALL_TIMEOUT_MS };
	const script = process.env.npm_execpath;
	return script?.endsWith('.js')
		? run(process.execPath, [script, ...args], options)
		: run(WINDOWS ? 'npm.cmd' : 'npm', args, { ...options, shell: WINDOWS });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const binary = await node24();
	const args = process.argv.slice(2);
	if (args.length === 0) console.log(binary);
	else {
		const child = spawn(binary, args, { stdio: 'inherit' });
		for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
		child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
	}
}
