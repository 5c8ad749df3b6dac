/**
 * A webhook trigger node as n8n runs it: its hooks (checkExists, create, delete) when the workflow is
 * switched on and off, and real HTTP requests to its webhook, each starting an execution.
 */
import express, { type Request, type Response } from 'express';
import type {
	IDataObject,
	IHttpRequestMethods,
	INode,
	INodeExecutionData,
	INodeParameters,
	IWebhookData,
	IWebhookDescription,
	IWebhookResponseData,
	WebhookSetupMethodNames,
	WebhookType,
	Workflow,
	WorkflowActivateMode,
} from 'n8n-workflow';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { parseWebhookBody } from './webhookBody.mts';
import { additionalData, execute, node, workflowOf, type Parts } from './workflow.mts';

const NODE = 'Trigger';

export interface TriggerOptions {
	/** The node's name in the package, e.g. `ringMeTrigger`. */
	node: string;
	parameters?: INodeParameters;
	/** Listening for a test event in the editor (its own URL, mode `manual`) instead of in production. */
	isTest?: boolean;
	/** What an earlier activation left in the node's static data. */
	staticData?: IDataObject;
	/** The id in the webhook's address; give the one of an earlier trigger to get the same path. */
	webhookId?: string;
	/** How n8n is reached from outside (WEBHOOK_URL), e.g. `https://n8n.example.com`; default: as it listens. */
	publicUrl?: string;
}

/** A request that reached the webhook, and what n8n made of it. */
export interface Delivery {
	method: string;
	/** Path with query. */
	path: string;
	/** Items the execution started with; undefined when none was started. */
	items?: INodeExecutionData[];
	/** Answer to the caller. */
	status: number;
	/** What the node's webhook method threw. */
	error?: Error;
}

export interface Answer {
	status: number;
	headers: Headers;
	body: string;
	delivery: Delivery;
}

/** Opens the port and builds the workflow; no hook is called yet. */
export async function openTrigger(
	parts: Parts,
	options: TriggerOptions,
	credentials: INode['credentials'],
): Promise<Trigger> {
	const webhookId = options.webhookId ?? randomUUID();
	const { parameters = {}, staticData } = options;
	const workflow = workflowOf(
		parts,
		[
			node(parts, NODE, options.node, {
				parameters: structuredClone(parameters),
				credentials,
				webhookId,
			}),
		],
		{},
		{ staticData: staticData && { [`node:${NODE}`]: structuredClone(staticData) } },
	);
	const trigger = new Trigger(parts, workflow, options);
	await trigger.listen();
	return trigger;
}

export class Trigger {
	/** Every request that came in, in order. */
	readonly deliveries: Delivery[] = [];

	private readonly waiting: Array<(delivery: Delivery) => void> = [];
	private readonly app = express();
	private server = this.app.listen(0, '127.0.0.1');
	private origin = '';

	constructor(
		private readonly parts: Parts,
		private readonly workflow: Workflow,
		private readonly options: TriggerOptions,
	) {}

