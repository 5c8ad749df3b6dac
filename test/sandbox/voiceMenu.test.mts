/** Calls to a voice menu that asks a URL (*Call Interactive*), on the sandbox's calls. */
import type {
	CallInteractiveOptions,
	MenuCallRecord,
	VoiceMenuOptions,
} from '../../sandbox/telephony/index.mts';
import { TelephonyInputError } from '../../sandbox/telephony/index.mts';
import type { MenuCallOptions, MenuStep } from '../../sandbox/telephony/options.mts';
import { setupTimers } from '../harness/timers.mts';
import { heardBy } from '../support/heardBy.mts';
import {
	CALL_EVENTS,
	registerWebhooks,
	setupTelephony,
	type ReceivedRequest,
} from './support/telephonyFixture.mts';

const HOUR_MS = 3_600_000;
const CALLER = '+12025550177';

const RESPONSE_TIMEOUT_MS = 10_000;

const timers = setupTimers();
const pbx = setupTelephony();
/** The responses to the requests of the menu, in this order; the last one is repeated. */
let responses: string[];

const xml = (elements: string) =>
	`<?xml version="1.0" encoding="UTF-8"?><Response>${elements}</Response>`;
const hello = '<TTS play_now="true">Hello</TTS>';

beforeEach(() => {
	pbx.telephony.start();
	pbx.store.sounds.insert({
		client_id: null,
		dealer_id: null,
		title: 'Music',
		filename: 'music.wav',
		audio: Buffer.alloc(0),
	});
	responses = [xml('')];
	pbx.receiver.respond = ({ path }, response) =>
		void response.end(
			path === '/menu' ? (responses.length > 1 ? responses.shift() : responses[0]) : '',
		);
});

const asks = (query = '', method?: 'GET' | 'POST') => ({
	action: 'call_interactive' as const,
	call_interactive_url: `${pbx.receiver.url}/menu${query}`,
	...(method && { call_interactive_method: method }),
});

/** A menu that asks first and then, so that it can be told, connects with phone 104. */
const simpleMenu = (steps: object[] = []): VoiceMenuOptions => ({
	contexts: {
		1: {
			options: {
				start: [asks(), ...(steps as MenuStep[]), { action: 'transfer', transfer_dst: ['104'] }],
			},
		},
	},
});

async function call(
	menu: VoiceMenuOptions = simpleMenu(),
	options: Partial<MenuCallOptions> = {},
	form: CallInteractiveOptions = {},
): Promise<MenuCallRecord> {
	pbx.telephony.setVoiceMenu(menu);
	pbx.telephony.setCallInteractive(form);
	const running = pbx.telephony.menuCall({ from: CALLER, ...options });
	await pbx.clock.advance(HOUR_MS);
	return await running;
}

const menuRequests = () => pbx.receiver.requests.filter(({ path }) => path === '/menu');
/** What a caller hears whom the menu connects with phone 104. */
const CONTINUED = ['ringing: 104', 'conversation: 104'];

