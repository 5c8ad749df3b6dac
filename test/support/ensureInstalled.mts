import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isInstalled, npm } from './npm.mjs';

export interface Installation {
	/** Folder with a package.json and a package-lock.json */
	manifestDir: string;
	/** Folder that gets copies of them and their node_modules */
	targetDir: string;
	/** What is installed and where, for the line that is logged before */
	description: string;
	/** The Node that runs npm, and for which npm chooses packages; default: the running one */
	node?: string;
	log: (line: string) => void;
	/** Ends the installation early */
	signal?: AbortSignal;
	/** Called before anything is downloaded; may throw to prevent it */
	beforeInstall?: () => Promise<void>;
}

/**
 * Makes sure that a folder holds the packages of a manifest. A complete installation is reused, an interrupted or
 * outdated one is replaced.
 *
 * @throws Error when npm fails
 */
export async function ensureInstalled(installation: Installation): Promise<void> {
	const { manifestDir, targetDir, description, node, log, signal } = installation;
	if ((await hasSameLockFile(manifestDir, targetDir)) && isInstalled(targetDir)) return;
	await mkdir(targetDir, { recursive: true });
	await installation.beforeInstall?.();
	log(`Installing ${description} ...`);
	await cp(manifestDir, targetDir, { recursive: true });
	await npm(['ci'], { cwd: targetDir, node, log, signal });
}

async function hasSameLockFile(manifestDir: string, targetDir: string): Promise<boolean> {
	const lockFile = async (dir: string) => await readFile(join(dir, 'package-lock.json'), 'utf8');
	const installed = await lockFile(targetDir).catch(() => undefined);
	return installed === (await lockFile(manifestDir));
}
