import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';

import { RequestError } from '../../shared/errors/requestError';
import { toNodeError } from '../../shared/errors/toNodeError';
import { ValidationError } from '../../shared/errors/validationError';
import { parseOutputField } from '../../shared/files/outputField';
import { requireValues } from '../../shared/parameters/requireValues';
import { parseUtc } from '../../shared/time/utc';
import { PbxClient } from '../../shared/transport/client';
import { FILTERS, matchesFilters, type Filters } from '../records/filters';
import { findSource, simplify, TIME_FIELD, type Source } from '../records/sources';
import { downloadFiles, fetchFile, type FetchedRecord, type NewRecord } from './downloads';
import { advance, entryKey, initialState, isNew, type PollState } from './pollState';
import { readRecords } from './readRecords';
import { notePublishing, publishedAt, rememberUnsaved, restoreUnsaved } from './unsaved';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Below n8n's own limits, which are shorter where its durable scheduler is on. */
const MAX_BUDGET_MS = 240_000;
/** n8n polls a little earlier or later than the minute. */
const TOLERANCE_MS = MINUTE_MS / 2;
/** How far a test in the editor looks for a record to show. Never split into several requests. */
const TEST_DAYS = 30;
const MAX_TEST_RECORDS = 500;

/** Options of the node. */
export const DEFAULT_INTERVAL_MINUTES = 5;
export const DEFAULT_LOOK_BACK_HOURS = 6;

/** What n8n stores for the node. n8n saves it when a workflow is published and when a poll returns records. */
interface StaticData extends IDataObject {
	state?: PollState & IDataObject;
	/** Polls before this time, in milliseconds of n8n's clock, send no request. */
	notBefore?: number;
}

interface Settings {
	source: Source;
	filters: Filters;
	/** Name of the item's field that gets the file; undefined without 'Download'. */
	fileField: string | undefined;
	lookBackMs: number;
	intervalMs: number;
	/** Identity of what is watched. */
	identity: string;
}

/** Polls that are running, by their static data: n8n starts the next one even if this one takes longer. */
const running = new WeakSet<object>();

/**
 * A poll: the new records, or null. In the editor: the latest record, and nothing is remembered.
 *
 * @throws NodeApiError or NodeOperationError; nothing counts as read then
 */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	try {
		const settings = readSettings(context);
		if (context.getMode() === 'manual') return await fetchLatest(context, settings);
		const stored = context.getWorkflowStaticData('node') as StaticData;
		if (running.has(stored)) return null;
		const given = restoreUnsaved(context, stored);
		if (isTooEarly(stored, settings)) return null;
		running.add(stored);
		let output: INodeExecutionData[][] | null = null;
		try {
			output = await pollNew(context, settings, stored);
		} finally {
			running.delete(stored);
			if (!output) rememberUnsaved(context, given, stored);
		}
		return output;
	} catch (thrown) {
		const error = toNodeError(thrown, { node: context.getNode(), itemIndex: 0 });
		throw error;
	}
}

function readSettings(context: IPollFunctions): Settings {
	const event = context.getNodeParameter('event');
	const source = findSource(event);
	if (!source) {
		throw new ValidationError(
			`There is no event "${String(event)}"`,
			"Select one in 'Trigger On'.",
		);
	}
	const { lookBack } = context.getNodeParameter('options', {}) as { lookBack?: number };
	const interval = Number(context.getNodeParameter('minimumInterval', DEFAULT_INTERVAL_MINUTES));
	const credentials = Object.values(context.getNode().credentials ?? {});
	const filters = context.getNodeParameter('filters', {}) as Filters;
	requireValues(FILTERS, { ...filters });
	const withFile =
		source.download !== undefined && context.getNodeParameter('download', false) === true;
	return {
		source,
		filters,
		fileField: withFile
			? parseOutputField(context.getNodeParameter('binaryPropertyName', 'data'))
			: undefined,
		lookBackMs: Math.max(1, Number(lookBack) || DEFAULT_LOOK_BACK_HOURS) * HOUR_MS,
		intervalMs: Math.max(1, interval || DEFAULT_INTERVAL_MINUTES) * MINUTE_MS,
		identity: JSON.stringify([event, pbxClientOf(context), ...credentials.map(({ id }) => id)]),
	};
}

const pbxClientOf = (context: IPollFunctions) => context.getNodeParameter('client', '') as string;

async function createClient(context: IPollFunctions): Promise<PbxClient> {
	const authentication = context.getNodeParameter('authentication', 'oAuth2');
	return await PbxClient.create(context, authentication, pbxClientOf(context));
}

/**
 * Whether the last poll was so recent that this one sends no request. A time that is far ahead comes
 * from a clock that was wrong.
 */
