import { randomBytes } from 'node:crypto';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import getPort from 'get-port';

import { installPackage } from '../../../scripts/n8n/community-package.mts';
import { Editor } from '../../../scripts/n8n/editor.mts';
import { LOCAL, LOGS } from '../../../scripts/n8n/folders.mts';
import { installN8n } from '../../../scripts/n8n/install.mts';
import { startN8n, startWorker } from '../../../scripts/n8n/server.mts';
import type { Service } from '../../../scripts/n8n/service.mts';
import { Cleanups } from '../../../scripts/cleanups.mts';
import { startPostgres, type Postgres } from './postgres.mts';
import { startRedis } from './redis.mts';

const HOME = join(LOCAL, 'data', 'queue');
const MAIN = join(HOME, 'main');

/** An n8n that is running in one process or in several. */
export interface Fleet {
	/** Address of the editor, its API and webhooks */
	url: string;
	/** n8n's own API, logged in as the owner */
	editor: Editor;
	/** For each worker, the executions that it has begun, as its log says: the first line for the first one */
	begunBy(): Promise<string[][]>;
	stop(): Promise<void>;
}

/** What several processes of n8n share, on one machine or on many. */
export interface Ground {
	postgres: Postgres;
	/** Starts n8n on it: in regular mode without workers, else in queue mode with so many. */
	start(workers: number): Promise<Fleet>;
	stop(): Promise<void>;
}

/**
 * Starts Redis and PostgreSQL for one n8n after the other: the queue mode is "not officially supported" by n8n with
 * SQLite. Each process has a folder of its own with the package in it, as on a machine of its own. `dist/` has to be
 * built.
 *
 * @throws Error when something does not start; nothing is left running then
 */
export async function layGround(): Promise<Ground> {
	const cleanups = new Cleanups();
	try {
		await rm(HOME, { recursive: true, force: true });
		const installed = await installN8n(console.log);
		await installPackage(MAIN);
		const redis = cleanups.add(await startRedis());
		const postgres = cleanups.add(await startPostgres());
		const shared = {
			...postgres.env,
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('base64'),
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			// The test reads all executions, and in the logs who has run them.
			EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'all',
			EXECUTIONS_DATA_PRUNE: 'false',
			N8N_LOG_LEVEL: 'info',
			// As the README has it for many calls.
			N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
		};
		const place = (name: string, mode: string) => ({
			data: join(HOME, name),
			log: join(LOGS, `queue-${name}.log`),
			env: { ...shared, EXECUTIONS_MODE: mode },
		});
		const ports = async () => ({ editor: await getPort(), broker: await getPort() });
		const worker = async (name: string): Promise<Service & { log: string }> => {
			const its = place(name, 'queue');
			const nodes = join('.n8n', 'nodes');
			await cp(join(MAIN, nodes), join(its.data, nodes), { recursive: true });
			const service = await startWorker(installed, await ports(), console.log, its);
			return { ...cleanups.add(service), log: its.log };
		};
		return {
			postgres,
			async start(count) {
				const main = cleanups.add(
					await startN8n(installed, await ports(), console.log, undefined, {
						...place('main', count > 0 ? 'queue' : 'regular'),
					}),
				);
				const names = Array.from({ length: count }, (_, n) => `worker-${n + 1}`);
				const workers = await Promise.all(names.map(worker));
				return {
					url: main.url,
					editor: await Editor.open(main.url, MAIN),
					begunBy: async () => await Promise.all(workers.map(async ({ log }) => await begun(log))),
					async stop() {
						await Promise.all([main, ...workers].map(async (each) => await each.stop()));
					},
				};
			},
			stop: async () => await cleanups.end(),
		};
	} catch (error) {
		await cleanups.end();
		throw error;
	}
}

async function begun(log: string): Promise<string[]> {
	const text = await readFile(log, 'utf8');
	return [...text.matchAll(/Worker started execution (\d+) /g)].map(([, id]) => id);
}
