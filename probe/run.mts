import type { ConnectionOptions } from './connection.mts';
import { Connection } from './connection.mts';
import type { KnownIds } from './context.mts';
import { PbxContext } from './context.mts';
import { Redactor } from './describe.mts';
import { NoResponseError, NotAnswerable, StopError } from './errors.mts';
import type { OwnRecord } from './ownRecords.mts';
import { KIND_NAMES, OwnRecords } from './ownRecords.mts';
import type { Probe, Verdict } from './probe.mts';
import { CHANGING, READING } from './probes/index.mts';

/** Requests for the token, and second attempts after lost responses. */
const SPARE_REQUESTS = 20;
/** Part of the hourly limit that is left to the other applications of the client. */
const SPARE_LIMIT = 50;
const RETRY_MS = 2000;

export interface RunOptions extends Omit<ConnectionOptions, 'maxRequests'> {
	/** Whether to ask the questions that create records. */
	write: boolean;
	ids?: KnownIds;
	/** Names of the probes to ask. Default: all. */
	only?: string[];
	/** Milliseconds before the second attempt to delete the records of the probe. */
	retryMs?: number;
	/**
	 * Decides whether records that an earlier run left are deleted.
	 * Without the consent nothing is created, either.
	 */
	confirmLeftovers?(records: OwnRecord[]): Promise<boolean>;
	/** Called before each question. */
	onProbe?(probe: Probe): void;
	/** Called before the records of the probe are deleted. */
	onCleanUp?(): void;
}

export interface Result {
	probe: Probe;
	verdict: Verdict;
}

export interface Report {
	results: Result[];
	/** Number of requests, without those that cleaned up. */
	requests: number;
	/** Number of questions that have no answer because the PBX did not respond. */
	unanswered: number;
	/** Records of an earlier run that were deleted. */
	leftovers: number;
	/** Records of this or an earlier run that could not be deleted, or that may exist. */
	left: string[];
	/** Why the run ended early. Safe to publish. */
	stopped?: string;
}

type Choice = Pick<RunOptions, 'write' | 'only'>;

/** The probes that a run asks. */
export function probesOf({ write, only }: Choice): Probe[] {
	const probes = write ? [...READING, ...CHANGING] : READING;
	return only ? probes.filter(({ name }) => only.includes(name)) : probes;
}

/** Maximum number of requests of a run, without those that clean up. */
export const maxRequestsOf = (choice: Choice) =>
	probesOf(choice).reduce((sum, probe) => sum + probe.requests, SPARE_REQUESTS) +
	(choice.write ? KIND_NAMES.length : 0);

/**
 * Asks the PBX one question after the other. It deletes what it created, whatever happens, unless the
 * PBX does not respond.
 * @throws StopError if the PBX issues no token; nothing was created then
 */
export async function runProbes(options: RunOptions): Promise<Report> {
	const { write, applicationId, secret, baseUrl, signal, retryMs = RETRY_MS } = options;
	const maxRequests = maxRequestsOf(options);
	const connection = new Connection({ ...options, maxRequests });
	const redactor = new Redactor(() => [
		secret,
		applicationId,
		new URL(baseUrl).host,
		...connection.tokens,
	]);
	const own = new OwnRecords(connection, retryMs);
	const pbx = new PbxContext(connection, redactor, options.ids ?? {}, write ? own : undefined);
	const report: Report = { results: [], requests: 0, unanswered: 0, leftovers: 0, left: [] };

	try {
		await connection.authenticate();
	} catch (error) {
		if (!(error instanceof NoResponseError)) throw error;
		const message = `The PBX cannot be reached: ${error.message}. Check the base URL.`;
		throw new StopError(message);
	}
	try {
		await requireSpareLimit(pbx, maxRequests);
		if (write) await deleteLeftovers(own, options, report);
		for (const probe of probesOf(options)) {
			options.onProbe?.(probe);
			report.results.push({ probe, verdict: await ask(probe, pbx, report) });
			if (signal?.aborted) throw new StopError('The run was stopped.');
		}
	} catch (error) {
		if (!(error instanceof StopError || error instanceof NoResponseError)) throw error;
		report.stopped = error.message;
	} finally {
		if (write) {
			options.onCleanUp?.();
			report.left.push(...(await own.cleanUp()).left);
		}
		report.requests = connection.requests;
	}
	return report;
}

/** @throws StopError, which ends the run */
async function ask(probe: Probe, pbx: PbxContext, report: Report): Promise<Verdict> {
	try {
		return await probe.ask(pbx);
	} catch (error) {
		if (error instanceof NoResponseError) report.unanswered++;
		if (error instanceof NotAnswerable || error instanceof NoResponseError) {
			return { verdict: 'not answerable', reason: error.message };
		}
		throw error;
	}
}

/** @throws StopError if too little of the hourly limit is left, as others share it */
async function requireSpareLimit(pbx: PbxContext, maxRequests: number): Promise<void> {
	const { headers } = await pbx.getAny('/user/');
	const remaining = headers.get('x-ratelimit-remaining');
	if (remaining === null || Number(remaining) >= maxRequests + SPARE_LIMIT) return;
	throw new StopError(
		`Only ${remaining} requests are left of the hourly limit, which all applications of the client share. Run the probe again in the next hour.`,
	);
}

/** @throws StopError without the consent to delete what an earlier run left, or if that fails */
async function deleteLeftovers(
	own: OwnRecords,
	{ confirmLeftovers }: RunOptions,
	report: Report,
): Promise<void> {
	const records = await own.find();
	if (records.length === 0) return;
	if (confirmLeftovers && !(await confirmLeftovers(records))) {
		report.left = records.map(({ kind, mark }) => `${kind} ${mark}`);
		throw new StopError('Records of an earlier run are left.');
	}
	const { deleted, left } = await own.deleteLeftovers(records);
	report.leftovers = deleted.length;
	report.left = left;
	if (left.length > 0) throw new StopError('Records of an earlier run could not be deleted.');
}
