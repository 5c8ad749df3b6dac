/** From a request to the output of the trigger: pure functions, tested with any input. */
import fc from 'fast-check';
import { tryToParseDateTime } from 'n8n-workflow';

import { parseFields, isAuthentic } from '../../nodes/RingMeTrigger/webhook/parsePayload';
import { eventOf, EVENTS, isInternal, simplify } from '../../nodes/RingMeTrigger/events/events';
import type { Fields } from '../../nodes/shared/webhook/fields';
import { matchesFilters, type Filters } from '../../nodes/RingMeTrigger/webhook/filters';
import { isDuplicate } from '../../nodes/RingMeTrigger/webhook/deduplicate';

const FORM = 'application/x-www-form-urlencoded';

/** An inbound call as captured from a PBX by an integrator (numbers changed). */
const HANGUP: Fields = {
	EventType: 'hangup',
	EventTime: '1502985686478202',
	CallID: '262077ef325f4868aa49bf22309229f7',
	SubCallID: '85219-e6bd7bb2622b4243',
	CallAPIID: '3584709739-262077ef-325f',
	CallFlow: 'IN',
	CallStatus: 'ANSWER',
	CallerIDNum: '+447700900123',
	CallerIDName: 'Ann Example',
	CalledNumber: '1844*102',
	CalledExtension: '1844*102@sip.example.com',
	CalledExtensionID: '85219',
	CalledDID: '442079460100',
	Duration: '11420018',
	RecID: '85219-0a1b',
};

const NAMES = [
	...Object.keys(HANGUP),
	'Bridged',
	'BridgedDuration',
	'Transfered',
	'RemoteNumber',
	'CallerExtension',
	'event_type',
	'agent_status',
	'agent_id',
	'src_number',
	'dst_number',
	'did_number',
	'text',
	'status',
	'old_status_id',
	'new_status_id',
	'extension_name',
	'extension_id',
	'constructor',
	'toString',
];
const VALUES = [
	'',
	'in',
	'OUT',
	'yes',
	'NO',
	'dial-in',
	'hangup',
	'ANSWER',
	'1844*101',
	'constructor',
];
const anyFields = fc.dictionary(
	fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 20 })),
	fc.oneof(fc.constantFrom(...VALUES), fc.string(), fc.bigInt({ min: 0n }).map(String)),
	{ maxKeys: 25 },
);

