import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/index.mts';
import { CleanupStack } from '../cleanupStack.mts';
import { DATA, LOGS } from '../paths.mts';
import { Editor } from './editor.mts';
import { installN8n, type InstalledN8n } from './installN8n.mts';
import { installPackage } from './installPackage.mts';
import { startN8n, type N8nOptions, type RunningN8n } from './startN8n.mts';

/** A new n8n with the package from its packed archive, and a PBX. */
export interface TestEnvironment {
	sandbox: Sandbox;
	/** The n8n that runs now */
	n8n: RunningN8n;
	/** Path of the Node that n8n runs on */
	node: string;
	/** Its API, logged in as the owner */
	editor: Editor;
	/** Starts n8n, after it has ended, with the same data at another address: `n8n` and `editor` are those of the new one. */
	startAgain(): Promise<void>;
	/** The data folder of n8n */
	data: string;
	/** What else `stop` has to stop */
	cleanups: CleanupStack;
	stop(): Promise<void>;
}

export interface TestEnvironmentOptions extends Pick<N8nOptions, 'env'> {
	sandbox?: SandboxOptions;
	/** Default: the newest version */
	n8n?: InstalledN8n;
}

/**
 * Starts a PBX and an n8n without any data but its owner. The clock of the PBX stands still unless a test advances
 * it, so that nothing happens while a test looks. `dist/` has to be built.
 *
 * @param name unique: data folder and log are named after it
 * @throws Error when either does not start; nothing is left running then
 */
export async function startTestEnvironment(
	name: string,
	{ sandbox: sandboxOptions, n8n: installedN8n, env }: TestEnvironmentOptions = {},
): Promise<TestEnvironment> {
	const data = join(DATA, name);
	const cleanups = new CleanupStack();
	const stop = async () => await cleanups.stopAll();
	try {
		await rm(data, { recursive: true, force: true });
		const installed = installedN8n ?? (await installN8n(console.log));
		await installPackage(data);
		const sandbox = cleanups.add(
			await startSandbox({ clock: 'virtual', start: Date.now(), ...sandboxOptions }),
		);
		let starts = 0;
		const start = async () => {
			const ports = { editor: await getPort(), broker: await getPort() };
			const logFile = join(LOGS, `${[name, ++starts].join('-')}.log`);
			const options = { data, logFile, env };
			const n8n = cleanups.add(await startN8n(installed, ports, console.log, undefined, options));
			return { n8n, editor: await Editor.open(n8n.url, data) };
		};
		const environment: TestEnvironment = {
			...(await start()),
			sandbox,
			node: installed.node,
			startAgain: async () => void Object.assign(environment, await start()),
			data,
			cleanups,
			stop,
		};
		return environment;
	} catch (error) {
		await stop();
		throw error;
	}
}
