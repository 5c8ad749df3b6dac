import type {
	IDataObject,
	IExecuteFunctions,
	IExecutePaginationFunctions,
	IHttpRequestOptions,
	INodeExecutionData,
} from 'n8n-workflow';

import { credentialType, exchange, type PbxRequest } from '../request/exchange';
import { explain, secretsOf, type About } from '../request/explain';
import { errorItem, simplified } from '../request/items';
import { fill, segment } from '../request/path';
import { taskScheduler } from '../resources/taskScheduler';
import { Delivery, type Pbx } from './deliver';
import type { Draft } from './draft';
import { readDrafts, reader, readOptions, withoutDuplicates, type Read } from './read';
import { report } from './report';

const ROWS = taskScheduler.rows;
const TIMEOUT_MS = 120_000;

/** Either way n8n can come: all items at once, or (as a tool of an agent) one. */
type Context = IExecuteFunctions | IExecutePaginationFunctions;

/**
 * Adds tasks for all input items in few requests. Each created task is one output item, linked to
 * the item it came from, in input order.
 *
 * @throws NodeApiError or NodeOperationError saying which items are added, which are not and which
 * are unknown; with Continue On Fail the items say it themselves
 */
export async function addTasks(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const read = reader(this, (name, item, fallback) =>
		this.getNodeParameter(name, item, fallback as object),
	);
	const hint = (message: string) => this.addExecutionHints?.({ message, location: 'outputPane' });
	const about: About = { node: this.getNode(), itemIndex: 0 };
	return [await deliver(this, this.getInputData(), read, about, hint)];
}

/** The same for one item: the declarative fallback, where n8n does not know of `customOperations`. */
export async function addOneTask(
	context: IExecutePaginationFunctions,
	about: About,
): Promise<INodeExecutionData[]> {
	const read: Read = (name, _item, fallback) => context.getNodeParameter(name, fallback as object);
	const output = await deliver(
		context,
		[context.getInputData() as INodeExecutionData],
		read,
		about,
	);
	return output.map((each) => ({ ...each, pairedItem: { item: about.itemIndex } }));
}

async function deliver(
	context: Context,
	items: INodeExecutionData[],
	read: Read,
	about: About,
	hint?: (message: string) => void,
): Promise<INodeExecutionData[]> {
	const goOn = context.continueOnFail();
	const fail = (thrown: unknown, draft?: Draft, rest?: string) =>
		explain(thrown, { ...about, itemIndex: draft?.item ?? about.itemIndex, rest });
	try {
		const options = readOptions(read, context.getTimezone());
		const all = readDrafts(items, read, options.defaults, context.getTimezone());
		const { kept: drafts, skipped } = options.skipDuplicates
			? withoutDuplicates(all)
			: { kept: all, skipped: 0 };
		if (skipped) hint?.(`${skipped} tasks were left out as duplicates.`);
		const bad = drafts.find(({ problem }) => problem);
		if (bad && !goOn) throw fail(bad.problem, bad, 'Nothing was sent.');

		const deliveries: Delivery[] = [];
		const problems = new Map<Draft, unknown>(drafts.map((draft) => [draft, draft.problem]));
		for (const [scheduler, group] of byScheduler(drafts)) {
			try {
				const pbx = await pbxFor(context, read, scheduler, about);
				const { name, status, task_count: before } = await pbx.scheduler();
				if (status === 'off') {
					hint?.(
						`The scheduler "${String(name)}" is off: the tasks will wait until it is switched on.`,
					);
				}
				const delivery = new Delivery(pbx, Number(before ?? 0), goOn);
				deliveries.push(delivery);
				await delivery.send(group, options.batchSize);
			} catch (thrown) {
				if (!goOn) throw fail(thrown, group[0], report(drafts, deliveries));
				group.forEach((draft) => problems.set(draft, thrown));
			}
			if (!goOn) stopAtFailure(group, deliveries[deliveries.length - 1]);
		}
		return output(drafts);

		function stopAtFailure(group: Draft[], { fates }: Delivery) {
			const failed = group.find((draft) =>
				['refused', 'unknown'].includes(fates.get(draft)?.kind ?? ''),
			);
			const fate = failed && fates.get(failed);
			if (fate && 'failure' in fate) throw fail(fate.failure, failed, report(drafts, deliveries));
		}

		function output(of: Draft[]) {
			const simple =
				ROWS.addTasks.simple && read('simplify', 0, true) ? ROWS.addTasks.simple : undefined;
			return of.map((draft): INodeExecutionData => {
				const fate = deliveries.map(({ fates }) => fates.get(draft)).find(Boolean);
				if (fate?.kind === 'added') {
					const json = simple ? simplified([fate.task], simple)[0] : fate.task;
					return { json, pairedItem: { item: draft.item } };
				}
				const thrown = problems.get(draft) ?? fate?.failure;
				const error = fail(thrown, draft);
				if (fate?.kind === 'notSent')
					error.message = `Not sent, because an earlier batch failed: ${error.message}`;
				return errorItem(error, draft.item);
			});
		}
	} catch (thrown) {
		const error = fail(thrown);
		throw error;
	}
}

function byScheduler(drafts: Draft[]): Map<string, Draft[]> {
	const groups = new Map<string, Draft[]>();
	for (const draft of drafts) {
		if (draft.problem) continue;
		const group = groups.get(draft.scheduler);
		if (group) group.push(draft);
		else groups.set(draft.scheduler, [draft]);
	}
	return groups;
}

/** The requests of one scheduler. */
async function pbxFor(context: Context, read: Read, scheduler: string, about: About) {
	const type = credentialType(read('authentication', 0));
	const credentials = await context.getCredentials(type);
	about.secrets = secretsOf(credentials);
	about.target = `task scheduler ${decodeURIComponent(scheduler)}`;
	const { client } = read('options', 0, {}) as { client?: string };
	const values: Record<string, string> = {
		client_id: segment('PBX Client', client || credentials.client || '@me'),
		scheduler_id: scheduler,
	};
	const settings = requestSettings(context);
	const call = async (method: PbxRequest['method'], path: string, body?: IDataObject) => {
		const request = {
			...settings,
			method,
			path: fill(path, (name) => values[name]),
			body,
			json: true,
		};
		return (await exchange(context, credentials, type, request)).body as IDataObject;
	};
	const read1 = async () => await call('GET', ROWS.get.path);
	return {
		scheduler: read1,
		count: async () => Number((await read1()).task_count),
		add: async (tasks: IDataObject[]) => await call('POST', ROWS.addTasks.path, { tasks }),
	} satisfies Pbx & { scheduler(): Promise<IDataObject> };
}

/** n8n's own request settings of the node, which it applies itself only to declarative requests. */
function requestSettings(context: Context): Partial<IHttpRequestOptions> {
	const { timeout, allowUnauthorizedCerts, proxy } = (context.getNode().parameters.requestOptions ??
		{}) as { timeout?: number; allowUnauthorizedCerts?: boolean; proxy?: string };
	const url = proxy ? new URL(proxy) : undefined;
	return {
		timeout: timeout || TIMEOUT_MS,
		...(allowUnauthorizedCerts && { skipSslCertificateValidation: true }),
		...(url && {
			proxy: {
				protocol: url.protocol.replace(':', ''),
				host: url.hostname,
				port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
				...(url.username && { auth: { username: url.username, password: url.password } }),
			},
		}),
	};
}
