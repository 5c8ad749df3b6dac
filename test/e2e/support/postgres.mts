import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chown, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { execa } from 'execa';
import getPort from 'get-port';

import { LOGS } from '../../../scripts/n8n/folders.mts';
import { startService, type Service } from '../../../scripts/n8n/service.mts';
import { fromDebian, programIn } from './debian.mts';

const DEBIAN = '/usr/lib/postgresql';
/** All of it is thrown away at the end: nothing has to survive a power cut. */
const NOT_DURABLE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** A running PostgreSQL with an empty database. */
export interface Postgres extends Service {
	/** How n8n reaches it */
	env: Record<string, string>;
	/**
	 * The rows of a query.
	 *
	 * @param values for `:'name'` in it
	 */
	query<T>(sql: string, values?: Record<string, string>): Promise<T[]>;
}

/**
 * Starts a PostgreSQL on 127.0.0.1, Debian's, which is installed when it is missing. It keeps its data in a folder
 * for temporary files until it is stopped.
 *
 * @throws Error when there is none
 */
export async function startPostgres(): Promise<Postgres> {
	const initdb = await fromDebian(
		async () => await programIn(await debianFolders(), 'initdb'),
		['postgresql'],
		'The test of the queue mode needs PostgreSQL: install it (Debian: apt-get install postgresql).',
		console.log,
	);
	const program = (name: string) => join(dirname(initdb), name);
	const user = await unprivileged();
	const folder = await mkdtemp(join(tmpdir(), 'n8n-queue-postgres-'));
	const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	process.once('exit', remove);
	const [data, secret] = [join(folder, 'data'), join(folder, 'password')];
	const password = randomBytes(18).toString('base64url');
	const port = await getPort();
	const login = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'n8n', PGPASSWORD: password };
	const env = { PATH: process.env.PATH, LC_ALL: 'C' };
	try {
		await writeFile(secret, password);
		if (user) for (const each of [folder, secret]) await chown(each, user.uid, user.gid);
		const options = ['--username=n8n', '--auth=scram-sha-256', `--pwfile=${secret}`];
		await execa(initdb, [...options, '--encoding=UTF8', '--no-sync', `--pgdata=${data}`], {
			...{ cwd: folder, env, extendEnv: false },
			...user,
		});
		const settings = [...NOT_DURABLE, 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
		const args = ['-D', data, '-p', String(port), ...settings.flatMap((each) => ['-c', each])];
		const service = await startService(
			{
				name: 'PostgreSQL',
				command: [program('postgres'), ...args],
				...{ env, log: join(LOGS, 'postgres.log'), user },
				// It waits for nobody's session; and it ends its processes, which are not of its group.
				signals: { stop: 'SIGINT', kill: 'SIGQUIT' },
				isReady: async () =>
					(await execa(program('pg_isready'), { env: login, reject: false })).exitCode === 0,
			},
			console.log,
		);
		return {
			...service,
			env: {
				...{ DB_TYPE: 'postgresdb', DB_POSTGRESDB_DATABASE: 'postgres' },
				...{ DB_POSTGRESDB_HOST: login.PGHOST, DB_POSTGRESDB_PORT: login.PGPORT },
				...{ DB_POSTGRESDB_USER: login.PGUSER, DB_POSTGRESDB_PASSWORD: password },
			},
			async query<T>(sql: string, values: Record<string, string> = {}) {
				const variables = Object.entries(values).map(([name, value]) => `--set=${name}=${value}`);
				const { stdout } = await execa(
					program('psql'),
					['-XqAt', '--set=ON_ERROR_STOP=1', ...variables, 'postgres'],
					{ env: login, input: `select coalesce(json_agg(rows), '[]') from (${sql}) rows` },
				);
				return JSON.parse(stdout) as T[];
			},
			async stop() {
				await service.stop();
				remove();
			},
		};
	} catch (error) {
		remove();
		throw error;
	}
}

/** The newest version first. */
async function debianFolders(): Promise<string[]> {
	const versions = await readdir(DEBIAN).catch(() => []);
	return versions
		.sort((one, other) => Number(other) - Number(one))
		.map((version) => join(DEBIAN, version, 'bin'));
}

/** PostgreSQL refuses to be the superuser: then it is the user that its package has made. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
	if (process.getuid?.() !== 0) return undefined;
	const id = async (what: string) => Number((await execa('id', [what, 'postgres'])).stdout);
	return { uid: await id('-u'), gid: await id('-g') };
}
