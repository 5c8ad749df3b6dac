import fc from 'fast-check';
import type { ApiOperation, Contract, Schema } from '../../../sandbox/http/contract.mts';
import type { Sandbox } from '../../../sandbox/index.mts';
import { wavOf } from '../../../sandbox/state/audio.mts';
import type { Call, Client, ClientResponse, Json } from './client.mts';

/** Which optional parameters a request has: a random selection, all, or none. */
export type Extent = 'some' | 'all' | 'required';

/**
 * Generates requests that are valid by the contract and accepted by the PBX: from the schemas of the
 * contract, with meaningful values where the PBX checks them (phone numbers, dates, ids of extensions).
 */
export class Requests {
	/** Number of unique values so far. */
	private count = 0;
	/** Number of existing records used so far. */
	private usedRecords = 0;

	constructor(
		private readonly contract: Contract,
		private readonly sandbox: Sandbox,
		private readonly client: Client,
		private readonly extent: Extent = 'some',
	) {}

	/** Generates bodies of an operation. */
	body(operation: ApiOperation): fc.Arbitrary<Json> {
		return this.generate(operation.body?.schema ?? {}, '') as fc.Arbitrary<Json>;
	}

	/** A request for the operation, on a record that exists. */
	async valid(operation: ApiOperation, body: Json): Promise<Call> {
		const call: Call = { params: await this.target(operation), query: this.query(operation) };
		if (operation.body?.mediaType === 'multipart/form-data') call.form = this.form(body);
		else if (operation.body) call.body = body;
		return call;
	}

	/** Path parameters of an existing record, which is created if the API can create it. */
	async target(operation: ApiOperation): Promise<Record<string, string | number>> {
		const params: Record<string, string | number> = {};
		const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
		for (const name of names) {
			if (name !== 'client_id') params[name] = await this.parameterValue(operation, name, params);
		}
		return params;
	}

	/** Creates a record by a create operation. */
	async create(operation: ApiOperation, params: Json = {}): Promise<ClientResponse> {
		const [body] = fc.sample(this.body(operation), 1);
		const call: Call = { params: params as Call['params'] };
		if (operation.body?.mediaType === 'multipart/form-data') call.form = this.form(body);
		else call.body = body;
		const response = await this.client.call(operation, call);
		if (response.status !== 201) throw new Error(`${operation.id}: ${response.text}`);
		return response;
	}

	/** The operation that creates the records that this operation works on. */
	creator(operation: ApiOperation): ApiOperation | undefined {
		const path = operation.path.replace(/\{\w+\}[^{}]*$/, '');
		const plural =
			path === '/client/{client_id}/phone_event/' ? path.replace('event/', 'events/') : path;
		return this.contract.operations.find(
			({ method, path: other }) => method === 'POST' && other === plural,
		);
	}

	private async parameterValue(
		operation: ApiOperation,
		name: string,
		params: Json,
	): Promise<string | number> {
		const { store, oauth } = this.sandbox;
		const nextRecord = (rows: Iterable<object>, key: string) => {
			const list = [...rows];
			return (list[this.usedRecords++ % list.length] as Json)[key] as string | number;
		};
		if (name === 'alias_id') return nextRecord(store.aliases.values(), 'id');
		if (name === 'did_id') return nextRecord(store.dids.values(), 'id');
		if (name === 'session_id') return oauth.issue(oauth.application('sandbox-app') as never).id;
		if (name === 'fax_uuid') return nextRecord(store.faxes.values(), 'uuid');
		if (name === 'extension_id' && operation.path.startsWith('/extension/')) {
			return nextRecord(
				store.extensions.filter(({ type }) => type === 'phone'),
				'id',
			);
		}
		const extension_id = Number(params.extension_id);
		if (name === 'message_id') {
			const [message] = store.messages.values();
			return store.messages.insert({ ...message, id: `m${++this.count}`, extension_id }).id;
		}
		if (name === 'registration_id') {
			const registration_id = `r${++this.count}`;
			store.registrations.insert({ ...this.registration, registration_id, extension_id });
			return registration_id;
		}
		if (name === 'call_api_id') return this.startCall(Number(params.extension_id));
		if (name === 'call_uuid') return nextRecord(store.pastCalls.values(), 'call_uuid');
		if (name === 'record_uuid') {
			const table = operation.path.includes('voicemail') ? store.voicemails : store.records;
			return nextRecord(table.values(), 'record_uuid');
		}
		const prefix = operation.path.slice(0, operation.path.indexOf(`{${name}}`) + name.length + 2);
		const path = name === 'task_id' ? prefix.replace('task/{task_id}', 'tasks/{x}') : prefix;
		const creator = this.creator({ ...operation, path });
		if (!creator) throw new Error(`nothing creates a ${name} for ${operation.id}`);
		const created = (await this.create(creator, params)).json as { id: number; tasks?: Json[] };
		return name === 'task_id' ? (created.tasks?.[0].id as number) : created.id;
	}

