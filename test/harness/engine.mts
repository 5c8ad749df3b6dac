/**
 * Runs the built package in n8n's real execution engine: n8n-core's WorkflowExecute, RoutingNode and
 * node contexts, nothing of them mocked. Usable from Jest tests and from scripts run by tsx:
 *
 *   const engine = await createEngine();
 *   const { json, error } = await engine.run({
 *     node: 'ringMe',
 *     parameters: { resource: 'extension', operation: 'getMany' },
 *     credentials: { ringMeApi: { baseUrl, accessToken } },
 *   });
 *
 * What is part of n8n's server instead of n8n-core (finding a node's execute method, credentials,
 * webhook responses) is reimplemented here, see nodeTypes, credentials and trigger.
 */
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeListSearchResult,
	INodePropertyOptions,
	IRun,
} from 'n8n-workflow';
import { setTimeout } from 'node:timers/promises';

import { readBinary, setBinaryMode, type BinaryMode } from './binary.mts';
import { CredentialsHelper, type StoredCredential } from './credentials.mts';
import { testCredential, type CredentialTestResult } from './credentialTest.mts';
import { listSearch, loadOptions, type ListSearchOptions } from './listSearch.mts';
import { loadN8n, ROOT, type N8n } from './n8n.mts';
import { NodeTypes } from './nodeTypes.mts';
import { Poller, type PollerOptions } from './poller.mts';
import { resultOf } from './result.mts';
import { AGENT, START, testNodes } from './testNodes.mts';
import { Trigger, type TriggerOptions } from './trigger.mts';
import { resume, type WaitingRun } from './waiting.mts';
import type { Credentials, RunOptions, RunResult, Timing, ToolResult } from './types.mts';
import { chain, execute, node, workflowOf, type ExecuteOptions, type Parts } from './workflow.mts';

export interface EngineOptions {
	/** Folder of the package; default: this project, as built into dist. */
	packageFolder?: string;
	/** Where binary data is stored; default: in files, as n8n does since version 2. */
	binaryMode?: BinaryMode;
}

type ToolOptions = Pick<RunOptions, 'node' | 'parameters' | 'credentials' | 'settings'>;

/** Loads the built package again: without module state of an earlier engine, and from the latest build. */
export async function createEngine({
	packageFolder = ROOT,
	binaryMode = 'filesystem',
}: EngineOptions = {}): Promise<Engine> {
	const n8n = await loadN8n();
	n8n.logs.length = 0;
	for (const file of Object.keys(n8n.require.cache)) {
		if (
			file.startsWith(packageFolder) &&
			!file.slice(packageFolder.length).includes('node_modules')
		) {
			delete n8n.require.cache[file];
		}
	}
	const loader = new n8n.core.PackageDirectoryLoader(packageFolder);
	await loader.loadAll();
	const nodeTypes = new NodeTypes(n8n, loader, testNodes);
	const credentials = new CredentialsHelper(n8n, loader, nodeTypes);
	return new Engine(n8n, { n8n, nodeTypes, credentials }, binaryMode);
}

export class Engine {
	constructor(
		readonly n8n: N8n,
		private readonly parts: Parts,
		private readonly binaryMode: BinaryMode,
	) {}

	/** Saves a credential for use by several runs. */
	async credential(type: string, data: ICredentialDataDecryptedObject): Promise<StoredCredential> {
		return await this.parts.credentials.save(type, data);
	}

	/** The node's description as loaded by n8n. */
	description(name: string) {
		return this.parts.nodeTypes.getByNameAndVersion(name).description;
	}

	/** Runs the node once, after a trigger that outputs the input items. */
	async run(options: RunOptions): Promise<RunResult> {
		return (await this.runNode(options)).result;
	}

	/** Runs a node that puts the execution to wait. @returns also how to send a request to its resume URL */
	async runUntilItWaits(options: RunOptions): Promise<WaitingRun> {
		const { workflow, result } = await this.runNode(options);
		return {
			...result,
			resume: async (request = {}) => await resume(this.parts, workflow, result.run, request),
		};
	}