describe('the request of a menu', () => {
	it.each(['GET', 'POST'] as const)('has the documented parameters as %s', async (method) => {
		const menu = {
			contexts: { 1: { options: { start: [asks('?key=a%2Bb&key=c&empty=', method)] } } },
		};
		const { call: made } = await call(menu, {
			fromName: 'Zoë & Co',
			did: '12025550100',
			to: '202',
			callbackVariables: { order: '7', EventType: 'x' },
		});
		const [request] = menuRequests();
		expect(menuRequests()).toHaveLength(1);
		expect(request.method).toBe(method);
		expect(request.target).toMatch(/^\/menu\?key=a%2Bb&key=c&empty=/);
		const fields = method === 'POST' ? request.body : request.query;
		const query = { key: 'c', empty: '' };
		expect(fields).toEqual({
			...(method === 'GET' && query),
			EventType: 'call_interactive',
			CallID: made.id,
			CallAPIID: expect.stringMatching(
				/^\d{10}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
			) as string,
			CallerIDNum: CALLER,
			CallerIDName: 'Zoë & Co',
			CalledDID: '12025550100',
			CalledNumber: '12025550100',
			CalledExtension: '1844*202@sip.example.test',
			CalledExtensionID: String(pbx.ivr.id),
			CallStatus: 'ANSWER',
			CallFlow: 'IN',
			cb_variable_order: '7',
			cb_variable_EventType: 'x',
		});
	});

	it('names the calling extension of an internal call, and has no DID then', async () => {
		await call(simpleMenu(), { from: '101' });
		const [{ query }] = menuRequests();
		expect(query).toMatchObject({
			CallerIDNum: '1844*101',
			CalledNumber: pbx.ivr.name,
			CallerExtension: '1844*101@sip.example.test',
			CallerExtensionID: String(pbx.phones[0].id),
		});
		expect(query).not.toHaveProperty('CalledDID');
	});

	it('keeps the IDs of the call when the menu asks again, and has its variables', async () => {
		responses = [
			xml('<SetVar name="plan">gold &amp; silver</SetVar><SetVar name="CallID">x</SetVar>'),
		];
		const record = await call(simpleMenu([{ action: 'voice_helper' }, asks()]), {
			inputs: ['I want a refund'],
		});
		const [first, second] = menuRequests().map(({ query }) => query);
		expect(second.CallID).toBe(first.CallID);
		expect(second.CallAPIID).toBe(first.CallAPIID);
		expect(first).not.toHaveProperty('plan');
		expect(second).toMatchObject({
			plan: 'gold & silver',
			voice_navigator_STT: 'I want a refund',
			voice_navigator_DTMF: '',
		});
		expect(record.requests.map(({ status, responseBody }) => [status, responseBody])).toEqual([
			[200, responses[0]],
			[200, responses[0]],
		]);
	});

	it('has variables only where the URL names them, if the PBX is like that', async () => {
		const menu = simpleMenu();
		menu.contexts[1].options.start = [
			{ action: 'set_variable', set_variable_name: 'plan', set_variable_value: 'a b' },
			asks('?is=$plan&not=$other&price=5$'),
		];
		await call(menu, {}, { variables: 'inUrl' });
		const [{ query }] = menuRequests();
		expect(query).toMatchObject({ is: 'a b', not: '', price: '5$' });
		expect(query).not.toHaveProperty('plan');
	});
});

