import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import getPort from 'get-port';

import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/index.mts';
import { installPackage } from '../../../scripts/n8n/community-package.mts';
import { Editor } from '../../../scripts/n8n/editor.mts';
import { LOCAL, LOGS } from '../../../scripts/n8n/folders.mts';
import { installN8n } from '../../../scripts/n8n/install.mts';
import { startN8n, type RunningN8n } from '../../../scripts/n8n/server.mts';
import { Cleanups } from './cleanups.mts';

/** A new n8n with the package from its packed archive, and a PBX. */
export interface World {
	sandbox: Sandbox;
	n8n: RunningN8n;
	/** n8n's own API, logged in as the owner */
	editor: Editor;
	/** The folder in which this n8n keeps everything */
	data: string;
	stop(): Promise<void>;
}

/**
 * Starts a PBX and an n8n that has no data but its owner. `dist/` has to be built.
 *
 * @param name tells several of them apart: folder and log have it
 * @throws Error when either does not start; nothing is left running then
 */
export async function startWorld(name: string, options: SandboxOptions = {}): Promise<World> {
	const data = join(LOCAL, 'e2e', name);
	const cleanups = new Cleanups();
	const stop = async () => await cleanups.end();
	try {
		await rm(data, { recursive: true, force: true });
		const installed = await installN8n(console.log);
		await installPackage(data);
		const sandbox = cleanups.add(await startSandbox(options));
		const ports = { editor: await getPort(), broker: await getPort() };
		const place = { data, log: join(LOGS, `${name}.log`) };
		const n8n = cleanups.add(await startN8n(installed, ports, console.log, undefined, place));
		return { sandbox, n8n, editor: await Editor.open(n8n.url, data), data, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
