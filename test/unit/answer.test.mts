/** The answer to a call as XML: its steps, hostile texts and what is refused. */
import fc from 'fast-check';

import {
	describeIgnoredSteps,
	MAX_STEPS,
	readSteps,
	toXml,
	type StepInput,
} from '../../nodes/shared/answer/steps';
import {
	parseInteractiveResponse,
	type ResponseElement,
} from '../../sandbox/telephony/voiceMenu/interactiveResponse.mts';

/**
 * The elements of an answer, with the attributes that each may have, from the documentation of Call
 * Interactive. `text`: whether the element has content.
 */
const SCHEMA: Record<string, { attributes: Record<string, RegExp>; text: boolean }> = {
	Hangup: { attributes: {}, text: false },
	Jump: { attributes: { context: /./s, option: /./s }, text: false },
	Pause: { attributes: { length: /^[1-9]\d*$/ }, text: false },
	PlaySound: { attributes: { where: /^(foreground|background)$/, digitvar: /./s }, text: true },
	SetCaller: { attributes: { name: /./s, number: /./s }, text: false },
	SetVar: { attributes: { name: /./s }, text: true },
	SimpleTransfer: { attributes: { timeout: /^[1-9]\d*$/, final: /^(yes|no)$/ }, text: true },
	TTS: {
		attributes: { lang: /./s, voice: /./s, speed: /^[\d.]+$/, play_now: /^true$/ },
		text: true,
	},
};

/** Characters that an XML 1.0 document can contain. */
const ALLOWED = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

/** Parses an answer as the sandbox PBX does, and validates it. @throws Error where it is not as documented */
function parse(xml: string): ResponseElement[] {
	expect(xml).toMatch(ALLOWED);
	expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?><Response>/);
	const elements = parseInteractiveResponse(xml);
	for (const { name, attributes, text } of elements) {
		expect(Object.keys(SCHEMA)).toContain(name);
		for (const [attribute, value] of Object.entries(attributes)) {
			expect(value).toMatch(SCHEMA[name].attributes[attribute]);
		}
		if (!SCHEMA[name].text) expect(text).toBe('');
	}
	return elements;
}

const answer = (...inputs: StepInput[]) => parse(toXml(readSteps(inputs)));

const STEPS: Array<[StepInput, ResponseElement]> = [
	[
		{ type: 'say', text: 'Hello' },
		{ name: 'TTS', attributes: { play_now: 'true' }, text: 'Hello' },
	],
	[
		{ type: 'say', text: 'Hi', voiceOptions: { language: 'ru-RU', voice: 'alena', speed: '0.9' } },
		{
			name: 'TTS',
			attributes: { lang: 'ru-RU', voice: 'alena', speed: '0.9', play_now: 'true' },
			text: 'Hi',
		},
	],
	[
		{ type: 'playSound', sound: { __rl: true, mode: 'list', value: 'greeting.wav' } },
		{ name: 'PlaySound', attributes: { where: 'foreground' }, text: 'greeting.wav' },
	],
	[
		{ type: 'playSound', sound: 'a.wav', soundMode: 'background', digitsVariable: 'choice' },
		{ name: 'PlaySound', attributes: { where: 'background', digitvar: 'choice' }, text: 'a.wav' },
	],
	[
		{ type: 'transfer', extension: { __rl: true, mode: 'list', value: '1844*101' } },
		{ name: 'SimpleTransfer', attributes: { timeout: '20', final: 'yes' }, text: '1844*101' },
	],
	[
		{
			type: 'transfer',
			destination: 'numbers',
			phoneNumbers: '+44 (7700) 900-123, 101,',
			ringTime: 35,
			whenNobodyAnswers: 'continue',
		},
		{
			name: 'SimpleTransfer',
			attributes: { timeout: '35', final: 'no' },
			text: '+447700900123,101',
		},
	],
	[
		{
			type: 'transfer',
			destination: 'numbers',
			phoneNumbers: ['tel:+44-7700-900123', '\ufeff1844*101', 102],
		},
		{
			name: 'SimpleTransfer',
			attributes: { timeout: '20', final: 'yes' },
			text: '+447700900123,1844*101,102',
		},
	],
	[
		{ type: 'goToMenuStep', menuContext: 3 },
		{ name: 'Jump', attributes: { context: '3', option: 'start' }, text: '' },
	],
	[
		{ type: 'setVariable', variableName: 'vip', variableValue: 'yes' },
		{ name: 'SetVar', attributes: { name: 'vip' }, text: 'yes' },
	],
	[
		{ type: 'setVariable', variableName: 'vip' },
		{ name: 'SetVar', attributes: { name: 'vip' }, text: '' },
	],
	[
		{ type: 'setCallerId', callerIdName: 'VIP', callerIdNumber: '447700900123' },
		{ name: 'SetCaller', attributes: { name: 'VIP', number: '447700900123' }, text: '' },
	],
	[
		{ type: 'setCallerId', callerIdNumber: '1' },
		{ name: 'SetCaller', attributes: { number: '1' }, text: '' },
	],
	[
		{ type: 'pause', seconds: 5 },
		{ name: 'Pause', attributes: { length: '5' }, text: '' },
	],
	[{ type: 'hangUp' }, { name: 'Hangup', attributes: {}, text: '' }],
];

it.each(STEPS)('turns the step %j into its element', (input, element) => {
	expect(answer(input)).toEqual([element]);
});

it('keeps any combination of steps in its order', () => {
	fc.assert(
		fc.property(
			fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: MAX_STEPS }),
			(steps) => {
				const elements = answer(...steps.map(([input]) => input));
				expect(elements).toEqual(steps.map(([, element]) => element));
			},
		),
	);
});