describe('the response to a menu', () => {
	it.each<[string, string, string[]]>([
		['no elements', '', CONTINUED],
		['Hangup', '<Hangup/><TTS>no</TTS>', []],
		['TTS', hello, ['speech: Hello', ...CONTINUED]],
		['TTS that is not played', '<TTS play_now="false">Hello</TTS>', CONTINUED],
		['Pause', '<Pause length="4"/>', ['silence: 4', ...CONTINUED]],
		['Pause without a length', '<Pause/>', ['silence: 10', ...CONTINUED]],
		[
			'PlaySound',
			'<PlaySound where="foreground">music.wav</PlaySound>',
			['foreground: music.wav', ...CONTINUED],
		],
		[
			'PlaySound in the background',
			'<PlaySound where="background" digitvar="d">music.wav</PlaySound>',
			['background: music.wav', ...CONTINUED],
		],
		['PlaySound of a file that does not exist', '<PlaySound>other.wav</PlaySound>', CONTINUED],
		[
			'SimpleTransfer',
			'<SimpleTransfer timeout="20">101</SimpleTransfer>',
			['ringing: 101', 'conversation: 101'],
		],
		[
			'SimpleTransfer to several numbers',
			'<SimpleTransfer timeout="20">12025550127,103</SimpleTransfer>',
			['ringing: 12025550127,103', 'conversation: 103'],
		],
		[
			'SimpleTransfer to an external number',
			'<SimpleTransfer>12025550121</SimpleTransfer>',
			['ringing: 12025550121', 'conversation: 12025550121'],
		],
		[
			'SimpleTransfer without an answer',
			'<SimpleTransfer timeout="9">12025550129</SimpleTransfer>',
			['ringing: 12025550129'],
		],
		[
			'SimpleTransfer that is not final',
			'<SimpleTransfer timeout="9" final="no">12025550129</SimpleTransfer>',
			['ringing: 12025550129', ...CONTINUED],
		],
		['Jump', '<Jump context="2" option="sales"/><TTS>no</TTS>', ['foreground: music.wav']],
		['Jump to a context that does not exist', '<Jump context="9"/>', []],
		[
			'several elements',
			`<SetVar name="a">1</SetVar>${hello}<Pause length="1"/><Hangup/>`,
			['speech: Hello', 'silence: 1'],
		],
		['an element that is not documented', '<Say>Hello</Say>', CONTINUED],
	])('with %s is followed', async (_, elements, expected) => {
		responses = [xml(elements)];
		const menu = simpleMenu();
		menu.contexts[2] = {
			options: { sales: [{ action: 'play_sound', sound: 'music.wav' }, { action: 'hangup' }] },
		};
		expect(heardBy(await call(menu))).toEqual(expected);
	});

	it('is read as XML, with its character references', async () => {
		responses = [
			xml(
				'<TTS lang="ru-RU" voice="alena" speed="0.9">a &lt;b&gt; &amp;amp; &quot;c&quot;&#13;</TTS>',
			),
		];
		const { heard } = await call();
		expect(heard[0]).toEqual({
			kind: 'speech',
			text: 'a <b> &amp; "c"\r',
			lang: 'ru-RU',
			voice: 'alena',
			speed: '0.9',
		});
	});

	it('is followed up to ten elements', async () => {
		responses = [xml(hello.repeat(11))];
		const record = await call();
		expect(record.heard.filter(({ kind }) => kind === 'speech')).toHaveLength(10);
		expect(record.problems).toEqual(['Response: 11 elements']);
	});

	it.each<[string, (response: import('node:http').ServerResponse) => void]>([
		['a status of 500', (response) => void response.writeHead(500).end(xml(hello))],
		['a redirect', (response) => void response.writeHead(302, { location: '/' }).end()],
		['JSON', (response) => void response.end('{}')],
		['an empty body', (response) => void response.end()],
		['XML that is not closed', (response) => void response.end('<Response><TTS>')],
		['another root', (response) => void response.end('<Answer/>')],
		['a lost connection', (response) => void response.destroy()],
		['too late', () => timers.fire(RESPONSE_TIMEOUT_MS)],
	])('is none if it is %s: the menu goes on, or ends the call', async (_, respond) => {
		pbx.receiver.respond = (_request, response) => respond(response);
		const record = await call(simpleMenu());
		expect(heardBy(record)).toEqual(CONTINUED);
		expect(record.problems).toEqual([expect.stringMatching(/^Response: /)]);
		const ended = await call(simpleMenu(), {}, { onError: 'hangup' });
		expect([ended.heard, ended.endedBy]).toEqual([[], 'menu']);
	});

	it.each<[CallInteractiveOptions, string, string[]]>([
		[{}, `${hello}<Hangup/>`, ['speech: Hello']],
		[{ lastElements: ['TTS'] }, `${hello}<Hangup/>`, ['speech: Hello', ...CONTINUED]],
		[
			{},
			`<SimpleTransfer timeout="1" final="no">12025550129</SimpleTransfer>${hello}`,
			['ringing: 12025550129', ...CONTINUED],
		],
		[
			{ lastElements: [] },
			`<SimpleTransfer timeout="1" final="no">12025550129</SimpleTransfer>${hello}`,
			['ringing: 12025550129', 'speech: Hello', ...CONTINUED],
		],
	])('ends where the option %j says', async (form, elements, expected) => {
		responses = [xml(elements)];
		expect(heardBy(await call(simpleMenu(), {}, form))).toEqual(expected);
	});

	it.each([
		[{}, '<SimpleTransfer>12025550129</SimpleTransfer>', 30],
		[{ ringSeconds: 12 }, '<SimpleTransfer timeout="soon">12025550129</SimpleTransfer>', 12],
		[{}, '<SimpleTransfer timeout="7">12025550129</SimpleTransfer>', 7],
	])('with the option %j and %s rings for %d seconds', async (form, elements, seconds) => {
		responses = [xml(elements)];
		const { heard } = await call(simpleMenu(), {}, form);
		expect(heard).toEqual([{ kind: 'ringing', numbers: ['12025550129'], seconds }]);
	});

	it.each<[CallInteractiveOptions, string, string, string | undefined]>([
		[{}, '<SetCaller name="VIP"/>', CALLER, 'VIP'],
		[{}, '<SetCaller number="+12025550111"/>', '+12025550111', 'Ada'],
		[{ setCallerEmpties: true }, '<SetCaller number="+12025550111"/>', '+12025550111', undefined],
	])(
		'with the option %j and %s changes what the called phone shows',
		async (form, element, number, name) => {
			registerWebhooks(pbx, `${pbx.receiver.url}/hook`, ['answer']);
			responses = [xml(element)];
			await call(simpleMenu(), { fromName: 'Ada' }, form);
			const [{ body }] = pbx.receiver.requests.filter(({ path }) => path === '/hook');
			expect(body.CallerIDNum).toBe(number);
			expect(body.CallerIDName).toBe(name);
		},
	);
});

