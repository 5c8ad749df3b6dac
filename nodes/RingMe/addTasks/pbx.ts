import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { credentialType, exchange, type PbxRequest } from '../request/exchange';
import { secretsOf, type About } from '../request/explain';
import { fill, segment } from '../request/path';
import { taskScheduler } from '../resources/taskScheduler';
import type { Context } from './addTasks';
import type { Pbx } from './deliver';
import type { Read } from './read';

const TIMEOUT_MS = 120_000;
const { get, addTasks } = taskScheduler.rows;

/** The requests of one task scheduler; tells `about` what an error may need. */
export async function schedulerOf(
	context: Context,
	read: Read,
	id: string,
	about: About,
): Promise<Pbx & { read(): Promise<IDataObject> }> {
	const type = credentialType(read('authentication', 0));
	const credentials = await context.getCredentials(type);
	about.secrets = secretsOf(credentials);
	about.target = `task scheduler ${decodeURIComponent(id)}`;
	const { client } = read('options', 0, {}) as { client?: string };
	const values: Record<string, string> = {
		client_id: segment('PBX Client', client || credentials.client || '@me'),
		scheduler_id: id,
	};
	const settings = requestSettings(context);
	const call = async (
		{ method, path }: Pick<PbxRequest, 'method' | 'path'>,
		body?: IDataObject,
	) => {
		const request = { ...settings, method, path: fill(path, (name) => values[name]), body };
		return (await exchange(context, credentials, type, request)).body as IDataObject;
	};
	return {
		read: async () => await call(get),
		count: async () => Number((await call(get)).task_count),
		add: async (tasks) => await call(addTasks, { tasks }),
	};
}

/** n8n's request settings of the node, which n8n itself applies only to declarative requests. */
function requestSettings(context: Context): Partial<IHttpRequestOptions> {
	const { timeout, allowUnauthorizedCerts, proxy } = (context.getNode().parameters.requestOptions ??
		{}) as { timeout?: number; allowUnauthorizedCerts?: boolean; proxy?: string };
	const url = proxy ? new URL(proxy) : undefined;
	return {
		json: true,
		timeout: timeout || TIMEOUT_MS,
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
