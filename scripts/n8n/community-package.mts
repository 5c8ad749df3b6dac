import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unpacked } from '../package.mts';
import { LOCAL, N8N_DATA } from './folders.mts';

/**
 * Puts the built package where n8n puts a community package: the contents of the archive that would be published,
 * in `nodes/node_modules/<name>`. n8n scans that folder when it starts, so node types get the name they have for
 * every user (`n8n-nodes-ringme.ringMe`; from the folder `custom` it would be `CUSTOM.ringMe`). The one step of n8n's
 * own installation that is left out is `npm install` in it: this package has no dependencies.
 *
 * @param data the folder in which that n8n keeps everything
 * @returns name and version of the package
 */
export async function installPackage(data = N8N_DATA): Promise<{ name: string; version: string }> {
	const nodes = join(data, '.n8n', 'nodes');
	await mkdir(LOCAL, { recursive: true });
	const scratch = await mkdtemp(join(LOCAL, 'pack-'));
	try {
		const { name, version, folder } = await unpacked(scratch);
		const target = join(nodes, 'node_modules', name);
		await mkdir(join(nodes, 'node_modules'), { recursive: true });
		await rm(target, { recursive: true, force: true });
		await rename(folder, target);
		await enterInLedger(nodes, name, version);
		return { name, version };
	} finally {
		await rm(scratch, { recursive: true, force: true });
	}
}

/** n8n notes what it installed in a package.json beside node_modules. */
async function enterInLedger(nodes: string, name: string, version: string): Promise<void> {
	const file = join(nodes, 'package.json');
	const text = await readFile(file, 'utf8').catch(() => '{}');
	const ledger = JSON.parse(text) as { dependencies?: Record<string, string> };
	const dependencies = { ...ledger.dependencies, [name]: version };
	await writeFile(
		file,
		JSON.stringify({ name: 'installed-nodes', private: true, ...ledger, dependencies }, null, 2),
	);
}