describe('what the caller types', () => {
	const background = '<PlaySound where="background" digitvar="choice">music.wav</PlaySound>';
	const askAgain = () => simpleMenu([asks()]);

	it('during a sound in the background is in the next request', async () => {
		responses = [xml(background), xml('')];
		await call(askAgain(), { inputs: ['42#'] });
		expect(menuRequests()[1].query.choice).toBe('42#');
	});

	it('is there only after a while if the response goes on during the sound', async () => {
		responses = [xml(background), xml('')];
		await call(askAgain(), { inputs: ['42#'] }, { backgroundWaits: false });
		expect(menuRequests()[1].query).not.toHaveProperty('choice');
		pbx.receiver.requests.length = 0;
		responses = [xml(`${background}<Pause length="5"/>`), xml('')];
		await call(askAgain(), { inputs: ['42#'] }, { backgroundWaits: false });
		expect(menuRequests()[1].query.choice).toBe('42#');
	});

	it('after the last step chooses an option, or that for wrong or no digits', async () => {
		const says = (file: string): MenuStep[] => [
			{ action: 'play_sound', sound: file },
			{ action: 'hangup' },
		];
		const options = {
			start: [],
			1: [{ action: 'jump_to_context', context: '2', context_option: 'start' } as MenuStep],
			invalid: [],
		};
		const menu = { contexts: { 1: { options }, 2: { options: { start: says('music.wav') } } } };
		const paths = async (inputs: string[]) => (await call(menu, { inputs })).path;
		expect(await paths(['1'])).toEqual(['1/start', '1/1', '2/start']);
		expect(await paths(['5', '1'])).toEqual(['1/start', '1/invalid', '1/1', '2/start']);
		expect(await paths([])).toEqual(['1/start', '1/timeout']);
		expect(await paths(['', '1'])).toEqual(['1/start', '1/timeout']);
	});

	it('in a step that records digits is a variable that a transfer can read', async () => {
		const menu: VoiceMenuOptions = {
			contexts: {
				1: {
					options: {
						start: [
							{ action: 'record_digits', record_digits_variable: 'phone' },
							{ action: 'transfer_from_variable', transfer_variable: 'phone' },
						],
					},
				},
			},
		};
		expect(heardBy(await call(menu, { inputs: ['103'] }))).toEqual([
			'ringing: 103',
			'conversation: 103',
		]);
	});
});

describe('the events and the history of a call to a menu', () => {
	beforeEach(() => registerWebhooks(pbx, `${pbx.receiver.url}/hook`, CALL_EVENTS));
	const events = () =>
		pbx.receiver.requests.filter(({ path }) => path === '/hook').map(({ body }) => body);
	const ofExtension = (id: number) =>
		events()
			.filter(({ SubCallID }) => SubCallID.startsWith(`${id}-`))
			.map(({ EventType, CallStatus, Bridged }) => [EventType, CallStatus, Bridged]);

	it('tell that a person took it', async () => {
		responses = [xml('<SimpleTransfer timeout="20">103</SimpleTransfer>')];
		const record = await call();
		expect(ofExtension(pbx.ivr.id)).toEqual([
			['dial-in', 'CALLING', undefined],
			['hangup', 'ANSWER', 'yes'],
		]);
		expect(ofExtension(pbx.phones[2].id).map(([type]) => type)).toEqual([
			'dial-in',
			'answer',
			'hangup',
		]);
		const dial = events().find(({ CalledExtension }) => CalledExtension?.startsWith('1844*103'));
		expect(dial).toMatchObject({ CallerIDNum: CALLER, CallerExtensionID: String(pbx.ivr.id) });
		const conversation = record.heard.find(({ kind }) => kind === 'conversation');
		expect(pbx.store.pastCalls.get(record.call.id)).toMatchObject({
			extension_type: 'ivr',
			result: 'bridged',
			bridged_username: '1844*103',
			bridged_duration: (conversation as { seconds: number }).seconds,
			cdr: [{ extension_type: 'ivr' }, { extension_type: 'phone', result: 'answered' }],
		});
		expect(pbx.store.records.list().map(({ extension_id }) => extension_id)).toEqual([
			pbx.phones[2].id,
		]);
	});

	it('tell that nobody took it', async () => {
		responses = [xml(`${hello}<Hangup/>`)];
		const record = await call();
		expect(ofExtension(pbx.ivr.id)[1]).toEqual(['hangup', 'ANSWER', 'no']);
		expect(pbx.store.pastCalls.get(record.call.id)?.result).toBe('answered');
		expect(pbx.telephony.calls.current()).toEqual([]);
	});

	it('report a transfer to an external number as an outgoing leg of the menu', async () => {
		responses = [xml('<SimpleTransfer timeout="20">12025550121</SimpleTransfer>')];
		const record = await call();
		expect(ofExtension(pbx.ivr.id)).toEqual([
			['dial-in', 'CALLING', undefined],
			['dial-out', 'CALLING', undefined],
			['hangup', 'ANSWER', undefined],
			['hangup', 'ANSWER', 'yes'],
		]);
		expect(events().find(({ EventType }) => EventType === 'dial-out')).toMatchObject({
			Transfered: 'yes',
			CalledNumber: '12025550121',
		});
		expect(pbx.store.pastCalls.get(record.call.id)).toMatchObject({
			flow: 'in',
			result: 'bridged',
			bridged_username: '12025550121',
		});
	});

	it('end when the caller hangs up: while a phone rings, and while the menu waits', async () => {
		responses = [xml('<SimpleTransfer timeout="20">103</SimpleTransfer>')];
		const record = await call(simpleMenu(), { hangsUpAfter: 1 });
		expect(record.endedBy).toBe('caller');
		expect(ofExtension(pbx.phones[2].id)[1]).toEqual(['hangup', 'CANCEL', undefined]);
		const { hangup_time_gmt: end, init_time_gmt: start } = pbx.store.pastCalls.get(record.call.id)!;
		expect(Date.parse(`${end}Z`) - Date.parse(`${start}Z`)).toBe(1000);

		responses = [xml('<Pause length="60"/>')];
		expect((await call(simpleMenu(), { hangsUpAfter: 30 })).endedBy).toBe('caller');
		expect(pbx.telephony.calls.current()).toEqual([]);
	});
});

