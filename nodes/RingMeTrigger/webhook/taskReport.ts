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
import { isDuplicateReport, wasReported } from './deduplicate';
import type { WebhookRequest } from './parsePayload';
import { readTask, type TaskReading } from './readTask';
import { findTaskIds, reportFields } from './reportFields';
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
	const signer = await createSigner(context);
	// A proxy or a redirect may have repeated the query.
	const tokens = [request.query[REPORT_PARAMETER]].flat();
	const token = tokens.find((each) => signer?.verify(each));
	const report = signer?.verify(token);
	if (!report) {
		context.logger.warn(`${context.getNode().name}: rejected a report without a valid signature`);
		return respond(context, 401);
	}
	if (!selectedEvents(context).includes(report.event)) return respond(context, 200);
	const fields = reportFields(request);
	const { result: reading, isLate } = await respondInTime(
		context,
		readOnce(context, report, String(token), fields),
	);
	const respondUnlessLate = (status: number) =>
		isLate ? { noWebhookResponse: true } : respond(context, status);
	if (!reading) return respondUnlessLate(200);
	if (reading.isForeign) {
		context.logger.warn(`${context.getNode().name}: ignored a report that names another task`);
		return respondUnlessLate(401);
	}
	return {
		workflowData: [[{ json: toOutput(context, report, reading, fields) }]],
		...(isLate && { noWebhookResponse: true }),
	};
}

/**
 * Reads the task of a report, unless the report started the workflow before: then undefined. Reports that
 * arrive at once wait for each other, so that one of another task does not pass for the real one.
 */
async function readOnce(
	context: IWebhookFunctions,
	report: TaskReport,
	token: string,
	fields: IDataObject,
): Promise<TaskReading | undefined> {
	// Users who test a workflow may send the same request repeatedly.
	const isTest = context.getMode() === 'manual';
	const node = nodeIdentity(context);
	// Only what is signed: whatever else the request says, a task is connected and finished once.
	const identity = `${report.event} ${report.reference}`;
	return await inTurn(`${node} ${identity}`, async () => {
		if (!isTest && wasReported(node, identity)) return undefined;
		const reading = await readTask(context, report, token, findTaskIds(fields));
		if (isTest || reading.isForeign) return reading;
		// If the task is not finished, the report of its end is still to come, and will name it, too.
		const early = `${identity} unfinished`;
		if (reading.isUnnamed && wasReported(node, early)) return undefined;
		return isDuplicateReport(node, reading.isUnfinished ? early : identity) ? undefined : reading;
	});
}

/** By key: the latest work, which the next one waits for. */
const turns = new Map<string, Promise<unknown>>();

/** Does work with the same key one after another. */
async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
	const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
	turns.set(key, turn);
	try {
		return await turn;
	} finally {
		if (turns.get(key) === turn) turns.delete(key);
	}
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
