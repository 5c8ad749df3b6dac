import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { isAuthentic, readFields, registeredEvent, type Request } from './parsePayload';
import { eventOf, isSelectable, simplify } from '../events';
import { passes, type Filters } from './filters';
import { isRepeat } from './deduplicate';
import type { Kept } from '../registration/reconcile';

/**
 * One delivery. It starts the workflow, or is answered: 401 without the right secret, 400 for what no
 * PBX sends, an empty 200 for what the workflow does not want or has had before. Nothing in here
 * waits, so n8n answers at once.
 */
export function receive(context: IWebhookFunctions): IWebhookResponseData {
	const { secret } = context.getWorkflowStaticData('node') as Kept;
	const request = requestOf(context);
	if (!isAuthentic(request, secret)) {
		context.logger.warn(`${context.getNode().name}: refused a delivery without the right secret`);
		return answer(context, 401);
	}
	const fields = readFields(request);
	if (!fields) {
		context.logger.warn(`${context.getNode().name}: refused a delivery that is not an event`);
		return answer(context, 400);
	}
	const event = eventOf(fields, registeredEvent(request));
	const events = context.getNodeParameter('events', []) as string[];
	if (isSelectable(event) && !events.includes(event)) return answer(context, 200);
	const simple = simplify(event, fields);
	const filters = context.getNodeParameter('filters', {}) as Filters;
	if (!passes({ event, fields, simple }, filters)) return answer(context, 200);

	// Who tries out a workflow may send the same thing again and again.
	const isTest = context.getMode() === 'manual';
	const node = `${context.getWorkflow().id} ${context.getNode().id}`;
	if (!isTest && isRepeat(node, event, fields)) return answer(context, 200);

	const simplified = context.getNodeParameter('simplify', true) as boolean;
	const json = simplified ? { ...simple, raw: fields } : { event, ...fields };
	return { workflowData: [[{ json }]] };
}

function requestOf(context: IWebhookFunctions): Request {
	const headers = context.getHeaderData();
	const { rawBody } = context.getRequestObject() as { rawBody?: Buffer };
	return {
		query: context.getQueryData() as Record<string, unknown>,
		body: context.getBodyData(),
		contentType: headers['content-type'],
		bytes: rawBody?.length ?? Number(headers['content-length'] ?? 0),
	};
}

function answer(context: IWebhookFunctions, status: number): IWebhookResponseData {
	context.getResponseObject().status(status).end();
	return { noWebhookResponse: true };
}
