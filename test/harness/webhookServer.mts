/** A real HTTP server for webhooks: receives requests and reports each when it is finished. */
import express, { type Request, type Response } from 'express';
import type { INodeExecutionData } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Header that identifies concurrent requests of one test; removed before the node sees the request. */
const DELIVERY_ID = 'x-harness-delivery';

/** A request that reached the webhook, and what n8n did with it. */
export interface Delivery {
	method: string;
	/** Path with query. */
	path: string;
	/** Items that the execution started with; undefined if none was started. */
	items?: INodeExecutionData[];
	/** HTTP status of the response. */
	status: number;
	/** The error that the node's webhook method threw. */
	error?: Error;
}

/** The response to a request, and the delivery that it belongs to. */
export interface WebhookResponse {
	status: number;
	headers: Headers;
	body: string;
	delivery: Delivery;
}

/** Responds to the request; returns the items with which it started an execution, if it did. */
type Handler = (request: Request, response: Response) => Promise<INodeExecutionData[] | undefined>;

export class WebhookServer {
	/** Every request received, in the order in which they were finished. */
	readonly deliveries: Delivery[] = [];

	private readonly waiters = new Set<{ id?: string; resolve: (delivery: Delivery) => void }>();
	private readonly app = express();
	private readonly server = this.app.listen(0, '127.0.0.1');

	/** Opens a free port. */
	static async open(handler: Handler): Promise<WebhookServer> {
		const webhookServer = new WebhookServer();
		// As in n8n: a[b]=1 is an object.
		webhookServer.app.set('query parser', 'extended');
		webhookServer.app.all(
			/.*/,
			(request, response) => void webhookServer.receive(handler, request, response),
		);
		if (!webhookServer.server.listening) await once(webhookServer.server, 'listening');
		return webhookServer;
	}

	/** `http://127.0.0.1:<port>` */
	get origin(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	async close() {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}

	/** Sends a request (default: POST) and returns the response and what the request started. */
	async deliver(url: URL, init: RequestInit): Promise<WebhookResponse> {
		const id = randomUUID();
		const headers = new Headers(init.headers);
		headers.set(DELIVERY_ID, id);
		const send = async () => {
			const response = await fetch(url, { method: 'POST', ...init, headers });
			return { status: response.status, headers: response.headers, body: await response.text() };
		};
		const [response, delivery] = await Promise.all([send(), this.waitFor(id)]);
		return { ...response, delivery };
	}

	/** The next request that is finished, whoever sends it. */
	async next(): Promise<Delivery> {
		return await this.waitFor();
	}

	/** The next request that is finished; with an ID, the one that {@link deliver} sends with it. */
	private async waitFor(id?: string): Promise<Delivery> {
		return await new Promise((resolve) => this.waiters.add({ id, resolve }));
	}

	private async receive(handler: Handler, request: Request, response: Response) {
		const delivery: Delivery = { method: request.method, path: request.originalUrl, status: 0 };
		const id = request.header(DELIVERY_ID);
		delete request.headers[DELIVERY_ID];
		try {
			delivery.items = await handler(request, response);
		} catch (error) {
			delivery.error = error as Error;
			const message = 'Workflow Webhook Error: Workflow could not be started!';
			if (!response.headersSent) response.status(500).json({ code: 0, message });
		}
		if (!response.writableEnded) await once(response, 'finish');
		delivery.status = response.statusCode;
		this.deliveries.push(delivery);
		for (const waiter of this.waiters) {
			if (waiter.id !== undefined && waiter.id !== id) continue;
			this.waiters.delete(waiter);
			waiter.resolve(delivery);
		}
	}
}
