/**
 * A webhook trigger node as n8n runs it: its hooks (checkExists, create, delete) when the workflow is
 * published and unpublished, and real HTTP requests to its webhook, each starting an execution.
 */
import type { Request, Response } from 'express';
import type {
	IDataObject,
	IHttpRequestMethods,
	INode,
	INodeParameters,
	IWebhookData,
	IWebhookDescription,
	WebhookSetupMethodNames,
	WebhookType,
	Workflow,
	WorkflowActivateMode,
} from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import { parseWebhookBody, respond } from './webhookMessages.mts';
import { WebhookServer, type Delivery, type WebhookResponse } from './webhookServer.mts';
import { additionalData, execute, node, workflowOf, type Parts } from './workflow.mts';

const NODE = 'Trigger';

export interface TriggerOptions {
	/** The node's name in the package, e.g. `ringMeTrigger`. */
	node: string;
	parameters?: INodeParameters;
	/** Listening for a test event in the editor (its own URL, mode `manual`) instead of in production. */
	isTest?: boolean;
	/** The node's static data as an earlier activation left it. */
	staticData?: IDataObject;
	/** The ID in the webhook's URL; pass that of an earlier trigger to get the same path. */
	webhookId?: string;
	/** n8n's public URL (WEBHOOK_URL), e.g. `https://n8n.example.com`; default: the address of the server. */
	publicUrl?: string;
	/**
	 * For triggers that leave the response to a later node: what that node does with it. Default: there is none, and
	 * n8n responds at the end of the workflow.
	 */
	responds?: (response: Response) => Promise<unknown>;
}

export class Trigger {
	private constructor(
		private readonly parts: Parts,
		private readonly workflow: Workflow,
		private readonly options: TriggerOptions,
		private readonly server: WebhookServer,
	) {}

	/** Builds the workflow and opens the port; no hook is called yet. */
	static async open(
		parts: Parts,
		options: TriggerOptions,
		credentials: INode['credentials'],
	): Promise<Trigger> {
		const { parameters = {}, staticData, webhookId = randomUUID() } = options;
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
		const server: WebhookServer = await WebhookServer.open(
			async (request, response) => await trigger.receive(request, response),
		);
		const trigger = new Trigger(parts, workflow, options, server);
		return trigger;
	}

	async close() {
		await this.server.close();
	}

	/** Every request received, in the order in which they were finished. */
	get deliveries(): Delivery[] {
		return this.server.deliveries;
	}

	/** The node's static data, as it would be saved now: as JSON. */
	get staticData(): IDataObject {
		const data = this.workflow.staticData[`node:${NODE}`] as IDataObject | undefined;
		return JSON.parse(JSON.stringify(data ?? {})) as IDataObject;
	}

	/** The URL at which the webhook really receives requests. */
	url(name: WebhookType = 'default'): string {
		return `${this.server.origin}${this.folder}/${this.path(this.descriptions.find((d) => d.name === name))}`;
	}

	/** Calls one hook, and returns or throws what it does. */
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
			this.options.isTest ? 'manual' : 'trigger',
			activation,
			this.webhookData(description),
		);
		return await this.workflow.expression.withIsolate(async () => await hook.call(context));
	}

	/** What publishing the workflow does: `create` only where `checkExists` returns false. */
	async activate(activation?: WorkflowActivateMode) {
		for (const webhook of this.registrations) {
			if (!(await this.hook('checkExists', { activation, webhook }))) {
				await this.hook('create', { activation, webhook });
			}
		}
	}

	/** What unpublishing the workflow does. */
	async deactivate() {
		for (const webhook of this.registrations) await this.hook('delete', { webhook });
	}

	/** Sends a request to the webhook and returns the response and what the request started. */
	async deliver(
		request: RequestInit & { query?: Record<string, string>; webhook?: WebhookType } = {},
	): Promise<WebhookResponse> {
		const { query = {}, webhook, ...init } = request;
		const url = new URL(this.url(webhook));
		for (const [key, value] of Object.entries(query)) url.searchParams.append(key, value);
		return await this.server.deliver(url, init);
	}

	/** The next request that is finished, whoever sends it. */
	async next(): Promise<Delivery> {
		return await this.server.next();
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

	/** n8n registers each webhook once per HTTP method, and calls the hooks that it has for each. */
	private get registrations(): WebhookType[] {
		return this.descriptions
			.filter(({ name }) => this.type.webhookMethods?.[name])
			.flatMap(({ name, httpMethod }) =>
				String(httpMethod)
					.split(',')
					.map(() => name),
			);
	}

	private get mode() {
		return this.options.isTest ? ('manual' as const) : ('webhook' as const);
	}

	private get folder() {
		return this.options.isTest ? '/webhook-test' : '/webhook';
	}

	private additionalData(more: Parameters<typeof additionalData>[1] = {}) {
		const base = this.options.publicUrl?.replace(/\/$/, '') ?? this.server.origin;
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
		const description = this.descriptions.find(
			(d) =>
				`${this.folder}/${this.path(d)}` === request.path &&
				String(d.httpMethod).split(',').includes(request.method),
		);
		if (description) return await this.run(description, request, response);
		response.status(404).json({ message: 'The requested webhook is not registered.' });
		return undefined;
	}

	/** Calls the node's `webhook`, responds, and runs the workflow if the node returned items to start it with. */
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
		const isLeftToNode = description.responseMode === 'responseNode' && result.workflowData;
		if (isLeftToNode) await this.options.responds?.(response);
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
