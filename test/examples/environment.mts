import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/index.mts';
import type {
	Credential,
	Editor,
	RunResult,
	Workflow,
	WorkflowNode,
} from '../support/n8n/editor.mts';
import { publishTrigger, unpublishTrigger } from '../support/n8n/publish.mts';
import { sandboxAccess } from '../support/n8n/sandboxAccess.mts';
import { startTestEnvironment } from '../support/n8n/testEnvironment.mts';
import { DATA, ROOT } from '../support/paths.mts';
import type { TestServer } from '../support/testServer.mts';
import { startWebServices, startMailServer, type MailServer } from './fakeServices.mts';

/** What the examples name that does not exist here, and is replaced when they are imported. */
const WEB_SERVICES = [
	'https://chat.example.com',
	'https://llm.example.com',
	'https://speech.example.com',
];
const N8N_URL = 'https://n8n.example.com';
const FILES_FOLDER = '/home/node/.n8n-files';

/** The time zone of n8n: not UTC, so that a mistake shows. */
export const TIME_ZONE = 'Europe/Berlin';

/** The data table of people to call. */
export const CALL_LIST = 'Call list';

const FOLDER = join(DATA, 'examples-files');

/** A new n8n with the package, a PBX, and the services that the workflows use. */
export interface ExamplesEnvironment {
	editor: Editor;
	sandbox: Sandbox;
	chat: TestServer;
	mail: MailServer;
	/** The folder that n8n may write into */
	files: string;
	/**
	 * Imports an example with credentials chosen. Addresses outside of this machine are replaced by those of the
	 * services here, unless `unchanged`.
	 */
	importWorkflow(file: string, options?: { unchanged: boolean }): Promise<Workflow>;
	/** Publishes a workflow with a RingMe Trigger and waits until it has registered that number of webhooks. */
	publish(workflow: Workflow, registrations: number): Promise<void>;
	/** Unpublishes it and waits until no webhook is registered any more. */
	unpublish(workflow: Workflow): Promise<void>;
	/** Creates a data table with columns for text and these rows. */
	createTable(name: string, rows: Array<Record<string, string>>): Promise<void>;
	/** Creates the data table *Call list* anew, with the people of examples/people.csv and empty columns for results. */
	createCallList(): Promise<void>;
	/** The rows of a data table, oldest first. */
	readRows(table: string): Promise<Array<Record<string, unknown>>>;
	/** Waits until the triggers of a published workflow have started `count` executions. @returns all of them, oldest first */
	waitForRuns(workflow: Workflow, count: number): Promise<RunResult[]>;
	stop(): Promise<void>;
}

/**
 * Starts everything on ports and folders of its own. `dist/` has to be built.
 *
 * @throws Error when something does not start; nothing is left running then
 */