it('gives each of many simultaneous callers the own response', async () => {
	pbx.receiver.respond = ({ query }, response) =>
		void response.end(xml(`<TTS>${query.CallerIDNum}</TTS><Hangup/>`));
	pbx.telephony.setVoiceMenu(simpleMenu());
	// A busy machine needs a while for that many; a caller whose request timed out hears the menu instead.
	pbx.telephony.setCallInteractive({ timeoutMs: 120_000 });
	const numbers = Array.from({ length: 200 }, (_, n) => `1202555${String(n).padStart(4, '0')}`);
	const running = Promise.all(numbers.map(async (from) => await pbx.telephony.menuCall({ from })));
	await pbx.clock.advance(HOUR_MS);
	const records = await running;
	expect(records.map(heardBy)).toEqual(numbers.map((number) => [`speech: ${number}`]));
	expect(new Set(records.map(({ call: { id } }) => id)).size).toBe(numbers.length);
});

it('ends the calls without events when the PBX stops', async () => {
	registerWebhooks(pbx, `${pbx.receiver.url}/hook`, CALL_EVENTS);
	pbx.telephony.setVoiceMenu(simpleMenu());
	responses = [xml('<Pause length="60"/>')];
	const running = pbx.telephony.menuCall({ from: CALLER });
	await pbx.clock.advance(10_000);
	const isEvent = ({ path }: ReceivedRequest) => path === '/hook';
	const before = pbx.receiver.requests.filter(isEvent).length;
	pbx.telephony.stop();
	expect((await running).endedBy).toBeUndefined();
	expect(pbx.receiver.requests.filter(isEvent)).toHaveLength(before);
});

it('ends a menu that leads to itself', async () => {
	const jump: MenuStep = { action: 'jump_to_context', context: '1', context_option: 'start' };
	const record = await call({ contexts: { 1: { options: { start: [jump] } } } });
	expect(record.problems).toEqual(['More than 100 jumps']);
	expect(record.endedBy).toBe('menu');
});

it.each<[string, () => Promise<unknown>]>([
	['a menu of a phone', async () => await call({ ...simpleMenu(), extension: '101' })],
	['a menu without its first context', async () => await call({ contexts: {} })],
	['a call to an IVR without a menu', async () => await pbx.telephony.menuCall({ from: CALLER })],
	['a call to a phone', async () => await pbx.telephony.menuCall({ from: CALLER, to: '101' })],
])('rejects %s', async (_, run) => {
	await expect(run()).rejects.toThrow(TelephonyInputError);
	expect(pbx.telephony.calls.current()).toEqual([]);
});
