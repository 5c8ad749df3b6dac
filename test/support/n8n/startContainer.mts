import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { LOGS } from '../paths.mts';
import { n8nSettings, type N8nPorts } from './environmentVariables.mts';
import { isN8nReady, type RunningN8n } from './startN8n.mts';
import { startService } from './startService.mts';

/** Where the image keeps n8n's data. */
const DATA_FOLDER = '/home/node/.n8n';

/**
 * Starts n8n from a Docker image and waits until its API responds. It has the community packages of a data folder and
 * nothing else of it. It shares the network of this machine, so that it can reach servers here and they it: this
 * needs Docker on Linux.
 *
 * @param image e.g. `docker.n8n.io/n8nio/n8n:stable`; it is pulled if it is not there
 * @param data a folder with a package from `installPackage`
 * @param log gets lines about it, at least every few seconds
 * @throws Error when Docker is missing, or with n8n's last log lines when it does not become ready; no container is
 * left then
 */
export async function startContainer(
	image: string,
	ports: N8nPorts,
	data: string,
	log: (line: string) => void,
): Promise<RunningN8n> {
	const settings = {
		...n8nSettings(ports),
		// n8n exits if a module that its version does not have is disabled.
		N8N_DISABLED_MODULES: '',
		// Off by default from n8n 3.
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	};
	const variables = Object.entries(settings).flatMap(([name, value]) => [
		'--env',
		`${name}=${value}`,
	]);
	log(`Pulling ${image}`);
	const { stdout } = await execa(
		'docker',
		['create', '--quiet', '--network', 'host', ...variables, image],
		{ timeout: 600_000 },
	);
	const id = stdout.trim();
	const remove = () => void execaSync('docker', ['rm', '--force', '--volumes', id]);
	process.once('exit', remove);
	const url = `http://127.0.0.1:${ports.editor}`;
	try {
		const nodes = join(data, '.n8n', 'nodes');
		// In the container the files belong to root, and n8n runs as another user.
		await makeWritable(nodes);
		await execa('docker', ['cp', nodes, `${id}:${DATA_FOLDER}/`]);
		const service = await startService(
			{
				name: image,
				command: ['docker', 'start', '--attach', id],
				env: process.env,
				logFile: join(LOGS, 'docker.log'),
				isReady: async () => await isN8nReady(url),
			},
			log,
		);
		const stop = async () => {
			await service.stop();
			process.off('exit', remove);
			remove();
		};
		return { ...service, url, stop };
	} catch (error) {
		process.off('exit', remove);
		remove();
		throw error;
	}
}

async function makeWritable(folder: string): Promise<void> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
	const readWriteEnter = 0o777;
	await Promise.all([folder, ...paths].map(async (path) => await chmod(path, readWriteEnter)));
}
