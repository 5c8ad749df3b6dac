import { delimiter, dirname, join } from 'node:path';
import { ROOT, START_DATA } from '../paths.mts';

/** Variables of this process that would change what n8n or its Node does. */
const NOT_INHERITED =
	/^(N8N_|DB_|EXECUTIONS_|QUEUE_|NODES_|CREDENTIALS_|WORKFLOWS_|EXTERNAL_|npm_|NODE_OPTIONS$|NODE_ENV$)/i;

/** Telemetry, and requests for news, templates and packages to n8n's servers. */
const NO_REQUESTS_TO_N8N = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	// These fetch lists from n8n's servers as soon as they start.
	N8N_DISABLED_MODULES: 'mcp-registry,instance-ai,chat-hub',
};

/** Questions and banners on first use, and what only fills the log. */
const NO_QUESTIONS = {
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_PYTHON_ENABLED: 'false',
	N8N_RUNNERS_TASK_TIMEOUT: '60',
};

export interface N8nPorts {
	/** Of the editor, its API and webhooks */
	editor: number;
	/** Between n8n and the process that runs Code nodes */
	broker: number;
}

/** The settings of every n8n here, whether it runs from a folder or from an image. It listens on 127.0.0.1 only. */
export const n8nSettings = ({ editor, broker }: N8nPorts): Record<string, string> => ({
	...NO_REQUESTS_TO_N8N,
	...NO_QUESTIONS,
	NODE_ENV: 'production',
	N8N_HOST: '127.0.0.1',
	N8N_LISTEN_ADDRESS: '127.0.0.1',
	N8N_PORT: String(editor),
	N8N_WEBHOOK_URL: `http://127.0.0.1:${editor}/`,
	N8N_RUNNERS_BROKER_PORT: String(broker),
	// The editor is served over plain http.
	N8N_SECURE_COOKIE: 'false',
});

/**
 * All environment variables of an n8n in a folder. It listens on 127.0.0.1 only, and its nodes may read files in `examples/` and
 * nowhere else.
 *
 * @param node path of the Node that runs it
 * @param data its data folder
 */
export function n8nEnvironmentVariables(
	node: string,
	ports: N8nPorts,
	data = START_DATA,
): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
	return {
		...Object.fromEntries(inherited),
		...n8nSettings(ports),
		// n8n starts the process for Code nodes with the `node` it finds.
		PATH: dirname(node) + delimiter + process.env.PATH,
		N8N_USER_FOLDER: data,
		N8N_RESTRICT_FILE_ACCESS_TO: join(ROOT, 'examples'),
	};
}