function isTooEarly({ state, notBefore = 0 }: StaticData, { identity, intervalMs }: Settings) {
	const wait = notBefore - Date.now();
	return state?.source === identity && wait > 0 && wait <= Math.max(intervalMs, HOUR_MS);
}

async function pollNew(
	context: IPollFunctions,
	settings: Settings,
	stored: StaticData,
): Promise<INodeExecutionData[][] | null> {
	const { source, filters, lookBackMs, identity, intervalMs, fileField } = settings;
	const startedAt = Date.now();
	const isFirst = stored.state?.source !== identity;
	const before = stored.state && !isFirst ? stored.state : undefined;
	const state: PollState = before ?? initialState(identity, startedAt, lookBackMs);
	let wait = intervalMs;
	try {
		const client = await createClient(context);
		const { records, readAt } = await readRecords(client, source, state.from);
		const listed = toNewRecords(source, records, readAt);
		// Without a time of publishing, this is the poll at publishing: all that exists is old.
		const oldUntil = isFirst ? (publishedAt(context, identity) ?? Infinity) : -Infinity;
		const matching = listed
			.filter((entry) => isNew(state, entry) && endOf(entry) >= oldUntil)
			.filter(({ simple }) => matchesFilters(simple, filters))
			.sort((a, b) => a.time - b.time);
		const failures = { ...state.failures };
		const done: FetchedRecord[] = fileField
			? await downloadFiles(
					context,
					client,
					source,
					matching,
					failures,
					startedAt + budgetOf(context),
				)
			: matching;
		const doneKeys = new Set(done.map(({ key }) => key));
		const left = new Set(matching.map(({ key }) => key).filter((key) => !doneKeys.has(key)));
		const next = advance(state, { listed, left, readAt, lookBackMs });
		const leftFailures = Object.entries(failures).filter(([key]) => left.has(key));
		stored.state = { ...next, failures: Object.fromEntries(leftFailures) };
		if (oldUntil === Infinity) notePublishing(context, identity, readAt);
		return done.length ? [done.map((each) => toItem(context, settings, each))] : null;
	} catch (thrown) {
		if (thrown instanceof RequestError) wait = Math.max(wait, thrown.details.retryAfterMs ?? 0);
		const error = thrown as Error;
		throw error;
	} finally {
		stored.notBefore = startedAt + wait - TOLERANCE_MS;
	}
}

/** When a call ended, in milliseconds: the PBX lists it after that. */
const endOf = ({ time, simple }: NewRecord) => time + (Number(simple.duration) || 0) * SECOND_MS;

/** The time of a poll. Older versions of n8n have no such limit. */
const budgetOf = (context: Pick<IPollFunctions, never> & { getPollBudgetMs?: () => number }) =>
	Math.min(context.getPollBudgetMs?.() ?? MAX_BUDGET_MS, MAX_BUDGET_MS);

/** The records, each once: two parts of a period that was split can both contain one. */
const toNewRecords = (source: Source, records: IDataObject[], now: number): NewRecord[] => [
	...new Map(
		records.map((record) => toNewRecord(source, record, now)).map((entry) => [entry.key, entry]),
	).values(),
];

/** A record whose time cannot be read counts as one of now. */
function toNewRecord(source: Source, record: IDataObject, now: number): NewRecord {
	const id = record[source.id];
	return {
		key: entryKey(typeof id === 'string' && id ? id : JSON.stringify(record)),
		time: parseUtc(record[TIME_FIELD]) ?? now,
		record,
		simple: simplify(source, record),
	};
}

function toItem(
	context: IPollFunctions,
	{ source, fileField }: Settings,
	{ record, simple, file, downloadError }: FetchedRecord,
): INodeExecutionData {
	const isSimplified = context.getNodeParameter('simplify', true) === true;
	const json = isSimplified ? { ...simple, raw: record } : { event: source.event, ...record };
	return {
		json: { ...json, ...(downloadError && { downloadError }) },
		...(file && fileField && { binary: { [fileField]: file } }),
	};
}

/** The latest record that passes the filters, as an example of the output. */
async function fetchLatest(
	context: IPollFunctions,
	settings: Settings,
): Promise<INodeExecutionData[][]> {
	const { source, filters, fileField } = settings;
	const client = await createClient(context);
	const from = Date.now() - TEST_DAYS * DAY_MS;
	const { records, readAt } = await readRecords(client, source, from, 'desc', MAX_TEST_RECORDS);
	const [latest] = toNewRecords(source, records, readAt).filter(({ simple }) =>
		matchesFilters(simple, filters),
	);
	if (!latest) {
		throw new ValidationError(
			`There is no ${source.noun} of the last ${TEST_DAYS} days to show`,
			"Make one, or change 'Filters'. The workflow can be published without a test.",
		);
	}
	const file = fileField ? await fetchFile(context, client, source, latest) : undefined;
	return [[toItem(context, settings, { ...latest, file })]];
}