	private async runNode(options: RunOptions) {
		const { stored, references } = await this.saved(options.credentials);
		const tested = node(this.parts, 'Tested', options.node, {
			parameters: structuredClone(options.parameters ?? {}),
			credentials: references,
			onError: options.onError,
			...options.settings,
		});
		const nodes = [node(this.parts, 'Start', START), tested];
		const workflow = workflowOf(this.parts, nodes, chain('Start', 'Tested'), {
			id: options.workflowId,
			...(options.bypassCustomOperations && {
				nodeTypes: this.parts.nodeTypes.withoutCustomOperations(),
			}),
		});
		const result = await this.measured(stored, 'Tested', async () =>
			execute(this.parts, workflow, 'Start', itemsOf(options), options),
		);
		return { workflow, result };
	}

	/**
	 * Runs a whole workflow, as exported from n8n, from its trigger. Credentials are passed by type and
	 * used by every node that accepts the type.
	 *
	 * @returns the result of the node named by `result`, or of the last node executed
	 */
	async runWorkflow(
		json: { nodes: INode[]; connections: object; settings?: object },
		options: ExecuteOptions &
			Pick<RunOptions, 'items' | 'json' | 'credentials'> & { result?: string; start?: string } = {},
	): Promise<RunResult> {
		const { stored, references } = await this.saved(options.credentials);
		const nodes = structuredClone(json.nodes).map((each) => {
			const { credentials = [] } = this.description(each.type);
			const used = credentials.filter(({ name }) => name in references);
			return {
				...each,
				credentials: Object.fromEntries(used.map(({ name }) => [name, references[name]])),
			};
		});
		const workflow = workflowOf(this.parts, nodes, structuredClone(json.connections) as never, {
			settings: json.settings as IDataObject,
		});
		// n8n does not find a trigger that has only a webhook by itself.
		const start = options.start ? workflow.getNode(options.start) : workflow.getStartNode();
		if (!start) throw new Error('The workflow has no node to start from');
		return await this.measured(stored, options.result, async () =>
			execute(this.parts, workflow, start.name, itemsOf(options), options),
		);
	}

	/**
	 * Lets an agent call the node as a tool. n8n then calls the node's `execute` directly, without its
	 * `customOperations`.
	 */
	async runAsTool(options: ToolOptions & { args?: IDataObject }): Promise<ToolResult> {
		const [result] = await this.runToolCalls({ ...options, calls: [options.args ?? {}] });
		return result;
	}

	/** The same for several calls in one execution of the agent. */
	async runToolCalls(options: ToolOptions & { calls: IDataObject[] }): Promise<ToolResult[]> {
		const { references } = await this.saved(options.credentials);
		const tool = node(this.parts, 'Tested', `${options.node}Tool`, {
			parameters: structuredClone(options.parameters ?? {}),
			credentials: references,
			...options.settings,
		});
		const nodes = [node(this.parts, 'Start', START), node(this.parts, 'Agent', AGENT), tool];
		const workflow = workflowOf(this.parts, nodes, {
			...chain('Start', 'Agent'),
			Tested: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		});
		const calls = options.calls.map((json) => ({ json }));
		const { json, error } = await this.measured({}, 'Agent', async () =>
			execute(this.parts, workflow, 'Start', calls),
		);
		if (error) throw error;
		return (json as unknown as ToolResult[]).map(({ response, ...toolInfo }) => ({
			...toolInfo,
			...(response !== undefined && { response: JSON.parse(response as string) }),
		}));
	}

