import type {
	DeclarativeRestApiSettings,
	IDataObject,
	IExecutePaginationFunctions,
	IN8nHttpFullResponse,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { limit, returnAll, simplify } from '../../shared/descriptions/commonProperties';
import { causeOf, IncompleteError } from '../../shared/errors/incompleteError';
import { summarizeItems } from '../../shared/errors/outcome';
import { canceledError, isRepeatable, RequestError } from '../../shared/errors/requestError';
import { toNodeError } from '../../shared/errors/toNodeError';
import { ValidationError } from '../../shared/errors/validationError';
import { fetchByPeriod } from '../../shared/lists/dateRange';
import { paginate, readFurtherPages } from '../../shared/lists/pagination';
import { parseBoolean, parseInteger, parsePbxClient } from '../../shared/parameters/serialize';
import { PbxClient, toRequestInfo, type RequestOptions } from '../../shared/transport/client';
import { extractRecords } from '../../shared/transport/records';
import { addTasksOfItems } from '../addTasks/addTasks';
import { cannotWaitError } from '../callAndWait/callAndWait';
import { download } from '../files/download';
import { pickFields, toErrorItem, toItems } from '../output/outputItems';
import { findOperation, isResponseOperation } from '../resources';
import { getNodeRun, type NodeRun } from '../run/nodeRun';
import type { NodeTry } from '../run/nodeTry';
import type { ItemExecution } from '../run/writeMemory';
import { buildRequest, type ItemInput } from './buildRequest';

/**
 * Pagination function of every operation. n8n calls it once per item, concurrently, with the request
 * built from the visible parameters. Returns the output of that item.
 *
 * @throws NodeApiError or NodeOperationError; with Continue On Fail the error is an output item
 */
export async function executeOperation(
	this: IExecutePaginationFunctions,
	{ options }: DeclarativeRestApiSettings.ResultOptions,
): Promise<INodeExecutionData[]> {
	const itemIndex = this.getItemIndex();
	const run = getNodeRun(this);
	const currentTry = run.startItem(itemIndex);
	const execution = run.writes.get(itemIndex) ?? startItem(this, run, currentTry, options);
	try {
		return await currentTry.track(recordOutcome(execution, run, currentTry, itemIndex));
	} catch (thrown) {
		// The node fails with the error of the item that failed, not of one that was not sent because of it.
		if (isCanceled(thrown) && currentTry.isStopped) return [];
		const node = run.node ?? this.getNode();
		if (this.continueOnFail()) {
			return [toErrorItem(toNodeError(thrown, { node, itemIndex }), itemIndex)];
		}
		currentTry.stop();
		await currentTry.waitForAll();
		// Add Tasks has reported all items already.
		const isReported = thrown instanceof IncompleteError && thrown.items !== undefined;
		const items = execution.isReadOnly || isReported ? undefined : currentTry.itemsByOutcome();
		const otherItems = items && summarizeItems(items);
		const error = toNodeError(thrown, { node, itemIndex, items, otherItems });
		throw error;
	}
}

/** Starts an item. A write is remembered, so that *Retry On Fail* does not repeat it. */
function startItem(
	context: IExecutePaginationFunctions,
	run: NodeRun,
	currentTry: NodeTry,
	options: DeclarativeRestApiSettings.HttpRequestOptions,
): ItemExecution {
	const itemIndex = context.getItemIndex();
	const resourceKey = String(context.getNodeParameter('resource'));
	const operationKey = String(context.getNodeParameter('operation'));
	const found = findOperation(resourceKey, operationKey);
	const node = (run.node ??= context.getNode());
	const isReadOnly = found?.operation.method === 'GET';
	const work = async () => {
		if (!found) {
			throw noOperation(resourceKey, operationKey);
		}
		const { operation, resource } = found;
		const startSending = async () => {
			if (!context.continueOnFail() && (await currentTry.wasAbandoned())) {
				currentTry.stop();
			}
			if (currentTry.isStopped) throw canceledError(operation.method);
		};
		if (operation.waits) throw cannotWaitError();
		if (operation.bulk) {
			const outputOf = await currentTry.gather(itemIndex, context, async (contexts) => {
				await startSending();
				return await addTasksOfItems(contexts, run);
			});
			return outputOf(itemIndex);
		}
		await startSending();
		if (!isReadOnly) run.writes.remember(itemIndex, execution);
		return await run.limit(operation.serial ?? false, async () => {
			if (currentTry.isStopped) throw canceledError(operation.method);
			return await executeItem({ context, node, resource, operation, options }, run, currentTry);
		});
	};
	const execution: ItemExecution = { output: work(), isReadOnly };
	// Elsewhere Add Tasks remembers the tasks of all items itself.
	if (run.isTool && !isReadOnly) run.writes.remember(itemIndex, execution);
	return execution;
}

/** n8n gets here with an operation that only `customOperations` has, as a tool or with an expression. */
const noOperation = (resourceKey: string, operationKey: string) =>
	isResponseOperation(resourceKey, operationKey)
		? new ValidationError(
				`The operation "${operationKey}" cannot be used as a tool or chosen with an expression`,
				'It responds to a call that waits. Place the node after a RingMe Call Trigger and choose the operation from the list.',
			)
		: new ValidationError(`The resource "${resourceKey}" has no operation "${operationKey}"`);

/**
 * Records the outcome of an item. A request of unknown outcome that is not repeatable stays remembered, so
 * that *Retry On Fail* does not send it again.
 */
async function recordOutcome(
	execution: ItemExecution,
	run: NodeRun,
	currentTry: NodeTry,
	itemIndex: number,
): Promise<INodeExecutionData[]> {
	try {
		const items = await execution.output;
		currentTry.setOutcome(itemIndex, 'succeeded');
		// An agent that calls the tool again with the same arguments wants it done again.
		if (run.isTool) run.writes.clear();
		return items;
	} catch (thrown) {
		const error = causeOf(thrown);
		const isRequestError = error instanceof RequestError;
		const outcome = isRequestError ? error.outcome : 'failed';
		const isUnknown = outcome === 'unknown';
		if (isUnknown) run.writes.markUnknown(itemIndex);
		if (!(isUnknown && isRequestError && !isRepeatable(error.request))) {
			run.writes.forget(itemIndex, execution);
		}
		currentTry.setOutcome(itemIndex, outcome);
		throw asError(thrown);
	}
}

function isCanceled(thrown: unknown) {
	const error = causeOf(thrown);
	return error instanceof RequestError && error.details.kind === 'canceled';
}

/** A cast: lint accepts no other rethrow in a catch block. `executeOperation` converts the error. */
const asError = (thrown: unknown) => thrown as Error;

/** An item whose request is built. */
interface PreparedItem extends ItemInput {
	run: NodeRun;
	currentTry: NodeTry;
	client: PbxClient;
	request: RequestOptions;
}

/** Executes one item of an operation: a file, a list or a record. */
async function executeItem(
	input: ItemInput,
	run: NodeRun,
	currentTry: NodeTry,
): Promise<INodeExecutionData[]> {
	const { context, operation } = input;
	const itemIndex = context.getItemIndex();
	const client = await createClient(context);
	const request: RequestOptions = {
		...(await buildRequest(input, client)),
		signal: currentTry.signal,
		afterUnknownAttempt: run.writes.isUnknown(itemIndex),
	};
	const item: PreparedItem = { ...input, run, currentTry, client, request };
	if (operation.result === 'file') {
		return [await download(context, client, request, async (file) => await send(item, file))];
	}
	const maxRecords = operation.result === 'list' ? getLimit(context) : Infinity;
	const { simplifiedFields } = operation;
	const isSimplified = simplifiedFields && isSwitchedOn(context, simplify, true);
	const records = await fetchRecords(item, Math.min(maxRecords, MAX_OUTPUT + 1));
	if (records.length > MAX_OUTPUT) {
		throw new ValidationError(
			`There are more than ${MAX_OUTPUT} records, and n8n cannot take so many for one item`,
			'Use filters, or a shorter period for each of several items.',
		);
	}
	return toItems(
		isSimplified ? records.map((record) => pickFields(record, simplifiedFields)) : records,
		itemIndex,
	);
}

/**
 * n8n passes the output of an item as the arguments of one call, and fails with "Maximum call stack size
 * exceeded" if they are many more (`RoutingNode` of n8n-core 2.41).
 */
const MAX_OUTPUT = 120_000;

/** Each item has its own client: the credential may contain expressions with values of the item. */
const createClient = async (context: IExecutePaginationFunctions) =>
	await PbxClient.create(
		context,
		context.getNodeParameter('authentication'),
		parsePbxClient(context.getNodeParameter('client', ''), context.getNode().parameters.client),
	);

/** The limit of a list; `Infinity` for Return All. */
function getLimit(context: IExecutePaginationFunctions): number {
	if (isSwitchedOn(context, returnAll, false)) return Infinity;
	const { displayName: label } = limit;
	return parseInteger({ label, min: 1 }, context.getNodeParameter(limit.name, 50));
}

/** The value of a switch, which is text where an expression or a model sets it. */
const isSwitchedOn = (
	context: IExecutePaginationFunctions,
	{ name, displayName: label }: INodeProperties,
	fallback: boolean,
) => parseBoolean({ label }, context.getNodeParameter(name, fallback));

/** All records of an item, over all parts of a period and all pages. */
async function fetchRecords(item: PreparedItem, limit: number): Promise<IDataObject[]> {
	const { operation, request } = item;
	if (!operation.dateRange) return await fetchPages(item, {}, limit, new Set());
	return await fetchByPeriod(
		operation,
		request.http?.qs ?? {},
		limit,
		async (query, partLimit, knownKeys) => await fetchPages(item, query, partLimit, knownKeys),
	);
}

async function fetchPages(
	item: PreparedItem,
	query: IDataObject,
	limit: number,
	knownKeys: Set<string>,
): Promise<IDataObject[]> {
	if (item.operation.hasFurtherPages) {
		return await readFurtherPages(async (page) => await fetchFurtherPage(item, page), limit);
	}
	if (!item.operation.paged) return (await fetchPage(item, query)).slice(0, limit);
	return await paginate(async (page) => await fetchPage(item, { ...query, ...page }), {
		limit,
		knownKeys,
		limiter: item.operation.serial ? undefined : item.run.limiter,
	});
}

/** Undefined where the PBX refuses the page. */
async function fetchFurtherPage(item: PreparedItem, page: number) {
	if (page === 1) return await fetchPage(item, {});
	const [response] = await Promise.allSettled([fetchPage(item, { page })]);
	if (response.status === 'fulfilled') return response.value;
	const error = response.reason as Error;
	const isRefused = error instanceof RequestError && (error.hasStatus(400) || error.hasStatus(404));
	if (isRefused) return undefined;
	throw error;
}

async function fetchPage(item: PreparedItem, query: IDataObject): Promise<IDataObject[]> {
	const { operation, request } = item;
	try {
		const { body, statusCode } = await send(item, { qs: { ...request.http?.qs, ...query } });
		return extractRecords(operation, body, statusCode);
	} catch (thrown) {
		// A deletion whose first response was lost: the second attempt finds nothing left to delete.
		const isDeleted =
			operation.result === 'deleted' &&
			thrown instanceof RequestError &&
			thrown.request.afterUnknownAttempt &&
			thrown.hasStatus(404);
		if (isDeleted) return [{ deleted: true }];
		throw asError(thrown);
	}
}

type Overrides = RequestOptions['http'] & Pick<RequestOptions, 'consumeBody'>;

/** Sends a request of an item, unless an earlier failure of this try concerns it too. */
async function send(
	{ client, currentTry, request }: PreparedItem,
	{ consumeBody, ...http }: Overrides,
): Promise<IN8nHttpFullResponse> {
	const circuitBreaker = currentTry.circuitBreakerOf(client);
	const sendNow = async () => {
		const openedBy = circuitBreaker.error;
		if (openedBy) throw new RequestError(openedBy.details, toRequestInfo(request));
		try {
			return await client.request({
				...request,
				consumeBody,
				http: { ...request.http, ...http },
			});
		} catch (thrown) {
			if (thrown instanceof RequestError) circuitBreaker.trip(thrown);
			throw asError(thrown);
		}
	};
	return client.hasToken ? await sendNow() : await currentTry.afterFirstRequest(client, sendNow);
}
