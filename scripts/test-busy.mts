/**
 * `npm run test:busy`: runs `npm test` on a machine that is busy with something else: three loops per core, and a
 * large file that is copied again and again in the system's temporary folder. Arguments are another command:
 * `npm run test:busy -- npm test -- test/faults`. Exits with the code of the command.
 */
import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT } from '../test/support/paths.mts';

const LOOPS_PER_CORE = 3;
const FILE_BYTES = 256 * 1024 * 1024;

const LOOP = 'for (;;);';
const COPY = `
	const { copyFileSync, writeFileSync } = require('node:fs');
	const { join } = require('node:path');
	const { folder, bytes } = require('node:worker_threads').workerData;
	const [source, copy] = ['source', 'copy'].map((name) => join(folder, name));
	writeFileSync(source, Buffer.alloc(bytes, 'x'));
	for (;;) copyFileSync(source, copy);
`;

const [command = 'npm', ...args] =
	process.argv.length > 2 ? process.argv.slice(2) : ['npm', 'test'];

const folder = mkdtempSync(join(tmpdir(), 'ringme-busy-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
// The exit also ends the command and the threads.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.once(signal, () => process.exit(130));
}

// Threads, because they end with this process, however it ends.
const loops = LOOPS_PER_CORE * availableParallelism();
const load = [
	...Array.from({ length: loops }, () => new Worker(LOOP, { eval: true })),
	new Worker(COPY, { eval: true, workerData: { folder, bytes: FILE_BYTES } }),
];
console.log(`Beside it: ${loops} loops and a repeated copy of ${FILE_BYTES / 1024 / 1024} MB`);
const { exitCode } = await execa(command, args, { cwd: ROOT, stdio: 'inherit', reject: false });
await Promise.all(load.map(async (worker) => await worker.terminate()));
process.exit(exitCode ?? 1);