describe('Simplify', () => {
	it('simplifies an inbound call', () => {
		expect(simplify('hangup', HANGUP)).toEqual({
			event: 'hangup',
			time: '2017-08-17T16:01:26.478202Z',
			direction: 'in',
			status: 'ANSWER',
			from: '+447700900123',
			fromName: 'Ann Example',
			to: '1844*102',
			did: '442079460100',
			extension: '1844*102',
			extensionId: 85219,
			duration: 11.420018,
			missed: false,
			recordId: '85219-0a1b',
			callId: '262077ef325f4868aa49bf22309229f7',
			legId: '85219-e6bd7bb2622b4243',
			callApiId: '3584709739-262077ef-325f',
		});
	});

	it.each([
		['', null],
		['None', null],
		['7', 7],
		['0', 0],
	])('reads a call status "%s" as %s', (sent, expected) => {
		const fields = { event_type: 'call-status-change', old_status_id: sent, new_status_id: sent };
		expect(simplify('call-status-change', fields)).toEqual({
			event: 'call-status-change',
			oldStatusId: expected,
			newStatusId: expected,
		});
	});

	it('leaves out fields in which the PBX writes "None", but not the words of people', () => {
		const fields = {
			...HANGUP,
			RecID: 'None',
			CalledDID: 'None',
			CallerIDName: 'None',
			Tag: 'None',
		};
		const simple = simplify('hangup', fields);
		expect(simple).toMatchObject({ fromName: 'None', tag: 'None' });
		for (const name of ['recordId', 'did']) expect(simple).not.toHaveProperty(name);
	});

	it('outputs the number from which a call was forwarded', () => {
		expect(simplify('dial-in', { Diversion: '442079460100' })).toMatchObject({
			diversion: '442079460100',
		});
	});

	it('uses the calling extension of an outbound call and the called one of an inbound call', () => {
		const fields = {
			CallFlow: 'out',
			CallerExtension: '1844*101@sip',
			CallerExtensionID: '7',
			CalledExtension: '1844*102@sip',
			CalledExtensionID: '8',
		};
		expect(simplify('dial-out', fields)).toMatchObject({ extension: '1844*101', extensionId: 7 });
		expect(simplify('dial-in', { ...fields, CallFlow: 'in' })).toMatchObject({ extensionId: 8 });
	});

	it.each([
		['a call answered at this phone', { CallStatus: 'ANSWER' }, false],
		['a call not answered at this phone', { CallStatus: 'NOANSWER' }, true],
		['a call of a queue that was answered', { CallStatus: 'ANSWER', Bridged: 'yes' }, false],
		['a call of a queue that was not answered', { CallStatus: 'ANSWER', Bridged: 'no' }, true],
		['a call without a status', {}, undefined],
	])('recognizes whether %s was missed', (_, fields, missed) => {
		expect(simplify('hangup', { CallFlow: 'in', ...fields }).missed).toBe(missed);
		expect(simplify('hangup', { CallFlow: 'out', ...fields }).missed).toBeUndefined();
		expect(simplify('answer', { CallFlow: 'in', ...fields }).missed).toBeUndefined();
	});

	it('keeps every microsecond of every time, whatever the time zone of n8n', () => {
		const { TZ } = process.env;
		try {
			for (const zone of ['UTC', 'Europe/Moscow', 'America/St_Johns', 'Pacific/Apia']) {
				process.env.TZ = zone;
				const micros = fc.integer({ min: 0, max: 4_102_444_800_000_000 });
				fc.assert(
					fc.property(micros, (micro) => {
						const time = String(simplify('answer', { EventTime: String(micro) }).time);
						expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
						expect(Date.parse(time)).toBe(Math.floor(micro / 1000));
						expect(tryToParseDateTime(time).toMillis()).toBe(Math.floor(micro / 1000));
						expect(Number(time.slice(-4, -1))).toBe(micro % 1000);
					}),
				);
			}
		} finally {
			if (TZ === undefined) delete process.env.TZ;
			else process.env.TZ = TZ;
		}
	});

	it('returns plain JSON without empty or unreadable values for any fields', () => {
		fc.assert(
			fc.property(anyFields, (fields) => {
				const simplified = simplify(eventOf(fields), fields);
				expect(JSON.parse(JSON.stringify(simplified))).toEqual(simplified);
				for (const [name, value] of Object.entries(simplified)) {
					expect(['string', 'number', 'boolean', 'object']).toContain(typeof value);
					if (value === null) expect(name).toMatch(/StatusId$/);
					if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
					if (name !== 'event') expect(value).not.toBe('');
				}
			}),
			{ numRuns: 500 },
		);
	});
});

