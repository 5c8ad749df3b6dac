import type {
	ICredentialDataDecryptedObject,
	IExecuteData,
	INode,
	INodeExecutionData,
} from 'n8n-workflow';

/** How many requests of one node run the PBX gets at the same time. */
const IN_FLIGHT = 5;

/** Lets so many in at a time, in the order in which they came. */
export class Gate {
	private waiting: Array<() => void> = [];

	private inside = 0;

	constructor(private readonly places: number) {}

	async pass<T>(work: () => Promise<T>): Promise<T> {
		if (this.inside >= this.places) await new Promise<void>((next) => this.waiting.push(next));
		else this.inside++;
		try {
			return await work();
		} finally {
			const next = this.waiting.shift();
			if (next) next();
			else this.inside--;
		}
	}
}

/**
 * What the items of one node run share. n8n starts all items at once and tells none about the
 * others; here they queue, stop together, and are not done again when n8n repeats the node
 * (*Retry On Fail*).
 */
export class Run {
	private readonly gate = new Gate(IN_FLIGHT);

	private readonly single = new Gate(1);

	/** Outcomes that must not be repeated: writes that were done, and writes that may have been. */
	private readonly kept = new Map<number, Promise<INodeExecutionData[]>>();

	private underWay = new Set<Promise<unknown>>();

	private lastItem = -1;

	/** Read once: n8n copies it anew each time it is asked for. */
	node?: INode;

	/** Read once: n8n decrypts a credential anew each time it is asked for. */
	credentials?: Promise<ICredentialDataDecryptedObject>;

	stopped = false;

	done: number[] = [];

	constructor(readonly total: number) {}

	/** n8n repeats a node from its first item, with the same run behind it. */
	begin(item: number) {
		if (item <= this.lastItem) this.stopped = false;
		this.lastItem = item;
	}

	async pass<T>(oneAtATime: boolean, work: () => Promise<T>): Promise<T> {
		const passing = (oneAtATime ? this.single : this.gate).pass(work);
		this.underWay.add(passing);
		try {
			return await passing;
		} finally {
			this.underWay.delete(passing);
		}
	}

	keep(item: number, outcome: Promise<INodeExecutionData[]>) {
		this.kept.set(item, outcome);
	}

	outcome(item: number) {
		return this.kept.get(item);
	}

	/** Ends when every request that was sent has its answer. */
	async settle() {
		await Promise.allSettled([...this.underWay]);
	}
}

const runs = new WeakMap<IExecuteData, Run>();

/** The run behind a context. n8n makes one `IExecuteData` for a node run and gives it to each item. */
export function runOf(data: IExecuteData): Run {
	let run = runs.get(data);
	if (!run) {
		run = new Run((data.data.main?.[0] ?? data.data.ai_tool?.[0] ?? []).length);
		runs.set(data, run);
	}
	return run;
}
