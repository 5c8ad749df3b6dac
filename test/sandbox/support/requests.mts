import fc from 'fast-check';
import type { ApiOperation, Contract, Schema } from '../../../sandbox/http/contract.mts';
import type { Sandbox } from '../../../sandbox/index.mts';
import { wavOf } from '../../../sandbox/state/audio.mts';
import type { Answer, Call, Client, Json } from './client.mts';

/** Which of the optional parameters a request has: whatever comes, every one, none. */
export type Extent = 'some' | 'all' | 'required';

/**
 * Requests that the contract allows and the PBX can carry out: made from the contract's own schemas, with
 * real values where a text or number means something (an address, a date, the id of an extension).
 */
export class Requests {
	private count = 0;
	/** So many of the things that were there from the start have been taken. */
	private taken = 0;

	constructor(
		private readonly contract: Contract,
		private readonly sandbox: Sandbox,
		private readonly client: Client,
		private readonly extent: Extent = 'some',
	) {}

	/** Bodies of an operation. */
	body(operation: ApiOperation): fc.Arbitrary<Json> {
		return this.value(operation.body?.schema ?? {}, '') as fc.Arbitrary<Json>;
	}

	/** A request for the operation, on something that exists. */
	async valid(operation: ApiOperation, body: Json): Promise<Call> {
		const call: Call = { params: await this.target(operation), query: this.query(operation) };
		if (operation.body?.mediaType === 'multipart/form-data') call.form = this.form(body);
		else if (operation.body) call.body = body;
		return call;
	}

	/** Path parameters of things that exist; what an API call can create is created for it. */
	async target(operation: ApiOperation): Promise<Record<string, string | number>> {
		const params: Record<string, string | number> = {};
		const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
		for (const name of names) {
			if (name !== 'client_id') params[name] = await this.idFor(operation, name, params);
		}
		return params;
	}

	/** Creates one more of a collection. */
	async create(operation: ApiOperation, params: Json = {}): Promise<Answer> {
		const [body] = fc.sample(this.body(operation), 1);
		const call: Call = { params: params as Call['params'] };
		if (operation.body?.mediaType === 'multipart/form-data') call.form = this.form(body);
		else call.body = body;
		const answer = await this.client.call(operation, call);
		if (answer.status !== 201) throw new Error(`${operation.id}: ${answer.text}`);
		return answer;
	}

	/** The operation that creates what the item operation of this path works on. */
	creator(operation: ApiOperation): ApiOperation | undefined {
		const path = operation.path.replace(/\{\w+\}[^{}]*$/, '');
		const plural =
			path === '/client/{client_id}/phone_event/' ? path.replace('event/', 'events/') : path;
		return this.contract.operations.find((one) => one.method === 'POST' && one.path === plural);
	}

	private async idFor(
		operation: ApiOperation,
		name: string,
		params: Json,
	): Promise<string | number> {
		const { store, oauth } = this.sandbox;
		const one = (rows: Iterable<object>, key: string) => {
			const list = [...rows];
			return (list[this.taken++ % list.length] as Json)[key] as string | number;
		};
		if (name === 'alias_id') return one(store.aliases.values(), 'id');
		if (name === 'did_id') return one(store.dids.values(), 'id');
		if (name === 'session_id') return oauth.issue(oauth.application('sandbox-app') as never).id;
		if (name === 'fax_uuid') return one(store.faxes.values(), 'uuid');
		if (name === 'record_uuid') {
			const table = operation.path.includes('voicemail') ? store.voicemails : store.records;
			return one(table.values(), 'record_uuid');
		}
		const until = operation.path.slice(0, operation.path.indexOf(`{${name}}`) + name.length + 2);
		const path = name === 'task_id' ? until.replace('task/{task_id}', 'tasks/{x}') : until;
		const creator = this.creator({ ...operation, path });
		if (!creator) throw new Error(`nothing makes a ${name} for ${operation.id}`);
		const made = (await this.create(creator, params)).json as { id: number; tasks?: Json[] };
		return name === 'task_id' ? (made.tasks?.[0].id as number) : made.id;
	}

	private period(operation: ApiOperation): Record<string, unknown> {
		const start = operation.query.find(({ name }) => name === 'start_datetime');
		if (!start || (this.extent === 'required' && !start.required)) return {};
		const day = new Date(this.sandbox.clock.now() - 3 * 86_400_000).toISOString().slice(0, 10);
		return { start_datetime: `${day} 00:00:00`, end_datetime: `${day} 23:59:59` };
	}

	/** Query parameters: the period where there is one, and all others if all are wanted. */
	private query(operation: ApiOperation): Json {
		const others = operation.query.map(({ name, schema }) => [name, this.value(schema, name)]);
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

	private value(schema: Schema, name: string): fc.Arbitrary<unknown> {
		if (schema.enum) return fc.constantFrom(...schema.enum);
		const all = this.extent === 'all';
		// With all parameters, a condition has all of its own, too.
		const meaning = all && name === 'conditions' ? undefined : this.meaning(name);
		if (meaning && (schema.type !== 'array' || WHOLE_LISTS.has(name))) return meaning;
		if (schema.type === 'array') {
			const length = all ? { minLength: 2, maxLength: 2 } : { minLength: 1, maxLength: 3 };
			return fc.array(this.value(schema.items ?? {}, name), length);
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
		return schema.pattern ? stamp(schema.pattern) : text();
	}

	private fields({ properties = {}, required = [] }: Schema): fc.Arbitrary<Json> {
		const fields = Object.entries(properties).filter(([, one]) => one.format !== 'binary');
		// A task without a number is none, nor is a variable without a name, whatever is marked as required.
		const needed = new Set([...required, 'a_number', 'var']);
		const of = (some: typeof fields) =>
			Object.fromEntries(some.map(([key, one]) => [key, this.value(one, key)]));
		const neededOnes = fields.filter(([key]) => needed.has(key));
		if (this.extent === 'required') return fc.record(of(neededOnes));
		if (this.extent === 'all') return fc.record(of(fields));
		return fc.record(of(fields), { requiredKeys: neededOnes.map(([key]) => key) });
	}

	/** Values of fields whose meaning the PBX checks. */
	private meaning(name: string): fc.Arbitrary<unknown> | undefined {
		const { store } = this.sandbox;
		const unique = (make: (n: number) => string) => fc.constant(0).map(() => make(++this.count));
		const id = (rows: Iterable<{ id: number }>) =>
			fc.constantFrom(...[...rows].map((row) => row.id));
		switch (name) {
			case 'name':
				// Also a valid extension name, and a new one each time.
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

/** Lists whose meaning lies in the list, not in each of its values. */
const WHOLE_LISTS = new Set(['queue_id', 'network_address', 'conditions']);

/** A time, day or time of day, in the one of the contract's three forms that the pattern is of. */
function stamp(pattern: string): fc.Arbitrary<string> {
	const [min, max] = [new Date('2026-01-01T00:00:00Z'), new Date('2029-12-31T00:00:00Z')];
	const form = new RegExp(pattern);
	return fc.date({ min, max, noInvalidDate: true }).map((moment) => {
		const text = moment.toISOString().slice(0, 19).replace('T', ' ');
		const [day, time] = text.split(' ');
		const written = [text, day, time].find((one) => form.test(one));
		if (written === undefined) throw new Error(`no time is written like ${pattern}`);
		return written;
	});
}

/** Words of all alphabets, not blank. */
export const text = (): fc.Arbitrary<string> =>
	fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((word) => `x${word}`.trim());
