import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isInstalled, npmInstall } from './npm.mjs';

/** What to install, where, and how to talk about it. */
export interface Installation {
	/** Folder with a package.json and a package-lock.json */
	recipe: string;
	/** Folder that gets them and their node_modules */
	folder: string;
	/** What it is, for the line before it starts */
	what: string;
	/** The Node that runs npm, and for which packages are chosen; default: the running one */
	node?: string;
	/** Gets lines about what is going on, at least every few seconds */
	say?: (line: string) => void;
	/** Ends it early */
	signal?: AbortSignal;
	/** Called before anything is fetched; may throw to prevent it */
	before?: () => Promise<void>;
}

/**
 * Makes sure that a folder holds what a recipe asks for. What is there already is reused; an interrupted
 * or outdated installation is done again.
 *
 * @throws Error when npm fails
 */
export async function install(what: Installation): Promise<void> {
	const { recipe, folder, node, say = console.log, signal } = what;
	if ((await sameLock(recipe, folder)) && isInstalled(folder)) return;
	await mkdir(folder, { recursive: true });
	await what.before?.();
	say(`Installing ${what.what} ...`);
	await cp(recipe, folder, { recursive: true });
	await npmInstall({ cwd: folder, node, say, signal });
}

/** Was the folder made from this lock file? */
async function sameLock(recipe: string, folder: string): Promise<boolean> {
	const lock = (of: string) => readFile(join(of, 'package-lock.json'), 'utf8');
	const installed = await lock(folder).catch(() => undefined);
	return installed === (await lock(recipe));
}
