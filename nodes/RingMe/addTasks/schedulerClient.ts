import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { credentialType, exchange } from '../../shared/transport/sendRequest';
import type { About } from '../../shared/errors/toNodeError';
import { recordsIn } from '../../shared/transport/records';
import { fill, segment } from '../../shared/transport/path';
import { secretsOf } from '../../shared/transport/redact';
import type { Operation } from '../../shared/schema/operation';
import { taskScheduler } from '../resources/taskScheduler';
import type { Context } from './addTasks';
import type { Pbx } from './batchSender';
import type { Draft } from './pendingTask';
import type { Read } from './readTasks';

/** A large batch may take the PBX long, and a lost answer leaves all of it unknown. */
const TIMEOUT_MS = { GET: 30_000, POST: 120_000 };
const { get, addTasks } = taskScheduler.operations;

/** The requests of the task scheduler of a draft; tells `about` what an error may need. */
export async function schedulerOf(
	context: Context,
	read: Read,
	{ client, scheduler: id }: Draft,
	about: About,
): Promise<Pbx & { read(): Promise<IDataObject> }> {
	const type = credentialType(read('authentication', 0));
	const credentials = await context.getCredentials(type);
	about.secrets = secretsOf(credentials);
	about.target = `task scheduler ${decodeURIComponent(id)}`;
	const values: Record<string, string> = {
		client_id: segment('PBX Client', client || credentials.client || '@me'),
		scheduler_id: id,
	};
	const settings = requestSettings(read);
	const call = async ({ method, path: template }: Operation, body?: IDataObject) => {
		const path = fill(template, (name) => values[name]);
		const timeout = settings.timeout || TIMEOUT_MS[method === 'GET' ? method : 'POST'];
		const request = { ...settings, timeout, method, path, body };
		try {
			return (await exchange(context, credentials, type, request)).body as unknown;
		} finally {
			// The token may have been renewed meanwhile.
			about.secrets = secretsOf(await context.getCredentials(type));
		}
	};
	const scheduler = async () => recordsIn(get, await call(get))[0];
	return {
		read: scheduler,
		count: async () => Number((await scheduler()).task_count ?? NaN),
		add: async (tasks) => await call(addTasks, { tasks }),
	};
}

/** n8n's request settings of the node, which n8n itself applies only to declarative requests. */
function requestSettings(read: Read): Partial<IHttpRequestOptions> {
	const { timeout, allowUnauthorizedCerts, proxy } = read('requestOptions', 0, {}) as {
		timeout?: number;
		allowUnauthorizedCerts?: boolean;
		proxy?: string;
	};
	const url = proxy ? new URL(proxy) : undefined;
	return {
		json: true,
		timeout,
		...(allowUnauthorizedCerts && { skipSslCertificateValidation: true }),
		...(url && {
			proxy: {
				protocol: url.protocol.replace(':', ''),
				host: url.hostname,
				port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
				...(url.username && { auth: { username: url.username, password: url.password } }),
			},
		}),
	};
}