describe('the event type of a request', () => {
	it.each<[string, Fields, string | undefined, string]>([
		['a call', { EventType: 'dial-in' }, 'dial-in', 'dial-in'],
		[
			'a change of the call status',
			{ event_type: 'call-status-change' },
			undefined,
			'call-status-change',
		],
		[
			'a received text message',
			{ src_number: '1', did_number: '2', text: 'a' },
			undefined,
			'message-in',
		],
		[
			'a sent text message',
			{ src_number: '1', dst_number: '2', text: 'a' },
			undefined,
			'message-out',
		],
		[
			'the status of a sent text message',
			{ dst_number: '2', status: 'sent' },
			'message-out',
			'message-out-status',
		],
		['a login of an agent', { agent_id: '1', agent_status: 'available' }, undefined, 'agent-login'],
		[
			'a logout of an agent',
			{ agent_id: '1', agent_status: 'logged_out' },
			'agent-login',
			'agent-logout',
		],
		['a voicemail with unknown fields', { uuid: '1' }, 'voicemail', 'voicemail'],
		['an event of an unknown type', { EventType: 'fax-in' }, 'dial-in', 'fax-in'],
		['fields without an event', { a: 'b' }, undefined, 'unknown'],
	])('recognizes %s', (_, fields, registered, event) => {
		expect(eventOf(fields, registered)).toBe(event);
	});

	it('has a name and a description for every event that can be selected', () => {
		expect(EVENTS).toHaveLength(11);
		for (const { name, description } of EVENTS) {
			expect(name).toMatch(/^[A-Z]/);
			expect(description).toMatch(/^[A-Z]/);
			// Only several sentences end with a period.
			expect(description.endsWith('.')).toBe(description.includes('. '));
		}
	});
});

describe('internal calls', () => {
	const internalCall = {
		CallerIDNum: '1844*101',
		CalledNumber: '1844*102',
		CalledExtensionID: '8',
	};
	it.each<[string, Fields, boolean]>([
		['a call between extensions', internalCall, true],
		[
			'a call of an extension without prefix',
			{ ...internalCall, CallerIDNum: '101', CallerExtension: '1844*101@sip' },
			true,
		],
		['a call of a short external number', { ...internalCall, CallerIDNum: '101' }, false],
		['an inbound call', { ...internalCall, CallerIDNum: '+447700900123' }, false],
		[
			'an inbound call through a queue, which is the calling extension',
			{ ...internalCall, CallerIDNum: '+447700900123', CallerExtension: '1844*900@sip' },
			false,
		],
		['an outbound call', { CallerIDNum: '1844*101', CalledNumber: '+447700900123' }, false],
		[
			'a transferred call of an external number',
			{ ...internalCall, RemoteNumber: '+447700900123' },
			false,
		],
		['a transferred leg of a call', { ...internalCall, Transfered: 'yes' }, false],
		['a call without numbers', {}, false],
	])('recognizes whether %s is internal', (_, fields, internal) => {
		expect(isInternal(fields)).toBe(internal);
	});
});

describe('filters', () => {
	const matches = (event: string, fields: Fields, filters: Filters) =>
		matchesFilters({ event, fields, simple: simplify(event, fields) }, filters);
	const extensionFilter = (...values: string[]) => ({
		extensions: {
			rows: values.map((value) => ({ extension: { __rl: true, mode: 'list', value } })),
		},
	});

	it.each<[string, Filters, boolean]>([
		['no filter', {}, true],
		['its direction', { direction: 'in' }, true],
		['the other direction', { direction: 'out' }, false],
		['the status of a sent text message', { callStatus: ['BUSY', 'ANSWER'] }, true],
		['other statuses', { callStatus: ['BUSY'] }, false],
		['an empty list of statuses', { callStatus: [] }, true],
		['missed calls only', { missedOnly: true }, false],
		['its extension by ID', extensionFilter('85219'), true],
		['its extension by number', extensionFilter('102'), true],
		['its extension by name', extensionFilter('1844*102'), true],
		['its extension by name and domain', extensionFilter('1844*102@sip.example.com'), true],
		['its extension among several', extensionFilter('7', '102'), true],
		['another extension', extensionFilter('10'), false],
		['an extension that is not selected yet', extensionFilter(''), true],
		['no internal calls', { ignoreInternal: true }, true],
	])('matches an inbound call against %s', (_, filters, expected) => {
		expect(matches('hangup', HANGUP, filters)).toBe(expected);
	});

	it('lets only missed calls pass, and no internal ones, with both filters', () => {
		const missed = { ...HANGUP, CallStatus: 'CANCEL' };
		expect(matches('hangup', missed, { missedOnly: true })).toBe(true);
		expect(matches('dial-in', missed, { missedOnly: true })).toBe(false);
		const internal = { ...missed, CallerIDNum: '1844*101' };
		expect(matches('hangup', internal, { missedOnly: true, ignoreInternal: true })).toBe(false);
	});

	it.each([
		['order 7', 'order 7', true],
		['order 7', 'order', false],
		['order 7', 'order*', true],
		['order 7', '*', true],
		[undefined, 'order*', false],
		[undefined, '*', false],
		[undefined, '', true],
	])('matches a call with the tag %p against the filter %p', (tag, filter, expected) => {
		const fields = { ...HANGUP, ...(tag && { Tag: tag }) };
		expect(matches('hangup', fields, { tag: filter })).toBe(expected);
		expect(simplify('hangup', fields).tag).toBe(tag);
	});

	it('applies filters for calls to no other events', () => {
		const filters = { callStatus: ['BUSY'], missedOnly: true, ignoreInternal: true };
		expect(matches('message-in', { src_number: '1' }, filters)).toBe(true);
		expect(matches('agent-login', { agent_id: '1' }, { ...filters, ...extensionFilter('7') })).toBe(
			true,
		);
		expect(matches('message-out', { dst_number: '1' }, { direction: 'in' })).toBe(false);
		const message = { src_number: '1', extension_name: '1844*102@sip', extension_id: '8' };
		expect(matches('message-in', message, extensionFilter('102'))).toBe(true);
		expect(matches('message-in', message, extensionFilter('103'))).toBe(false);
		expect(
			matches('fax-in', { EventType: 'fax-in' }, { ...filters, ...extensionFilter('7') }),
		).toBe(true);
	});
});

