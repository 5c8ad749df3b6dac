import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './paths.mts';

const run = promisify(execFile);

/** The package as it would be published, unpacked. */
export interface PackedPackage {
	name: string;
	version: string;
	/** Where its files are */
	folder: string;
	/** Bytes of all of them */
	unpackedSize: number;
	/** Their paths inside the package */
	files: string[];
}

/**
 * Packs `dist/` as npm publishes it and unpacks the archive again: exactly the files that a user gets.
 *
 * @param folder an empty folder, which the caller removes
 */
export async function packPackage(folder: string): Promise<PackedPackage> {
	const { stdout } = await run(
		'npm',
		['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
		{ cwd: ROOT },
	);
	const [{ name, version, unpackedSize, filename, files }] = JSON.parse(stdout) as [
		{
			name: string;
			version: string;
			unpackedSize: number;
			filename: string;
			files: Array<{ path: string }>;
		},
	];
	await run('tar', ['-xzf', filename], { cwd: folder });
	return {
		name,
		version,
		unpackedSize,
		files: files.map(({ path }) => path),
		folder: join(folder, 'package'),
	};
}
