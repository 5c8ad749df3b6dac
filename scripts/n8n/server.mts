import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { n8nEnvironment, type N8nPorts } from './environment.mts';
import { LOGS, N8N_DATA } from './folders.mts';
import type { InstalledN8n } from './install.mts';
import { startService, type Service } from './service.mts';

/** What a second n8n beside that of `npm start` needs of its own. */
export interface N8nPlace {
	/** The folder in which it keeps everything */
	data?: string;
	/** The file for its log, written anew */
	log?: string;
	/** Further settings */
	env?: Record<string, string>;
}

/** A running n8n. */
export interface RunningN8n extends Service {
	/** Address of the editor and its API, without a slash at the end */
	url: string;
}

/**
 * Starts n8n and waits until its API answers.
 *
 * @param say gets a line every few seconds while n8n starts
 * @param signal gives up waiting, and ends n8n
 * @throws Error with n8n's last log lines when it does not get ready
 */
export async function startN8n(
	{ node, bin }: InstalledN8n,
	ports: N8nPorts,
	say: (line: string) => void,
	signal?: AbortSignal,
	{ data = N8N_DATA, log = join(LOGS, 'n8n.log'), env = {} }: N8nPlace = {},
): Promise<RunningN8n> {
	await mkdir(data, { recursive: true });
	const url = `http://127.0.0.1:${ports.editor}`;
	const program = {
		...{ name: 'n8n', command: [node, bin, 'start'] as [string, ...string[]], log },
		env: { ...n8nEnvironment(node, ports, data), ...env },
		// The health check says when the database is ready; only the settings come from the API itself.
		isReady: async () =>
			(await answers(`${url}/healthz/readiness`)) && (await answers(`${url}/rest/settings`)),
	};
	return { url, ...(await startService(program, say, signal)) };
}

/**
 * Starts a process that runs executions which a main process has put into the queue, and waits until it takes them.
 *
 * @param ports `editor` is of no editor here, but of its health check
 * @param place with the settings of the queue and of the main process' database
 * @throws Error with its last log lines when it does not get ready
 */
export async function startWorker(
	{ node, bin }: InstalledN8n,
	ports: N8nPorts,
	say: (line: string) => void,
	{ data, log, env }: Required<N8nPlace>,
): Promise<Service> {
	await mkdir(data, { recursive: true });
	const program = {
		...{ name: 'An n8n worker', command: [node, bin, 'worker'] as [string, ...string[]], log },
		env: {
			...n8nEnvironment(node, ports, data),
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(ports.editor),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			...env,
		},
		isReady: async () => await answers(`http://127.0.0.1:${ports.editor}/healthz/readiness`),
	};
	return await startService(program, say);
}

async function answers(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
		return response.ok && (response.headers.get('content-type') ?? '').includes('json');
	} catch {
		return false;
	}
}
