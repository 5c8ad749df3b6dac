import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { describeCall, readCallRequest } from './callRequest';
import { EMPTY_ANSWER, readFallback } from './fallback';
import { holdResponse, sendXml } from './heldResponse';

/**
 * Handles one request of a voice menu. A call starts the workflow, and its response is held until
 * *Call → Answer* sends it. Any other request gets an empty answer and starts nothing.
 *
 * Never throws: n8n would respond with an error, and the caller would hear nothing.
 */
export function handleCall(context: IWebhookFunctions): IWebhookResponseData {
	const receivedAt = Date.now();
	const response = context.getResponseObject();
	const fields = readCallRequest(context);
	if (!fields) {
		context.logger.warn(
			`${context.getNode().name}: ignored a request that is not from a voice menu`,
		);
		sendXml(response, EMPTY_ANSWER);
		return { noWebhookResponse: true };
	}
	const { xml, waitMs } = readFallback(context);
	holdResponse(response, xml, waitMs);
	const answerBefore = new Date(receivedAt + waitMs).toISOString();
	const json = { ...describeCall(fields), answerBefore, raw: fields };
	return { workflowData: [[{ json }]] };
}
