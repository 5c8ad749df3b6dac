import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { N8N_DIR, ROOT, START_DATA } from '../paths.mts';
import { waitFor } from '../waitFor.mts';

const REQUEST_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 300_000;
/** The type of credential for a PBX that the workflows here use. */
export const PBX_CREDENTIAL_TYPE = 'ringMeOAuth2Api';

const loginFile = (data: string) => join(data, 'login.json');
/** The library that n8n writes the data of a run with, in n8n's own copy. */
const flatted = () =>
	createRequire(join(N8N_DIR, 'node_modules', 'n8n', 'package.json'))('flatted') as {
		parse(text: string): unknown;
	};

/** A user of n8n. */
export interface Login {
	email: string;
	password: string;
}

/** The parts of a workflow that are used here. */
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
	webhookId?: string;
	credentials?: Record<string, { id: string; name: string }>;
}

/** A credential in n8n, as nodes refer to it. */
export interface Credential {
	id: string;
	name: string;
}

/** Address of a PBX, and the application that logs in to it. */
export interface PbxAccess {
	baseUrl: string;
	clientId: string;
	clientSecret: string;
}

/** An item of a node's output. */
export interface Item {
	json: Record<string, unknown>;
	pairedItem?: number | { item: number } | Array<{ item: number }>;
}

/** One run of a node. */
export interface NodeRun {
	data?: { main?: Array<Item[] | null> };
	source: Array<{ previousNode: string } | null>;
	error?: { message: string; description?: string | null };
}

/** A finished execution. */
export interface RunResult {
	status: string;
	error?: { message: string; description?: string | null; node?: { name: string } };
	/** By node name, one entry per run of the node */
	nodes: Record<string, NodeRun[] | undefined>;
}

/** n8n responded with an error. */
export class EditorError extends Error {
	constructor(
		message: string,
		readonly status: number,
	) {
		super(message);
	}
}

/** n8n's own API as the editor in the browser uses it, logged in as the owner. */
export class Editor {
	private cookie = '';

	private constructor(
		readonly url: string,
		readonly login: Login,
	) {}

