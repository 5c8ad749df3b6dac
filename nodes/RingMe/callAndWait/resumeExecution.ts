import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { RequestError } from '../../shared/errors/requestError';
import { PbxClient } from '../../shared/transport/client';
import { delay } from '../../shared/transport/delay';
import { RecentKeys } from '../../shared/webhook/recentKeys';
import { isFinished, readTask, readWaitingCall, toCallItem, type WaitingCall } from './waitingCall';

/**
 * When the task is read again, in milliseconds after the read before, if it is not finished yet or the
 * PBX cannot be asked: the PBX reports the end of a call only once.
 */
const REREAD_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

/** How long an execution that was resumed is remembered: n8n needs a moment to note it. */
const RESUMED_MEMORY_MS = 60_000;

/** Executions that were resumed, by execution and task. Requests at the same time share the process. */
const resumed = new RecentKeys(RESUMED_MEMORY_MS);

/**
 * Receives what the PBX sends to the resume URL of an execution, in whatever form: it only says that
 * the task is worth reading. A finished task ends the wait; everything else keeps the execution
 * waiting.
 *
 * Never throws: n8n would end the waiting execution with an error (seen in 2.41.1).
 */
export async function resumeExecution(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const response = context.getResponseObject();
	const respond = (status: number) => {
		if (!response.writableEnded) response.status(status).end();
	};
	let status = 200;
	try {
		const call = readWaitingCall(context);
		const task = call && (await readFinishedTask(context, call, () => respond(200)));
		if (call && task && resumed.isFirst(`${context.getExecutionId()}/${call.taskId}`)) {
			const items = [toCallItem(task, call.isSimplified, { timedOut: false })];
			return { workflowData: [items], noWebhookResponse: response.writableEnded };
		}
	} catch (error) {
		// A PBX that repeats failed deliveries should repeat this one.
		if (error instanceof RequestError) status = 503;
	}
	respond(status);
	return { noWebhookResponse: true };
}

/**
 * Reads the task, several times if necessary.
 *
 * @param onUnfinished called when the task was read and is not finished: the PBX may finish it only
 * when it has a response
 * @throws RequestError if the last attempt to read it failed
 */
async function readFinishedTask(
	context: IWebhookFunctions,
	call: WaitingCall,
	onUnfinished: () => void,
): Promise<IDataObject | undefined> {
	const authentication = context.getNodeParameter('authentication');
	for (let reads = 0; ; reads++) {
		const isLast = reads === REREAD_DELAYS_MS.length;
		try {
			const pbx = await PbxClient.create(context, authentication, call.client);
			const task = await readTask(pbx, call);
			if (isFinished(task)) return task;
			onUnfinished();
			if (isLast) return undefined;
		} catch (thrown) {
			const error = thrown as Error;
			if (isLast) throw error;
		}
		await delay(REREAD_DELAYS_MS[reads], []);
	}
}
