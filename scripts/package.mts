import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './n8n/folders.mts';

const run = promisify(execFile);

/** The package as it would be published. */
export interface Package {
	name: string;
	version: string;
	/** Where its files are, unpacked */
	folder: string;
	/** Bytes of all of them */
	unpackedSize: number;
	/** Their paths inside the package */
	files: string[];
}

/**
 * Packs what is built and unpacks the archive again: the files that a user gets, no more and no less.
 *
 * @param scratch an empty folder, which the caller removes
 */
export async function unpacked(scratch: string): Promise<Package> {
	const { stdout } = await run(
		'npm',
		['pack', '--json', '--ignore-scripts', '--pack-destination', scratch],
		{ cwd: ROOT },
	);
	const [{ filename, files, ...facts }] = JSON.parse(stdout) as [
		{
			filename: string;
			name: string;
			version: string;
			unpackedSize: number;
			files: Array<{ path: string }>;
		},
	];
	await run('tar', ['-xzf', filename], { cwd: scratch });
	const { name, version, unpackedSize } = facts;
	const paths = files.map(({ path }) => path);
	return { name, version, unpackedSize, files: paths, folder: join(scratch, 'package') };
}
