import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/index.mts';
import { APPLICATIONS } from '../../sandbox/oauth/tokens.mts';
import type { Editor, RunResult, Workflow, WorkflowNode } from '../n8n/editor.mts';
import { LOCAL, ROOT } from '../n8n/folders.mts';
import { publishTrigger, unpublishTrigger } from '../n8n/trigger.mts';
import { startWorld } from '../n8n/world.mts';
import { until } from '../until.mts';
import { mailServer, webAddress, type MailServer, type WebAddress } from './outside.mts';

/** What the examples name that is not on this machine. */
const CHAT = 'https://chat.example.com';
const FILES = '/home/node/.n8n-files';

/** Where n8n's days begin: not UTC, so that a mistake shows. */
export const ZONE = 'Europe/Berlin';

const FOLDER = join(LOCAL, 'data', 'examples-files');

/** A new n8n with the package and a PBX, and what the workflows talk to. */
export interface Stage {
	editor: Editor;
	sandbox: Sandbox;
	web: WebAddress;
	mail: MailServer;
	/** The folder that n8n may write into */
	files: string;
	/** Imports an example; what it names outside of this machine is replaced by what is on it, unless it stays as is. */
	bring(file: string, how?: { asIs: boolean }): Promise<Workflow>;
	/** Publishes a workflow with a RingMe Trigger and waits until it takes so many kinds of events. */
	publish(workflow: Workflow, registrations: number): Promise<void>;
	/** Takes it back and waits until nothing is registered any more. */
	unpublish(workflow: Workflow): Promise<void>;
	/** The rows of a data table, oldest first. */
	rows(table: string): Promise<Array<Record<string, unknown>>>;
	/** The runs that a published workflow's triggers have started, oldest first, when there are so many. */
	runs(workflow: Workflow, count: number): Promise<RunResult[]>;
	stop(): Promise<void>;
}

/**
 * Starts everything on ports and folders of its own. `dist/` has to be built.
 *
 * @throws Error when something does not start; nothing is left running then
 */
export async function setStage(): Promise<Stage> {
	await rm(FOLDER, { recursive: true, force: true });
	await mkdir(FOLDER, { recursive: true });
	const world = await startWorld('examples', {
		env: {
			GENERIC_TIMEZONE: ZONE,
			N8N_RESTRICT_FILE_ACCESS_TO: [join(ROOT, 'examples'), FOLDER].join(';'),
		},
	});
	const { editor, sandbox, cleanups, stop } = world;
	try {
		const web = cleanups.add(await webAddress());
		const mail = cleanups.add(await mailServer());
		const credentials = await makeCredentials(editor, sandbox, mail);
		const personal = await editor.send<{ id: string }>('GET', '/projects/personal');
		const tables = `/projects/${personal.id}/data-tables`;
		return {
			...{ editor, sandbox, web, mail, stop, files: FOLDER },
			async bring(file, { asIs } = { asIs: false }) {
				const local: Record<string, string> = asIs ? {} : { [CHAT]: web.url, [FILES]: FOLDER };
				return await bring(editor, file, credentials, local);
			},
			publish: async (workflow, registrations) =>
				await publishTrigger(editor, sandbox, workflow, registrations),
			unpublish: async (workflow) => await unpublishTrigger(editor, sandbox, workflow),
			rows: async (table) => await rowsOf(editor, tables, table),
			runs: async (workflow, count) => await runsOf(editor, workflow, count),
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

/** By type, as a node refers to them. */
type Credentials = Record<string, { id: string; name: string }>;

async function makeCredentials(
	editor: Editor,
	{ url }: Sandbox,
	{ port }: MailServer,
): Promise<Credentials> {
	const [{ id: clientId, secret: clientSecret }] = APPLICATIONS;
	const make = async (type: string, data: object) =>
		await editor.send<Credentials[string]>('POST', '/credentials', { name: type, type, data });
	return {
		ringMeOAuth2Api: await make('ringMeOAuth2Api', {
			...{ baseUrl: url, grantType: 'clientCredentials', clientId, clientSecret },
		}),
		smtp: await make('smtp', { host: '127.0.0.1', port, secure: false, disableStartTls: true }),
	};
}

async function bring(
	editor: Editor,
	file: string,
	credentials: Credentials,
	local: Record<string, string>,
): Promise<Workflow> {
	let text = await readFile(join(ROOT, 'examples', file), 'utf8');
	for (const [there, here] of Object.entries(local)) text = text.replaceAll(there, here);
	const workflow = JSON.parse(text) as Workflow;
	const withCredentials = (node: WorkflowNode): WorkflowNode => {
		const type = credentialOf(node);
		const { [type ?? '']: credential } = credentials;
		return type && credential ? { ...node, credentials: { [type]: credential } } : node;
	};
	const nodes = workflow.nodes.map(withCredentials);
	return await editor.send<Workflow>('POST', '/workflows', { ...workflow, nodes });
}

function credentialOf({ type }: WorkflowNode): string | undefined {
	if (type.startsWith('n8n-nodes-ringme.')) return 'ringMeOAuth2Api';
	return type === 'n8n-nodes-base.emailSend' ? 'smtp' : undefined;
}

async function rowsOf(editor: Editor, tables: string, name: string) {
	const { data } = await editor.send<{ data: Array<{ id: string; name: string }> }>('GET', tables);
	const table = data.find((each) => each.name === name);
	if (!table) throw new Error(`There is no data table "${name}".`);
	const rows = await editor.send<{ data: Array<Record<string, unknown>> }>(
		'GET',
		`${tables}/${table.id}/rows?take=200`,
	);
	return rows.data.sort((one, other) => Number(one.id) - Number(other.id));
}

async function runsOf(editor: Editor, { id }: Workflow, count: number): Promise<RunResult[]> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId: id }));
	const ids = await until(`${count} runs of the workflow`, async () => {
		const { results } = await editor.send<{ results: Array<{ id: string; mode: string }> }>(
			'GET',
			`/executions?filter=${filter}&limit=100`,
		);
		const started = results.filter(({ mode }) => mode !== 'manual').map((run) => run.id);
		return started.length >= count && started;
	});
	const oldestFirst = ids.sort((one, other) => Number(one) - Number(other));
	return await Promise.all(oldestFirst.map(async (run) => await editor.result(run)));
}
