import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureInstalled } from '../ensureInstalled.mts';
import { node24 } from '../node24.mts';
import { MANIFESTS, N8N_DIR } from '../paths.mts';

const GIGABYTE = 1e9;
/** n8n takes 2.9 GB, npm's download cache about 0.6 GB more. */
const REQUIRED_BYTES = 4 * GIGABYTE;

/** An n8n that can be started by `<node> <bin> start`. */
export interface InstalledN8n {
	/** Path of a Node.js >= 24 */
	node: string;
	/** Path of n8n's entry script */
	bin: string;
	version: string;
}

/**
 * Makes sure that n8n is installed in the version of the manifest, and Node 24 to run it. A complete installation is
 * reused, an interrupted or outdated one is replaced.
 *
 * @param log gets lines about it, at least every few seconds
 * @param signal ends the installation early
 * @throws Error when the disk is too small or npm fails
 */
export async function installN8n(
	log: (line: string) => void,
	signal?: AbortSignal,
): Promise<InstalledN8n> {
	const node = await node24(log);
	const version = await readNewestVersion();
	await ensureInstalled({
		manifestDir: join(MANIFESTS, 'n8n'),
		targetDir: N8N_DIR,
		description: `n8n ${version} into .local/n8n (2.9 GB, once; a few minutes)`,
		node,
		log,
		signal,
		beforeInstall: assertDiskSpace,
	});
	return { node, bin: join(N8N_DIR, 'node_modules', 'n8n', 'bin', 'n8n'), version };
}

/** The version of n8n that everything but the older ones of `npm run test:compat` runs on. */
export async function readNewestVersion(): Promise<string> {
	const manifest = await readFile(join(MANIFESTS, 'n8n', 'package.json'), 'utf8');
	return (JSON.parse(manifest) as { dependencies: { n8n: string } }).dependencies.n8n;
}

async function assertDiskSpace(): Promise<void> {
	const { bavail, bsize } = await statfs(N8N_DIR);
	const free = bavail * bsize;
	if (free < REQUIRED_BYTES) {
		throw new Error(
			`n8n needs about ${REQUIRED_BYTES / GIGABYTE} GB of free disk space; there are ${(free / GIGABYTE).toFixed(1)} GB.`,
		);
	}
}
