import type { ServerResponse } from 'node:http';
import { createStore, type Store } from '../../sandbox/state/store.mts';
import type { Client, Extension, Limits, Task } from '../../sandbox/state/types.mts';
import { createClock, type Clock } from '../../sandbox/telephony/clock.mts';
import { createTelephony, type Telephony } from '../../sandbox/telephony/index.mts';
import { toGmt } from '../../sandbox/telephony/time.mts';
import { startTestServer } from '../support/testServer.mts';

/** A small PBX without its API, and a server that its events go to. */

export interface Received {
	method: string;
	path: string;
	query: Record<string, string>;
	body: Record<string, string>;
	contentType: string | undefined;
}

export interface Receiver {
	url: string;
	requests: Received[];
	/** Requests being answered now, and the most there ever were. */
	load: { now: number; most: number };
	/** How it answers; by default 200 at once. */
	answer: (request: Received, response: ServerResponse) => void | Promise<void>;
	close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
	const receiver: Receiver = {
		url: '',
		requests: [],
		load: { now: 0, most: 0 },
		answer: (_request, response) => void response.end(),
		close: async () => await server.stop(),
	};
	const server = await startTestServer(async ({ method, path, headers, body }, response) => {
		receiver.load.most = Math.max(receiver.load.most, ++receiver.load.now);
		response.on('close', () => receiver.load.now--);
		const url = new URL(path, receiver.url);
		const received: Received = {
			method,
			path: url.pathname,
			query: Object.fromEntries(url.searchParams),
			body: Object.fromEntries(new URLSearchParams(body)),
			contentType: headers['content-type'],
		};
		receiver.requests.push(received);
		await receiver.answer(received, response);
	});
	receiver.url = server.url;
	return receiver;
}

const client = { id: 4321, prefix: '1844', domain: 'sip.example.test' } as Client;

function addExtension(store: Store, more: Partial<Extension> & { name: string }): Extension {
	return store.extensions.insert({
		client_id: client.id,
		label: null,
		type: 'phone',
		status: 'active',
		domain: client.domain,
		create_date: '2025-01-01 00:00:00',
		extension_group_id: null,
		caller_id_name: null,
		ani: null,
		ani_rfc3325: false,
		message_did: null,
		dial_rule_id: null,
		dial_rule_limit: null,
		did_as_transfer_caller_id: null,
		extra_params: null,
		...more,
	});
}

export interface Bench {
	store: Store;
	clock: Clock;
	telephony: Telephony;
	phones: Extension[];
	queue: Extension;
}

/** Phones 101 to 104, a queue 201, one DID that leads to 101. The clock is virtual. */
export function createBench(options: { deliveryTimeoutMs?: number; clock?: Clock } = {}): Bench {
	const store = createStore(client, {} as Limits);
	const phones = [101, 102, 103, 104].map((n) => addExtension(store, { name: `1844*${n}` }));
	const queue = addExtension(store, { name: '1844*201', type: 'queue' });
	store.dids.insert({
		client_id: client.id,
		name: '12025550100',
		comment: null,
		domain: { id: 1, name: client.domain },
		create_date: '2025-01-01 00:00:00',
		extension_id: phones[0].id,
		message_extension_id: phones[1].id,
		allow_message: true,
	});
	const clock = options.clock ?? createClock({ mode: 'virtual' });
	const telephony = createTelephony({ store, clock, ...options });
	return { store, clock, telephony, phones, queue };
}

export function register(bench: Bench, url: string, types: string[], method?: 'GET' | 'POST') {
	for (const type of types) {
		const event_type = type as 'dial-in';
		bench.store.phoneEvents.insert({ url, method: method ?? 'POST', event_type });
	}
}

export const CALL_EVENTS = ['dial-in', 'dial-out', 'answer', 'hangup'];

export function addScheduler(bench: Bench, more: object = {}) {
	return bench.store.taskSchedulers.insert({
		name: 'Test',
		comment: null,
		status: 'on',
		concurrent_task_limit: 1,
		interval_id: null,
		create_date_utc: toGmt(bench.clock.now()),
		last_call_date: null,
		...more,
	});
}

export function addTask(bench: Bench, scheduler_id: number, more: Partial<Task> = {}): Task {
	return bench.store.tasks.insert({
		scheduler_id,
		status: 'scheduled',
		name: null,
		a_number: '101',
		b_number: '+12025550121',
		extension_id: bench.phones[0].id,
		start_time_utc: null,
		try_count: 1,
		try_again_pause: null,
		global_expires: 86_400,
		variables: null,
		callback_params: null,
		url_before: null,
		url_before_again: null,
		url_success: null,
		url_after: null,
		create_date_utc: toGmt(bench.clock.now()),
		finish_result: null,
		finish_comment: null,
		cdr: null,
		...more,
	});
}
