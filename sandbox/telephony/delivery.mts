import http from 'node:http';
import https from 'node:https';
import type { HttpMethod } from '../state/types.mts';

export type Fields = Record<string, string>;

/** One request to somebody's URL, as it went. */
export interface Delivery {
	/** Counts up from 1 in the order they were asked for. */
	n: number;
	/** What it tells: `dial-in`, `agent-login`, `before`, ... */
	event: string;
	/** Deliveries of one lane to one host go out one after another, in order. */
	lane: string;
	url: string;
	method: HttpMethod;
	fields: Fields;
	/** Clock time (epoch ms) at which it was asked for. */
	at: number;
	/** HTTP status of the answer; `null` while under way and when there was none. */
	status: number | null;
	/** Why there was no answer: `ECONNREFUSED`, `timeout`, `stopped`, ... */
	error: string | null;
	/** Real milliseconds from the request to the end of the answer; `null` while under way. */
	ms: number | null;
}

export interface DelivererOptions {
	now(): number;
	/** Requests under way at the same time. */
	concurrency?: number;
	/** Real milliseconds for one whole exchange. */
	timeoutMs?: number;
	/** Deliveries kept in the log; the oldest go first. */
	logLimit?: number;
}

export type DeliveryRequest = Pick<Delivery, 'event' | 'lane' | 'url' | 'method' | 'fields'>;

interface Job {
	delivery: Delivery;
	/** Stops so far when it was asked for: the next `stop` gives it up. */
	era: number;
	done: (delivery: Delivery) => void;
}

/** Idle sockets are dropped before a usual server (5 s) closes them, so no request meets a closed one. */
const IDLE_SOCKET_MS = 3_000;

/**
 * Sends form fields to registered URLs, in the body (POST) or the query string (GET).
 *
 * A delivery is tried once: whether the PBX repeats failed ones is not known (ASSUMPTIONS.md), and a
 * repeat could hide a lost one. node:http with a keep-alive agent delivers 8,000 small bodies to a
 * local server in a third of the time that the global fetch takes.
 */
export class Deliverer {
	private readonly lanes = new Map<string, Job[]>();
	private ready: string[] = [];
	private running = 0;
	private count = 0;
	private era = 0;
	private readonly entries: Delivery[] = [];
	private readonly idleWaiters: Array<() => void> = [];
	private readonly agents: { 'http:': http.Agent; 'https:': https.Agent };
	private readonly options: Required<DelivererOptions>;

	constructor(options: DelivererOptions) {
		this.options = { concurrency: 32, timeoutMs: 10_000, logLimit: 20_000, ...options };
		const agent = {
			keepAlive: true,
			maxSockets: this.options.concurrency,
			timeout: IDLE_SOCKET_MS,
		};
		this.agents = { 'http:': new http.Agent(agent), 'https:': new https.Agent(agent) };
	}

	/** Oldest first. Entries change while they are under way. */
	get log(): readonly Delivery[] {
		return this.entries;
	}

	clearLog(): void {
		this.entries.length = 0;
	}

	/** Queues a delivery. Never rejects: what went wrong is in the result. */
	async send(request: DeliveryRequest): Promise<Delivery> {
		const delivery: Delivery = {
			n: ++this.count,
			...request,
			at: this.options.now(),
			status: null,
			error: null,
			ms: null,
		};
		this.remember(delivery);
		return await new Promise((done) => {
			const lane = `${request.lane} ${originOf(request.url)}`;
			const job: Job = { delivery, era: this.era, done };
			const jobs = this.lanes.get(lane);
			if (jobs) {
				jobs.push(job);
				return;
			}
			this.lanes.set(lane, [job]);
			this.ready.push(lane);
			this.pump();
		});
	}

	/** Resolves when nothing is queued and nothing under way. */
	async idle(): Promise<void> {
		if (this.lanes.size > 0) await new Promise<void>((done) => this.idleWaiters.push(done));
	}

	/** Gives up what is queued (error `stopped`) and cuts what is under way. New ones may come. */
	stop(): void {
		this.era++;
		for (const agent of Object.values(this.agents)) agent.destroy();
	}

	private remember(delivery: Delivery): void {
		this.entries.push(delivery);
		// Drops a tenth at once, so that a full log costs nothing per delivery.
		if (this.entries.length > this.options.logLimit) {
			this.entries.splice(0, Math.ceil(this.options.logLimit / 10));
		}
	}

	private pump(): void {
		let taken = 0;
		while (this.running < this.options.concurrency && taken < this.ready.length) {
			this.running++;
			void this.runNext(this.ready[taken++]);
		}
		if (taken > 0) this.ready = this.ready.slice(taken);
	}

	private async runNext(lane: string): Promise<void> {
		const jobs = this.lanes.get(lane)!;
		const { delivery, era, done } = jobs[0];
		const started = performance.now();
		try {
			delivery.status = await this.request(delivery, era);
		} catch (error) {
			delivery.error = reason(error);
		}
		delivery.ms = Math.round(performance.now() - started);
		done(delivery);
		jobs.shift();
		this.running--;
		if (jobs.length > 0) this.ready.push(lane);
		else this.lanes.delete(lane);
		this.pump();
		if (this.lanes.size === 0) for (const waiter of this.idleWaiters.splice(0)) waiter();
	}

	private async request({ url, method, fields }: Delivery, era: number): Promise<number> {
		if (era !== this.era) throw new Error('stopped');
		const form = new URLSearchParams(fields).toString();
		const target = new URL(url);
		if (target.protocol !== 'http:' && target.protocol !== 'https:') throw new Error('not http');
		if (method === 'GET') target.search += (target.search ? '&' : '?') + form;
		const headers: http.OutgoingHttpHeaders = { 'user-agent': 'RingMe-Sandbox-PBX' };
		if (method === 'POST') {
			headers['content-type'] = 'application/x-www-form-urlencoded';
			headers['content-length'] = Buffer.byteLength(form);
		}
		const { request } = target.protocol === 'http:' ? http : https;
		return await new Promise<number>((resolve, reject) => {
			const agent = this.agents[target.protocol as keyof Deliverer['agents']];
			const outgoing = request(target, { method, headers, agent }, (answer) => {
				answer.resume();
				answer.on('error', reject);
				answer.on('close', () => {
					if (!answer.complete) reject(new Error('answer cut off'));
				});
				answer.on('end', () => resolve(answer.statusCode ?? 0));
			});
			const timer = setTimeout(
				() => outgoing.destroy(new Error('timeout')),
				this.options.timeoutMs,
			);
			outgoing.on('error', reject);
			outgoing.on('close', () => clearTimeout(timer));
			outgoing.end(method === 'POST' ? form : undefined);
		});
	}
}

function originOf(url: string): string {
	return URL.canParse(url) ? new URL(url).origin : url;
}

function reason(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return code ?? message;
}
