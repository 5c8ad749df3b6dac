import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

/** Responds with a status, and a body if there is one, and starts nothing. */
export function respond(
	context: IWebhookFunctions,
	status: number,
	body?: IDataObject,
): IWebhookResponseData {
	const response = context.getResponseObject().status(status);
	if (body) response.json(body);
	else response.end();
	return { noWebhookResponse: true };
}

/** What identifies the trigger node in the memory of the process. */
export const nodeIdentity = (context: IWebhookFunctions) =>
	`${context.getWorkflow().id} ${context.getNode().id}`;
