/**
 * `npm run test:examples`: imports every workflow of `examples/` into a real n8n with the package, runs it against the
 * sandbox PBX as its user would, and looks at what came of it. Chats, mail servers and folders are local ones.
 *
 * `--pictures` takes those of docs/examples.md anew instead, with Chromium.
 * Names as arguments run those alone: `npm run test:examples -- agent-board`. Ends with exit status 1 if one fails.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mts';
import { cases } from './examples/cases.mts';
import { takePictures } from './examples/pictures.mts';
import { setStage } from './examples/stage.mts';
import { ROOT } from './n8n/folders.mts';

const say = (line: string) => console.log(line);

const files = (await readdir(join(ROOT, 'examples'))).filter((file) => file.endsWith('.json'));
const { values: options, positionals: asked } = parseArgs({
	allowPositionals: true,
	options: { pictures: { type: 'boolean', default: false } },
});
const chosen = asked.length ? asked.map((name) => `${name}.json`) : files;
const untested = chosen.filter((file) => !cases[file]);
if (untested.length > 0) throw new Error(`No test for ${untested.join(', ')}`);

await build(say);
const stage = await setStage();
const failed: string[] = [];
try {
	if (options.pictures) await takePictures(stage, chosen);
	else await runAll();
	if (stage.sandbox.errors.length > 0) throw stage.sandbox.errors[0] as Error;
} finally {
	await stage.stop();
}
if (!options.pictures) {
	say(
		failed.length ? `${failed.length} of ${chosen.length} failed.` : `All ${chosen.length} passed.`,
	);
}
process.exit(failed.length ? 1 : 0);

async function runAll(): Promise<void> {
	for (const file of chosen) {
		const started = Date.now();
		try {
			await cases[file](stage, file);
			say(`passed  ${file} (${Math.round((Date.now() - started) / 1000)} s)`);
		} catch (error) {
			failed.push(file);
			say(`FAILED  ${file}\n${error instanceof Error ? error.stack : String(error)}\n`);
		}
		// What one example leaves on the PBX is no concern of the next.
		stage.sandbox.reset();
		stage.web.sent.length = 0;
	}
}
