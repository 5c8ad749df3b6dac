import http from 'node:http';
import https from 'node:https';
import type { HttpMethod } from '../state/types.mts';

export type Fields = Record<string, string>;

/** A webhook request of the PBX and its result. */
export interface Delivery {
	/** Counts up from 1 in the order of `send` calls. */
	n: number;
	/** The reported event: `dial-in`, `agent-login`, `before`, ... */
	event: string;
	/** Deliveries with the same key to the same host are sent one after another, in order. */
	orderingKey: string;
	url: string;
	method: HttpMethod;
	/** Sent in the query of a GET, or in the body of a POST. */
	fields: Fields;
	/** Sent as the JSON body of a POST, instead of the fields. */
	json?: object;
	/** Clock time of the `send` call in epoch milliseconds. */
	at: number;
	/** HTTP status of the response; `null` if there is none (yet). */
	status: number | null;
	/** Why there was no response: `ECONNREFUSED`, `timeout`, `stopped`, ... */
	error: string | null;
	/** Real milliseconds from the request to the end of the response; `null` until then. */
	ms: number | null;
	/** Real milliseconds for the request with its response, instead of those of the deliverer. */
	timeoutMs?: number;
	/** The body of the response, if the request asks for it. */
	responseBody?: string;
}

export interface DelivererOptions {
	now(): number;
	/** Maximum number of concurrent requests. Default 32. */
	concurrency?: number;
	/** Real milliseconds for a request with its response. Default 10,000. */
	timeoutMs?: number;
	/** Maximum length of the log; the oldest entries are dropped first. Default 20,000. */
	logLimit?: number;
}

export type DeliveryRequest = Pick<
	Delivery,
	'event' | 'orderingKey' | 'url' | 'method' | 'fields' | 'json' | 'timeoutMs'
> & {
	/** Whether the body of the response matters. Default: it is ignored. */
	readsResponse?: boolean;
};

interface Job {
	delivery: Delivery;
	readsResponse: boolean;
	/** Number of `stop` calls before it was queued: the next `stop` cancels it. */
	generation: number;
	resolve: (delivery: Delivery) => void;
}

/** Shorter than the 5 s after which Node servers close idle sockets, so no request uses a closed one. */
const IDLE_SOCKET_MS = 3_000;
const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Far more than any response that the PBX reads. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/**
 * Sends form fields to registered URLs, in the body (POST) or the query string (GET), or JSON. The query
 * of a URL is kept as it is.
 *
 * There is one attempt per delivery: whether the PBX retries is not known (ASSUMPTIONS.md), and a retry
 * could hide a lost delivery in a test. node:http with a keep-alive agent delivers 8,000 small bodies to
 * a local server in a third of the time of the global fetch.
 */
export class Deliverer {
	/** Queued and running jobs by ordering key and host. The first job of a ready queue may start. */
	private readonly queues = new Map<string, Job[]>();
	private readyQueues: string[] = [];
	private running = 0;
	private count = 0;
	private generation = 0;
	private readonly entries: Delivery[] = [];
	private readonly idleWaiters: Array<() => void> = [];
	private readonly agents: { 'http:': http.Agent; 'https:': https.Agent };
	private readonly options: Required<DelivererOptions>;

	constructor(options: DelivererOptions) {
		this.options = {
			now: options.now,
			concurrency: options.concurrency ?? 32,
			timeoutMs: options.timeoutMs ?? 10_000,
			logLimit: options.logLimit ?? 20_000,
		};
		const agent = {
			keepAlive: true,
			maxSockets: this.options.concurrency,
			timeout: IDLE_SOCKET_MS,
		};
		this.agents = { 'http:': new http.Agent(agent), 'https:': new https.Agent(agent) };
	}

	/** Oldest first. Entries are updated when their response arrives. */
	get log(): readonly Delivery[] {
		return this.entries;
	}

	clearLog(): void {
		this.entries.length = 0;
	}

