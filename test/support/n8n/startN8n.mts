import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LOGS, START_DATA } from '../paths.mts';
import { n8nEnvironmentVariables, type N8nPorts } from './environmentVariables.mts';
import type { InstalledN8n } from './installN8n.mts';
import { startService, type Service } from './startService.mts';

/** What differs between an n8n and that of `npm start`. */
export interface N8nOptions {
	/** The folder in which it keeps everything */
	data?: string;
	/** Its log file, overwritten */
	logFile?: string;
	/** Further environment variables */
	env?: Record<string, string>;
}

/** A running n8n. */
export interface RunningN8n extends Service {
	/** Address of the editor and its API, without a slash at the end */
	url: string;
}

/**
 * Starts n8n and waits until its API responds.
 *
 * @param log gets a line every few seconds meanwhile
 * @param signal stops waiting, and n8n
 * @throws Error with n8n's last log lines when it does not become ready
 */
export async function startN8n(
	{ node, bin }: InstalledN8n,
	ports: N8nPorts,
	log: (line: string) => void,
	signal?: AbortSignal,
	{ data = START_DATA, logFile = join(LOGS, 'n8n.log'), env = {} }: N8nOptions = {},
): Promise<RunningN8n> {
	await mkdir(data, { recursive: true });
	const url = `http://127.0.0.1:${ports.editor}`;
	const service = await startService(
		{
			name: 'n8n',
			command: [node, bin, 'start'],
			env: { ...n8nEnvironmentVariables(node, ports, data), ...env },
			logFile,
			isReady: async () => await isN8nReady(url),
		},
		log,
		signal,
	);
	return { url, ...service };
}

/**
 * Starts a worker, which runs executions that a main process has put into the queue, and waits until it takes them.
 *
 * @param ports `editor` is the port of its health check
 * @param options with the settings of the queue and of the main process's database
 * @throws Error with its last log lines when it does not become ready
 */
export async function startWorker(
	{ node, bin }: InstalledN8n,
	ports: N8nPorts,
	log: (line: string) => void,
	{ data, logFile, env }: Required<N8nOptions>,
): Promise<Service> {
	await mkdir(data, { recursive: true });
	const program = {
		name: 'An n8n worker',
		command: [node, bin, 'worker'] as [string, ...string[]],
		env: {
			...n8nEnvironmentVariables(node, ports, data),
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(ports.editor),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
			...env,
		},
		logFile,
		isReady: async () =>
			await respondsWithJson(`http://127.0.0.1:${ports.editor}/healthz/readiness`),
	};
	return await startService(program, log);
}

/** @returns whether the n8n at that address takes requests of the editor */
export async function isN8nReady(url: string): Promise<boolean> {
	// The health check only says that the database is ready; the settings come from the API itself.
	return (
		(await respondsWithJson(`${url}/healthz/readiness`)) &&
		(await respondsWithJson(`${url}/rest/settings`))
	);
}

async function respondsWithJson(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
		return response.ok && (response.headers.get('content-type') ?? '').includes('json');
	} catch {
		return false;
	}
}
