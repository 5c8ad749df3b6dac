import type { ServerResponse } from 'node:http';

import { createStore, type Store } from '../../../sandbox/state/store.mts';
import { formatUtc } from '../../../sandbox/state/time.mts';
import type {
	Client,
	Extension,
	Limits,
	PhoneEventType,
	Task,
	TaskScheduler,
} from '../../../sandbox/state/types.mts';
import { createClock, type Clock } from '../../../sandbox/telephony/clock.mts';
import { Telephony } from '../../../sandbox/telephony/index.mts';
import { startTestServer } from '../../support/testServer.mts';

/** A request that the receiver got. */
export interface ReceivedRequest {
	method: string;
	/** Path and query exactly as they were received. */
	target: string;
	path: string;
	query: Record<string, string>;
	/** The body exactly as it was received. */
	text: string;
	/** The body as form fields. */
	body: Record<string, string>;
	contentType: string | undefined;
}

/** A server that receives the events of a PBX. */
export interface Receiver {
	url: string;
	requests: ReceivedRequest[];
	/** Number of concurrent requests, now and at most. */
	load: { current: number; max: number };
	/** Sends the response; by default 200 immediately. */
	respond: (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;
	close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
	const server = await startTestServer(async (request, response) => {
		receiver.load.max = Math.max(receiver.load.max, ++receiver.load.current);
		response.on('close', () => receiver.load.current--);
		const url = new URL(request.path, receiver.url);
		const received: ReceivedRequest = {
			method: request.method,
			target: request.path,
			path: url.pathname,
			query: Object.fromEntries(url.searchParams),
			text: request.body,
			body: Object.fromEntries(new URLSearchParams(request.body)),
			contentType: request.headers['content-type'],
		};
		receiver.requests.push(received);
		await receiver.respond(received, response);
	});
	const receiver: Receiver = {
		url: server.url,
		requests: [],
		load: { current: 0, max: 0 },
		respond: (_request, response) => void response.end(),
		close: async () => await server.stop(),
	};
	return receiver;
}

const client = { id: 4321, prefix: '1844', domain: 'sip.example.test' } as Client;

function addExtension(store: Store, fields: Partial<Extension> & { name: string }): Extension {
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
		...fields,
	});
}

/** A small PBX without its API. */
export interface TelephonyFixture {
	store: Store;
	clock: Clock;
	telephony: Telephony;
	phones: Extension[];
	queue: Extension;
	ivr: Extension;
}

/** Creates a PBX with phones 101 to 104, a queue 201, an IVR 202, a DID that routes to 101, and a virtual clock. */
export function createTelephony(): TelephonyFixture {
	const store = createStore(client, {} as Limits);
	const phones = [101, 102, 103, 104].map((n) => addExtension(store, { name: `1844*${n}` }));
	const queue = addExtension(store, { name: '1844*201', type: 'queue' });
	const ivr = addExtension(store, { name: '1844*202', type: 'ivr' });
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
	const clock = createClock({ mode: 'virtual' });
	const telephony = new Telephony({ store, clock });
	return { store, clock, telephony, phones, queue, ivr };
}

/** Registers a webhook for each type of event, also for types that the API does not offer. */
export function registerWebhooks(
	{ store }: TelephonyFixture,
	url: string,
	types: string[],
	method: 'GET' | 'POST' = 'POST',
): void {
	for (const type of types) {
		store.phoneEvents.insert({ url, method, event_type: type as PhoneEventType });
	}
}

/** The types of events that calls have. */
export const CALL_EVENTS = ['dial-in', 'dial-out', 'answer', 'hangup'];

export function addScheduler(
	pbx: TelephonyFixture,
	fields: Partial<TaskScheduler> = {},
): TaskScheduler {
	return pbx.store.taskSchedulers.insert({
		name: 'Test',
		comment: null,
		status: 'on',
		concurrent_task_limit: 1,
		interval_id: null,
		create_date_utc: formatUtc(pbx.clock.now()),
		last_call_date: null,
		...fields,
	});
}

export function addTask(
	pbx: TelephonyFixture,
	scheduler_id: number,
	fields: Partial<Task> = {},
): Task {
	return pbx.store.tasks.insert({
		scheduler_id,
		status: 'scheduled',
		name: null,
		a_number: '101',
		b_number: '+12025550121',
		extension_id: pbx.phones[0].id,
		start_time_utc: null,
		try_count: 1,
		try_again_pause: null,
		try_count_caller: null,
		try_again_pause_caller: null,
		attempts_src_ani_numbers: null,
		attempts_dst_ani_numbers: null,
		global_expires: 86_400,
		variables: null,
		callback_params: null,
		url_before: null,
		url_before_again: null,
		url_success: null,
		url_after: null,
		create_date_utc: formatUtc(pbx.clock.now()),
		finish_result: null,
		finish_comment: null,
		cdr: null,
		...fields,
	});
}

/** Creates a new PBX and a receiver for each test. The test starts the telephony. */
export function setupTelephony(): TelephonyFixture & { receiver: Receiver } {
	const fixture = {} as TelephonyFixture & { receiver: Receiver };
	beforeEach(async () => {
		Object.assign(fixture, createTelephony(), { receiver: await startReceiver() });
	});
	afterEach(async () => {
		fixture.telephony.stop();
		await fixture.receiver.close();
	});
	return fixture;
}
