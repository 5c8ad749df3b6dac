/**
 * `npm test`: lint, types, build, n8n's scan and all tests but those in a real n8n. The tests run on this Node with
 * n8n's legacy expression engine, and those of the nodes again on Node 24 with the vm engine, as n8n itself does.
 * Arguments are passed to Jest, and only the build comes before: `npm test -- test/engine`.
 */
import { execa } from 'execa';
import { node24 } from '../test/support/node24.mts';
import { ROOT } from '../test/support/paths.mts';

const jestArguments = process.argv.slice(2);
const isPartial = jestArguments.length > 0;
const startedAt = performance.now();
const elapsed = () => `${Math.round((performance.now() - startedAt) / 1000)} s`;

/** The tests that run the nodes in n8n's engine; for the others one run is enough. */
const ENGINE_TESTS = ['test/engine', 'test/faults', 'test/harness', 'test/trigger', 'test/wire'];

async function step(
	title: string,
	command: string,
	args: string[],
	env: Record<string, string> = {},
) {
	console.log(`\n== ${title} (after ${elapsed()})`);
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
		// To start an isolate for every execution, as n8n does, takes longer than most tests. The end-to-end tests do.
		{
			N8N_EXPRESSION_ENGINE: engine,
			N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
			SHARED_ISOLATE: 'true',
		},
	);

if (!isPartial) {
	await npm("n8n's lint of the source", 'lint');
	await npm('Types of the tools and tests', 'type-check');
}
await npm('Build', 'build');
if (!isPartial) {
	await npm("n8n's lint of the built description", 'lint:description');
	await npm("n8n's scan of the source and the package", 'scan');
}
await jest('legacy', process.execPath, jestArguments);
await jest('vm', await node24(console.log), isPartial ? jestArguments : ENGINE_TESTS);
console.log(`\n== All passed in ${elapsed()}`);
