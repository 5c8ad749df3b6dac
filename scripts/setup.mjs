/**
 * Makes a fresh clone ready to work: installs the development packages when they are missing or do
 * not match package-lock.json, and is done in a moment otherwise.
 *
 * `node scripts/setup.mjs` only does that. With a script of this repository as argument it goes on to run it, in
 * the same process, so that a signal sent to `npm start` reaches the script:
 * `node scripts/setup.mjs scripts/start.mts --once`.
 *
 * Plain JavaScript without dependencies, because it installs them.
 */
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isInstalled, npmInstall } from './npm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const LOWEST_NODE = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < LOWEST_NODE[0] || (major === LOWEST_NODE[0] && minor < LOWEST_NODE[1])) {
	fail(`Node ${LOWEST_NODE.join('.')} or later is needed; this is ${process.version}.`);
}

if (!isInstalled(root)) {
	console.log('Installing the development packages (npm install) ...');
	await npmInstall({ cwd: root }).catch((error) => fail(error.message));
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
