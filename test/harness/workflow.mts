/** Building a workflow and letting n8n-core's WorkflowExecute run it. */
import type {
	IConnections,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeTypes,
	IRun,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
	Workflow,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import type { CredentialsHelper } from './credentials.mts';
import type { N8n } from './n8n.mts';
import type { NodeTypes } from './nodeTypes.mts';

/** The parts of the harness: n8n, the package's node types and the credential store. */
export interface Parts {
	n8n: N8n;
	nodeTypes: NodeTypes;
	credentials: CredentialsHelper;
}

/** A URL that no test requests; parts of n8n need absolute ones. */
const UNUSED_URL = 'http://127.0.0.1:9';

/** What n8n's server passes to an execution. */
export function additionalData(
	{ n8n, credentials }: Parts,
	changes: Partial<IWorkflowExecuteAdditionalData> = {},
): IWorkflowExecuteAdditionalData {
	const absent = (what: string) => async (): Promise<never> => {
		throw new Error(`${what} is a part of n8n's server that the harness does not have`);
	};
	return {
		credentialsHelper: credentials,
		currentNodeExecutionIndex: 0,
		executionId: randomUUID(),
		variables: {},
		externalSecretsProxy: n8n.container.get(n8n.core.ExternalSecretsProxy),
		restApiUrl: `${UNUSED_URL}/rest`,
		instanceBaseUrl: `${UNUSED_URL}/`,
		formBaseUrl: `${UNUSED_URL}/form`,
		formWaitingBaseUrl: `${UNUSED_URL}/form-waiting`,
		formTestBaseUrl: `${UNUSED_URL}/form-test`,
		webhookBaseUrl: `${UNUSED_URL}/webhook`,
		webhookWaitingBaseUrl: `${UNUSED_URL}/webhook-waiting`,
		webhookTestBaseUrl: `${UNUSED_URL}/webhook-test`,
		mcpBaseUrl: `${UNUSED_URL}/mcp`,
		mcpTestBaseUrl: `${UNUSED_URL}/mcp-test`,
		logAiEvent: () => {},
		executeWorkflow: absent('Executing another workflow'),
		getRunExecutionData: absent('Reading a past execution'),
		getRuntimeCredential: absent('A runtime credential'),
		startRunnerTask: absent('A task runner'),
		...changes,
	};
}

export const node = (
	{ nodeTypes }: Parts,
	name: string,
	type: string,
	settings: Partial<INode> = {},
): INode => {
	const fullName = nodeTypes.fullName(type);
	const { version } = nodeTypes.getByNameAndVersion(fullName).description;
	return {
		id: randomUUID(),
		name,
		type: fullName,
		typeVersion: Array.isArray(version) ? version[version.length - 1] : version,
		position: [0, 0],
		parameters: {},
		...settings,
	};
};

/** Connects nodes one after the other. */
export function chain(...names: string[]): IConnections {
	const connections: IConnections = {};
	for (let i = 0; i + 1 < names.length; i++) {
		connections[names[i]] = { main: [[{ node: names[i + 1], type: 'main', index: 0 }]] };
	}
	return connections;
}

export function workflowOf(
	parts: Parts,
	nodes: INode[],
	connections: IConnections = {},
	more: {
		id?: string;
		settings?: IDataObject;
		staticData?: IDataObject;
		nodeTypes?: INodeTypes;
	} = {},
): Workflow {
	const { settings, staticData, nodeTypes = parts.nodeTypes } = more;
	const { id = randomUUID().slice(0, 16) } = more;
	return new parts.n8n.workflow.Workflow({
		id,
		name: 'Test',
		nodes,
		connections,
		active: false,
		nodeTypes,
		settings: { executionOrder: 'v1', ...settings },
		staticData,
	});
}

export interface ExecuteOptions {
	/** Cancels the execution, like the Stop button. */
	signal?: AbortSignal;
	/** Milliseconds after which the run is given up. */
	timeoutMs?: number;
	mode?: WorkflowExecuteMode;
}

/** Runs the workflow from `start`, which gets `items`. Resolves also when the execution failed. */
export async function execute(
	parts: Parts,
	workflow: Workflow,
	start: string,
	items: INodeExecutionData[],
	{ signal, timeoutMs = 1_200_000, mode = 'manual' }: ExecuteOptions = {},
): Promise<IRun> {
	const { core, workflow: lib } = parts.n8n;
	const data = additionalData(parts);
	data.hooks = new core.ExecutionLifecycleHooks(mode, data.executionId ?? '', {
		id: workflow.id,
		name: workflow.name ?? '',
		nodes: Object.values(workflow.nodes),
		connections: workflow.connectionsBySourceNode,
		active: false,
		settings: workflow.settings,
	} as IWorkflowBase);
	const startNode = workflow.getNode(start);
	if (!startNode) throw new Error(`The workflow has no node "${start}"`);
	const runExecutionData = lib.createRunExecutionData({
		executionData: {
			nodeExecutionStack: [{ node: startNode, data: { main: [items] }, source: null }],
		},
	});
	const execution = new core.WorkflowExecute(data, mode, runExecutionData).processRunExecutionData(
		workflow,
	);
	const cancel = () => execution.cancel();
	signal?.addEventListener('abort', cancel);
	let timer: NodeJS.Timeout | undefined;
	const timeout = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			cancel();
			reject(new Error(`The workflow did not finish within ${timeoutMs} ms`));
		}, timeoutMs);
	});
	try {
		return await Promise.race([execution, timeout]);
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', cancel);
	}
}
