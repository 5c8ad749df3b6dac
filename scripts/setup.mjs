/**
 * Makes a fresh clone ready to work: runs `npm ci` when node_modules does not match package-lock.json, and is done in
 * a moment otherwise.
 *
 * `node scripts/setup.mjs` only does that. With a script of this repository as argument it then runs that script in
 * the same process, so that a signal sent to `npm start` reaches it: `node scripts/setup.mjs scripts/start.mts --once`.
 *
 * Plain JavaScript without dependencies, because it installs them.
 */
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isInstalled, npm } from '../test/support/npm.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MIN_NODE = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
	fail(`Node ${MIN_NODE.join('.')} or later is needed; this is ${process.version}.`);
}

if (!isInstalled(ROOT)) {
	console.log('Installing the development packages (npm ci, about a minute) ...');
	await npm(['ci'], { cwd: ROOT }).catch((error) => fail(error.message));
}

const [script] = process.argv.splice(2, 1);
if (script !== undefined) {
	const { register } = await import('tsx/esm/api');
	register();
	const file = resolve(script);
	process.argv[1] = file;
	await import(pathToFileURL(file).href);
}

function fail(message) {
	console.error(message);
	process.exit(1);
}
