/** What a delivery becomes: pure functions, any input. */
import fc from 'fast-check';
import { tryToParseDateTime } from 'n8n-workflow';

import { parseFields, isAuthentic } from '../../nodes/RingMeTrigger/webhook/parsePayload';
import {
	eventOf,
	EVENTS,
	isInternal,
	simplify,
	type Fields,
} from '../../nodes/RingMeTrigger/events/events';
import { matchesFilters, type Filters } from '../../nodes/RingMeTrigger/webhook/filters';
import { isDuplicate } from '../../nodes/RingMeTrigger/webhook/deduplicate';

const FORM = 'application/x-www-form-urlencoded';

/** An incoming call as captured from a PBX by an integrator (numbers changed). */
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

const WORDS = [
	...Object.keys(HANGUP),
	...['Bridged', 'BridgedDuration', 'Transfered', 'RemoteNumber', 'CallerExtension', 'event_type'],
	...['agent_status', 'agent_id', 'src_number', 'dst_number', 'did_number', 'text', 'status'],
	...[
		'old_status_id',
		'new_status_id',
		'extension_name',
		'extension_id',
		'constructor',
		'toString',
	],
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
	fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 20 })),
	fc.oneof(fc.constantFrom(...VALUES), fc.string(), fc.bigInt({ min: 0n }).map(String)),
	{ maxKeys: 25 },
);

