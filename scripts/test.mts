/**
 * `npm test`: everything that has to hold before a change is taken in. The tests run twice where the
 * machine's Node is older than 24: on it with n8n's legacy expression engine, and on Node 24 with the
 * vm engine, as n8n itself does. Arguments go to Jest: `npm test -- test/engine`.
 */
import { execa } from 'execa';

import { ROOT } from './n8n/folders.mts';
import { node24 } from './node24.mjs';

const only = process.argv.slice(2);
const started = performance.now();
const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;

/** Tests of the nodes in the engine; the others have nothing to do with it, so once is enough. */
const IN_ENGINE = ['test/engine', 'test/faults', 'test/trigger', 'test/wire'];

async function step(
	title: string,
	command: string,
	args: string[],
	env: Record<string, string> = {},
) {
	console.log(`\n== ${title} (after ${seconds()})`);
	const { exitCode } = await execa(command, args, {
		cwd: ROOT,
		env,
		stdio: 'inherit',
		reject: false,
	});
	if (exitCode !== 0) {
		console.error(`\n== ${title}: failed`);
		process.exit(exitCode ?? 1);
	}
}

const npm = async (title: string, script: string) =>
	await step(title, 'npm', ['run', '--silent', script]);
const jest = async (engine: string, node: string, args: string[]) =>
	await step(
		`Tests with the ${engine} expression engine`,
		node,
		['node_modules/jest/bin/jest.js', ...args],
		// n8n's own setting: an isolate only where there is an expression, and not for every delivery of
		// the trigger's tests, which takes the longest of all.
		{ N8N_EXPRESSION_ENGINE: engine, N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' },
	);

if (only.length === 0) {
	await npm("n8n's lint of the source", 'lint');
	await npm('Types of the tools and tests', 'type-check');
}
await npm('Build', 'build');
if (only.length === 0) {
	await npm("n8n's lint of the built description", 'lint:description');
	await npm("n8n's scan of the source and the package", 'scan');
}
await jest('legacy', process.execPath, only);
const newest = await node24({ log: (line: string) => console.log(line) });
await jest('vm', newest, only.length ? only : IN_ENGINE);
console.log(`\n== All passed in ${seconds()}`);
