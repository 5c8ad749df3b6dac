/**
 * Add Tasks and Call and Wait: what is entered as a number, or as a list of numbers, is read as meant, or
 * refused before anybody is called.
 */
import fc from 'fast-check';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { contextOf, setupFixture } from '../harness/fixture.mts';

const fixture = setupFixture();

const A = '+79161112233';
const B = '+79162223344';

const addTasks = async (json: IDataObject[], parameters: INodeParameters = {}, more = {}) =>
	await fixture.run(
		{ resource: 'taskScheduler', operation: 'addTasks', schedulerId: '1', ...parameters },
		{ json, ...more },
	);
const callAndWait = async (json: IDataObject, parameters: INodeParameters = {}) =>
	await fixture.run(
		{ resource: 'taskScheduler', operation: 'callAndWait', schedulerId: '1', ...parameters },
		{ json: [json] },
	);

const sentTasks = () =>
	fixture.sandbox.journal
		.find('POST', '/tasks/')
		.flatMap(({ body }) => (body as { tasks: IDataObject[] }).tasks);
const sentNumbers = () => sentTasks().map(({ a_number }) => a_number);
const messagesOf = (hints: Array<{ message: string }>) => hints.map(({ message }) => message);
const literal = (value: unknown) =>
	value === undefined ? '={{ undefined }}' : `={{ ${JSON.stringify(value)} }}`;

function expectNothingSent({ error }: { error?: { message: string } }, message: RegExp) {
	expect(error?.message).toMatch(message);
	expect(fixture.sandbox.journal.api()).toEqual([]);
}

describe('Do Not Call', () => {
	const people = [{ a_number: A }, { a_number: B }];

	it.each<[string, unknown, string[]]>([
		['a list of text', [A], [B]],
		['a list of numbers', [79161112233], [B]],
		['JSON text', JSON.stringify([A]), [B]],
		['a pasted column in one entry', [`${A}\n${B}`], []],
		['a pasted column with line breaks of Windows', `${A}\r\n${B}`, []],
		['a column that the browser has pasted into one line', `${A} ${B}`, []],
		['commas', `${A}, ${B}`, []],
		['semicolons in one entry', [`${A}; ${B}`], []],
		['a list of lists', [[A], [B]], []],
		['empty entries among numbers', ['', A, null, ' ', '-'], [B]],
		['another spelling', ['tel:+7 (916) 111-22-33'], [B]],
		['no plus', ['79161112233'], [B]],
		['an invisible character', [`\u200b${A}\ufeff`], [B]],
		['full-width digits', ['＋７９１６１１１２２３３'], [B]],
		['an empty list', [], [A, B]],
	])('is understood as %s', async (_, list, called) => {
		const { error, hints } = await addTasks(people, { options: { doNotCall: literal(list) } });
		expect(error?.message).toBeUndefined();
		expect(sentNumbers()).toEqual(called);
		const skipped = 2 - called.length;
		const hint = messagesOf(hints).find((message) => message.startsWith("'Do Not Call' has "));
		expect(hint).toContain(`: ${skipped} ${skipped === 1 ? 'person' : 'people'} skipped.`);
	});

	it.each<[string, unknown]>([
		['undefined', undefined],
		['null', null],
		['empty text', ''],
		['blanks', ' \u00a0'],
		['a list with empty text', ['']],
		['a list with null', [null]],
		['dashes', ['-', '—']],
		['an object', { number: A }],
		['a list of objects', [{ number: A }]],
		['a list with one object', [A, { VALUE: B }]],
		['a name', ['Ann Smith']],
		['text that is no list', 'nobody at all'],
		['a number that a spreadsheet shortened', ['7.91612E+10']],
		['a number with an extension', [`${A} доб. 12`]],
		['a number that is too long', ['+791611122337916111223379161112233']],
		['true', true],
	])('that is %s stops the run before anything is sent', async (_, list) => {
		for (const bypassCustomOperations of [false, true]) {
			const result = await addTasks(
				people,
				{ options: { doNotCall: literal(list) } },
				{ bypassCustomOperations },
			);
			expectNothingSent(result, /'Do Not Call'/);
			expect(result.error?.description).toContain('Nothing was sent.');
		}
	});

	it('names the entry that is not a number', async () => {
		const { error } = await addTasks(people, { options: { doNotCall: [A, 'call later'] } });
		expect(error?.message).toContain('"call later"');
	});

	it('calls nobody on the list, however the list and the people are written', async () => {
		const spellings = [
			(number: string) => number,
			(number: string) => number.slice(1),
			(number: string) => `${number.slice(0, 2)} (${number.slice(2, 5)}) ${number.slice(5)}`,
			(number: string) => [...number].join('\u200b'),
			(number: string) => `tel:${number}`,
			(number: string) => number.replace(/(\d{3})(\d{2})(\d{2})$/, '$1–$2.$3'),
		];
		const person = fc.record({ last: fc.nat({ max: 9 }), spell: fc.constantFrom(...spellings) });
		const numberOf = ({ last, spell }: { last: number; spell: (number: string) => string }) =>
			spell(`+7916111220${last}`);
		await fc.assert(
			fc.asyncProperty(
				fc.array(person, { minLength: 1, maxLength: 8 }),
				fc.array(person, { minLength: 1, maxLength: 8 }),
				async (called, listed) => {
					fixture.sandbox.reset();
					const { error } = await addTasks(
						called.map((each) => ({ a_number: numberOf(each) })),
						{ options: { doNotCall: listed.map(numberOf), skipDuplicates: true } },
					);
					expect(error?.message).toBeUndefined();
					const forbidden = new Set(listed.map(({ last }) => last));
					const expected = new Set(
						called.map(({ last }) => last).filter((last) => !forbidden.has(last)),
					);
					const sent = sentNumbers().map((number) => Number(String(number).slice(-1)));
					expect(sent.sort()).toEqual([...expected].sort());
				},
			),
			{ numRuns: 60, seed: 22 },
		);
	});
});

