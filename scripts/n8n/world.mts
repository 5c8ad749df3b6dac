import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/index.mts';
import { Cleanups } from '../cleanups.mts';
import { installPackage } from './community-package.mts';
import { Editor } from './editor.mts';
import { LOCAL, LOGS } from './folders.mts';
import { installN8n, type InstalledN8n } from './install.mts';
import { startN8n, type N8nPlace, type RunningN8n } from './server.mts';

/** A new n8n with the package from its packed archive, and a PBX. */
export interface World {
	sandbox: Sandbox;
	n8n: RunningN8n;
	/** The Node that it runs on */
	node: string;
	/** n8n's own API, logged in as the owner */
	editor: Editor;
	/** The folder in which this n8n keeps everything */
	data: string;
	/** What else is to be ended with it */
	cleanups: Cleanups;
	stop(): Promise<void>;
}

export interface WorldOptions extends Pick<N8nPlace, 'env'> {
	sandbox?: SandboxOptions;
	/** Else the newest one */
	n8n?: InstalledN8n;
}

/** The clock of the PBX stands still between steps: nothing happens while a workflow is being looked at. */
const STILL = { clock: 'virtual' } as const;

/**
 * Starts a PBX and an n8n that has no data but its owner. `dist/` has to be built.
 *
 * @param name tells several of them apart: folder and log have it
 * @throws Error when either does not start; nothing is left running then
 */
export async function startWorld(
	name: string,
	{ sandbox: options, n8n: given, env }: WorldOptions = {},
): Promise<World> {
	const data = join(LOCAL, 'data', name);
	const cleanups = new Cleanups();
	const stop = async () => await cleanups.end();
	try {
		await rm(data, { recursive: true, force: true });
		const installed = given ?? (await installN8n(console.log));
		await installPackage(data);
		const sandbox = cleanups.add(await startSandbox({ ...STILL, start: Date.now(), ...options }));
		const ports = { editor: await getPort(), broker: await getPort() };
		const place = { data, log: join(LOGS, `${name}.log`), env };
		const n8n = cleanups.add(await startN8n(installed, ports, console.log, undefined, place));
		const editor = await Editor.open(n8n.url, data);
		return { sandbox, n8n, node: installed.node, editor, data, cleanups, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