	/**
	 * Runs the same node repeatedly and measures each run. The time includes executing the workflow (two
	 * nodes, nothing is saved), but neither creating input items nor building the workflow. The pause
	 * before each run lets the vm engine prepare its next isolate, for which n8n also has time between
	 * executions.
	 */
	async time(
		options: RunOptions & { repeat?: number; warmup?: number; pauseMs?: number },
	): Promise<Timing> {
		const { repeat = 5, warmup = 1, pauseMs = 100, ...rest } = options;
		const items = itemsOf(rest);
		const results: RunResult[] = [];
		for (let i = 0; i < warmup + repeat; i++) {
			await setTimeout(pauseMs);
			results.push(await this.run({ ...rest, items }));
		}
		const runs = results.slice(warmup).map(({ timeMs }) => timeMs);
		const sorted = [...runs].sort((a, b) => a - b);
		return {
			runs,
			best: sorted[0],
			median: sorted[Math.floor(sorted.length / 2)],
			last: results[results.length - 1],
		};
	}

	/** The Test button of the credential. */
	async testCredential(
		type: string,
		credential: StoredCredential | ICredentialDataDecryptedObject,
	): Promise<CredentialTestResult> {
		const { stored } = await this.saved({ [type]: credential });
		return await testCredential(this.parts, stored[type]);
	}

	/** The list of a resource locator: calls one of the node's `methods.listSearch`. */
	async listSearch(
		method: string,
		options: ListSearchOptions & { credentials?: Credentials },
	): Promise<INodeListSearchResult> {
		const { references } = await this.saved(options.credentials);
		return await listSearch(this.parts, method, options, references);
	}

	/** The options of a field: calls one of the node's `methods.loadOptions`. */
	async loadOptions(
		method: string,
		options: ListSearchOptions & { credentials?: Credentials },
	): Promise<INodePropertyOptions[]> {
		const { references } = await this.saved(options.credentials);
		return await loadOptions(this.parts, method, options, references);
	}

	/** A trigger node with its webhook, listening on a real port. Close it when done. */
	async trigger(options: TriggerOptions & { credentials?: Credentials }): Promise<Trigger> {
		const { references } = await this.saved(options.credentials);
		return await Trigger.open(this.parts, options, references);
	}

	/** A polling trigger. Nothing is polled before it is published. */
	async poller(options: PollerOptions & { credentials?: Credentials }): Promise<Poller> {
		const { references } = await this.saved(options.credentials);
		await setBinaryMode(this.n8n, this.binaryMode);
		return new Poller(this.parts, options, references);
	}

	/** The bytes of an item's binary property, wherever they are stored. */
	async readBinary(item: INodeExecutionData, property = 'data'): Promise<Buffer> {
		return await readBinary(this.n8n, item, property);
	}

	private async saved(credentials: Credentials = {}) {
		const stored: Record<string, StoredCredential> = {};
		for (const [type, credential] of Object.entries(credentials)) {
			stored[type] = isStored(credential) ? credential : await this.credential(type, credential);
		}
		const references = Object.fromEntries(
			Object.entries(stored).map(([type, { id, name }]) => [type, { id, name }]),
		);
		return { stored, references };
	}

	/** Runs a workflow and returns the result of the node `name` (default: the last one executed). */
	private async measured(
		stored: Record<string, StoredCredential>,
		name: string | undefined,
		start: () => Promise<IRun>,
	): Promise<RunResult> {
		await setBinaryMode(this.n8n, this.binaryMode);
		const logged = this.n8n.logs.length;
		const before = performance.now();
		const run = await start();
		const timeMs = performance.now() - before;
		const logs = this.n8n.logs.slice(logged);
		return await resultOf(run, name, { stored, logs, timeMs });
	}
}

function isStored(value: Credentials[string]): value is StoredCredential {
	return typeof value.data === 'function';
}

function itemsOf({ items, json, inputItemsCount = 1 }: Partial<RunOptions>): INodeExecutionData[] {
	if (items) return items;
	return (json ?? Array.from({ length: inputItemsCount }, () => ({}))).map((fields) => ({
		json: fields,
	}));
}