describe('a number', () => {
	/** What is no number: the values that columns, forms and models give. */
	const NO_NUMBERS: unknown[] = [
		[{ VALUE: A }],
		{ number: A },
		[A, B],
		true,
		'call after 5pm',
		'7.91612E+10',
		'79161112233.0',
		`${A}, ${B}`,
		`${A} or ${B}`,
		`${A} ext. 12`,
		'1',
		'+791611122337916111223379161112233',
	];

	it.each(NO_NUMBERS)('cannot be %j, and nobody is called', async (value) => {
		const mapped = { taskInput: 'fields', aNumber: '={{ $json.a_number }}' };
		const json = [{ a_number: A }, { a_number: value as string }, { a_number: B }];
		for (const parameters of [{}, mapped, { unknownFields: 'variables' }]) {
			const result = await addTasks(json, parameters);
			expectNothingSent(result, /'A Number' is not a phone number: /);
			expect(contextOf(result.error)?.itemIndex).toBe(1);
			expect(result.error?.description).toContain('Nothing was sent.');
		}
		expectNothingSent(
			await addTasks([{ tasks: json }], { taskInput: 'json', tasks: '={{ $json.tasks }}' }),
			/'A Number' is not a phone number: /,
		);
		expectNothingSent(
			await callAndWait({ a_number: value as string }, { aNumber: '={{ $json.a_number }}' }),
			/'A Number' is not a phone number: /,
		);
	});

	it('that is wrong in several items names all of them', async () => {
		const { error } = await addTasks([{ a_number: A }, { a_number: '1' }, { a_number: 'no way' }]);
		expect(error?.description).toContain('These items cannot be sent: 1–2.');
	});

	it.each([undefined, null, '', ' ', '-', '—', [], ['']])(
		'whose expression gives %j is an error that names the columns',
		async (value) => {
			const row = { Phone: A, ...(value !== undefined && { Telefon: value as string }) };
			const numbers = { aNumber: '={{ $json.Telefon }}', bNumber: '101' };
			for (const result of [
				await addTasks([{ Telefon: A }, row], { taskInput: 'fields', ...numbers }),
				await addTasks([row], { taskInput: 'fields', aNumber: '101', bNumber: numbers.aNumber }),
				await callAndWait(row, numbers),
			]) {
				expectNothingSent(result, /^'[AB] Number' is empty$/);
				expect(result.error?.description).toContain('Columns of the item: "Phone"');
			}
		},
	);

	it('that was left empty is not needed', async () => {
		await addTasks([{ Phone: A }], {
			taskInput: 'fields',
			aNumber: '={{ $json.Phone }}',
			bNumber: '',
		});
		expect(sentTasks()).toEqual([{ a_number: A }]);
	});
});

