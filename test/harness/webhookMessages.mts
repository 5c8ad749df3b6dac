/**
 * The HTTP side of a webhook as in n8n: which bodies it reads, and how it responds when the node's
 * `webhook` method leaves that to it.
 */
import type { Request, Response } from 'express';
import type { IWebhookDescription, IWebhookResponseData } from 'n8n-workflow';
import { parse } from 'node:querystring';
import { gunzipSync, inflateSync } from 'node:zlib';

/** What n8n adds to a request. */
type N8nRequest = Request & { rawBody?: Buffer; readRawBody?: () => Promise<void> };

const PARSED_IN_LATER_VERSIONS =
	/^(application\/json|text\/plain|application\/x-www-form-urlencoded)$|[/+]xml$/;

/**
 * Fills `rawBody` and `body`. Nodes of version 1 get every known type parsed; for later ones the rest
 * stays unread until the node calls `readRawBody()`. Multipart and XML bodies are not supported, because
 * no node here accepts them.
 */
export async function parseWebhookBody(request: N8nRequest, nodeVersion: number) {
	request.readRawBody = async () => {
		request.rawBody ??= unpack(await bytesOf(request), request.headers['content-encoding']);
	};
	const [type = ''] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
	const contentType = type.trim();
	if (contentType.startsWith('multipart/') || /[/+]xml$/.test(contentType)) {
		throw new Error(`The harness does not read ${contentType} bodies`);
	}
	if (nodeVersion > 1 && !PARSED_IN_LATER_VERSIONS.test(contentType)) return;
	await request.readRawBody();
	const text = (request.rawBody ?? '').toString();
	if (!text) return;
	if (contentType === 'application/json') request.body = JSON.parse(text);
	else if (contentType === 'application/x-www-form-urlencoded') {
		request.body = parse(text, undefined, undefined, { maxKeys: 1000 });
	} else if (contentType === 'text/plain') request.body = text;
}

async function bytesOf(request: Request): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

function unpack(bytes: Buffer, encoding: string | undefined): Buffer {
	if (encoding === 'gzip') return gunzipSync(bytes);
	return encoding === 'deflate' ? inflateSync(bytes) : bytes;
}

/** n8n's response to the caller, for the response modes that do not wait for the workflow. */
export function respond(
	description: IWebhookDescription,
	result: IWebhookResponseData,
	response: Response,
) {
	if (result.noWebhookResponse) return;
	const { workflowData, webhookResponse } = result;
	if (!workflowData) send(webhookResponse ?? { message: 'Webhook call received' });
	else if (description.responseData === 'noData') response.end();
	// Without a value it means "firstEntryJson", which this response mode sends literally.
	else
		send(
			(description.responseData ?? 'firstEntryJson') ||
				(webhookResponse ?? { message: 'Workflow was started' }),
		);

	function send(body: unknown) {
		if (typeof body === 'string') response.type('text/plain').send(body);
		else response.json(body);
	}
}
