import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { LOCAL, N8N_DATA, ROOT } from './folders.mts';

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
		const { stdout } = await execa(
			'npm',
			['pack', '--json', '--ignore-scripts', '--pack-destination', scratch],
			{ cwd: ROOT },
		);
		const [{ filename, name, version }] = JSON.parse(stdout) as [
			{ filename: string; name: string; version: string },
		];
		await execa('tar', ['-xzf', filename], { cwd: scratch });
		const target = join(nodes, 'node_modules', name);
		await mkdir(join(nodes, 'node_modules'), { recursive: true });
		await rm(target, { recursive: true, force: true });
		await rename(join(scratch, 'package'), target);
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
