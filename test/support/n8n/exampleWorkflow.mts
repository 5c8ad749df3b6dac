import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, START_DATA } from '../paths.mts';
import {
	PBX_CREDENTIAL_TYPE,
	type Credential,
	type Editor,
	type PbxAccess,
	type Workflow,
} from './editor.mts';

const EXAMPLE = join(ROOT, 'examples', 'outbound-dialing.json');
/** Says which workflow and credential of this n8n were created here. */
const stateFile = (data: string) => join(data, 'example.json');

interface State {
	workflowId?: string;
	credentialId?: string;
}

/**
 * Creates the credential for the sandbox PBX and imports the example workflow, unless they are there. The user's
 * changes are kept: the workflow is imported again only after it was deleted or archived; in the credential only the
 * address is updated, when the sandbox had to take another port.
 *
 * @param data the data folder of that n8n
 * @returns the workflow as it is now
 */
export async function importExample(
	editor: Editor,
	access: PbxAccess,
	data = START_DATA,
): Promise<Workflow> {
	const state = await readState(data);
	const credential = await ensureCredential(editor, state.credentialId, access);
	const existing = state.workflowId
		? await editor.find<Workflow>(`/workflows/${state.workflowId}`)
		: undefined;
	const workflow =
		existing && !existing.isArchived ? existing : await importWorkflow(editor, credential);
	await writeFile(
		stateFile(data),
		JSON.stringify({ workflowId: workflow.id, credentialId: credential.id } satisfies State),
	);
	return workflow;
}

async function readState(data: string): Promise<State> {
	const text = await readFile(stateFile(data), 'utf8').catch(() => '{}');
	return JSON.parse(text) as State;
}

async function ensureCredential(
	editor: Editor,
	id: string | undefined,
	access: PbxAccess,
): Promise<Credential> {
	const existing = id
		? await editor.find<Credential & { data?: Record<string, unknown> }>(
				`/credentials/${id}?includeData=true`,
			)
		: undefined;
	if (!existing) return await editor.createPbxCredential(access);
	const { baseUrl } = access;
	if (existing.data?.baseUrl !== baseUrl) {
		await editor.send('PATCH', `/credentials/${existing.id}`, {
			name: existing.name,
			type: PBX_CREDENTIAL_TYPE,
			data: { ...existing.data, baseUrl },
		});
	}
	return existing;
}

async function importWorkflow(editor: Editor, { id, name }: Credential): Promise<Workflow> {
	const example = JSON.parse(await readFile(EXAMPLE, 'utf8')) as Workflow;
	const nodes = example.nodes.map((node) =>
		node.type.startsWith('n8n-nodes-ringme.')
			? { ...node, credentials: { [PBX_CREDENTIAL_TYPE]: { id, name } } }
			: node,
	);
	return await editor.createWorkflow({ ...example, nodes });
}