describe('the fields of a request', () => {
	const request = (more: object) => ({ query: {}, body: {}, bodyBytes: 0, ...more });
	const form = (body: unknown) => request({ body, contentType: FORM, bodyBytes: 10 });

	it('joins query and body without the parameters of the URL, and the body takes precedence', () => {
		const query = { secret: 's', event: 'dial-in', a: '1', b: '1' };
		const body = { b: '2', secret: 'of the event' };
		expect(
			parseFields({ query, body, contentType: `${FORM}; charset=utf-8`, bodyBytes: 9 }),
		).toEqual({
			a: '1',
			b: '2',
			secret: 'of the event',
		});
		expect(parseFields(request({ query }))).toEqual({ a: '1', b: '1' });
		expect(parseFields(form({ tag: ['1', '2'] }))).toEqual({ tag: '2' });
	});

	it.each<[string, Parameters<typeof parseFields>[0]]>([
		['an empty request', request({})],
		[
			'a request with only the parameters of the URL',
			request({ query: { secret: 's', event: 'hangup' } }),
		],
		['an empty form', form({})],
		['another content type', { ...form({ a: '1' }), contentType: 'application/json' }],
		['no content type', { ...form({ a: '1' }), contentType: undefined }],
		[
			'a content type that only begins like a form',
			{ ...form({ a: '1' }), contentType: `${FORM}2` },
		],
		[
			'a body that n8n could not parse',
			request({ query: { a: '1' }, bodyBytes: 3, body: undefined }),
		],
		['a nested value', form({ a: { b: '1' } })],
		['a nested value in the query', request({ query: { a: { b: { c: '1' } } } })],
		['a list of objects', form({ a: [{}] })],
		['an empty list', form({ a: [] })],
		['a number', form({ a: 1 })],
		['a field named __proto__', form(JSON.parse('{"__proto__": "1"}'))],
		['too many fields', form(Object.fromEntries(Array.from({ length: 201 }, (_, n) => [n, ''])))],
		['a body that is too long', { ...form({ a: '1' }), bodyBytes: 128 * 1024 + 1 }],
	])('rejects %s', (_, invalidRequest) => expect(parseFields(invalidRequest)).toBeUndefined());

	it('returns text fields or nothing for any request', () => {
		fc.assert(
			fc.property(fc.object(), fc.anything(), (query, body) => {
				const fields = parseFields({ query, body, contentType: FORM, bodyBytes: 1 });
				if (!fields) return;
				expect(Object.values(fields).every((value) => typeof value === 'string')).toBe(true);
				expect(Object.keys(fields).length).toBeGreaterThan(0);
				simplify(eventOf(fields), fields);
			}),
			{ numRuns: 500 },
		);
	});

	it('accepts only exactly the secret', () => {
		const secret = 'c2VjcmV0LXNlY3JldA';
		const accepts = (received: unknown, expected: unknown = secret) =>
			isAuthentic(request({ query: { secret: received } }), expected);
		expect(accepts(secret)).toBe(true);
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.anything()), (received) => {
				fc.pre(received !== secret);
				expect(accepts(received)).toBe(false);
				expect(accepts(received, undefined)).toBe(false);
				expect(accepts(received, '')).toBe(false);
			}),
		);
		expect(accepts([secret])).toBe(false);
		expect(accepts(undefined, undefined)).toBe(false);
	});
});

