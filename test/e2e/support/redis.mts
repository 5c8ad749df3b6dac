import { join } from 'node:path';

import { execa } from 'execa';
import getPort from 'get-port';

import { startService, type Service } from '../../support/n8n/startService.mts';
import { LOGS } from '../../support/paths.mts';
import { findProgram } from '../../support/systemPrograms.mts';

/** A running Redis that stores nothing on disk. */
export interface Redis extends Service {
	port: number;
}

/**
 * Starts a Redis on 127.0.0.1.
 *
 * @throws Error when it is not installed
 */
export async function startRedis(): Promise<Redis> {
	const server = await findProgram('redis-server');
	const port = await getPort();
	const address = ['-h', '127.0.0.1', '-p', String(port)];
	const service = await startService(
		{
			name: 'Redis',
			command: [server, '--bind', '127.0.0.1', '--port', String(port), '--save', ''],
			env: { PATH: process.env.PATH },
			logFile: join(LOGS, 'redis.log'),
			async isReady() {
				const { stdout } = await execa('redis-cli', [...address, 'ping'], { reject: false });
				return stdout === 'PONG';
			},
		},
		console.log,
	);
	return { port, ...service };
}