describe('Simplify', () => {
	it('makes an incoming call readable', () => {
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

	it('takes the calling extension of an outgoing call', () => {
		const fields = {
			...{ CallFlow: 'out', CallerExtension: '1844*101@sip', CallerExtensionID: '7' },
			...{ CalledExtension: '1844*102@sip', CalledExtensionID: '8' },
		};
		expect(simplify('dial-out', fields)).toMatchObject({ extension: '1844*101', extensionId: 7 });
		expect(simplify('dial-in', { ...fields, CallFlow: 'in' })).toMatchObject({ extensionId: 8 });
	});

	it.each([
		['answered at this phone', { CallStatus: 'ANSWER' }, false],
		['not answered at this phone', { CallStatus: 'NOANSWER' }, true],
		['a queue whose caller talked', { CallStatus: 'ANSWER', Bridged: 'yes' }, false],
		['a queue whose caller gave up', { CallStatus: 'ANSWER', Bridged: 'no' }, true],
		['nothing told', {}, undefined],
	])('missed: %s', (_, fields, missed) => {
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

	it('of anything gives plain JSON without empty, invented or unreadable values', () => {
		fc.assert(
			fc.property(anyFields, (fields) => {
				const simple = simplify(eventOf(fields), fields);
				expect(JSON.parse(JSON.stringify(simple))).toEqual(simple);
				for (const [name, value] of Object.entries(simple)) {
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

describe('the event of a delivery', () => {
	it.each<[string, Fields, string | undefined, string]>([
		['a call', { EventType: 'dial-in' }, 'dial-in', 'dial-in'],
		['a status of a phone', { event_type: 'call-status-change' }, undefined, 'call-status-change'],
		[
			'an incoming message',
			{ src_number: '1', did_number: '2', text: 'a' },
			undefined,
			'message-in',
		],
		[
			'an outgoing message',
			{ src_number: '1', dst_number: '2', text: 'a' },
			undefined,
			'message-out',
		],
		['its status', { dst_number: '2', status: 'sent' }, 'message-out', 'message-out-status'],
		['a login', { agent_id: '1', agent_status: 'available' }, undefined, 'agent-login'],
		['a logout', { agent_id: '1', agent_status: 'logged_out' }, 'agent-login', 'agent-logout'],
		['a voicemail of unknown form', { uuid: '1' }, 'voicemail', 'voicemail'],
		['something never heard of', { EventType: 'fax-in' }, 'dial-in', 'fax-in'],
		['something that says nothing', { a: 'b' }, undefined, 'unknown'],
	])('%s', (_, fields, registered, event) => {
		expect(eventOf(fields, registered)).toBe(event);
	});

	it('is one of those to choose from, all with a name and an explanation', () => {
		expect(EVENTS).toHaveLength(9);
		for (const { name, description } of EVENTS) {
			expect(name).toMatch(/^[A-Z]/);
			expect(description).toMatch(/^[A-Z].*[^.]$/);
		}
	});
});

describe('internal calls', () => {
	const inside = { CallerIDNum: '1844*101', CalledNumber: '1844*102', CalledExtensionID: '8' };
	it.each<[string, Fields, boolean]>([
		['extension to extension', inside, true],
		[
			'the caller without prefix',
			{ ...inside, CallerIDNum: '101', CallerExtension: '1844*101@sip' },
			true,
		],
		['a short number from outside', { ...inside, CallerIDNum: '101' }, false],
		['from outside', { ...inside, CallerIDNum: '+447700900123' }, false],
		[
			'from outside through a queue, which stands as the calling extension',
			{ ...inside, CallerIDNum: '+447700900123', CallerExtension: '1844*900@sip' },
			false,
		],
		['to outside', { CallerIDNum: '1844*101', CalledNumber: '+447700900123' }, false],
		['a transfer of an outside call', { ...inside, RemoteNumber: '+447700900123' }, false],
		['a transferred leg', { ...inside, Transfered: 'yes' }, false],
		['nothing told', {}, false],
	])('%s', (_, fields, internal) => expect(isInternal(fields)).toBe(internal));
});

describe('filters', () => {
	const starts = (event: string, fields: Fields, filters: Filters) =>
		matchesFilters({ event, fields, simple: simplify(event, fields) }, filters);
	const locator = (...values: string[]) => ({
		extensions: {
			rows: values.map((value) => ({ extension: { __rl: true, mode: 'list', value } })),
		},
	});

	it.each<[string, Filters, boolean]>([
		['none', {}, true],
		['its direction', { direction: 'in' }, true],
		['the other direction', { direction: 'out' }, false],
		['its status', { callStatus: ['BUSY', 'ANSWER'] }, true],
		['other statuses', { callStatus: ['BUSY'] }, false],
		['an empty list of statuses', { callStatus: [] }, true],
		['missed only', { missedOnly: true }, false],
		['its extension by ID', locator('85219'), true],
		['its extension by number', locator('102'), true],
		['its extension by name', locator('1844*102'), true],
		['one of several', locator('7', '102'), true],
		['another extension', locator('10'), false],
		['an extension not chosen yet', locator(''), true],
		['no internal calls', { ignoreInternal: true }, true],
	])('a call from outside: %s', (_, filters, expected) => {
		expect(starts('hangup', HANGUP, filters)).toBe(expected);
	});

	it('missed calls, internal calls', () => {
		const missed = { ...HANGUP, CallStatus: 'CANCEL' };
		expect(starts('hangup', missed, { missedOnly: true })).toBe(true);
		expect(starts('dial-in', missed, { missedOnly: true })).toBe(false);
		const internal = { ...missed, CallerIDNum: '1844*101' };
		expect(starts('hangup', internal, { missedOnly: true, ignoreInternal: true })).toBe(false);
	});

	it('about calls leave other events alone', () => {
		const filters = { callStatus: ['BUSY'], missedOnly: true, ignoreInternal: true };
		expect(starts('message-in', { src_number: '1' }, filters)).toBe(true);
		expect(starts('agent-login', { agent_id: '1' }, { ...filters, ...locator('7') })).toBe(true);
		expect(starts('message-out', { dst_number: '1' }, { direction: 'in' })).toBe(false);
		const message = { src_number: '1', extension_name: '1844*102@sip', extension_id: '8' };
		expect(starts('message-in', message, locator('102'))).toBe(true);
		expect(starts('message-in', message, locator('103'))).toBe(false);
		expect(starts('fax-in', { EventType: 'fax-in' }, { ...filters, ...locator('7') })).toBe(true);
	});
});

describe('reading a request', () => {
	const request = (more: object) => ({ query: {}, body: {}, bodyBytes: 0, ...more });
	const form = (body: unknown) => request({ body, contentType: FORM, bodyBytes: 10 });

	it('joins query and body, the body wins; what the address carries is not part of it', () => {
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
		['nothing', request({})],
		['nothing but what the address carries', request({ query: { secret: 's', event: 'hangup' } })],
		['an empty form', form({})],
		['another content type', { ...form({ a: '1' }), contentType: 'application/json' }],
		['no content type', { ...form({ a: '1' }), contentType: undefined }],
		['a type that only begins like a form', { ...form({ a: '1' }), contentType: `${FORM}2` }],
		[
			'bytes that n8n could not read',
			request({ query: { a: '1' }, bodyBytes: 3, body: undefined }),
		],
		['a nested value', form({ a: { b: '1' } })],
		['a nested value in the query', request({ query: { a: { b: { c: '1' } } } })],
		['a list of objects', form({ a: [{}] })],
		['an empty list', form({ a: [] })],
		['a number', form({ a: 1 })],
		['a prototype', form(JSON.parse('{"__proto__": "1"}'))],
		['too many fields', form(Object.fromEntries(Array.from({ length: 201 }, (_, n) => [n, ''])))],
		['too long', { ...form({ a: '1' }), bodyBytes: 128 * 1024 + 1 }],
	])('%s is no event', (_, given) => expect(parseFields(given)).toBeUndefined());

	it('survives anything', () => {
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

	it('only the very secret is authentic', () => {
		const secret = 'c2VjcmV0LXNlY3JldA';
		const authentic = (given: unknown, expected: unknown = secret) =>
			isAuthentic(request({ query: { secret: given } }), expected);
		expect(authentic(secret)).toBe(true);
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.anything()), (given) => {
				fc.pre(given !== secret);
				expect(authentic(given)).toBe(false);
				expect(authentic(given, undefined)).toBe(false);
				expect(authentic(given, '')).toBe(false);
			}),
		);
		expect(authentic([secret])).toBe(false);
		expect(authentic(undefined, undefined)).toBe(false);
	});
});

describe('repeats', () => {
	let count = 0;
	const node = () => `node ${++count}`;
	const leg = (n: number) => ({ ...HANGUP, SubCallID: `leg ${n}` });

	it('are the same event of the same leg at the same time', () => {
		const at = node();
		const again = (event: string, more: object = {}) =>
			isDuplicate(at, event, { ...HANGUP, ...more });
		expect(again('hangup')).toBe(false);
		expect(again('hangup')).toBe(true);
		expect(again('hangup', { Duration: 'another' })).toBe(true);
		expect(again('answer')).toBe(false);
		expect(again('hangup', { SubCallID: 'another' })).toBe(false);
		expect(again('hangup', { EventTime: '1' })).toBe(false);
		expect(again('hangup', { SubCallID: '' })).toBe(false);
		expect(again('hangup', { SubCallID: '' })).toBe(true);
		expect(isDuplicate(node(), 'hangup', HANGUP)).toBe(false);
	});

	it('cannot be told where there is no time or no call', () => {
		const at = node();
		const without: Fields[] = [
			{ text: 'ok', src_number: '1' },
			{ EventTime: '1' },
			{ CallID: '1' },
		];
		for (const fields of without) {
			expect(isDuplicate(at, 'x', fields)).toBe(false);
			expect(isDuplicate(at, 'x', fields)).toBe(false);
		}
	});

	it('are forgotten after ten minutes', () => {
		const at = node();
		expect(isDuplicate(at, 'hangup', HANGUP, 0)).toBe(false);
		expect(isDuplicate(at, 'hangup', HANGUP, 599_999)).toBe(true);
		expect(isDuplicate(at, 'hangup', HANGUP, 600_000)).toBe(false);
	});

	it('stay within their bounds: the newest 20,000 of a node, the newest 1,000 nodes', () => {
		const at = node();
		for (let n = 0; n <= 20_000; n++) isDuplicate(at, 'hangup', leg(n), n);
		expect(isDuplicate(at, 'hangup', leg(1), 20_001)).toBe(true);
		expect(isDuplicate(at, 'hangup', leg(0), 20_001)).toBe(false);

		const early = node();
		isDuplicate(early, 'hangup', HANGUP);
		for (let n = 0; n < 999; n++) isDuplicate(node(), 'hangup', HANGUP);
		expect(isDuplicate(early, 'hangup', HANGUP)).toBe(true);
		for (let n = 0; n < 1_000; n++) isDuplicate(node(), 'hangup', HANGUP);
		expect(isDuplicate(early, 'hangup', HANGUP)).toBe(false);
	});
});