export async function createEnvironment(): Promise<ExamplesEnvironment> {
	await rm(FOLDER, { recursive: true, force: true });
	await mkdir(FOLDER, { recursive: true });
	const { editor, sandbox, cleanups, stop } = await startTestEnvironment('examples', {
		env: {
			GENERIC_TIMEZONE: TIME_ZONE,
			N8N_RESTRICT_FILE_ACCESS_TO: [join(ROOT, 'examples'), FOLDER].join(';'),
		},
	});
	try {
		const chat = cleanups.add(await startWebServices());
		const mail = cleanups.add(await startMailServer());
		const credentials = await createCredentials(editor, sandbox, mail);
		const personal = await editor.send<{ id: string }>('GET', '/projects/personal');
		const tablesPath = `/projects/${personal.id}/data-tables`;
		return {
			editor,
			sandbox,
			chat,
			mail,
			files: FOLDER,
			stop,
			async importWorkflow(file, { unchanged } = { unchanged: false }) {
				const replacements: Record<string, string> = unchanged
					? {}
					: {
							...Object.fromEntries(WEB_SERVICES.map((url) => [url, chat.url])),
							[N8N_URL]: editor.url,
							[FILES_FOLDER]: FOLDER,
						};
				return await importWorkflow(editor, file, credentials, replacements);
			},
			publish: async (workflow, registrations) =>
				await publishTrigger(editor, sandbox, workflow, registrations),
			unpublish: async (workflow) => await unpublishTrigger(editor, sandbox, workflow),
			async createTable(name, rows) {
				const columns = Object.keys(rows[0]).map((column) => ({ name: column, type: 'string' }));
				await createTable(editor, tablesPath, { name, columns, rows });
			},
			createCallList: async () => await createCallList(editor, tablesPath),
			readRows: async (table) => await readRows(editor, tablesPath, table),
			waitForRuns: async (workflow, count) => await editor.waitForRuns(workflow, count),
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

type CredentialsByType = Record<string, Credential>;

async function createCredentials(
	editor: Editor,
	sandbox: Sandbox,
	{ port }: MailServer,
): Promise<CredentialsByType> {
	return {
		ringMeOAuth2Api: await editor.createPbxCredential(sandboxAccess(sandbox)),
		smtp: await editor.createCredential('smtp', 'Mail', {
			host: '127.0.0.1',
			port,
			secure: false,
			disableStartTls: true,
		}),
	};
}

async function importWorkflow(
	editor: Editor,
	file: string,
	credentials: CredentialsByType,
	replacements: Record<string, string>,
): Promise<Workflow> {
	let text = await readFile(join(ROOT, 'examples', file), 'utf8');
	for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
	const workflow = JSON.parse(text) as Workflow;
	const withCredentials = (node: WorkflowNode): WorkflowNode => {
		const type = credentialTypeOf(node);
		return type ? { ...node, credentials: { [type]: credentials[type] } } : node;
	};
	const nodes = workflow.nodes.map(withCredentials);
	return await editor.createWorkflow({ ...workflow, nodes });
}

function credentialTypeOf({ type }: WorkflowNode): string | undefined {
	// It needs no credential.
	if (type === 'n8n-nodes-ringme.ringMeCallTrigger') return undefined;
	if (type.startsWith('n8n-nodes-ringme.')) return 'ringMeOAuth2Api';
	return type === 'n8n-nodes-base.emailSend' ? 'smtp' : undefined;
}

/** A comma of a CSV file outside of quotes. */
const COMMA = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;

async function createCallList(editor: Editor, tablesPath: string): Promise<void> {
	const [header, ...lines] = (await readFile(join(ROOT, 'examples', 'people.csv'), 'utf8'))
		.trim()
		.split('\n')
		.map((line) => line.split(COMMA).map((value) => value.replace(/^"|"$/g, '')));
	const results = ['status', 'result', 'comment'];
	await createTable(editor, tablesPath, {
		name: CALL_LIST,
		columns: [
			...[...header, ...results].map((name) => ({ name, type: 'string' })),
			{ name: 'finished', type: 'date' },
		],
		rows: lines.map((line) => Object.fromEntries(header.map((name, index) => [name, line[index]]))),
	});
}

interface NewTable {
	name: string;
	columns: Array<{ name: string; type: string }>;
	rows: Array<Record<string, string>>;
}

/** Creates a data table, anew if it exists. */
async function createTable(editor: Editor, tablesPath: string, { name, columns, rows }: NewTable) {
	const earlier = await findTable(editor, tablesPath, name);
	if (earlier) await editor.send('DELETE', `${tablesPath}/${earlier.id}`);
	const { id } = await editor.send<{ id: string }>('POST', tablesPath, { name, columns });
	await editor.send('POST', `${tablesPath}/${id}/insert`, { data: rows, returnType: 'count' });
}

async function findTable(editor: Editor, tablesPath: string, name: string) {
	const { data } = await editor.send<{ data: Array<{ id: string; name: string }> }>(
		'GET',
		tablesPath,
	);
	return data.find((table) => table.name === name);
}

async function readRows(editor: Editor, tablesPath: string, name: string) {
	const table = await findTable(editor, tablesPath, name);
	if (!table) throw new Error(`There is no data table "${name}".`);
	const rows = await editor.send<{ data: Array<Record<string, unknown>> }>(
		'GET',
		`${tablesPath}/${table.id}/rows?take=200`,
	);
	return rows.data.sort((a, b) => Number(a.id) - Number(b.id));
}
