/**
 * Installs npm packages and keeps saying how far it is.
 *
 * Not `npm ci`: it refuses a lock file that lacks optional packages of other platforms, and npm leaves those out of the
 * lock file when the registry it was made with did not have them. `npm install --no-save` reads the same lock file,
 * writes nothing but node_modules, and leaves out what is optional and not to be had.
 *
 * Plain JavaScript without dependencies, because it installs them.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { elapsed, telling } from './progress.mjs';

/** Lines of npm's own output repeated when it fails. */
const LINES_KEPT = 30;
const WINDOWS = process.platform === 'win32';

/**
 * Installs what the lock file in a folder says, without running any package's scripts.
 *
 * @param {object} options
 * @param {string} options.cwd folder with package.json and package-lock.json; its node_modules is replaced
 * @param {string} [options.node] the Node that runs npm, and for which packages are chosen; default: the running one
 * @param {(line: string) => void} [options.say] gets a line of progress every few seconds
 * @param {AbortSignal} [options.signal] ends npm early
 * @throws {Error} with npm's last lines when it fails
 */
export async function npmInstall({ cwd, node = process.execPath, say = console.log, signal }) {
	const total = wanted(lockOf(join(cwd, 'package-lock.json'))).length;
	const started = Date.now();
	let fetched = 0;
	const work = async () => {
		// Remains of an interrupted installation look complete to npm.
		await rm(join(cwd, 'node_modules'), { recursive: true, force: true });
		await runInstall({ cwd, node, signal }, () => fetched++);
	};
	await telling(work(), say, () => phase(fetched, total));
	say(`  ${total.toLocaleString('en')} packages installed in ${elapsed(started)}`);
}

async function runInstall(where, onPackage) {
	const lines = [];
	const child = spawnNpm(
		[
			'install',
			'--no-save',
			'--include=dev',
			'--ignore-scripts',
			'--no-audit',
			'--no-fund',
			'--no-progress',
			'--loglevel=http',
		],
		where,
	);
	const read = (chunk) => {
		for (const line of chunk.toString().split('\n')) {
			// npm reports every request; a package's archive is the one that ends in .tgz.
			if (/ http (fetch|cache) /.test(line)) {
				if (/\.tgz\b/.test(line)) onPackage();
			} else if (line.trim() !== '' && !line.startsWith('npm warn')) lines.push(line);
		}
		lines.splice(0, lines.length - LINES_KEPT);
	};
	child.stdout.on('data', read);
	child.stderr.on('data', read);
	const code = await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', resolve);
	});
	if (code !== 0) throw new Error(`npm install failed (exit status ${code}):\n${lines.join('\n')}`);
}

/**
 * Is everything a lock file asks for in node_modules, in that version?
 * npm writes the list of what it installed last of all, so an interrupted installation has none.
 *
 * @param {string} folder folder with package-lock.json and, perhaps, node_modules
 * @returns {boolean}
 */
export function isInstalled(folder) {
	const lock = lockOf(join(folder, 'package-lock.json'));
	let installed;
	try {
		installed = lockOf(join(folder, 'node_modules', '.package-lock.json'));
	} catch {
		return false;
	}
	return wanted(lock).every(([path, { version }]) => installed[path]?.version === version);
}

/** @returns {Record<string, { version: string, optional?: boolean, link?: boolean }>} by folder */
function lockOf(file) {
	return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** What has to be installed on every platform (optional packages are for one or the other). */
function wanted(packages) {
	return Object.entries(packages).filter(
		([path, entry]) =>
			path.includes('node_modules/') && !entry.optional && !entry.devOptional && !entry.link,
	);
}

/** The npm that started us, if one did, else the one in PATH; run by the given Node. */
function spawnNpm(args, { cwd, node, signal }) {
	const script = process.env.npm_execpath;
	const env = { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH };
	const options = { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] };
	return script?.endsWith('.js')
		? spawn(node, [script, ...args], options)
		: spawn(WINDOWS ? 'npm.cmd' : 'npm', args, { ...options, shell: WINDOWS });
}

function phase(fetched, total) {
	if (fetched === 0) return 'asking for the packages';
	if (fetched >= total) return 'putting the last packages into place';
	return `${fetched.toLocaleString('en')} of ${total.toLocaleString('en')} packages`;
}
