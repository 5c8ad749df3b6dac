import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL } from '../../test/support/paths.mts';

const FILE = join(LOCAL, 'start.pid');

/**
 * Makes sure that this is the only `npm start` of this clone: two would write into the same database.
 *
 * @returns releases the lock
 * @throws Error when another one is running
 */
export async function acquireLock(): Promise<() => Promise<void>> {
	await mkdir(LOCAL, { recursive: true });
	for (;;) {
		try {
			await writeFile(FILE, String(process.pid), { flag: 'wx' });
			return async () => await rm(FILE, { force: true });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		const pid = Number(await readFile(FILE, 'utf8').catch(() => ''));
		if (isRunning(pid)) {
			throw new Error(
				`npm start is already running (process ${pid}). If that is another program, delete .local/start.pid.`,
			);
		}
		await rm(FILE, { force: true });
	}
}

function isRunning(pid: number): boolean {
	if (!Number.isInteger(pid) || pid <= 0) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
