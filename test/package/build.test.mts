import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { node24 } from '../support/node24.mts';
import { ROOT } from '../support/paths.mts';

const run = promisify(execFile);
const SOURCES = ['nodes', 'credentials', 'icons', 'package.json', 'tsconfig.json', 'gulpfile.js'];

/** Builds in a temporary folder, so that `dist` stays as it is. @returns hashes of the files by path */
async function build(node: string): Promise<Record<string, string>> {
	const folder = mkdtempSync(join(tmpdir(), 'build-'));
	try {
		for (const path of SOURCES) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
		symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
		await run(node, ['node_modules/gulp/bin/gulp.js'], { cwd: folder });
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

it('builds the same files, byte by byte, on this Node and on Node 24', async () => {
	const [here, there] = await Promise.all([
		build(process.execPath),
		build(await node24(console.log)),
	]);
	expect(Object.keys(here)).toEqual(
		expect.arrayContaining(['nodes/RingMe/RingMe.node.js', 'icons/ringme.svg']),
	);
	expect(there).toEqual(here);
}, 600_000);
