import type {
	DeclarativeRestApiSettings,
	IDataObject,
	IExecutePaginationFunctions,
	INodeExecutionData,
} from 'n8n-workflow';

import { addOneTask } from '../addTasks/addTasks';
import { findOperation } from '../resources';
import type { Resource, Operation } from '../../shared/schema/operation';
import { download } from '../files/download';
import {
	cancelled,
	credentialType,
	exchange,
	ExchangeFailure,
	type PbxRequest,
} from '../../shared/transport/sendRequest';
import { explain, type About } from '../../shared/errors/toNodeError';
import { errorItem, itemLine, linked, recordsIn, simplified } from '../../shared/transport/records';
import { readPages } from './pagination';
import { prepare } from './buildRequest';
import { overPeriod, type Ask } from './dateRange';
import { mayBeDone } from '../../shared/transport/retryPolicy';
import { runOf, type Attempt, type Fate, type Run } from './runState';
import { masked, secretsOf, tokenOf } from '../../shared/transport/redact';
import { ValidationError } from '../../shared/parameters/serialize';

/**
 * Around every request of every operation. n8n calls it as the node's pagination function, once an
 * item, all items at once, with the request that the shown inputs describe; it gives back that
 * item's output.
 *
 * @throws NodeApiError or NodeOperationError, unless the node continues on fail: then the error is an item
 */
export async function send(
	this: IExecutePaginationFunctions,
	{ options }: DeclarativeRestApiSettings.ResultOptions,
): Promise<INodeExecutionData[]> {
	const item = this.getItemIndex();
	const run = runOf(this);
	run.begin(item);
	run.node ??= this.getNode();
	const { about, output } = run.kept.get(item) ?? attempt(this, run, options);
	try {
		return await run.watch(output.then(...noted(run, item)));
	} catch (thrown) {
		// The node fails with the error of the item that failed, and not of one that was held back.
		if (isCancelled(thrown) && run.stopped) return [];
		about.secrets?.push(...(await secretsNow(this)));
		if (this.continueOnFail()) return [errorItem(explain(thrown, about), item)];
		run.stop();
		await run.settle();
		about.rest = about.reads ? undefined : whatBecame(run);
		const error = explain(thrown, about);
		throw error;
	}
}

/** Notes what became of an item. Only what may be repeated is forgotten. */
function noted(run: Run, item: number) {
	return [
		(items: INodeExecutionData[]) => {
			run.fates.set(item, 'done');
			if (run.isTool) run.forgetAll();
			return items;
		},
		(thrown: unknown): never => {
			const unknown = thrown instanceof ExchangeFailure && mayBeDone(thrown);
			if (unknown) run.lost.add(item);
			if (!unknown || thrown.method !== 'POST') run.kept.delete(item);
			if (unknown) run.fates.set(item, 'unknown');
			else if (!isCancelled(thrown)) run.fates.set(item, 'failed');
			throw wrapped(thrown);
		},
	] as const;
}

/** Starts an item's work. A write is kept, so that it is not done again when n8n repeats the node. */
function attempt(
	context: IExecutePaginationFunctions,
	run: Run,
	options: DeclarativeRestApiSettings.HttpRequestOptions,
): Attempt {
	const item = context.getItemIndex();
	const resourceKey = String(context.getNodeParameter('resource'));
	const operation = String(context.getNodeParameter('operation'));
	const found = findOperation(resourceKey, operation);
	const about: About = {
		node: run.node ?? context.getNode(),
		itemIndex: item,
		secrets: [],
		reads: found?.row.method === 'GET',
	};
	const work = async () => {
		if (!found) {
			throw new ValidationError(`There is no operation "${operation}" on "${resourceKey}"`);
		}
		const { resource, row } = found;
		if (!context.continueOnFail() && !isBatched(about) && (await run.isGivenUp())) run.stop();
		return await run.pass(row.serial ?? false, async () => {
			if (run.stopped) throw cancelled(row.method);
			return row.bulk
				? await addOneTask(context, about, run.drafts)
				: await one(context, run, resource, row, options, about);
		});
	};
	const made = { about, output: work() };
	if (!about.reads) run.kept.set(item, made);
	return made;
}

