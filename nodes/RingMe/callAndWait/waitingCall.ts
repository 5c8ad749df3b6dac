import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	IWebhookFunctions,
} from 'n8n-workflow';

import { toPathValues, type PbxClient } from '../../shared/transport/client';
import { pickFields } from '../output/outputItems';
import { taskScheduler } from '../resources/taskScheduler';

/** A call whose result an execution waits for. n8n stores it with the execution, so it has no secrets. */
export interface WaitingCall {
	/** PBX client from the node's options; empty: that of the credential. */
	client: string;
	schedulerId: string;
	taskId: string;
	isSimplified: boolean;
}

/** Where n8n keeps data of the node in the execution. */
const CONTEXT_KEY = 'waitingCall';

export function saveWaitingCall(context: IExecuteFunctions, call: WaitingCall) {
	context.getContext('node')[CONTEXT_KEY] = { ...call };
}

/** The call that the execution of this request waits for; undefined if it waits for none. */
export function readWaitingCall(context: IWebhookFunctions): WaitingCall | undefined {
	// A webhook has no `getContext`, but expressions read the same data. Braces would end the expression.
	const name = JSON.stringify(context.getNode().name).replace(
		/[{}]/g,
		(brace) => `\\u00${brace.charCodeAt(0).toString(16)}`,
	);
	const text = context.evaluateExpression(
		`{{ JSON.stringify($(${name}).context.${CONTEXT_KEY}) }}`,
	);
	return typeof text === 'string' ? (JSON.parse(text) as WaitingCall) : undefined;
}

/** Reads the task of a call. @throws RequestError */
export async function readTask(
	pbx: PbxClient,
	{ schedulerId, taskId }: WaitingCall,
): Promise<IDataObject | undefined> {
	const [task] = await pbx.records(
		taskScheduler.operations.getTask,
		toPathValues({ scheduler_id: schedulerId, task_id: taskId }),
	);
	return task;
}

export const isFinished = (task: IDataObject | undefined): task is IDataObject =>
	task?.status === 'finished';

/** The output for a task, without the URL that resumes the execution: whoever knows it can use it. */
export function toCallItem(
	task: IDataObject,
	isSimplified: boolean,
	added: IDataObject = {},
): INodeExecutionData {
	const { simplifiedFields } = taskScheduler.operations.callAndWait;
	const json = {
		...(isSimplified && simplifiedFields ? pickFields(task, simplifiedFields) : task),
		...added,
	};
	delete json.url_after;
	return { json, pairedItem: { item: 0 } };
}
