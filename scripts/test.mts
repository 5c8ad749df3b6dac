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
	{ env, isBuffered = false }: { env?: Record<string, string>; isBuffered?: boolean } = {},
) {
	const heading = `\n== ${title} (after ${elapsed()})`;
	if (!isBuffered) console.log(heading);
	const { exitCode, all } = await execa(command, args, {
		cwd: ROOT,
		env,
		reject: false,
		...(isBuffered ? { all: true } : { stdio: 'inherit' }),
	});
	if (isBuffered) console.log(`${heading}\n${String(all)}`);
	if (exitCode !== 0) {
		console.error(`\n== ${title}: failed`);
		process.exit(exitCode ?? 1);
	}
}

/** Prints what the script printed when it has ended: several run at the same time. */
const npm = async (title: string, script: string) =>
	await step(title, 'npm', ['run', '--silent', script], { isBuffered: true });
const jest = async (engine: string, node: string, args: string[]) =>
	await step(
		`Tests with the ${engine} expression engine`,
		node,
		['node_modules/jest/bin/jest.js', ...args],
		// To start an isolate for every execution, as n8n does, takes longer than most tests. The end-to-end tests do.
		{
			env: {
				N8N_EXPRESSION_ENGINE: engine,
				N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
				SHARED_ISOLATE: 'true',
			},
		},
	);

async function checkBuild() {
	await npm('Build', 'build');
	if (isPartial) return;
	await npm("n8n's lint of the built description", 'lint:description');
	await npm("n8n's scan of the source and the package", 'scan');
}

await Promise.all([
	checkBuild(),
	!isPartial && npm("n8n's lint of the source", 'lint'),
	!isPartial && npm('Types of the tools and tests', 'type-check'),
]);
await jest('legacy', process.execPath, jestArguments);
await jest('vm', await node24(console.log), isPartial ? jestArguments : ENGINE_TESTS);
console.log(`\n== All passed in ${elapsed()}`);
