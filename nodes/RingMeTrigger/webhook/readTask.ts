import { sleep, type IDataObject, type IWebhookFunctions } from 'n8n-workflow';

import { taskScheduler } from '../../RingMe/resources/taskScheduler';
import { RequestError } from '../../shared/errors/requestError';
import { toNodeError } from '../../shared/errors/toNodeError';
import { hasReport, type TaskReport } from '../../shared/taskReports/taskReport';
import { PbxClient, toPathValues } from '../../shared/transport/client';
import { ConcurrencyLimiter } from '../../shared/transport/concurrencyLimiter';
import type { TaskId } from './reportFields';
import { nodeIdentity } from './respond';

/** What is known about the task of a report. */
export interface TaskReading {
	task?: IDataObject;
	taskId?: number | string;
	/** Why something is not known, or not as expected. */
	note?: string;
	/** The request does not name the task. */
	isUnnamed?: boolean;
	/** The task exists, and its webhook URL is not the one that was called. */
	isForeign?: boolean;
	/** The task should be finished, and is not. */
	isUnfinished?: boolean;
}

/** n8n keeps memory for each request that it has not finished, so reading ends after this time. */
const MAX_READ_TIME_MS = 30_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** The PBX may report the end of a task a moment before the record of the task says so. */
const SECOND_READING_MS = 1_000;
/** How long a PBX that could not be asked is not asked again, unless it names a longer time. */
const PAUSE_MS = 10_000;

/** Of all triggers in this process: the end of a campaign brings many reports at once. */
const limiter = new ConcurrencyLimiter(5);

/** By node: until when the PBX is not asked, and why. */
const pauses = new Map<string, { until: number; note: string }>();

const NO_ID = 'The PBX did not send the ID of the task, so it was not read.';

/**
 * Reads the task that a report is about. Never fails: a note explains what is not known.
 *
 * @param token the signed part of the URL, which the task has if it is the one
 * @param taskIds what may be its ID, the most likely first
 */
export async function readTask(
	context: IWebhookFunctions,
	report: TaskReport,
	token: string,
	taskIds: TaskId[],
): Promise<TaskReading> {
	const { getTaskDetails = true } = context.getNodeParameter('options', {}) as {
		getTaskDetails?: boolean;
	};
	if (!getTaskDetails) return certain(taskIds[0]);
	const signal = AbortSignal.timeout(MAX_READ_TIME_MS);
	const read = async (taskId: TaskId) =>
		await limiter.run(async () => await requestTask(context, report, taskId, signal));
	let isForeign = false;
	let note = NO_ID;
	for (const taskId of taskIds) {
		const reading = await read(taskId);
		// What the PBX cannot be asked about one, it cannot be asked about the others either.
		if (!reading.task && !reading.isMissing) return reading;
		const isOwn =
			reading.task && (hasReport(reading.task, report.event, token) ?? taskId.isCertain);
		if (reading.task && isOwn) {
			const judged = judge(reading.task, report, taskId);
			if (!judged.isUnfinished) return judged;
			await sleep(SECOND_READING_MS);
			const { task, ...rest } = await read(taskId);
			return task ? judge(task, report, taskId) : rest;
		}
		if (!taskId.isCertain) continue;
		if (reading.task) isForeign = true;
		else note = reading.note ?? note;
	}
	return isForeign ? { isForeign } : { note, isUnnamed: true };
}

/** The record of the task, or a note why it is not known. */
async function requestTask(
	context: IWebhookFunctions,
	{ client, schedulerId }: TaskReport,
	taskId: TaskId,
	signal: AbortSignal,
): Promise<Pick<TaskReading, 'task' | 'taskId' | 'note'> & { isMissing?: boolean }> {
	const node = nodeIdentity(context);
	const pause = pauses.get(node);
	if (pause && Date.now() < pause.until) return { ...certain(taskId), note: pause.note };
	pauses.delete(node);
	if (signal.aborted) {
		return { ...certain(taskId), note: 'The task was not read: too many reports arrived at once.' };
	}
	try {
		const authentication = context.getNodeParameter('authentication', 'oAuth2');
		const pbx = await PbxClient.create(context, authentication, client);
		const [task] = await pbx.records(
			taskScheduler.operations.getTask,
			toPathValues({ scheduler_id: schedulerId, task_id: taskId.id }),
			{
				http: { timeout: REQUEST_TIMEOUT_MS },
				signal,
				resource: { label: `task in task scheduler ${schedulerId} with the ID`, id: taskId.id },
			},
		);
		return { task };
	} catch (thrown) {
		const { message } = toNodeError(thrown, { node: context.getNode(), itemIndex: 0 });
		const note = `The task was not read: ${message}.`;
		// The PBX has no such task: what looked like its ID is not.
		if (thrown instanceof RequestError && thrown.hasStatus(404)) return { note, isMissing: true };
		const retryAfterMs = thrown instanceof RequestError ? thrown.details.retryAfterMs : undefined;
		pauses.set(node, { until: Date.now() + Math.max(PAUSE_MS, retryAfterMs ?? 0), note });
		return { ...certain(taskId), note };
	}
}

/** What the record of the task means for the report. */
function judge(task: IDataObject, { event }: TaskReport, taskId: TaskId): TaskReading {
	const reading = { task, taskId: toNumber(taskId.id) };
	const isFinished = task.status === 'finished' || Boolean(task.finish_result);
	if (event !== 'task-finished' || isFinished) return reading;
	const note = `The PBX reported the end of the task, but its status was still "${String(task.status)}".`;
	return { ...reading, isUnfinished: true, note };
}

/** The ID of the task as the PBX sent it, not compared with the task itself. */
const certain = (taskId?: TaskId) => (taskId?.isCertain ? { taskId: toNumber(taskId.id) } : {});

/** IDs are numbers in the API. */
const toNumber = (id: string) => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : id);
