import { WAIT_INDEFINITELY } from 'n8n-workflow';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { IncompleteError } from '../../shared/errors/incompleteError';
import { toNodeError } from '../../shared/errors/toNodeError';
import { ValidationError } from '../../shared/errors/validationError';
import { isEmpty, locatorValue } from '../../shared/parameters/parseText';
import {
	parseBoolean,
	parseChoice,
	parseInteger,
	parsePbxClient,
	serializeField,
} from '../../shared/parameters/serialize';
import { camelCase } from '../../shared/schema/field';
import { formatUtc, parseUtc } from '../../shared/time/utc';
import { pbxOrigin } from '../../shared/transport/baseUrl';
import { PbxClient } from '../../shared/transport/client';
import { encodeSegment } from '../../shared/transport/path';
import { isRecord } from '../../shared/transport/records';
import { isLoopback, reachabilityProblem } from '../../shared/webhook/reachability';
import { BatchSender } from '../addTasks/batchSender';
import { newPendingTask, validateTask } from '../addTasks/pendingTask';
import { ParameterReader } from '../addTasks/parameterReader';
import { createSchedulerClient, type SchedulerClient } from '../addTasks/schedulerClient';
import { describeDoubtful } from '../addTasks/screening';
import { describePeople, itemsByOutcome, summarizeTasks } from '../addTasks/summary';
import { emptyOption, TaskFieldReader } from '../addTasks/taskFieldReader';
import { toErrorItem } from '../output/outputItems';
import { countryOfNumbers } from '../resources/common/fields';
import { waitAmount, waitFields, waitUnit } from '../resources/common/task';
import { getNodeRun } from '../run/nodeRun';
import { mayBeAdded, type PendingTask, type WriteMemory } from '../run/writeMemory';
import { isFinished, saveWaitingCall, toCallItem } from './waitingCall';

/** The call starts this long after it is added, so that no result comes before the execution waits. */
const START_DELAY_MS = 10_000;
/** How long the task may take to be read before the call starts. */
const READ_TIMEOUT_MS = START_DELAY_MS / 2;
/** The same once the call may have started: each moment can be the one in which it ends. */
const LAST_READ_TIMEOUT_MS = 2_000;
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
	/** What is doubtful about the numbers. */
	hint: string | undefined;
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

/**
 * Makes the call, or finds the one that an earlier try of *Retry On Fail* has made.
 *
 * @returns the finished task, or the added one if the execution waits now
 * @throws IncompleteError for a failure after the call was added, or may have been
 */
async function startCall(context: IExecuteFunctions): Promise<INodeExecutionData> {
	const { writes } = getNodeRun(context);
	const [call] = await Promise.allSettled([makeCall(context, writes)]);
	if (call.status === 'fulfilled') return call.value;
	const [pending] = writes.tasksOf(0);
	if (!mayBeAdded(pending?.result) || call.reason instanceof IncompleteError) throw call.reason;
	throw new IncompleteError(
		call.reason,
		summarizeTasks([pending], []),
		itemsByOutcome([pending]),
		describePeople([pending]),
	);
}

async function makeCall(
	context: IExecuteFunctions,
	memory: WriteMemory,
): Promise<INodeExecutionData> {
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
	const input = readInput(parameters, items[0].json, context.getTimezone());
	const { limitMs, isSimplified, hint } = input;
	if (hint) context.addExecutionHints?.({ message: hint, location: 'outputPane' });
	// The earlier call stands as it was, whatever this try has read.
	const earlier = memory.tasksOf(0).find(({ result }) => mayBeAdded(result));
	const { client, schedulerId } = earlier ?? input;
	const pbx = await PbxClient.create(context, parameters.get('authentication', 0), client);
	const waitEnd = Date.now() + (limitMs ?? Infinity);
	const resumeUrl = getResumeUrl(context, pbx);
	const scheduler = createSchedulerClient(
		pbx,
		decodeURIComponent(schedulerId),
		secretsOf(resumeUrl),
	);
	const added = earlier
		? addedTask(earlier, '')
		: await addTask(scheduler, input, resumeUrl, memory);
	const call = {
		client,
		schedulerId: decodeURIComponent(schedulerId),
		taskId: String(added.id),
		isSimplified,
	};
	// A PBX that calls at once may be done already. The result would reach an execution that does not wait.
	const read = async (timeoutMs: number) =>
		await scheduler.readTask(call.taskId, AbortSignal.timeout(timeoutMs)).catch(() => undefined);
	let task = (await read(READ_TIMEOUT_MS)) ?? added;
	const hasStarted = scheduler.now() >= (parseUtc(added.start_time_utc) ?? 0);
	if (!isFinished(task) && hasStarted) task = (await read(LAST_READ_TIMEOUT_MS)) ?? task;
	if (isFinished(task)) return toCallItem(task, isSimplified, { timedOut: false });
	saveWaitingCall(context, call);
	context.getExecuteData().data.main = [[toCallItem(task, isSimplified, { timedOut: true })]];
	await context.putExecutionToWait(
		limitMs === undefined ? WAIT_INDEFINITELY : new Date(waitEnd + GRACE_MS),
	);
	return toCallItem(task, isSimplified);
}