	/** Waits until the port is open. */
	async listen() {
		this.app.all(/.*/, (request, response) => void this.receive(request, response));
		if (!this.server.listening) await once(this.server, 'listening');
		this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async close() {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}

	/** The node's static data, as it would be saved now. */
	get staticData(): IDataObject {
		return structuredClone({ ...(this.workflow.staticData[`node:${NODE}`] as IDataObject) });
	}

	/** Where requests to the webhook really arrive. */
	url(name: WebhookType = 'default'): string {
		return `${this.origin}${this.folder}/${this.path(this.descriptions.find((d) => d.name === name))}`;
	}

	/** Calls one hook. Returns what it returns, throws what it throws. */
	async hook(
		method: WebhookSetupMethodNames,
		{
			activation = this.options.isTest ? 'manual' : 'activate',
			webhook = 'default',
		}: { activation?: WorkflowActivateMode; webhook?: WebhookType } = {},
	): Promise<boolean> {
		const hook = this.type.webhookMethods?.[webhook]?.[method];
		const description = this.descriptions.find(({ name }) => name === webhook);
		if (!hook || !description)
			throw new Error(`The node has no ${method} for webhook "${webhook}"`);
		const context = new this.parts.n8n.core.HookContext(
			this.workflow,
			this.node,
			this.additionalData(),
			this.mode,
			activation,
			this.webhookData(description),
		);
		return await this.workflow.expression.withIsolate(async () => await hook.call(context));
	}

	/** What switching the workflow on does: `create` only where `checkExists` says no. */
	async activate(activation?: WorkflowActivateMode) {
		for (const webhook of this.hooked) {
			if (!(await this.hook('checkExists', { activation, webhook }))) {
				await this.hook('create', { activation, webhook });
			}
		}
	}

	/** What switching the workflow off does. */
	async deactivate() {
		for (const webhook of this.hooked) await this.hook('delete', { webhook });
	}

	/** Sends a request to the webhook and reports the answer and what it started. */
	async deliver(
		request: RequestInit & { query?: Record<string, string>; webhook?: WebhookType } = {},
	): Promise<Answer> {
		const { query = {}, webhook, ...init } = request;
		const url = new URL(this.url(webhook));
		for (const [key, value] of Object.entries(query)) url.searchParams.append(key, value);
		const arrived = this.next();
		const response = await fetch(url, { method: 'POST', ...init });
		const body = await response.text();
		return { status: response.status, headers: response.headers, body, delivery: await arrived };
	}

	/** The next request that has been dealt with. */
	async next(timeoutMs = 10_000): Promise<Delivery> {
		return await new Promise((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new Error(`No request reached the webhook within ${timeoutMs} ms`)),
				timeoutMs,
			);
			this.waiting.push((delivery) => {
				clearTimeout(timer);
				resolve(delivery);
			});
		});
	}

	private get node() {
		return this.workflow.nodes[NODE];
	}

	private get type() {
		return this.parts.nodeTypes.getByNameAndVersion(this.node.type, this.node.typeVersion);
	}

	private get descriptions(): IWebhookDescription[] {
		return this.type.description.webhooks ?? [];
	}

	/** Webhooks that have hooks. */
	private get hooked(): WebhookType[] {
		return Object.keys(this.type.webhookMethods ?? {}) as WebhookType[];
	}

	private get mode() {
		return this.options.isTest ? ('manual' as const) : ('webhook' as const);
	}

	private get folder() {
		return this.options.isTest ? '/webhook-test' : '/webhook';
	}

	private additionalData(more: Parameters<typeof additionalData>[1] = {}) {
		const base = this.options.publicUrl?.replace(/\/$/, '') ?? this.origin;
		return additionalData(this.parts, {
			webhookBaseUrl: `${base}/webhook`,
			webhookTestBaseUrl: `${base}/webhook-test`,
			...more,
		});
	}

	private path(description: IWebhookDescription | undefined): string {
		if (!description) throw new Error('The node has no such webhook');
		const { path, isFullPath } = description;
		return this.parts.n8n.workflow.NodeHelpers.getNodeWebhookPath(
			this.workflow.id,
			this.node,
			path,
			isFullPath,
		);
	}

	private webhookData(webhookDescription: IWebhookDescription): IWebhookData {
		return {
			httpMethod: webhookDescription.httpMethod as IHttpRequestMethods,
			node: NODE,
			path: this.path(webhookDescription),
			webhookDescription,
			workflowId: this.workflow.id,
			workflowExecuteAdditionalData: this.additionalData(),
			webhookId: this.node.webhookId,
			isTest: this.options.isTest,
		};
	}

	private async receive(request: Request, response: Response) {
		const delivery: Delivery = { method: request.method, path: request.originalUrl, status: 0 };
		try {
			const description = this.descriptions.find(
				(d) =>
					`${this.folder}/${this.path(d)}` === request.path &&
					String(d.httpMethod).split(',').includes(request.method),
			);
			if (!description)
				response.status(404).json({ message: 'The requested webhook is not registered.' });
			else delivery.items = await this.run(description, request, response);
		} catch (error) {
			delivery.error = error as Error;
			const message = 'Workflow Webhook Error: Workflow could not be started!';
			if (!response.headersSent) response.status(500).json({ code: 0, message });
		}
		if (!response.writableEnded) await once(response, 'finish');
		delivery.status = response.statusCode;
		this.deliveries.push(delivery);
		for (const resolve of this.waiting.splice(0)) resolve(delivery);
	}

	/** Calls the node's `webhook`, answers, and runs the workflow if there is something to start it with. */
	private async run(description: IWebhookDescription, request: Request, response: Response) {
		const { type } = this;
		if (!type.webhook) throw new Error('The node has no webhook method');
		await parseWebhookBody(request, this.node.typeVersion);
		const context = new this.parts.n8n.core.WebhookContext(
			this.workflow,
			this.node,
			this.additionalData({ httpRequest: request as never, httpResponse: response as never }),
			this.mode,
			this.webhookData(description),
			[],
			null,
		);
		const result = await this.workflow.expression.withIsolate(
			async () => (await type.webhook?.call(context)) ?? {},
		);
		respond(description, result, response);
		if (!result.workflowData) return undefined;

		const run = await execute(this.parts, this.workflow, NODE, result.workflowData[0], {
			mode: this.mode,
		});
		const { runData, error } = run.data.resultData;
		if (error) throw error;
		return runData[NODE][0].data?.main[0] ?? [];
	}
}

/** n8n's answer to the caller, for the response modes that do not wait for the workflow. */
function respond(
	description: IWebhookDescription,
	result: IWebhookResponseData,
	response: Response,
) {
	if (result.noWebhookResponse) return;
	const { workflowData, webhookResponse } = result;
	if (!workflowData) send(webhookResponse ?? { message: 'Webhook call received' });
	else if (description.responseData === 'noData') response.end();
	// Left out, it means "firstEntryJson", which this response mode sends literally.
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
