import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { CHECK_PARAMETER, REPORT_PARAMETER } from '../../shared/taskReports/taskReport';
import { bodyBytesOf, separateAppended } from '../../shared/webhook/fields';
import { eventOf, isSelectable, isTaskEvent, simplify } from '../events/events';
import { SECRET_PARAMETER, type TriggerState } from '../registration/reconcile';
import { isDuplicate } from './deduplicate';
import { matchesFilters, type Filters } from './filters';
import { isAuthentic, parseFields, registeredEvent, type WebhookRequest } from './parsePayload';
import { nodeIdentity, respond } from './respond';
import { handleReport, respondToCheck } from './taskReport';

/** Handles one request to the webhook: an event, the report of a task, or a check by 'Add Tasks'. */
export async function handleWebhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const request = readRequest(context);
	if (REPORT_PARAMETER in request.query) return await handleReport(context, request);
	if (CHECK_PARAMETER in request.query) return await respondToCheck(context, request);
	return handleEvent(context, request);
}

/**
 * Starts the workflow, or responds: 401 without the secret, 400 for a request that no PBX sends, an
 * empty 200 for an event that is filtered out or a duplicate. Nothing here waits, so n8n responds at
 * once.
 */
function handleEvent(context: IWebhookFunctions, request: WebhookRequest): IWebhookResponseData {
	const { secret } = context.getWorkflowStaticData('node') as TriggerState;
	if (!isAuthentic(request, secret)) {
		context.logger.warn(`${context.getNode().name}: rejected a request without the secret`);
		return respond(context, 401);
	}
	const fields = parseFields(request);
	if (!fields) {
		context.logger.warn(`${context.getNode().name}: rejected a request that is not an event`);
		return respond(context, 400);
	}
	const event = eventOf(fields, registeredEvent(request));
	// Reports of tasks have a signature of their own.
	if (isTaskEvent(event)) return respond(context, 400);
	const events = context.getNodeParameter('events', []) as string[];
	if (isSelectable(event) && !events.includes(event)) return respond(context, 200);
	const simple = simplify(event, fields);
	const filters = context.getNodeParameter('filters', {}) as Filters;
	if (!matchesFilters({ event, fields, simple }, filters)) return respond(context, 200);

	// Users who test a workflow may send the same event repeatedly.
	const isTest = context.getMode() === 'manual';
	if (!isTest && isDuplicate(nodeIdentity(context), event, fields)) return respond(context, 200);

	const isSimplified = context.getNodeParameter('simplify', true) as boolean;
	const json = isSimplified ? { ...simple, raw: fields } : { event, ...fields };
	return { workflowData: [[{ json }]] };
}

function readRequest(context: IWebhookFunctions): WebhookRequest {
	return {
		query: separateAppended(context.getQueryData() as Record<string, unknown>, [
			REPORT_PARAMETER,
			SECRET_PARAMETER,
		]),
		body: context.getBodyData(),
		contentType: context.getHeaderData()['content-type'],
		bodyBytes: bodyBytesOf(context),
	};
}