	/** Queues a delivery. Never rejects: errors are in the result. */
	async send({ readsResponse = false, ...request }: DeliveryRequest): Promise<Delivery> {
		const delivery: Delivery = {
			n: ++this.count,
			...request,
			at: this.options.now(),
			status: null,
			error: null,
			ms: null,
		};
		this.addToLog(delivery);
		return await new Promise((resolve) => {
			const key = `${request.orderingKey} ${originOf(request.url)}`;
			const job: Job = { delivery, readsResponse, generation: this.generation, resolve };
			const jobs = this.queues.get(key);
			if (jobs) {
				jobs.push(job);
				return;
			}
			this.queues.set(key, [job]);
			this.readyQueues.push(key);
			this.startReady();
		});
	}

	/** Resolves when no delivery is queued or running. */
	async idle(): Promise<void> {
		if (this.queues.size > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
	}

	/** Cancels queued deliveries (error `stopped`) and drops running ones. New ones can be sent. */
	stop(): void {
		this.generation++;
		for (const agent of Object.values(this.agents)) agent.destroy();
	}

	private addToLog(delivery: Delivery): void {
		this.entries.push(delivery);
		// Dropping a tenth at a time keeps the cost per delivery constant when the log is full.
		if (this.entries.length > this.options.logLimit) {
			this.entries.splice(0, Math.ceil(this.options.logLimit / 10));
		}
	}

	private startReady(): void {
		let started = 0;
		while (this.running < this.options.concurrency && started < this.readyQueues.length) {
			this.running++;
			void this.runNext(this.readyQueues[started++]);
		}
		if (started > 0) this.readyQueues = this.readyQueues.slice(started);
	}

	private async runNext(key: string): Promise<void> {
		const jobs = this.queues.get(key)!;
		const job = jobs[0];
		const { delivery, resolve } = job;
		const started = performance.now();
		try {
			delivery.status = await this.request(job);
		} catch (error) {
			delivery.error = errorCode(error);
		}
		delivery.ms = Math.round(performance.now() - started);
		resolve(delivery);
		jobs.shift();
		this.running--;
		if (jobs.length > 0) this.readyQueues.push(key);
		else this.queues.delete(key);
		this.startReady();
		if (this.queues.size === 0) for (const waiter of this.idleWaiters.splice(0)) waiter();
	}

	/** @returns the status of the response */
	private async request({ delivery, readsResponse, generation }: Job): Promise<number> {
		const { url, method, fields, json } = delivery;
		if (generation !== this.generation) throw new Error('stopped');
		const form = new URLSearchParams(fields).toString();
		const target = new URL(url);
		if (target.protocol !== 'http:' && target.protocol !== 'https:') throw new Error('not http');
		if (method === 'GET' && form) target.search += (target.search ? '&' : '?') + form;
		const headers: http.OutgoingHttpHeaders = { 'user-agent': 'RingMe-Sandbox-PBX' };
		const body = json === undefined ? form : JSON.stringify(json);
		if (method === 'POST') {
			if (body) headers['content-type'] = json === undefined ? FORM_TYPE : 'application/json';
			headers['content-length'] = Buffer.byteLength(body);
		}
		const { request } = target.protocol === 'http:' ? http : https;
		return await new Promise<number>((resolve, reject) => {
			const agent = this.agents[target.protocol as keyof Deliverer['agents']];
			const outgoing = request(target, { method, headers, agent }, (response) => {
				const chunks: Buffer[] = [];
				let size = 0;
				response.on('data', (chunk: Buffer) => {
					if (readsResponse) chunks.push(chunk);
					size += chunk.length;
					if (size > MAX_RESPONSE_BYTES) outgoing.destroy(new Error('response too large'));
				});
				response.on('error', reject);
				response.on('close', () => {
					if (!response.complete) reject(new Error('response cut off'));
				});
				response.on('end', () => {
					if (readsResponse) delivery.responseBody = Buffer.concat(chunks).toString();
					resolve(response.statusCode ?? 0);
				});
			});
			const timer = setTimeout(
				() => outgoing.destroy(new Error('timeout')),
				delivery.timeoutMs ?? this.options.timeoutMs,
			);
			outgoing.on('error', reject);
			outgoing.on('close', () => clearTimeout(timer));
			outgoing.end(method === 'POST' ? body : undefined);
		});
	}
}

function originOf(url: string): string {
	return URL.canParse(url) ? new URL(url).origin : url;
}

function errorCode(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return code ?? message;
}
