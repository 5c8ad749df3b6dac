/**
 * `npm run test:examples`: imports every workflow of `examples/` into a real n8n with the package, runs it against the
 * sandbox PBX as a user would, and checks the results. Chats, mail servers and folders are local ones. At the end n8n
 * reports whether they are ready for n8n 3.
 *
 * With names as arguments only those run: `npm run test:examples -- agent-board`. Exit status 1 if one fails.
 * `--pictures` takes the pictures of docs/examples.md instead, with Chromium.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cases } from '../test/examples/cases.mts';
import { createEnvironment, type ExamplesEnvironment } from '../test/examples/environment.mts';
import { checkMigrationReport } from '../test/examples/migrationReport.mts';
import { takePictures } from '../test/examples/pictures.mts';
import { buildPackage } from '../test/support/buildPackage.mts';
import { ROOT } from '../test/support/paths.mts';

const { values: options, positionals: names } = parseArgs({
	allowPositionals: true,
	options: { pictures: { type: 'boolean', default: false } },
});
const allFiles = (await readdir(join(ROOT, 'examples'))).filter((file) => file.endsWith('.json'));
const files = names.length > 0 ? names.map((name) => `${name}.json`) : allFiles;
const untested = files.filter((file) => !cases[file]);
if (untested.length > 0) throw new Error(`No test for ${untested.join(', ')}`);

await buildPackage(console.log);
const environment = await createEnvironment();
let failures = 0;
try {
	if (options.pictures) await takePictures(environment, files);
	else failures = await runCases(environment);
	if (names.length === 0 && !options.pictures) await checkMigrationReport(environment, allFiles);
	if (environment.sandbox.errors.length > 0) throw environment.sandbox.errors[0] as Error;
} finally {
	await environment.stop();
}
process.exit(failures > 0 ? 1 : 0);

/** @returns how many failed */
async function runCases(examples: ExamplesEnvironment): Promise<number> {
	let failed = 0;
	for (const file of files) {
		const startedAt = Date.now();
		try {
			await cases[file](examples, file);
			console.log(`passed  ${file} (${Math.round((Date.now() - startedAt) / 1000)} s)`);
		} catch (error) {
			failed++;
			console.log(`FAILED  ${file}\n${error instanceof Error ? error.stack : String(error)}\n`);
		}
		// An example must not depend on what the one before left on the PBX.
		examples.sandbox.reset();
		examples.chat.requests.length = 0;
	}
	console.log(failed > 0 ? `${failed} of ${files.length} failed.` : `All ${files.length} passed.`);
	return failed;
}