describe('Country of Numbers', () => {
	const options = { countryOfNumbers: 'RU' };

	it('completes national numbers, and leaves those of the PBX', async () => {
		const { hints } = await addTasks(
			[
				{ a_number: '8 (916) 111-22-33', b_number: '101' },
				{ a_number: '9161112233', b_number: '1844*101' },
				{ a_number: A, b_number: '099' },
			],
			{ options },
		);
		expect(sentTasks()).toEqual([
			{ a_number: A, b_number: '101' },
			{ a_number: A, b_number: '1844*101' },
			{ a_number: A, b_number: '099' },
		]);
		expect(messagesOf(hints)).toContain('Wrote the numbers of 2 tasks in the international form.');
	});

	it('is that of Do Not Call and of duplicates, too', async () => {
		const { json } = await addTasks(
			[{ a_number: '8 916 111 22 33' }, { a_number: B }, { a_number: '8 916 222 33 44' }],
			{ options: { ...options, doNotCall: ['9161112233'], skipDuplicates: true } },
		);
		expect(json.map(({ skipped }) => skipped)).toEqual(['do not call', undefined, 'duplicate']);
	});

	it('refuses a number that the country does not have', async () => {
		expectNothingSent(
			await addTasks([{ a_number: A }, { a_number: '8 916 111' }], { options }),
			/'A Number' is not a phone number/,
		);
	});

	it('completes the number of Call and Wait', async () => {
		await callAndWait({}, { aNumber: '8 (916) 111-22-33', options });
		expect(sentNumbers()).toEqual([A]);
	});

	it.each(['', 'Narnia', '={{ $json.missing }}'])('cannot be %j', async (countryOfNumbers) => {
		const parameters = { options: { countryOfNumbers } };
		expectNothingSent(await addTasks([{ a_number: A }], parameters), /'Country of Numbers'/);
		expectNothingSent(await callAndWait({}, { aNumber: A, ...parameters }), /'Country of Numbers'/);
	});

	it('is recommended where numbers have no country code', async () => {
		const hint = /^2 numbers have seven or more digits and no \+, so a PBX may refuse them\./;
		const { hints } = await addTasks([{ a_number: '89161112233' }, { a_number: '9162223344' }]);
		expect(messagesOf(hints)).toContainEqual(expect.stringMatching(hint));
		expect(sentNumbers()).toEqual(['89161112233', '9162223344']);
		const one = await callAndWait({}, { aNumber: '89161112233' });
		expect(messagesOf(one.hints)).toContainEqual(expect.stringMatching(/^1 number has /));
	});
});

describe('the same person', () => {
	it('is added once, whatever the spelling of the number', async () => {
		const { json } = await addTasks(
			[{ a_number: A }, { a_number: A.slice(1) }, { a_number: '+7 916 111-22-33' }],
			{ options: { skipDuplicates: true } },
		);
		expect(json.map(({ skipped }) => skipped)).toEqual([undefined, 'duplicate', 'duplicate']);
	});

	it('is not another extension', async () => {
		const [one, two, three] = fixture.sandbox.store.extensions.list().map(({ id }) => id);
		const { json } = await addTasks(
			[one, two, three, two].map((extension_id) => ({ extension_id })),
			{ options: { skipDuplicates: true } },
		);
		expect(json.map(({ skipped }) => skipped)).toEqual([
			undefined,
			undefined,
			undefined,
			'duplicate',
		]);
	});
});

describe('an option that is set', () => {
	it.each(['skipDuplicates', 'skipPeopleAddedBefore', 'reportResultsTo', 'campaign', 'batchSize'])(
		'has a value: %s',
		async (name) => {
			expectNothingSent(
				await addTasks([{ a_number: A }], { options: { [name]: '={{ $json.missing }}' } }),
				/ is set, but it is empty$/,
			);
		},
	);

	it('is no URL of a RingMe Trigger where the PBX reports to others', async () => {
		for (const path of [
			'webhook/b5e5f3a4-7c1d-4e8b-9f60-3a2d1c0b9e8f/events',
			'webhook-test/b5e5f3a4-7c1d-4e8b-9f60-3a2d1c0b9e8f/events?x=1',
			'hooks/b5e5f3a4-7c1d-4e8b-9f60-3a2d1c0b9e8f/events/',
		]) {
			const url = `https://n8n.example.com/${path}`;
			for (const result of [
				await addTasks([{ a_number: A }], { options: { urlAfter: url } }),
				await addTasks([{ a_number: A, url_success: url }]),
			]) {
				expectNothingSent(result, /Webhook URL' is the URL of a RingMe Trigger/);
				expect(result.error?.description).toContain("'Report Results To'");
			}
		}
		const { error } = await addTasks([
			{ a_number: A, url_after: 'https://crm.example.com/events' },
		]);
		expect(error).toBeUndefined();
	});
});

describe('the messages', () => {
	it('say first who is called and who is not, and name the item that the PBX means', async () => {
		const { error } = await addTasks([{ a_number: A }, { a_number: '12' }, { a_number: B }]);
		expect(error?.message).toContain("item 1: a_number: '12' is not a phone number");
		expect(error?.message).not.toContain('tasks[');
		expect(error?.description).toMatch(
			/^1 person was added and is called, 2 were not\. Do not run the whole list again\. /,
		);
		expect(error?.description).toMatch(
			/Succeeded: item 0 .*where 29 were expected\.$|\d+ were expected\.$/,
		);
	});

	it('say if nobody was added', async () => {
		const { error } = await addTasks([{ a_number: '12' }]);
		expect(error?.description).toMatch(/^Nobody was added\. /);
	});

	it('name a task of a list by its item and its place', async () => {
		const { error } = await addTasks([{ tasks: [{ a_number: A }, { a_number: '12' }] }], {
			taskInput: 'json',
			tasks: '={{ $json.tasks }}',
		});
		expect(error?.message).toContain('item 0, task 1: a_number');
	});
});
