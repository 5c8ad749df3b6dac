import { join } from 'node:path';

import { execa } from 'execa';
import getPort from 'get-port';

import { LOGS } from '../../../scripts/n8n/folders.mts';
import { startService, type Service } from '../../../scripts/n8n/service.mts';
import { fromDebian, programIn } from './debian.mts';

/** A running Redis that keeps nothing. */
export interface Redis extends Service {
	port: number;
}

/**
 * Starts a Redis on 127.0.0.1, Debian's, which is installed when it is missing.
 *
 * @throws Error when there is none
 */
export async function startRedis(): Promise<Redis> {
	const server = await fromDebian(
		async () => await programIn(['/usr/bin'], 'redis-server'),
		['redis-server'],
		'The test of the queue mode needs Redis: install it (Debian: apt-get install redis-server).',
		console.log,
	);
	const port = await getPort();
	const address = ['-h', '127.0.0.1', '-p', String(port)];
	const service = await startService(
		{
			name: 'Redis',
			command: [server, '--bind', '127.0.0.1', '--port', String(port), '--save', ''],
			env: { PATH: process.env.PATH },
			log: join(LOGS, 'redis.log'),
			async isReady() {
				const { stdout } = await execa('redis-cli', [...address, 'ping'], { reject: false });
				return stdout === 'PONG';
			},
		},
		console.log,
	);
	return { port, ...service };
}
