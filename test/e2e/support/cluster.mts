import { randomBytes } from 'node:crypto';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import getPort from 'get-port';

import { CleanupStack } from '../../support/cleanupStack.mts';
import { Editor } from '../../support/n8n/editor.mts';
import { installN8n } from '../../support/n8n/installN8n.mts';
import { installPackage } from '../../support/n8n/installPackage.mts';
import { startN8n, startWorker } from '../../support/n8n/startN8n.mts';
import type { Service } from '../../support/n8n/startService.mts';
import { DATA, LOGS } from '../../support/paths.mts';
import { startPostgres, type Postgres } from './postgres.mts';
import { startRedis } from './redis.mts';

const FOLDER = join(DATA, 'queue');
const MAIN_DATA = join(FOLDER, 'main');

/** An n8n running in one process or in several. */
export interface N8nCluster {
	/** Address of the editor, its API and webhooks */
	url: string;
	/** n8n's own API, logged in as the owner */
	editor: Editor;
	/** The IDs of the executions that each worker has started, read from its log */
	executionsByWorker(): Promise<string[][]>;
	/** What all processes have logged since they were started */
	readLogs(): Promise<string>;
	/** Stops the process that takes webhooks, and starts it again at the same address. */
	restartMain(): Promise<void>;
	stop(): Promise<void>;
}

/** What the processes of n8n share. */
export interface Services {
	postgres: Postgres;
	/** Starts n8n: in regular mode without workers, else in queue mode with that number of workers. */
	startN8n(workers: number): Promise<N8nCluster>;
	stop(): Promise<void>;
}

/**
 * Starts Redis and PostgreSQL, for one n8n after another. (n8n does "not officially support" queue mode with SQLite.)
 * Each process has a data folder of its own with the package in it, as on separate machines. `dist/` has to be built.
 *
 * @throws Error when something does not start; nothing is left running then
 */
export async function startServices(): Promise<Services> {
	const cleanups = new CleanupStack();
	try {
		await rm(FOLDER, { recursive: true, force: true });
		const installed = await installN8n(console.log);
		await installPackage(MAIN_DATA);
		const redis = cleanups.add(await startRedis());
		const postgres = cleanups.add(await startPostgres());
		const shared = {
			...postgres.env,
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('base64'),
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			// The test reads all executions, and from the logs which worker ran them.
			EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
			EXECUTIONS_DATA_PRUNE: 'false',
			N8N_LOG_LEVEL: 'info',
			// As docs/performance.md recommends for many calls.
			N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
			// Without a limit, n8n loses executions when hundreds start at once: all wait for its two database connections.
			N8N_CONCURRENCY_PRODUCTION_LIMIT: '20',
		};
		const optionsOf = (name: string, mode: string) => ({
			data: join(FOLDER, name),
			logFile: join(LOGS, `queue-${name}.log`),
			env: { ...shared, EXECUTIONS_MODE: mode },
		});
		const ports = async () => ({ editor: await getPort(), broker: await getPort() });
		const addWorker = async (
			name: string,
			webhookUrl: string,
		): Promise<Service & { logFile: string }> => {
			const options = optionsOf(name, 'queue');
			// The URLs that a worker makes lead to the main process.
			Object.assign(options.env, { N8N_WEBHOOK_URL: webhookUrl });
			const nodes = join('.n8n', 'nodes');
			await cp(join(MAIN_DATA, nodes), join(options.data, nodes), { recursive: true });
			const service = await startWorker(installed, await ports(), console.log, options);
			return { ...cleanups.add(service), logFile: options.logFile };
		};
		return {
			postgres,
			async startN8n(count) {
				const options = optionsOf('main', count > 0 ? 'queue' : 'regular');
				const mainPorts = await ports();
				const startMain = async () =>
					cleanups.add(await startN8n(installed, mainPorts, console.log, undefined, options));
				let main = await startMain();
				const names = Array.from({ length: count }, (_, n) => `worker-${n + 1}`);
				const workers = await Promise.all(
					names.map(async (name) => await addWorker(name, `${main.url}/`)),
				);
				return {
					url: main.url,
					editor: await Editor.open(main.url, MAIN_DATA),
					executionsByWorker: async () =>
						await Promise.all(workers.map(async ({ logFile }) => await readStarted(logFile))),
					async readLogs() {
						const files = [options.logFile, ...workers.map(({ logFile }) => logFile)];
						const texts = await Promise.all(
							files.map(async (file) => await readFile(file, 'utf8')),
						);
						return texts.join('\n');
					},
					async restartMain() {
						await main.stop();
						main = await startMain();
					},
					async stop() {
						await Promise.all([main, ...workers].map(async (each) => await each.stop()));
					},
				};
			},
			stop: async () => await cleanups.stopAll(),
		};
	} catch (error) {
		await cleanups.stopAll();
		throw error;
	}
}

async function readStarted(logFile: string): Promise<string[]> {
	const text = await readFile(logFile, 'utf8');
	return [...text.matchAll(/Worker started execution (\d+) /g)].map(([, id]) => id);
}