it.each([
	['markup', '</TTS><Hangup/><!-- -- ]]> <![CDATA[ &amp; <?xml ?>'],
	['quotes', `"double" 'single' \`back\``],
	['emoji and other scripts', '👩‍👩‍👧 Здравствуйте 你好 🇬🇧'],
	['5,000 characters', '&'.repeat(5000)],
])('speaks a text with %s as it is', (_, text) => {
	expect(answer({ type: 'say', text })[0].text).toBe(text);
});

it('keeps any text and any attribute inside its element', () => {
	const hostile = fc.string({ unit: 'binary', maxLength: 150 });
	fc.assert(
		fc.property(hostile, hostile, (textStart, nameStart) => {
			// Not only of characters that are removed.
			const [text, name] = [`${textStart}<`, `${nameStart}"`];
			const elements = answer(
				{ type: 'say', text },
				{ type: 'setVariable', variableName: name, variableValue: text },
				{ type: 'setCallerId', callerIdName: name },
				{ type: 'playSound', sound: name, soundMode: 'background', digitsVariable: name },
				{ type: 'goToMenuStep', menuContext: name, menuOption: name },
			);
			expect(elements.map((each) => each.name)).toEqual([
				'TTS',
				'SetVar',
				'SetCaller',
				'PlaySound',
				'Jump',
			]);
		}),
	);
});

it('removes what no XML document can contain', () => {
	const text = `a\u0000b\u0008c\u001fd\ud800e\ufffef\uffffg`;
	expect(toXml(readSteps([{ type: 'say', text }]))).toContain('>abcdefg</TTS>');
});

it('writes line breaks in attributes as references, so that a parser keeps them', () => {
	const xml = toXml(readSteps([{ type: 'setCallerId', callerIdName: 'a\tb\nc\rd' }]));
	expect(xml).toContain('name="a&#9;b&#10;c&#13;d"');
});

it.each<[string, StepInput[], RegExp]>([
	['no steps', [], /no steps/],
	['eleven steps', Array(11).fill({ type: 'hangUp' }) as StepInput[], /11 steps/],
	['an unknown action', [{ type: 'sing' }], /unknown action/],
	['an action that every object has', [{ type: 'constructor' }], /unknown action/],
	['an expression that gives nothing', [{ type: 'say', text: undefined }], /'Text' of step 1/],
	['a text of control characters', [{ type: 'say', text: '\u0001 \u0002' }], /'Text' .* empty/],
	['a text of 5,001 characters', [{ type: 'say', text: 'a'.repeat(5001) }], /too long/],
	['no extension', [{ type: 'hangUp' }, { type: 'transfer' }], /'Extension' of step 2/],
	[
		'no number',
		[{ type: 'transfer', destination: 'numbers', phoneNumbers: ' , ' }],
		/'Phone Numbers'/,
	],
	[
		'a word as a number',
		[{ type: 'transfer', destination: 'numbers', phoneNumbers: 'sales' }],
		/"sales"/,
	],
	[
		'a list of objects as numbers',
		[{ type: 'transfer', destination: 'numbers', phoneNumbers: [{ number: '101' }] }],
		/not a phone number/,
	],
	[
		'a number that a spreadsheet shortened',
		[{ type: 'transfer', destination: 'numbers', phoneNumbers: '7.91612E+10' }],
		/not a phone number/,
	],
	[
		'a number with an extension',
		[{ type: 'transfer', destination: 'numbers', phoneNumbers: '+44 7700 900123 ext 5' }],
		/not a phone number/,
	],
	[
		'a list without a number',
		[{ type: 'transfer', destination: 'numbers', phoneNumbers: ['', ' - '] }],
		/'Phone Numbers' of step 1 .* is empty/,
	],
	[
		'a SIP address',
		[{ type: 'transfer', destination: 'numbers', phoneNumbers: 'sip:anna@example.com' }],
		/"sip:anna@example.com"/,
	],
	[
		'eleven numbers',
		[{ type: 'transfer', destination: 'numbers', phoneNumbers: Array(11).fill('101') }],
		/more than 10 numbers/,
	],
	['no ring time', [{ type: 'transfer', extension: '101', ringTime: 0 }], /'Ring Time of step 1/],
	['half a second', [{ type: 'pause', seconds: 0.5 }], /'Seconds of step 1/],
	['a wrong speed', [{ type: 'say', text: 'a', voiceOptions: { speed: 'fast' } }], /'Speed'/],
	['no caller ID', [{ type: 'setCallerId' }], /'Caller ID Number'/],
	['no sound', [{ type: 'playSound', sound: { __rl: true, value: '' } }], /'Sound'/],
	['no menu context', [{ type: 'goToMenuStep' }], /'Menu Context'/],
	['no variable', [{ type: 'setVariable', variableValue: 'a' }], /'Variable Name'/],
])('refuses %s', (_, inputs, message) => {
	expect(() => readSteps(inputs)).toThrow(message);
});

it.each<[string, StepInput[], RegExp | undefined]>([
	['the last step', [{ type: 'pause' }, { type: 'hangUp' }], undefined],
	['a step before others', [{ type: 'hangUp' }, { type: 'pause' }], /ends with step 1/],
	['a transfer', [{ type: 'transfer', extension: '1' }, { type: 'pause' }], /ends with step 1/],
	['a text before others', [{ type: 'say', text: 'a' }, { type: 'hangUp' }], /may end/],
])('reports steps that may be ignored after %s', (_, inputs, hint) => {
	const text = describeIgnoredSteps(readSteps(inputs));
	if (hint) expect(text).toMatch(hint);
	else expect(text).toBeUndefined();
});
