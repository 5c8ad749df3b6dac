import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { N8N_DATA, N8N_HOST, ROOT } from './folders.mts';

const REQUEST_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 120_000;
const POLL_MS = 250;
const loginFile = (data: string) => join(data, 'login.json');
/** How n8n writes the data of a run; read with n8n's own copy of the library. */
const flatted = () =>
	createRequire(join(N8N_HOST, 'node_modules', 'n8n', 'package.json'))('flatted') as {
		parse(text: string): unknown;
	};

/** What a person types to get into the editor. */
export interface Login {
	email: string;
	password: string;
}

/** The parts of a workflow that are looked at here. */
export interface Workflow {
	id?: string;
	versionId?: string;
	name: string;
	isArchived?: boolean;
	nodes: WorkflowNode[];
	connections: object;
	settings?: object;
}

export interface WorkflowNode {
	name: string;
	type: string;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
}

/** One item that a node gave. */
export interface Item {
	json: Record<string, unknown>;
	pairedItem?: number | { item: number } | Array<{ item: number }>;
}

/** What one node did in a run. */
export interface NodeRun {
	data?: { main?: Array<Item[] | null> };
	source: Array<{ previousNode: string } | null>;
	error?: { message: string; description?: string | null };
}

/** A finished run: by node name, one entry per time the node ran. */
export interface RunResult {
	status: string;
	error?: { message: string; description?: string | null; node?: { name: string } };
	nodes: Record<string, NodeRun[] | undefined>;
}

/** A request that n8n did not accept. */
export class EditorError extends Error {
	constructor(
		message: string,
		readonly status: number,
	) {
		super(message);
	}
}

/** n8n's own API, as the editor in the browser uses it, for a logged-in owner. */
export class Editor {
	private cookie = '';

	private constructor(
		readonly url: string,
		readonly login: Login,
	) {}

	/**
	 * Logs in; on the first start of this n8n it makes the owner's account, with a random password
	 * kept in `login.json`.
	 *
	 * @param data the folder in which this n8n keeps everything
	 * @throws Error when the kept login is not accepted
	 */
	static async open(url: string, data = N8N_DATA): Promise<Editor> {
		const settings = await fetch(`${url}/rest/settings`);
		const { data: known } = (await settings.json()) as {
			data: { userManagement: { showSetupOnFirstLoad: boolean } };
		};
		const isNew = known.userManagement.showSetupOnFirstLoad;
		const editor = new Editor(url, isNew ? await newLogin(data) : await keptLogin(data));
		const { email, password } = editor.login;
		if (isNew) {
			await editor.send('POST', '/owner/setup', {
				email,
				password,
				firstName: 'Local',
				lastName: 'Owner',
			});
		} else {
			await editor
				.send('POST', '/login', { emailOrLdapLoginId: email, password })
				.catch((error) => Promise.reject(new Error(`${noLogin(data)} (${error.message})`)));
		}
		return editor;
	}

	/**
	 * One request to n8n's API.
	 *
	 * @returns the `data` of the answer
	 * @throws EditorError
	 */
	async send<T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<T> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: { 'content-type': 'application/json', cookie: this.cookie },
			body: body && JSON.stringify(body),
			signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
		});
		const text = await response.text();
		if (!response.ok) {
			throw new EditorError(`n8n: ${method} ${path}: ${messageIn(text)}`, response.status);
		}
		const cookies = response.headers.getSetCookie().map((each) => each.split(';')[0]);
		if (cookies.length > 0) this.cookie = cookies.join('; ');
		return (JSON.parse(text) as { data: T }).data;
	}

	/** What there is under a path, or undefined if nothing is (any more). */
	async find<T>(path: string): Promise<T | undefined> {
		try {
			return await this.send<T>('GET', path);
		} catch (error) {
			if (error instanceof EditorError && [403, 404].includes(error.status)) return undefined;
			throw error;
		}
	}

	/**
	 * Runs a workflow once, as the button in the editor does, and waits for its end.
	 *
	 * @param from the trigger to start from; default: its manual trigger
	 * @throws Error when it has no such trigger or does not end in time
	 */
	async run({ id, name, nodes }: Workflow, from?: string): Promise<RunResult> {
		const trigger = nodes.find((node) =>
			from ? node.name === from : node.type === 'n8n-nodes-base.manualTrigger',
		);
		if (!trigger) {
			throw new Error(
				`The workflow "${name}" has no ${from ?? 'manual'} trigger to start it with.`,
			);
		}
		const { executionId } = await this.send<{ executionId: string }>(
			'POST',
			`/workflows/${id}/run`,
			{ triggerToStartFrom: { name: trigger.name } },
		);
		return await this.result(executionId);
	}

	/**
	 * Waits for the end of a run.
	 *
	 * @throws Error when it does not end in time
	 */
	async result(executionId: string): Promise<RunResult> {
		const started = Date.now();
		while (Date.now() - started < RUN_TIMEOUT_MS) {
			const { status, data, finished } = await this.send<{
				status: string;
				finished: boolean;
				data: string;
			}>('GET', `/executions/${executionId}`);
			if (finished || ['success', 'error', 'crashed', 'canceled'].includes(status)) {
				return runOf(status, data);
			}
			await sleep(POLL_MS);
		}
		throw new Error(`The workflow did not end within ${RUN_TIMEOUT_MS / 1000} s.`);
	}

	/** Publishes (activates) a workflow: from now on its triggers start it. */
	async publish({ id, versionId }: Workflow): Promise<void> {
		await this.send('POST', `/workflows/${id}/activate`, { versionId });
	}

	async unpublish({ id }: Workflow): Promise<void> {
		await this.send('POST', `/workflows/${id}/deactivate`, {});
	}
}

/** @param data of the run, as n8n keeps it */
export function runOf(status: string, data: string): RunResult {
	const { resultData } = flatted().parse(data) as {
		resultData: { runData: RunResult['nodes']; error?: RunResult['error'] };
	};
	return { status, error: resultData.error, nodes: resultData.runData };
}

/** How a run that did not succeed ended, in which node and why. */
export function whatFailed({ status, error, nodes }: RunResult): string {
	const [name, failed] =
		Object.entries(nodes).find(([, runs]) => runs?.some((each) => each.error)) ?? [];
	const problem = error ?? failed?.find((each) => each.error)?.error;
	const where = name ? ` in "${name}"` : '';
	const what = [problem?.message, problem?.description].filter(Boolean).join(' ');
	return `The run of the workflow ended with ${status}${where}. ${what}`;
}

async function newLogin(data: string): Promise<Login> {
	// n8n wants a capital letter and a digit.
	const password = `${randomBytes(9).toString('base64url')}-A1`;
	const login = { email: 'owner@example.com', password };
	await writeFile(loginFile(data), JSON.stringify(login, null, 2), { mode: 0o600 });
	return login;
}

async function keptLogin(data: string): Promise<Login> {
	try {
		return JSON.parse(await readFile(loginFile(data), 'utf8')) as Login;
	} catch {
		throw new Error(noLogin(data));
	}
}

function noLogin(data: string): string {
	const [file, folder] = [loginFile(data), data].map((path) => relative(ROOT, path));
	return `The login in ${file} does not open this n8n. Write e-mail and password there as you changed them in the editor, or delete ${folder} to begin anew`;
}

function messageIn(text: string): string {
	try {
		return (JSON.parse(text) as { message: string }).message;
	} catch {
		return text.slice(0, 200);
	}
}