	private readonly registration = {
		device: 'Softphone',
		real_address: '192.0.2.1:5060',
		contact_address: 'sip:101@192.0.2.1:5060',
		expires_at: 0,
	};

	/** Starts a call that the extension takes part in. @returns the handle of its leg */
	private startCall(extensionId: number): string {
		const { store, telephony } = this.sandbox;
		const owner = store.extensions.get(extensionId);
		if (!owner) throw new Error(`there is no extension ${extensionId}`);
		const sources = [owner.name];
		return telephony.control.start({ owner, sources, destination: '447700900121' }).legs[0]
			.callApiId;
	}

	private period(operation: ApiOperation): Record<string, unknown> {
		const start = operation.query.find(({ name }) => name === 'start_datetime');
		if (!start || (this.extent === 'required' && !start.required)) return {};
		const day = new Date(this.sandbox.clock.now() - 3 * 86_400_000).toISOString().slice(0, 10);
		return { start_datetime: `${day} 00:00:00`, end_datetime: `${day} 23:59:59` };
	}

	/** Query parameters: the period, and all others if the extent is `all`. */
	private query(operation: ApiOperation): Json {
		const others = operation.query.map(({ name, schema }) => [name, this.generate(schema, name)]);
		const [query] =
			this.extent === 'all' ? fc.sample(fc.record(Object.fromEntries(others)), 1) : [];
		return { ...(query as Json), ...this.period(operation) };
	}

	private form(fields: Json): FormData {
		const form = new FormData();
		for (const [name, value] of Object.entries(fields)) {
			if (name !== 'file') form.append(name, String(value));
		}
		form.append(
			'file',
			new Blob([new Uint8Array(wavOf(0.1, 440))], { type: 'audio/x-wav' }),
			'a.wav',
		);
		return form;
	}

	private generate(schema: Schema, name: string): fc.Arbitrary<unknown> {
		if (schema.enum) return fc.constantFrom(...schema.enum);
		const all = this.extent === 'all';
		// With all parameters a condition has all fields, which the fixed values do not have.
		const fixed = all && name === 'conditions' ? undefined : this.acceptedValues(name);
		if (fixed && (schema.type !== 'array' || FIXED_LISTS.has(name))) return fixed;
		if (schema.type === 'array') {
			const length = all ? { minLength: 2, maxLength: 2 } : { minLength: 1, maxLength: 3 };
			return fc.array(this.generate(schema.items ?? {}, name), length);
		}
		if (schema.type === 'boolean') return fc.boolean();
		if (schema.type === 'integer') {
			return fc.integer({ min: schema.minimum ?? 1, max: Math.min(schema.maximum ?? 28, 28) });
		}
		if (schema.type === 'object' && schema.properties) return this.fields(schema);
		if (schema.type === 'object') {
			const keys = fc.constantFrom('x', 'y');
			return fc.dictionary(keys, text(), all ? { minKeys: 2, maxKeys: 2 } : {});
		}
		return schema.pattern ? dateOrTime(schema.pattern) : text();
	}

	private fields({ properties = {}, required = [] }: Schema): fc.Arbitrary<Json> {
		const fields = Object.entries(properties).filter(
			([, property]) => property.format !== 'binary',
		);
		// The PBX also requires the number of a task and the name of a variable, which the contract does not.
		const requiredNames = new Set([...required, 'a_number', 'var']);
		const requiredFields = fields.filter(([key]) => requiredNames.has(key));
		const generators = (selected: typeof fields) =>
			Object.fromEntries(selected.map(([key, property]) => [key, this.generate(property, key)]));
		if (this.extent === 'required') return fc.record(generators(requiredFields));
		if (this.extent === 'all') return fc.record(generators(fields));
		return fc.record(generators(fields), { requiredKeys: requiredFields.map(([key]) => key) });
	}