const isCancelled = (thrown: unknown) =>
	thrown instanceof ExchangeFailure && thrown.failure.kind === 'cancelled';

/** Whether the user chose n8n's *Batching*. */
function isBatched({ node }: About) {
	const { batching } = (node.parameters.requestOptions ?? {}) as { batching?: unknown };
	return batching !== undefined;
}

/** The token as it is now: it may have been renewed since the run began. */
async function secretsNow(context: IExecutePaginationFunctions): Promise<string[]> {
	const type = credentialType(context.getNodeParameter('authentication'));
	return await context.getCredentials(type).then(secretsOf, () => []);
}

/** `Done: items 0–3. Not sent: item 4.` */
function whatBecame({ fates, total }: Run) {
	if (total < 2) return undefined;
	const items = Array.from({ length: total }, (_, item) => item);
	const having = (fate?: Fate) => items.filter((item) => fates.get(item) === fate);
	return [
		itemLine('Done', having('done')),
		itemLine('Failed', having('failed')),
		itemLine('Unknown', having('unknown')),
		itemLine('Not sent', having()),
	]
		.filter(Boolean)
		.join(' ');
}

/** One item of one operation. */
async function one(
	context: IExecutePaginationFunctions,
	run: Run,
	resource: Resource,
	row: Operation,
	options: DeclarativeRestApiSettings.HttpRequestOptions,
	about: About,
): Promise<INodeExecutionData[]> {
	const type = credentialType(context.getNodeParameter('authentication'));
	const credentials = await (run.credentials ??= context.getCredentials(type));
	about.secrets?.push(...secretsOf(credentials));
	about.basicAuth = row.basicAuth;
	const request = await prepare(context, resource, row, options, credentials, about);
	const afterLoss = run.lost.has(about.itemIndex);
	const settings = { ...request, stop: run.stopSignal, afterLoss };
	const hasToken = 'accessToken' in credentials || !!tokenOf(credentials);
	const answer = async (more: Partial<PbxRequest>) => {
		const ask = async () => {
			if (run.barred) throw new ExchangeFailure(run.barred, row.method, afterLoss);
			return await exchange(context, credentials, type, { ...settings, ...more }).catch(
				(thrown: unknown) => {
					if (thrown instanceof ExchangeFailure) run.bar(thrown.failure);
					throw wrapped(thrown);
				},
			);
		};
		return await (hasToken ? ask() : run.afterFirst(ask));
	};
	if (row.result === 'file') return [await download(context, about, answer)];
	const ask = async (query: IDataObject) => {
		try {
			const { body, statusCode } = await answer({ qs: { ...request.qs, ...query } });
			return masked(recordsIn(row, body, statusCode), about.secrets);
		} catch (thrown) {
			const gone =
				thrown instanceof ExchangeFailure && thrown.afterLoss && thrown.failure.status === 404;
			// A deletion whose first answer was lost: the second finds nothing left to delete.
			if (!gone || row.result !== 'deleted') throw wrapped(thrown);
			return [{ deleted: true }];
		}
	};
	const read: Ask = async (query, most, known) =>
		row.paged
			? await readPages(most, async (page) => await ask({ ...query, ...page }), known)
			: (await ask(query)).slice(0, most);
	const most = row.result === 'list' ? wanted(context) : row.result === 'done' ? Infinity : 1;
	const records = row.dateRange
		? await overPeriod(row, request.qs ?? {}, most, read, (done) => (about.done = done))
		: await read({}, most, new Set());
	const simple =
		row.simplifiedFields && context.getNodeParameter('simplify', true)
			? row.simplifiedFields
			: undefined;
	const shown = simple ? records.map((record) => simplified(record, simple)) : records;
	return linked(shown, about.itemIndex);
}

/** Lint wants n8n's own errors out of a catch; these are turned into them one level up. */
const wrapped = (thrown: unknown) => thrown as Error;

function wanted(context: IExecutePaginationFunctions): number {
	if (context.getNodeParameter('returnAll', false)) return Infinity;
	return Math.max(1, Number(context.getNodeParameter('limit', 50)) || 50);
}
