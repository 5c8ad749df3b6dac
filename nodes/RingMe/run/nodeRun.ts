import { randomBytes } from 'crypto';
import type {
	IExecuteData,
	IExecuteFunctions,
	IExecutePaginationFunctions,
	INode,
} from 'n8n-workflow';

import { ConcurrencyLimiter } from '../../shared/transport/concurrencyLimiter';
import { NodeTry } from './nodeTry';
import { WriteMemory } from './writeMemory';

const MAX_REQUESTS_IN_FLIGHT = 5;

/**
 * What the items of one node run share, over all tries of *Retry On Fail*. n8n starts all items at
 * once and informs none about the others; here they queue, stop together, and remember writes.
 */
export class NodeRun {
	/** Limits the requests in flight. */
	readonly limiter = new ConcurrencyLimiter(MAX_REQUESTS_IN_FLIGHT);

	private readonly serialLimiter = new ConcurrencyLimiter(1);

	private lastItem = -1;

	readonly writes = new WriteMemory();

	/** Random text that identifies the run. */
	readonly reference = randomBytes(9).toString('base64url');

	currentTry: NodeTry;

	/** Cached: n8n copies the node at each call of `getNode`. */
	node?: INode;

	constructor(
		private readonly totalItems: number,
		/** Called by an AI agent, which may want the same thing twice. */
		readonly isTool: boolean,
	) {
		this.currentTry = new NodeTry(totalItems);
	}

	/** The try that an item belongs to. *Retry On Fail* starts again at the first item, with the same run. */
	startItem(itemIndex: number): NodeTry {
		if (itemIndex <= this.lastItem) this.currentTry = new NodeTry(this.totalItems);
		this.lastItem = itemIndex;
		this.currentTry.itemStarted();
		return this.currentTry;
	}

	/** Runs work under the limit of requests in flight; serial work one at a time. */
	async limit<T>(isSerial: boolean, work: () => Promise<T>): Promise<T> {
		return await (isSerial ? this.serialLimiter : this.limiter).run(work);
	}
}

const runs = new WeakMap<IExecuteData, Map<string, NodeRun>>();

/**
 * The run that a context belongs to. n8n makes one `IExecuteData` per node run and passes it to each
 * item. As a tool of an AI agent the node gets the agent's, for all calls of all tools: there each
 * call is a run, and a call with the same arguments may be the repetition of an earlier one.
 */
export function getNodeRun(context: IExecutePaginationFunctions | IExecuteFunctions): NodeRun {
	const data = context.getExecuteData();
	const isTool = !/\.ringMe(Tool)?$/.test(data.node.type);
	const key = isTool ? `${context.getNode().id} ${JSON.stringify(context.getInputData())}` : '';
	const runsOfData = runs.get(data) ?? new Map<string, NodeRun>();
	runs.set(data, runsOfData);
	let run = runsOfData.get(key);
	if (!run) {
		const items = data.data.main?.[0] ?? data.data.ai_tool?.[0] ?? [];
		run = new NodeRun(isTool || data.node.executeOnce === true ? 1 : items.length, isTool);
		runsOfData.set(key, run);
	}
	return run;
}
