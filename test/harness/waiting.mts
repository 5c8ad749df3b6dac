/** An execution that waits, as n8n resumes it: by a request to its resume URL. */
import type { IDataObject, INodeExecutionData, IRun, Workflow } from 'n8n-workflow';
import { EventEmitter } from 'node:events';

import type { RunResult } from './types.mts';
import { additionalData, type Parts } from './workflow.mts';

/** A request to the resume URL. */
export interface ResumeRequest {
	method?: 'GET' | 'POST';
	query?: IDataObject;
	body?: unknown;
}

/** What the node does with it. */
export interface ResumeResult {
	/** HTTP status; undefined where n8n responds. */
	status?: number;
	/** The output with which the execution goes on; undefined if it keeps waiting. */
	items?: INodeExecutionData[];
}

/** The result of a run, and what n8n does with a request to the URL that resumes it. */
export interface WaitingRun extends RunResult {
	resume(request?: ResumeRequest): Promise<ResumeResult>;
}

/** Calls the `webhook` of the node that an execution waits in. @throws what the node throws */
export async function resume(
	parts: Parts,
	workflow: Workflow,
	run: IRun,
	{ method = 'POST', query = {}, body }: ResumeRequest,
): Promise<ResumeResult> {
	const { lastNodeExecuted = '' } = run.data.resultData;
	const node = workflow.nodes[lastNodeExecuted];
	const type = parts.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
	const webhookDescription = type.description.webhooks?.find(
		({ httpMethod, restartWebhook }) => httpMethod === method && restartWebhook,
	);
	if (!type.webhook || !webhookDescription) throw new Error('The node cannot be resumed');
	const { response, result } = createResponse();
	const context = new parts.n8n.core.WebhookContext(
		workflow,
		node,
		additionalData(parts, {
			// The same in each request, as in n8n.
			executionId: workflow.id,
			httpRequest: { method, query, body, headers: {}, params: {} } as never,
			httpResponse: response as never,
		}),
		'manual',
		{
			httpMethod: method,
			node: node.name,
			path: '',
			webhookDescription,
			workflowId: workflow.id,
			workflowExecuteAdditionalData: additionalData(parts),
		},
		[],
		run.data,
	);
	const { workflowData } = await workflow.expression.withIsolate(
		async () => (await type.webhook?.call(context)) ?? {},
	);
	return { status: result.status, items: workflowData?.[0] };
}

/** The part of an HTTP response that a node uses. */
function createResponse() {
	const result: { status?: number } = {};
	const response = Object.assign(new EventEmitter(), {
		writableEnded: false,
		status(code: number) {
			result.status = code;
			return response;
		},
		end() {
			response.writableEnded = true;
			return response;
		},
	});
	return { response, result };
}
