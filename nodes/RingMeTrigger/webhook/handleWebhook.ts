import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { eventOf, isSelectable, simplify } from '../events/events';
import type { TriggerState } from '../registration/reconcile';
import { isDuplicate } from './deduplicate';
import { matchesFilters, type Filters } from './filters';
import { isAuthentic, parseFields, registeredEvent, type WebhookRequest } from './parsePayload';

/**
 * Handles one request to the webhook. It starts the workflow, or gets a response: 401 without the
 * secret, 400 for a request that no PBX sends, an empty 200 for an event that is filtered out or a
 * duplicate. Nothing here waits, so n8n responds at once.
 */
export function handleWebhook(context: IWebhookFunctions): IWebhookResponseData {
	const { secret } = context.getWorkflowStaticData('node') as TriggerState;
	const request = readRequest(context);
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
	const events = context.getNodeParameter('events', []) as string[];
	if (isSelectable(event) && !events.includes(event)) return respond(context, 200);
	const simple = simplify(event, fields);
	const filters = context.getNodeParameter('filters', {}) as Filters;
	if (!matchesFilters({ event, fields, simple }, filters)) return respond(context, 200);

	// Users who test a workflow may send the same event repeatedly.
	const isTest = context.getMode() === 'manual';
	const node = `${context.getWorkflow().id} ${context.getNode().id}`;
	if (!isTest && isDuplicate(node, event, fields)) return respond(context, 200);

	const isSimplified = context.getNodeParameter('simplify', true) as boolean;
	const json = isSimplified ? { ...simple, raw: fields } : { event, ...fields };
	return { workflowData: [[{ json }]] };
}

function readRequest(context: IWebhookFunctions): WebhookRequest {
	const headers = context.getHeaderData();
	const { rawBody } = context.getRequestObject() as { rawBody?: Buffer };
	return {
		query: context.getQueryData() as Record<string, unknown>,
		body: context.getBodyData(),
		contentType: headers['content-type'],
		bodyBytes: rawBody?.length ?? Number(headers['content-length'] ?? 0),
	};
}

function respond(context: IWebhookFunctions, status: number): IWebhookResponseData {
	context.getResponseObject().status(status).end();
	return { noWebhookResponse: true };
}
