import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packPackage } from '../packPackage.mts';
import { START_DATA } from '../paths.mts';

/**
 * Installs the built package into an n8n as a community package: the contents of the archive that would be published,
 * in `nodes/node_modules/<name>`. n8n scans that folder when it starts, so node types get the name they have for
 * every user (`n8n-nodes-ringme.ringMe`; from the folder `custom` it would be `CUSTOM.ringMe`). The one step of n8n's
 * own installation that is left out is `npm install` in it: this package has no dependencies.
 *
 * @param data the data folder of that n8n
 * @returns name and version of the package
 */
export async function installPackage(
	data = START_DATA,
): Promise<{ name: string; version: string }> {
	const nodes = join(data, '.n8n', 'nodes');
	await mkdir(nodes, { recursive: true });
	const scratch = await mkdtemp(join(nodes, 'pack-'));
	try {
		const { name, version, folder } = await packPackage(scratch);
		const target = join(nodes, 'node_modules', name);
		await mkdir(join(nodes, 'node_modules'), { recursive: true });
		await rm(target, { recursive: true, force: true });
		await rename(folder, target);
		await addToPackageJson(nodes, name, version);
		return { name, version };
	} finally {
		await rm(scratch, { recursive: true, force: true });
	}
}

/** n8n keeps what it installed in a package.json beside node_modules. */
async function addToPackageJson(nodes: string, name: string, version: string): Promise<void> {
	const file = join(nodes, 'package.json');
	const text = await readFile(file, 'utf8').catch(() => '{}');
	const manifest = JSON.parse(text) as { dependencies?: Record<string, string> };
	const dependencies = { ...manifest.dependencies, [name]: version };
	await writeFile(
		file,
		JSON.stringify({ name: 'installed-nodes', private: true, ...manifest, dependencies }, null, 2),
	);
}
