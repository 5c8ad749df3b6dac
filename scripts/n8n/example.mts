import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Editor, Workflow } from './editor.mts';
import { N8N_DATA, ROOT } from './folders.mts';

const EXAMPLE = join(ROOT, 'examples', 'outbound-dialing.json');
/** Which workflow and credential in this n8n are ours. */
const stateFile = (data: string) => join(data, 'example.json');

const CREDENTIAL_TYPE = 'ringMeOAuth2Api';
const CREDENTIAL_NAME = 'Sandbox PBX';

interface State {
	workflowId?: string;
	credentialId?: string;
}

/** Where the PBX is and how to log in to it. */
export interface PbxAccess {
	baseUrl: string;
	clientId: string;
	clientSecret: string;
}

interface Credential {
	id: string;
	name: string;
	data?: Record<string, unknown>;
}

/**
 * Brings the credential for the sandbox PBX and the example workflow into n8n. What the user made of them stays:
 * the workflow is imported again only after it was deleted or archived; in the credential only the address follows
 * the sandbox when that had to take another port.
 *
 * @param data the folder in which that n8n keeps everything
 * @returns the workflow as it is now
 */
export async function importExample(
	editor: Editor,
	pbx: PbxAccess,
	data = N8N_DATA,
): Promise<Workflow> {
	const state = await readState(data);
	const credential = await keepCredential(editor, state.credentialId, pbx);
	const kept = state.workflowId
		? await editor.find<Workflow>(`/workflows/${state.workflowId}`)
		: undefined;
	const workflow = kept && !kept.isArchived ? kept : await importWorkflow(editor, credential);
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

async function keepCredential(
	editor: Editor,
	id: string | undefined,
	{ baseUrl, clientId, clientSecret }: PbxAccess,
): Promise<Credential> {
	const kept = id
		? await editor.find<Credential>(`/credentials/${id}?includeData=true`)
		: undefined;
	if (!kept) {
		return await editor.send<Credential>('POST', '/credentials', {
			name: CREDENTIAL_NAME,
			type: CREDENTIAL_TYPE,
			data: { baseUrl, grantType: 'clientCredentials', clientId, clientSecret },
		});
	}
	if (kept.data?.baseUrl !== baseUrl) {
		await editor.send('PATCH', `/credentials/${kept.id}`, {
			name: kept.name,
			type: CREDENTIAL_TYPE,
			data: { ...kept.data, baseUrl },
		});
	}
	return kept;
}

async function importWorkflow(editor: Editor, { id, name }: Credential): Promise<Workflow> {
	const example = JSON.parse(await readFile(EXAMPLE, 'utf8')) as Workflow;
	const nodes = example.nodes.map((node) =>
		node.type.startsWith('n8n-nodes-ringme.')
			? { ...node, credentials: { [CREDENTIAL_TYPE]: { id, name } } }
			: node,
	);
	return await editor.send<Workflow>('POST', '/workflows', { ...example, nodes });
}