describe('duplicate events', () => {
	let count = 0;
	const newNode = () => `node ${++count}`;
	const hangupOfLeg = (number: number) => ({ ...HANGUP, SubCallID: `leg ${number}` });

	it('recognizes the same event of the same leg at the same time', () => {
		const node = newNode();
		const isKnown = (event: string, changes: Fields = {}) =>
			isDuplicate(node, event, { ...HANGUP, ...changes });
		expect(isKnown('hangup')).toBe(false);
		expect(isKnown('hangup')).toBe(true);
		expect(isKnown('hangup', { Duration: 'another' })).toBe(true);
		expect(isKnown('answer')).toBe(false);
		expect(isKnown('hangup', { SubCallID: 'another' })).toBe(false);
		expect(isKnown('hangup', { EventTime: '1' })).toBe(false);
		expect(isKnown('hangup', { SubCallID: '' })).toBe(false);
		expect(isKnown('hangup', { SubCallID: '' })).toBe(true);
		expect(isDuplicate(newNode(), 'hangup', HANGUP)).toBe(false);
	});

	it('regards events without a time or a call as no duplicates', () => {
		const node = newNode();
		const events: Fields[] = [{ text: 'ok', src_number: '1' }, { EventTime: '1' }, { CallID: '1' }];
		for (const fields of events) {
			expect(isDuplicate(node, 'x', fields)).toBe(false);
			expect(isDuplicate(node, 'x', fields)).toBe(false);
		}
	});

	it('forgets an event after ten minutes', () => {
		const node = newNode();
		expect(isDuplicate(node, 'hangup', HANGUP, 0)).toBe(false);
		expect(isDuplicate(node, 'hangup', HANGUP, 599_999)).toBe(true);
		expect(isDuplicate(node, 'hangup', HANGUP, 600_000)).toBe(false);
	});

	it('remembers the latest 20,000 events of a node, and the latest 1,000 nodes', () => {
		const node = newNode();
		for (let n = 0; n <= 20_000; n++) isDuplicate(node, 'hangup', hangupOfLeg(n), n);
		expect(isDuplicate(node, 'hangup', hangupOfLeg(1), 20_001)).toBe(true);
		expect(isDuplicate(node, 'hangup', hangupOfLeg(0), 20_001)).toBe(false);

		const firstNode = newNode();
		isDuplicate(firstNode, 'hangup', HANGUP);
		for (let n = 0; n < 999; n++) isDuplicate(newNode(), 'hangup', HANGUP);
		expect(isDuplicate(firstNode, 'hangup', HANGUP)).toBe(true);
		for (let n = 0; n < 1_000; n++) isDuplicate(newNode(), 'hangup', HANGUP);
		expect(isDuplicate(firstNode, 'hangup', HANGUP)).toBe(false);
	});
});
