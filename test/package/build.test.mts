import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { LOCAL, ROOT } from '../../scripts/n8n/folders.mts';

/** The published files can be made again from the source, byte by byte, by anybody. */

const run = promisify(execFile);
const SOURCES = ['nodes', 'credentials', 'icons', 'package.json', 'tsconfig.json', 'gulpfile.js'];

/** Builds in a folder of its own, so that `dist` stays as it is; what came out, by path. */
async function build(node: string): Promise<Record<string, string>> {
	const folder = mkdtempSync(join(LOCAL, 'build-'));
	try {
		for (const path of SOURCES) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
		symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
		const tool = async (...args: string[]) => await run(node, args, { cwd: folder });
		await tool('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
		await tool('node_modules/gulp/bin/gulp.js');
		return hashes(join(folder, 'dist'));
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function hashes(folder: string): Record<string, string> {
	const files = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name))
		.sort();
	return Object.fromEntries(
		files.map((file) => [
			file.slice(folder.length + 1),
			createHash('sha256').update(readFileSync(file)).digest('hex'),
		]),
	);
}

it('is the same on this Node and on Node 24', async () => {
	const { stdout } = await run(process.execPath, [join(ROOT, 'scripts', 'node24.mjs')]);
	const [here, there] = await Promise.all([build(process.execPath), build(stdout.trim())]);
	expect(Object.keys(here)).toEqual(
		expect.arrayContaining(['nodes/RingMe/RingMe.node.js', 'icons/ringme.svg']),
	);
	expect(there).toEqual(here);
}, 180_000);
