import {
	sleep,
	type IDataObject,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import {
	CHECK_PARAMETER,
	REPORT_PARAMETER,
	ReportSigner,
	reportSecretOf,
	type ReportCheck,
	type TaskReport,
} from '../../shared/taskReports/taskReport';
import { credentialTypeOf } from '../../shared/transport/client';
import { isTaskEvent } from '../events/events';
import { forgetReport, isDuplicateReport } from './deduplicate';
import type { WebhookRequest } from './parsePayload';
import { readTask, type TaskReading } from './readTask';
import { findTaskId, reportFields } from './reportFields';
import { nodeIdentity, respond } from './respond';

/** The PBX waits no longer than this for the response, however long it takes to read the task. */
const RESPONSE_TIME_MS = 2_000;

/**
 * Handles a request to the signed URL of a task. It is only a notification: what it says is in the
 * signature, and the rest is read from the PBX. It starts the workflow also where the task cannot be
 * read. Without a valid signature it starts nothing and gets a 401.
 */
export async function handleReport(
	context: IWebhookFunctions,
	request: WebhookRequest,
): Promise<IWebhookResponseData> {
	const token = request.query[REPORT_PARAMETER];
	const report = (await createSigner(context))?.verify(token);
	if (!report) {
		context.logger.warn(`${context.getNode().name}: rejected a report without a valid signature`);
		return respond(context, 401);
	}
	if (!selectedEvents(context).includes(report.event)) return respond(context, 200);
	const fields = reportFields(request);
	const taskId = findTaskId(fields);
	// Users who test a workflow may send the same request repeatedly.
	const isTest = context.getMode() === 'manual';
	const node = nodeIdentity(context);
	const identity = `${report.event} ${report.reference} ${taskId?.id ?? ''}`;
	if (!isTest && isDuplicateReport(node, identity)) return respond(context, 200);

	const { result: reading, isLate } = await respondInTime(
		context,
		readTask(context, report, String(token), taskId),
	);
	if (reading.isForeign) {
		context.logger.warn(`${context.getNode().name}: ignored a report that names another task`);
		return isLate ? { noWebhookResponse: true } : respond(context, 401);
	}
	if (reading.isUnfinished) {
		// The report of the end is still to come. Until then, one notification is enough.
		forgetReport(node, identity);
		if (!isTest && isDuplicateReport(node, `${identity} unfinished`)) {
			return isLate ? { noWebhookResponse: true } : respond(context, 200);
		}
	}
	return {
		workflowData: [[{ json: toOutput(context, report, reading, fields) }]],
		...(isLate && { noWebhookResponse: true }),
	};
}

/**
 * Confirms to 'Add Tasks' that this is a RingMe Trigger with the same secret, and lists the events of
 * tasks it has. Starts nothing.
 */
export async function respondToCheck(
	context: IWebhookFunctions,
	{ query }: WebhookRequest,
): Promise<IWebhookResponseData> {
	const nonce = query[CHECK_PARAMETER];
	if (typeof nonce !== 'string' || !/^[\w-]{16,64}$/.test(nonce)) return respond(context, 400);
	const signer = await createSigner(context);
	const check: ReportCheck = {
		ringMeTrigger: {
			events: selectedEvents(context).filter(isTaskEvent),
			isTest: context.getMode() === 'manual',
			...(signer && { proof: signer.prove(nonce) }),
		},
	};
	return respond(context, 200, check as unknown as IDataObject);
}

const selectedEvents = (context: IWebhookFunctions) =>
	context.getNodeParameter('events', []) as string[];

/** Undefined without a credential that has a client secret. */
async function createSigner(context: IWebhookFunctions): Promise<ReportSigner | undefined> {
	const { webhookId, name } = context.getNode();
	const authentication = context.getNodeParameter('authentication', 'oAuth2');
	const [credentials] = await Promise.allSettled([
		context.getCredentials(credentialTypeOf(authentication)),
	]);
	if (credentials.status === 'rejected') {
		context.logger.warn(`${name}: the credential cannot be read`);
		return undefined;
	}
	const secret = reportSecretOf(credentials.value);
	return secret && webhookId ? new ReportSigner(secret, webhookId) : undefined;
}

/** Waits for the work, and responds to the request before it ends if it takes long. */
async function respondInTime<T>(context: IWebhookFunctions, work: Promise<T>) {
	const isDone = new AbortController();
	let isLate = false;
	const response = sleep(RESPONSE_TIME_MS, isDone.signal).then(
		() => {
			isLate = true;
			respond(context, 200);
		},
		() => {},
	);
	const result = await work;
	isDone.abort();
	await response;
	return { result, isLate };
}

/** The item that starts the workflow. */
function toOutput(
	context: IWebhookFunctions,
	{ event, key, schedulerId }: TaskReport,
	{ task, taskId, note }: TaskReading,
	raw: IDataObject,
): IDataObject {
	const isSimplified = context.getNodeParameter('simplify', true) as boolean;
	return {
		event,
		key,
		schedulerId,
		...(taskId && { taskId }),
		...(task && (isSimplified ? simplifyTask(task) : { task })),
		...(note && { note }),
		raw,
	};
}

/** Fields of a task in the simplified output, in its order. */
const TASK_FIELDS: Array<[from: string, to: string]> = [
	['status', 'status'],
	['finish_result', 'result'],
	['finish_comment', 'comment'],
	['name', 'name'],
	['a_number', 'aNumber'],
	['b_number', 'bNumber'],
	['extension_id', 'extensionId'],
	['variables', 'variables'],
];

function simplifyTask(task: IDataObject): IDataObject {
	const output: IDataObject = {};
	for (const [from, to] of TASK_FIELDS) {
		if (task[from] !== undefined && task[from] !== null) output[to] = task[from];
	}
	return output;
}
