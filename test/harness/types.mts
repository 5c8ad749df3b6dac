/** What goes into a run of the engine and what comes out. */
import type {
	ExecutionError,
	ExecutionStatus,
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeParameters,
	IRun,
	NodeExecutionHint,
	OnError,
} from 'n8n-workflow';

import type { StoredCredential } from './credentials.mts';
import type { LogEntry } from './n8n.mts';
import type { ExecuteOptions } from './workflow.mts';

/** Credentials by type: either the user's fields (saved for this run only) or an already saved one. */
export type Credentials = Record<string, StoredCredential | ICredentialDataDecryptedObject>;

export interface RunOptions extends ExecuteOptions {
	/** The node's name in the package, e.g. `ringMe`. */
	node: string;
	/** What is set in the node; the rest gets the defaults of its description. */
	parameters?: INodeParameters;
	/** Input items; or `json`, only their fields; or how many empty ones. Without any: one empty item. */
	items?: INodeExecutionData[];
	json?: IDataObject[];
	inputItemsCount?: number;
	credentials?: Credentials;
	onError?: OnError;
	/** Runs the node as n8n's Engine 2.0 does: its `execute`, without its `customOperations`. */
	bypassCustomOperations?: boolean;
	/** With the same one, and the same ID of the node in `settings`, runs are of the same node. */
	workflowId?: string;
	/** Further settings of the node: retryOnFail, maxTries, executeOnce ... */
	settings?: Partial<INode>;
}

export interface RunResult {
	status: ExecutionStatus;
	/** Items per output of the node; the error output comes last. Empty when the node failed. */
	output: INodeExecutionData[][];
	/** The items of the first output, and their fields. */
	items: INodeExecutionData[];
	json: IDataObject[];
	error?: ExecutionError;
	hints: NodeExecutionHint[];
	/** Per credential type, what is stored after the run. */
	credentialsAfter: Record<string, ICredentialDataDecryptedObject>;
	/** What was logged during the run (by all concurrent runs). */
	logs: LogEntry[];
	/** Wall time of the whole execution, in milliseconds. */
	timeMs: number;
	/** The execution as n8n would save it. */
	run: IRun;
}

export interface ToolResult {
	/** The tool as the model sees it. */
	name: string;
	description: string;
	arguments: string[];
	/** What the model gets: the parsed JSON that the tool returned. */
	response?: unknown;
	error?: string;
}

export interface Timing {
	/** Wall time of each run, in milliseconds, in order; warm-up runs are left out. */
	runs: number[];
	best: number;
	median: number;
	last: RunResult;
}
