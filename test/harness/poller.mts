/**
 * A polling trigger as n8n runs it: n8n-core's own poll context and PollTriggerExecutor, and static data
 * that is saved when n8n's server saves it, as JSON: after publishing, and when a poll returns items.
 */
import type {
	IDataObject,
	INode,
	INodeExecutionData,
	INodeParameters,
	IPollFunctions,
	Workflow,
} from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import { additionalData, node, workflowOf, type Parts } from './workflow.mts';

const NODE = 'Trigger';

export interface PollerOptions {
	/** The node's name in the package, e.g. `ringMePollingTrigger`. */
	node: string;
	parameters?: INodeParameters;
	/**
	 * n8n's durable scheduler, where every poll is one of a new process: it saves what a poll has noted with an
	 * execution, with durable cursors also without one, and never what the poll at publishing has noted.
	 */
	scheduler?: { durableCursors: boolean; budgetMs: number };
}

/** n8n's database: what survives a restart. */
interface Saved {
	staticData: string;
	/** The durable cursor of the node. */
	cursor?: string;
}

export class Poller {
	/** Items by execution, oldest first. */
	readonly executions: INodeExecutionData[][] = [];

	/** Polls that n8n recorded as failed executions. */
	readonly errors: Error[] = [];

	private readonly saved: Saved = { staticData: '{}' };

	private readonly workflowId = randomUUID().slice(0, 16);

	private current?: { poll: (isPublishing?: boolean) => Promise<void>; workflow: Workflow };

	private readonly node: INode;

	constructor(
		private readonly parts: Parts,
		private options: PollerOptions,
		credentials: INode['credentials'],
	) {
		this.node = node(parts, NODE, options.node, { credentials });
	}

	/**
	 * Publishes the workflow, or starts n8n again with a published one: what was not saved is lost. Polls
	 * once, like n8n.
	 *
	 * @throws the error of that poll; nothing is polled then
	 */
	async publish(parameters: INodeParameters = this.options.parameters ?? {}) {
		this.options = { ...this.options, parameters };
		this.stop();
		if (this.options.scheduler) {
			await this.pollDurably('activate');
			return;
		}
		const { core, container } = this.parts.n8n;
		const workflow = this.openWorkflow();
		const pollNode = workflow.nodes[NODE];
		const context = new core.PollContext(
			workflow,
			pollNode,
			additionalData(this.parts),
			'trigger',
			'activate',
			(data: INodeExecutionData[][]) => {
				this.save(workflow);
				this.executions.push(data[0]);
			},
			(error: Error) => void this.errors.push(error),
		);
		const poll = container
			.get(core.PollTriggerExecutor)
			.create(
				workflow,
				pollNode,
				context as unknown as IPollFunctions,
				() => this.current?.workflow === workflow,
			);
		this.current = { poll, workflow };
		try {
			await workflow.expression.withIsolate(async () => await poll(true));
		} catch (error) {
			this.stop();
			throw error;
		}
		this.save(workflow);
	}

	/** What n8n does at a poll time. Does nothing if the workflow is not published. */
	async poll() {
		if (!this.options.scheduler) return await this.current?.poll();
		await this.pollDurably('update').catch((error: Error) => this.errors.push(error));
	}

	/** A poll as the parts of n8n's server do it that belong to its durable scheduler. */
	private async pollDurably(activation: 'activate' | 'update') {
		const { durableCursors = false, budgetMs = 0 } = this.options.scheduler ?? {};
		const isPublishing = activation === 'activate';
		const workflow = this.openWorkflow();
		const pollNode = workflow.nodes[NODE];
		const staticData = durableCursors
			? (JSON.parse((this.saved.cursor ??= '{}')) as IDataObject)
			: workflow.getStaticData('node', pollNode);
		const context = new this.parts.n8n.core.PollContext(
			workflow,
			pollNode,
			additionalData(this.parts),
			'trigger',
			activation,
			...([undefined, undefined, undefined, undefined] as const),
			() => staticData,
			isPublishing ? undefined : () => budgetMs,
		);
		const type = this.parts.nodeTypes.getByNameAndVersion(pollNode.type, pollNode.typeVersion);
		const items = await workflow.expression.withIsolate(
			async () => await type.poll?.call(context as unknown as IPollFunctions),
		);
		if (items) this.executions.push(items[0]);
		if (durableCursors && (items || !isPublishing)) this.saved.cursor = JSON.stringify(staticData);
		if (items || isPublishing) this.save(workflow);
	}

	/** Ends n8n, without saving anything. */
	stop() {
		this.current = undefined;
	}

	/** The button "Fetch Test Event" of the editor. */
	async test(): Promise<INodeExecutionData[] | undefined> {
		const workflow = this.openWorkflow();
		const pollNode = workflow.nodes[NODE];
		const { PollContext } = this.parts.n8n.core;
		const context = new PollContext(
			workflow,
			pollNode,
			additionalData(this.parts),
			'manual',
			'manual',
		);
		const type = this.parts.nodeTypes.getByNameAndVersion(pollNode.type, pollNode.typeVersion);
		const items = await workflow.expression.withIsolate(
			async () => await type.poll?.call(context as unknown as IPollFunctions),
		);
		return items?.[0];
	}

	/** The node's static data as it is in n8n's database. */
	get staticData(): IDataObject {
		const all = JSON.parse(this.saved.staticData) as Record<string, IDataObject>;
		return all[`node:${NODE}`] ?? {};
	}

	private openWorkflow(): Workflow {
		const parameters = structuredClone(this.options.parameters ?? {});
		const staticData = JSON.parse(this.saved.staticData) as IDataObject;
		const { workflowId: id } = this;
		return workflowOf(this.parts, [{ ...this.node, parameters }], {}, { id, staticData });
	}

	/** n8n saves static data only if it was changed. */
	private save({ staticData }: Workflow) {
		if (staticData.__dataChanged) this.saved.staticData = JSON.stringify(staticData);
	}
}
