import { WAIT_INDEFINITELY } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { IncompleteError } from '../../shared/errors/incompleteError';
import { toNodeError } from '../../shared/errors/toNodeError';
import { ValidationError } from '../../shared/errors/validationError';
import { locatorValue } from '../../shared/parameters/parseText';
import { serializeField, serializeFields } from '../../shared/parameters/serialize';
import { camelCase } from '../../shared/schema/field';
import { formatUtc, parseUtc } from '../../shared/time/utc';
import { pbxOrigin } from '../../shared/transport/baseUrl';
import { PbxClient } from '../../shared/transport/client';
import { encodeSegment } from '../../shared/transport/path';
import { isLoopback, reachabilityProblem } from '../../shared/webhook/reachability';
import { BatchSender } from '../addTasks/batchSender';
import { validateTask, type PendingTask } from '../addTasks/pendingTask';
import { ParameterReader } from '../addTasks/readTasks';
import { createSchedulerClient } from '../addTasks/schedulerClient';
import { cleanNumbers } from '../addTasks/screening';
import { itemsByOutcome, summarizeTasks } from '../addTasks/summary';
import { toErrorItem } from '../output/outputItems';
import { callFields, waitAmount } from '../resources/common/task';
import { getNodeRun } from '../run/nodeRun';
import { mayBeAdded } from '../run/writeMemory';
import { isFinished, readTask, saveWaitingCall, toCallItem } from './waitingCall';

/** The call starts this long after it is added, so that no result comes before the execution waits. */
const START_DELAY_MS = 10_000;
/** n8n waits this much longer than the PBX tries, for the last result. */
const GRACE_MS = 30_000;
/** A task expires after a day at the latest, as it does by itself. */
const MAX_EXPIRY_S = 86_400;

const UNIT_MS: Record<string, number> = {
	minutes: 60_000,
	hours: 3_600_000,
	days: 86_400_000,
};

/** The refusal wherever the execution cannot wait. Nothing was dialed. */
export const cannotWaitError = () =>
	new ValidationError(
		"'Call and Wait' cannot wait for a call here, so nobody was called",
		"It works as a node in a workflow, but neither as a tool of an AI agent nor in n8n's Engine 2.0. Use 'Add Tasks' to make the call, and 'Get Task' later for its result.",
	);

/** What the user entered. */
interface CallInput {
	/** PBX client from the node's settings; empty: that of the credential. */
	client: string;
	/** Encoded as a path segment. */
	schedulerId: string;
	task: IDataObject;
	/** Milliseconds; undefined to wait without a limit. */
	limitMs: number | undefined;
	isSimplified: boolean;
}

/**
 * Makes one call and puts the execution to wait for its result. The PBX reports it to the URL that
 * resumes the execution; see `resumeExecution`. When the time is up, n8n passes on what the node has
 * put in place of its input, without running the node: the task as last known.
 *
 * @throws NodeApiError or NodeOperationError; with Continue On Fail it is in the output
 */
export async function callAndWait(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	try {
		return [[await startCall(this)]];
	} catch (thrown) {
		const error = toNodeError(thrown, { node: this.getNode(), itemIndex: 0 });
		if (!this.continueOnFail()) throw error;
		return [this.getInputData().map((_, itemIndex) => toErrorItem(error, itemIndex))];
	}
}

/** @returns the finished task, or the added one if the execution waits now */
async function startCall(context: IExecuteFunctions): Promise<INodeExecutionData> {
	const items = context.getInputData();
	if (context.getNode().type.endsWith('Tool')) throw cannotWaitError();
	if (items.length > 1) {
		throw new ValidationError(
			`'Call and Wait' makes one call at a time and got ${items.length} items, so nobody was called`,
			"Put a 'Loop Over Items' node before it. To call many people at once, use 'Add Tasks' with 'Report Results To'.",
		);
	}
	const parameters = new ParameterReader(context, items, (name, itemIndex, fallback) =>
		context.getNodeParameter(name, itemIndex, fallback as object),
	);
	const input = readInput(parameters, context.getTimezone());
	const { client, limitMs, isSimplified } = input;
	const pbx = await PbxClient.create(context, parameters.get('authentication', 0), client);
	const waitEnd = Date.now() + (limitMs ?? Infinity);
	const added = await addTask(context, pbx, input);
	const call = {
		client,
		schedulerId: decodeURIComponent(input.schedulerId),
		taskId: String(added.id),
		isSimplified,
	};
	// A PBX that calls at once may be done already. The result would reach an execution that does not wait.
	const signal = AbortSignal.timeout(START_DELAY_MS / 2);
	const task = (await readTask(pbx, call, { signal }).catch(() => undefined)) ?? added;
	if (isFinished(task)) return toCallItem(task, isSimplified, { timedOut: false });
	saveWaitingCall(context, call);
	context.getExecuteData().data.main = [[toCallItem(task, isSimplified, { timedOut: true })]];
	await context.putExecutionToWait(
		limitMs === undefined ? WAIT_INDEFINITELY : new Date(waitEnd + GRACE_MS),
	);
	return toCallItem(task, isSimplified);
}