/** @throws ValidationError for an invalid input */
function readInput(parameters: ParameterReader, item: IDataObject, timeZone: string): CallInput {
	const get = (name: string, fallback?: unknown) => parameters.get(name, 0, fallback);
	const options = get('options', {});
	if (!isRecord(options)) throw new ValidationError("'Options' is an expression");
	const countryName = camelCase(countryOfNumbers.key);
	const hasCountry = Object.hasOwn(options, countryName);
	if (hasCountry && isEmpty(options[countryName])) throw emptyOption(countryOfNumbers);
	const country = hasCountry
		? (serializeField(countryOfNumbers, options[countryName], timeZone) as string)
		: undefined;
	const task: IDataObject = {};
	const fields = new TaskFieldReader(country);
	fields.setMappedNumbers(task, parameters, item, 0);
	for (const field of waitFields) {
		fields.set(task, field, options[camelCase(field.key)], timeZone);
	}
	validateTask(task);
	const isLimited = parseBoolean({ label: 'Limit Wait Time' }, get('limitWaitTime', true));
	const entered = get(camelCase(waitAmount.key), waitAmount.default);
	if (isLimited && isEmpty(entered)) throw new ValidationError(`'${waitAmount.label}' is empty`);
	return {
		client: parsePbxClient(get('client', ''), parameters.raw('client')),
		schedulerId: encodeSegment('Task Scheduler ID', locatorValue(get('schedulerId', ''))),
		task,
		limitMs: isLimited
			? parseInteger(waitAmount, entered) *
				UNIT_MS[parseChoice(waitUnit, get('waitUnit', waitUnit.default))]
			: undefined,
		isSimplified: parseBoolean({ label: 'Simplify' }, get('simplify', true)),
		hint: hasCountry ? undefined : describeDoubtful([task]),
	};
}

/**
 * Adds the task, and remembers it for later tries: it is not added a second time.
 *
 * @throws IncompleteError, RequestError or ValidationError
 */
async function addTask(
	scheduler: SchedulerClient,
	input: CallInput,
	resumeUrl: string,
	memory: WriteMemory,
): Promise<IDataObject> {
	const { client, schedulerId } = input;
	const { name, status, task_count: initialCount } = await scheduler.read();
	if (status === 'off') {
		throw new ValidationError(
			`The task scheduler "${String(name)}" is off, so it would not call`,
			"Switch it on first, for example with the operation 'Switch On'.",
		);
	}
	const task = { ...input.task, ...planTimes(input, scheduler.now()), url_after: resumeUrl };
	const pending = Object.assign(newPendingTask(0), { client, schedulerId, task });
	memory.rememberTasks([pending]);
	const sender = new BatchSender(scheduler, Number(initialCount ?? NaN), false);
	await sender.send([pending], 1);
	return addedTask(pending, summarizeTasks([pending], [sender.counts]));
}

/** @throws IncompleteError if it was not added */
function addedTask(pending: PendingTask, summary: string): IDataObject {
	const { result } = pending;
	if (result?.outcome === 'succeeded') return result.task;
	throw new IncompleteError(
		result?.error,
		summary,
		itemsByOutcome([pending]),
		describePeople([pending]),
	);
}

/**
 * When the call starts, and when the PBX gives it up: nobody should be called after the workflow has
 * gone on.
 *
 * @param now time on the PBX in milliseconds
 * @throws ValidationError for a start after the end of the wait
 */
function planTimes({ task, limitMs = Infinity }: CallInput, now: number): IDataObject {
	const chosenStart = parseUtc(task.start_time_utc) ?? 0;
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
		global_expires: task.global_expires ?? Math.min(secondsLeft, MAX_EXPIRY_S),
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