	/** Values that the PBX accepts, for fields that it checks. */
	private acceptedValues(name: string): fc.Arbitrary<unknown> | undefined {
		const { store } = this.sandbox;
		const unique = (make: (n: number) => string) => fc.constant(0).map(() => make(++this.count));
		const id = (rows: Iterable<{ id: number }>) =>
			fc.constantFrom(...[...rows].map((row) => row.id));
		switch (name) {
			case 'name':
				// A new name each time, which is also a valid extension name.
				return unique((n) => String(1000 + n));
			case 'login':
				return unique((n) => `user${n}`);
			case 'extension_id':
			case 'message_extension_id':
				return id([...store.extensions.values()].slice(0, 10));
			case 'queue_id':
				return fc.constant(
					[...store.extensions.values()].filter((e) => e.type === 'queue').map((e) => e.id),
				);
			case 'extension_group_id':
				return id([...store.extensionGroups.values()].slice(0, 2));
			case 'agent_sound_id':
			case 'announce_sound_id':
			case 'dst_announce_sound_id':
			case 'hold_music':
				return id([...store.sounds.values()].slice(0, 2));
			case 'dial_rule_id':
				return id([...store.dialRules.values()].slice(0, 1));
			case 'sip_network_permission_id':
				return id([...store.networkPermissions.values()].slice(0, 1));
			case 'interval_id':
				return id([...store.intervals.values()].slice(0, 2));
			case 'timezone':
				return fc.constantFrom('Europe/London', 'UTC', 'Asia/Tokyo');
			case 'email':
			case 'emails':
			case 'email_for_notify':
				return fc.constant('someone@example.com');
			case 'src_num':
				return fc.constantFrom('101', '102', '447700900121');
			case 'autoanswer':
			case 'autoanswer_src':
			case 'autoanswer_dst':
				return fc.constantFrom('0', '30');
			case 'dst_dtmf':
				return fc.constantFrom('1W2#', '0');
			case 'dst_num':
			case 'send_dst':
			case 'to_username':
			case 'transfer_after_src_hangup':
			case 'transfer_after_dst_hangup':
			case 'a_number':
			case 'b_number':
			case 'number':
			case 'ani_number':
			case 'message_did':
				return fc.integer({ min: 447700900000, max: 447700900999 }).map(String);
			case 'start_datetime':
			case 'start_time_utc':
				return fc.constant('2026-01-10 08:00:00');
			case 'end_datetime':
				return fc.constant('2026-01-20 08:00:00');
			case 'network_address':
				return fc.constant(['192.0.2.1', '198.51.100.0/24']);
			case 'conditions':
				return fc.constantFrom(
					[{ start_dow: 2, end_dow: 6, start_time: '09:00', end_time: '18:00:00' }],
					[{ month: 5 }, { start_mday: 1, end_mday: 2 }],
				);
			default:
				return /^(url|url_.*|call_interactive_url)$/.test(name)
					? fc.constant('http://127.0.0.1:9/hook')
					: undefined;
		}
	}
}

/** Fields for which `acceptedValues` gives a whole list, not its items. */
const FIXED_LISTS = new Set(['queue_id', 'network_address', 'conditions']);

/** Generates date-times, dates or times of day: whichever format the pattern matches. */
function dateOrTime(pattern: string): fc.Arbitrary<string> {
	const [min, max] = [new Date('2026-01-01T00:00:00Z'), new Date('2029-12-31T00:00:00Z')];
	const format = new RegExp(pattern);
	return fc.date({ min, max, noInvalidDate: true }).map((moment) => {
		const text = moment.toISOString().slice(0, 19).replace('T', ' ');
		const [day, time] = text.split(' ');
		const match = [text, day, time].find((candidate) => format.test(candidate));
		if (match === undefined) throw new Error(`no date or time matches ${pattern}`);
		return match;
	});
}

/** Generates texts of all alphabets that are not blank. */
export const text = (): fc.Arbitrary<string> =>
	fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((word) => `x${word}`.trim());