/** @throws ValidationError for an invalid input */
function readInput(parameters: ParameterReader, timeZone: string): CallInput {
	const get = (name: string, fallback?: unknown) => parameters.get(name, 0, fallback);
	const options = get('options', {}) as IDataObject;
	const values = { ...options, aNumber: get('aNumber'), bNumber: get('bNumber') };
	const task = serializeFields(callFields, values, timeZone) as IDataObject;
	cleanNumbers(task);
	validateTask(task);
	const amount = serializeField(
		waitAmount,
		get(camelCase(waitAmount.key), waitAmount.default),
		timeZone,
	);
	return {
		client: (get('client', '') as string) || '',
		schedulerId: encodeSegment('Task Scheduler ID', locatorValue(get('schedulerId', ''))),
		task,
		limitMs: get('limitWaitTime', true)
			? Number(amount ?? waitAmount.default) * UNIT_MS[String(get('waitUnit', 'hours'))]
			: undefined,
		isSimplified: get('simplify', true) === true,
	};
}

/**
 * Adds the task, once: *Retry On Fail* runs the node again, and a call that was added or may have been
 * is not added a second time.
 *
 * @throws IncompleteError, RequestError or ValidationError
 */
async function addTask(
	context: IExecuteFunctions,
	pbx: PbxClient,
	input: CallInput,
): Promise<IDataObject> {
	const { client, schedulerId } = input;
	const memory = getNodeRun(context).writes.tasks;
	const [earlier] = memory.get(0) ?? [];
	if (mayBeAdded(earlier?.result)) return addedTask(earlier, '');
	const resumeUrl = getResumeUrl(context, pbx);
	const id = decodeURIComponent(schedulerId);
	const scheduler = createSchedulerClient(pbx, id, secretsOf(resumeUrl));
	const { name, status, task_count: initialCount } = await scheduler.read();
	if (status === 'off') {
		throw new ValidationError(
			`The task scheduler "${String(name)}" is off, so it would not call`,
			"Switch it on first, for example with the operation 'Switch On'.",
		);
	}
	const times = planTimes(input, scheduler.now());
	const task = { ...input.task, ...times, url_after: resumeUrl };
	const pending: PendingTask = { itemIndex: 0, client, schedulerId, task };
	memory.set(0, [pending]);
	const sender = new BatchSender(scheduler, Number(initialCount ?? NaN), false);
	await sender.send([pending], 1);
	return addedTask(pending, summarizeTasks([pending], [sender.counts]));
}

/** @throws IncompleteError if it was not added */
function addedTask(pending: PendingTask, summary: string): IDataObject {
	const { result } = pending;
	if (result?.outcome === 'succeeded') return result.task;
	throw new IncompleteError(result?.error, summary, itemsByOutcome([pending]));
}

/**
 * When the call starts, and when the PBX gives it up: nobody should be called after the workflow has
 * gone on.
 *
 * @param now time on the PBX in milliseconds
 * @throws ValidationError for a start after the end of the wait
 */
function planTimes({ task, limitMs = Infinity }: CallInput, now: number): IDataObject {
	const { start_time_utc: chosen, global_expires: expires } = task;
	const chosenStart = parseUtc(chosen) ?? 0;
	const start = Math.max(chosenStart, Math.ceil((now + START_DELAY_MS) / 1000) * 1000);
	const secondsLeft = Math.floor((now + limitMs - start) / 1000);
	if (secondsLeft < 1) {
		throw new ValidationError(
			"'Start Time' is after the end of the wait, so nobody was called",
			"Choose an earlier 'Start Time', or increase the 'Amount' under 'Limit Wait Time'.",
		);
	}
	return {
		start_time_utc: formatUtc(start),
		global_expires: expires ?? Math.min(secondsLeft, MAX_EXPIRY_S),
	};
}

/**
 * The URL that resumes this execution. It contains a secret of the execution.
 *
 * @throws ValidationError if the PBX cannot reach it
 */
function getResumeUrl(context: IExecuteFunctions, { credentials }: PbxClient): string {
	const { $execution } = context.getWorkflowDataProxy(0);
	const { resumeUrl } = $execution as { resumeUrl: string };
	// A PBX on this machine, such as the sandbox, reaches everything.
	if (isLoopback(pbxOrigin(credentials.baseUrl))) return resumeUrl;
	const problem = reachabilityProblem(resumeUrl);
	if (problem && isLoopback(resumeUrl)) {
		throw new ValidationError('The PBX cannot report the result, so nobody was called', problem);
	}
	if (problem) {
		context.addExecutionHints?.({ message: problem, type: 'warning', location: 'outputPane' });
	}
	return resumeUrl;
}

/** What no message may repeat: the values in the query of the resume URL. */
const secretsOf = (resumeUrl: string) => [...new URL(resumeUrl).searchParams.values()];
