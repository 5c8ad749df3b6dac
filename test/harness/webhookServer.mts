/** A real HTTP server for webhooks: takes requests, reports each when it has been dealt with. */
import express, { type Request, type Response } from 'express';
import type { INodeExecutionData } from 'n8n-workflow';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Tells concurrent requests of one test apart; taken off before the node sees the request. */
const DELIVERY_ID = 'x-harness-delivery';

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

/** Answers the request; returns the items it started an execution with, if it did. */
type Handler = (request: Request, response: Response) => Promise<INodeExecutionData[] | undefined>;

export class WebhookServer {
	/** Every request that came in, in the order in which they were done. */
	readonly deliveries: Delivery[] = [];

	private readonly waiting = new Set<{ id?: string; resolve: (delivery: Delivery) => void }>();
	private readonly app = express();
	private readonly server = this.app.listen(0, '127.0.0.1');

	/** Opens a free port. */
	static async open(handler: Handler): Promise<WebhookServer> {
		const self = new WebhookServer();
		// As n8n has it: a[b]=1 is an object.
		self.app.set('query parser', 'extended');
		self.app.all(/.*/, (request, response) => void self.receive(handler, request, response));
		if (!self.server.listening) await once(self.server, 'listening');
		return self;
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

	/** Sends a request (default: POST) and reports the answer and what it started. */
	async deliver(url: URL, init: RequestInit): Promise<Answer> {
		const id = randomUUID();
		const headers = new Headers(init.headers);
		headers.set(DELIVERY_ID, id);
		const send = async () => {
			const response = await fetch(url, { method: 'POST', ...init, headers });
			return { status: response.status, headers: response.headers, body: await response.text() };
		};
		const [answer, delivery] = await Promise.all([send(), this.next(10_000, id)]);
		return { ...answer, delivery };
	}

	/** The first request dealt with from now on; with `id`, the one that {@link deliver} sends under it. */
	async next(timeoutMs = 10_000, id?: string): Promise<Delivery> {
		return await new Promise((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new Error(`No request reached the webhook within ${timeoutMs} ms`)),
				timeoutMs,
			);
			this.waiting.add({
				id,
				resolve: (delivery) => {
					clearTimeout(timer);
					resolve(delivery);
				},
			});
		});
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
		for (const waiter of this.waiting) {
			if (waiter.id !== undefined && waiter.id !== id) continue;
			this.waiting.delete(waiter);
			waiter.resolve(delivery);
		}
	}
}
