import type {
	DeclarativeRestApiSettings,
	IDataObject,
	IExecutePaginationFunctions,
	INodeExecutionData,
} from 'n8n-workflow';

import { addOneTask } from '../addTasks/addTasks';
import { findRow } from '../resources';
import type { Resource, Row } from '../resources/rows';
import { download } from './download';
import { credentialType, exchange, ExchangeFailure, type PbxRequest } from './exchange';
import { explain, secretsOf, type About } from './explain';
import { errorItem, linked, recordsIn, simplified } from './items';
import { readPages } from './pages';
import { prepare } from './prepare';
import { overPeriod, type Ask } from './range';
import { mayBeDone } from './retry';
import { runOf, type Run } from './run';
import { InputProblem } from './values';

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
	const run = runOf(this.getExecuteData());
	run.begin(item);
	const kept = run.outcome(item);
	if (kept) return await kept;

	run.node ??= this.getNode();
	const about: About = { node: run.node, itemIndex: item, secrets: [] };
	try {
		const { resource, row } = rowOf(this);
		const work = async () => {
			if (run.stopped) throw new InputProblem('Not sent, because an earlier item failed');
			return row.bulk
				? await addOneTask(this, about)
				: await one(this, run, resource, row, options, about);
		};
		const passing = run.pass(row.oneAtATime ?? false, work);
		if (row.method !== 'GET') keepWrites(run, item, passing);
		const output = await passing;
		run.done.push(item);
		return output;
	} catch (thrown) {
		about.secrets?.push(...(await secretsNow(this)));
		if (this.continueOnFail()) return [errorItem(explain(thrown, about), item)];
		run.stopped = true;
		await run.settle();
		about.rest = whatBecameOfTheRest(run);
		const error = explain(thrown, about);
		throw error;
	}
}

/** The token as it is now: it may have been renewed since the run began. */
async function secretsNow(context: IExecutePaginationFunctions): Promise<string[]> {
	const type = credentialType(context.getNodeParameter('authentication'));
	return await context.getCredentials(type).then(secretsOf, () => []);
}

/** A write that was done, or may have been, is not done again when n8n repeats the node. */
function keepWrites(run: Run, item: number, outcome: Promise<INodeExecutionData[]>) {
	outcome.then(
		() => run.keep(item, outcome),
		(thrown) => {
			if (thrown instanceof ExchangeFailure && mayBeDone(thrown.method, thrown.failure)) {
				run.keep(item, outcome);
			}
		},
	);
}

function whatBecameOfTheRest({ done, total }: Run) {
	if (total < 2) return undefined;
	return `Of ${total} items, ${done.length} were done before it stopped; the others were not sent.`;
}

function rowOf(context: IExecutePaginationFunctions) {
	const resource = String(context.getNodeParameter('resource'));
	const operation = String(context.getNodeParameter('operation'));
	const found = findRow(resource, operation);
	if (!found) throw new InputProblem(`There is no operation "${operation}" on "${resource}"`);
	return found;
}

/** One item of one operation. */
async function one(
	context: IExecutePaginationFunctions,
	run: Run,
	resource: Resource,
	row: Row,
	options: DeclarativeRestApiSettings.HttpRequestOptions,
	about: About,
): Promise<INodeExecutionData[]> {
	const type = credentialType(context.getNodeParameter('authentication'));
	const credentials = await (run.credentials ??= context.getCredentials(type));
	about.basicAuth = row.basicAuth;
	const request = await prepare(context, resource, row, options, credentials, about);
	const answer = async (more: Partial<PbxRequest>) =>
		await exchange(context, credentials, type, { ...request, ...more });
	if (row.result === 'file') return [await download(context, about, answer)];
	const ask = async (query: IDataObject) => {
		try {
			return recordsIn(row, (await answer({ qs: { ...request.qs, ...query } })).body);
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
	const records = row.ranged
		? await overPeriod(row, request.qs ?? {}, most, read, (done) => (about.done = done))
		: await read({}, most, new Set());
	const simple = row.simple && context.getNodeParameter('simplify', true) ? row.simple : undefined;
	const shown = simple ? records.map((record) => simplified(record, simple)) : records;
	return linked(shown, about.itemIndex);
}

/** Lint wants n8n's own errors out of a catch; these are turned into them one level up. */
const wrapped = (thrown: unknown) => thrown as Error;

function wanted(context: IExecutePaginationFunctions): number {
	if (context.getNodeParameter('returnAll', false)) return Infinity;
	return Math.max(1, Number(context.getNodeParameter('limit', 50)) || 50);
}
