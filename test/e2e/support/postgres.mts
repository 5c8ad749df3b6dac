import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chown, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { execa } from 'execa';
import getPort from 'get-port';

import { startService, type Service } from '../../support/n8n/startService.mts';
import { LOGS } from '../../support/paths.mts';
import { findProgram } from '../../support/systemPrograms.mts';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** Faster. The data is deleted at the end, so it does not have to survive a power failure. */
const NOT_DURABLE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** A running PostgreSQL with an empty database. */
export interface Postgres extends Service {
	/** n8n's settings for it */
	env: Record<string, string>;
	/**
	 * Runs a query.
	 *
	 * @param values for `:'name'` in it
	 */
	query<T>(sql: string, values?: Record<string, string>): Promise<T[]>;
}

/**
 * Starts a PostgreSQL on 127.0.0.1 that keeps its data in a temporary folder until it is stopped.
 *
 * @throws Error when it is not installed
 */
export async function startPostgres(): Promise<Postgres> {
	const initdb = await findProgram('initdb', await debianFolders());
	const program = (name: string) => join(dirname(initdb), name);
	const user = await unprivilegedUser();
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
			cwd: folder,
			env,
			extendEnv: false,
			...user,
		});
		const settings = [...NOT_DURABLE, 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
		const args = ['-D', data, '-p', String(port), ...settings.flatMap((each) => ['-c', each])];
		const service = await startService(
			{
				name: 'PostgreSQL',
				command: [program('postgres'), ...args],
				env,
				logFile: join(LOGS, 'postgres.log'),
				user,
				// They end sessions at once, and PostgreSQL's processes, which are not in its process group.
				signals: { stop: 'SIGINT', kill: 'SIGQUIT' },
				isReady: async () =>
					(await execa(program('pg_isready'), { env: login, reject: false })).exitCode === 0,
			},
			console.log,
		);
		return {
			...service,
			env: {
				DB_TYPE: 'postgresdb',
				DB_POSTGRESDB_DATABASE: 'postgres',
				DB_POSTGRESDB_HOST: login.PGHOST,
				DB_POSTGRESDB_PORT: login.PGPORT,
				DB_POSTGRESDB_USER: login.PGUSER,
				DB_POSTGRESDB_PASSWORD: password,
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

/** Where Debian installs the programs, newest version first. */
async function debianFolders(): Promise<string[]> {
	const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
	return versions
		.sort((a, b) => Number(b) - Number(a))
		.map((version) => join(DEBIAN_FOLDER, version, 'bin'));
}

/** PostgreSQL does not run as root: then it runs as the user that its package has created. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
	if (process.getuid?.() !== 0) return undefined;
	const id = async (what: string) => Number((await execa('id', [what, 'postgres'])).stdout);
	return { uid: await id('-u'), gid: await id('-g') };
}