	/**
	 * Logs in. At the first start of this n8n it creates the owner's account, with a random password that is stored in
	 * `login.json`.
	 *
	 * @param data the data folder of this n8n
	 * @throws Error when the stored login is not accepted
	 */
	static async open(url: string, data = START_DATA): Promise<Editor> {
		const settings = await fetch(`${url}/rest/settings`);
		const { data: known } = (await settings.json()) as {
			data: { userManagement: { showSetupOnFirstLoad: boolean } };
		};
		const isNew = known.userManagement.showSetupOnFirstLoad;
		const editor = new Editor(url, isNew ? await createLogin(data) : await readLogin(data));
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
				.catch((error) => Promise.reject(new Error(`${badLoginText(data)} (${error.message})`)));
		}
		return editor;
	}

	/**
	 * Sends a request to n8n's API.
	 *
	 * @returns the `data` of the response
	 * @throws EditorError when n8n responds with an error
	 */
	async send<T>(
		method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
		path: string,
		body?: object,
	): Promise<T> {
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

	/** What is at a path, or undefined if nothing is there (any more). */
	async find<T>(path: string): Promise<T | undefined> {
		try {
			return await this.send<T>('GET', path);
		} catch (error) {
			if (error instanceof EditorError && [403, 404].includes(error.status)) return undefined;
			throw error;
		}
	}

	async createCredential(type: string, name: string, data: object): Promise<Credential> {
		return await this.send<Credential>('POST', '/credentials', { type, name, data });
	}

	/** Creates the credential that nodes log in to the PBX with, by client credentials. */
	async createPbxCredential(access: PbxAccess, name = 'Sandbox PBX'): Promise<Credential> {
		const data = { grantType: 'clientCredentials', ...access };
		return await this.createCredential(PBX_CREDENTIAL_TYPE, name, data);
	}

	async createWorkflow(workflow: object): Promise<Workflow> {
		return await this.send<Workflow>('POST', '/workflows', workflow);
	}

	/**
	 * Runs a workflow once, as the button in the editor does, and waits for its end.
	 *
	 * @param from the name of the trigger to start from; default: its manual trigger
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
	 * Waits for the end of an execution.
	 *
	 * @throws Error when it does not end in time
	 */
	async result(executionId: string): Promise<RunResult> {
		return await waitFor(
			`the end of execution ${executionId}`,
			async () => {
				const { status, data, finished } = await this.send<{
					status: string;
					finished: boolean;
					data: string;
				}>('GET', `/executions/${executionId}`);
				const hasEnded = finished || ['success', 'error', 'crashed', 'canceled'].includes(status);
				return hasEnded && parseRun(status, data);
			},
			{ timeoutMs: RUN_TIMEOUT_MS },
		);
	}

	/**
	 * Waits until the triggers of a published workflow have started `count` executions, and all have ended.
	 *
	 * @returns all of them, at most 100, oldest first
	 * @throws Error when there are not enough in time
	 */
	async waitForRuns({ id, name }: Workflow, count: number): Promise<RunResult[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId: id }));
		const ids = await waitFor(`${count} executions of "${name}"`, async () => {
			const { results } = await this.send<{ results: Array<{ id: string; mode: string }> }>(
				'GET',
				`/executions?filter=${filter}&limit=100`,
			);
			const started = results.filter(({ mode }) => mode !== 'manual').map((run) => run.id);
			return started.length >= count && started;
		});
		const oldestFirst = ids.sort((a, b) => Number(a) - Number(b));
		return await Promise.all(oldestFirst.map(async (run) => await this.result(run)));
	}

	/** Publishes a workflow: its triggers start it from now on. n8n 1 has no versions of workflows: there it is activated. */
	async publish({ id, versionId }: Workflow): Promise<void> {
		try {
			await this.send('POST', `/workflows/${id}/activate`, { versionId });
		} catch (error) {
			if (!(error instanceof EditorError) || error.status !== 404) throw error;
			await this.send('PATCH', `/workflows/${id}`, { active: true, versionId });
		}
	}

	async unpublish({ id }: Workflow): Promise<void> {
		await this.send('POST', `/workflows/${id}/deactivate`, {});
	}
}

/** @param data of the execution, as n8n stores it */
export function parseRun(status: string, data: string): RunResult {
	const { resultData } = flatted().parse(data) as {
		resultData: { runData: RunResult['nodes']; error?: RunResult['error'] };
	};
	return { status, error: resultData.error, nodes: resultData.runData };
}

/** Text about a run that did not succeed: its status, the node that failed, and why. */
export function describeFailure({ status, error, nodes }: RunResult): string {
	const [name, failed] =
		Object.entries(nodes).find(([, runs]) => runs?.some((each) => each.error)) ?? [];
	const problem = error ?? failed?.find((each) => each.error)?.error;
	const where = name ? ` in "${name}"` : '';
	const what = [problem?.message, problem?.description].filter(Boolean).join(' ');
	return `The run of the workflow ended with ${status}${where}. ${what}`;
}

async function createLogin(data: string): Promise<Login> {
	// n8n wants a capital letter and a digit.
	const password = `${randomBytes(9).toString('base64url')}-A1`;
	const login = { email: 'owner@example.com', password };
	await writeFile(loginFile(data), JSON.stringify(login, null, 2), { mode: 0o600 });
	return login;
}

async function readLogin(data: string): Promise<Login> {
	try {
		return JSON.parse(await readFile(loginFile(data), 'utf8')) as Login;
	} catch {
		throw new Error(badLoginText(data));
	}
}

function badLoginText(data: string): string {
	const [file, folder] = [loginFile(data), data].map((path) => relative(ROOT, path));
	return `n8n does not accept the login in ${file}. If you changed it in the editor, write the new email and password there, or delete ${folder} to start from scratch`;
}

function messageIn(text: string): string {
	try {
		return (JSON.parse(text) as { message: string }).message;
	} catch {
		return text.slice(0, 200);
	}
}
