/** Plain JavaScript without dependencies, because it installs them. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { withProgress } from './withProgress.mjs';

/** Lines of npm's own output repeated when it fails. */
const LINES_SHOWN = 30;

/**
 * Runs an npm command that installs packages, without running the packages' scripts.
 *
 * @param {string[]} args
 * @param {object} options
 * @param {string} options.cwd folder with the package.json
 * @param {string} [options.node] the Node that runs npm, and for which npm chooses packages; default: the running one
 * @param {(line: string) => void} [options.log] gets a line every few seconds
 * @param {AbortSignal} [options.signal] ends npm early
 * @returns {Promise<void>}
 * @throws {Error} with npm's last lines when it fails
 */
export async function npm(args, { cwd, node = process.execPath, log = console.log, signal }) {
	const flags = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress'];
	const child = spawn('npm', [...args, ...flags, '--loglevel=error'], {
		cwd,
		env: { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH },
		signal,
		// On Windows npm is a script of the shell.
		shell: process.platform === 'win32',
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text) => (output += text));
	}
	const closed = new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', resolve);
	});
	const exitCode = await withProgress(closed, log, () => `npm ${args[0]}`);
	if (exitCode !== 0) {
		const lines = output.trimEnd().split('\n').slice(-LINES_SHOWN);
		throw new Error(`npm ${args[0]} failed (exit status ${exitCode}):\n${lines.join('\n')}`);
	}
}

/**
 * Whether node_modules holds every package of the lock file in its version. npm writes its own list last of all, so
 * an interrupted installation has none.
 *
 * @param {string} folder with a package-lock.json
 * @returns {boolean}
 */
export function isInstalled(folder) {
	let installed;
	try {
		installed = readPackages(join(folder, 'node_modules', '.package-lock.json'));
	} catch {
		return false;
	}
	return Object.entries(readPackages(join(folder, 'package-lock.json')))
		.filter(([path, entry]) => path.includes('node_modules/') && isRequired(entry))
		.every(([path, { version }]) => installed[path]?.version === version);
}

/**
 * Optional packages are mostly for other platforms, and extraneous ones are never installed: npm leaves them in a
 * lock file that it has just made.
 *
 * @param {LockEntry} entry
 */
const isRequired = ({ optional, devOptional, extraneous, link }) =>
	!optional && !devOptional && !extraneous && !link;

/**
 * @typedef {{ version: string } & { [flag in 'optional' | 'devOptional' | 'extraneous' | 'link']?: boolean }} LockEntry
 *
 * @param {string} file
 * @returns {Record<string, LockEntry>} by path
 */
function readPackages(file) {
	return JSON.parse(readFileSync(file, 'utf8')).packages;
}
