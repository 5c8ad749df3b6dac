import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { node24 } from '../node24.mjs';
import { install } from '../recipe.mts';
import { N8N_HOST, N8N_RECIPE } from './folders.mts';

const GIGABYTE = 1e9;
/** n8n takes 2.9 GB, npm's download cache about 0.6 GB on top. */
const NEEDED_BYTES = 4 * GIGABYTE;

/** An n8n that can be started: `<node> <bin> start`. */
export interface InstalledN8n {
	/** Path of a Node.js >= 24 */
	node: string;
	/** Path of n8n's entry script */
	bin: string;
	version: string;
}

/**
 * Makes sure that the n8n of the recipe is installed, and Node 24 to run it. What is there already is reused;
 * an interrupted or outdated installation is done again.
 *
 * @param say gets lines about what is going on, at least every few seconds
 * @param signal ends the installation early
 * @throws Error when the disk is too small or npm fails
 */
export async function installN8n(
	say: (line: string) => void,
	signal?: AbortSignal,
): Promise<InstalledN8n> {
	const node = await node24({ log: say });
	const version = await newestVersion();
	const installed: InstalledN8n = {
		node,
		bin: join(N8N_HOST, 'node_modules', 'n8n', 'bin', 'n8n'),
		version,
	};
	await install({
		recipe: N8N_RECIPE,
		folder: N8N_HOST,
		what: `n8n ${version} into .local/n8n (2.9 GB, once; a few minutes)`,
		node,
		say,
		signal,
		before: assertSpace,
	});
	return installed;
}

/** The version of n8n that all but the compatibility runs use. */
export async function newestVersion(): Promise<string> {
	const { dependencies } = JSON.parse(await readFile(join(N8N_RECIPE, 'package.json'), 'utf8')) as {
		dependencies: { n8n: string };
	};
	return dependencies.n8n;
}

async function assertSpace(): Promise<void> {
	const { bavail, bsize } = await statfs(N8N_HOST);
	const free = bavail * bsize;
	if (free < NEEDED_BYTES) {
		throw new Error(
			`n8n needs about ${NEEDED_BYTES / GIGABYTE} GB of free disk; there are ${(free / GIGABYTE).toFixed(1)} GB.`,
		);
	}
}
