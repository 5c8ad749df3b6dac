/** Map Automatically of Add Tasks: which column is which field of a task, and whose value is sent. */
import type { IDataObject, INodeParameters, INodeProperties } from 'n8n-workflow';

import { taskFields } from '../../nodes/RingMe/resources/common/task';
import { camelCase, type Field } from '../../nodes/shared/schema/field';
import { setupFixture } from '../harness/fixture.mts';

const fixture = setupFixture();

const addTasks = async (
	json: IDataObject[],
	parameters: INodeParameters = {},
	settings: IDataObject = {},
) =>
	await fixture.run(
		{ resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2', ...parameters },
		{ json, settings },
	);

const sentTasks = () =>
	fixture.sandbox.journal
		.find('POST', '/tasks/')
		.flatMap(({ body }) => (body as { tasks: IDataObject[] }).tasks);
const sentOf = async (json: IDataObject[], parameters: INodeParameters = {}) => {
	fixture.sandbox.journal.clear();
	const { error } = await addTasks(json, parameters);
	expect(error?.message).toBeUndefined();
	return sentTasks();
};

/** A valid value of each kind of field. */
const sampleOf = ({ key, kind, min = 0 }: Field): unknown => {
	if (key === 'a_number') return '+79161112233';
	if (key === 'b_number') return '101';
	if (key.startsWith('url_')) return 'https://crm.example.com/hook';
	if (kind === 'integer') return min + 1;
	if (kind === 'locator') return fixture.sandbox.store.extensions.list()[0].id;
	if (kind === 'dateTime') return '2026-05-31T18:00:00Z';
	if (kind === 'strings') return ['+442079460000'];
	if (kind === 'keyValues') return { city: 'Moscow' };
	return 'Ann';
};

const SPELLINGS: Array<[string, (field: Field) => string]> = [
	['its name in camel case', ({ key }) => camelCase(key)],
	['its label', ({ label }) => label],
	['its label in capital letters', ({ label }) => label.toUpperCase()],
	['its label with dashes', ({ label }) => label.replaceAll(' ', '-')],
	['its name with blanks around it', ({ key }) => ` ${key} `],
	['its name behind a byte order mark', ({ key }) => `\ufeff${key}`],
	['its name with a zero-width space', ({ key }) => `${key.slice(0, 1)}\u200b${key.slice(1)}`],
	['its name with no-break spaces', ({ key }) => key.replaceAll('_', '\u00a0')],
	['its name with two underscores', ({ key }) => `_${key}_`],
	['its name in full-width letters', ({ key }) => key.replace('_', '＿').replace('n', 'ｎ')],
];

describe('a column is a field of a task', () => {
	const target = { b_number: '101' };

	it.each(SPELLINGS)('under %s', async (_, spell) => {
		for (const unknownFields of ['reject', 'variables', 'ignore']) {
			for (const field of taskFields) {
				const value = sampleOf(field) as IDataObject[string];
				const [[expected], [sent]] = [
					await sentOf([{ ...target, [field.key]: value }]),
					await sentOf([{ ...(field.key !== 'b_number' && target), [spell(field)]: value }], {
						unknownFields,
					}),
				];
				expect(sent).toEqual(expected);
			}
		}
	});

	it('of the editor, too: no two fields have names that look the same', () => {
		const { properties } = fixture.engine.description('ringMe');
		const named = (name: string) => properties.find((each) => each.name === name);
		expect(named('aNumber')?.displayName).toBe(taskFields[0].label);
		const { options } = named('taskFields') as { options: INodeProperties[] };
		expect(options.map(({ displayName }) => displayName).sort()).toEqual(
			taskFields
				.slice(2)
				.map(({ label }) => label)
				.sort(),
		);
	});
});

it('a time without a zone is in UTC under its name, and in that of the workflow under its label', async () => {
	const [byName, byLabel] = await sentOf([
		{ a_number: '+79161112233', start_time_utc: '2026-05-31 18:00:00' },
		{ a_number: '+79161112233', 'Start Time': '2026-05-31 18:00:00' },
	]);
	expect(byName.start_time_utc).toBe('2026-05-31 18:00:00');
	// The workflow has n8n's default, America/New_York.
	expect(byLabel.start_time_utc).toBe('2026-05-31 22:00:00');
});

describe('two columns that are the same field', () => {
	it.each([
		['a_number', 'aNumber'],
		['A Number', 'a number'],
		['Name', 'NAME'],
		['\ufeffb_number', 'b_number'],
		['variables', 'Variables'],
	])('%j and %j are refused', async (first, second) => {
		const value = first.toLowerCase().includes('variables') ? { city: 'Moscow' } : '+79161112233';
		for (const unknownFields of ['reject', 'variables', 'ignore']) {
			const { error } = await addTasks([{ extension_id: 1, [first]: value, [second]: value }], {
				unknownFields,
			});
			expect(error?.message).toContain(JSON.stringify(first));
			expect(error?.message).toContain(JSON.stringify(second));
		}
		expect(fixture.sandbox.journal.api()).toEqual([]);
	});

	it('are one if only one of them has a value', async () => {
		const [task] = await sentOf([{ a_number: '+79161112233', 'A Number': '', aNumber: null }]);
		expect(task).toEqual({ a_number: '+79161112233' });
	});
});

describe('columns that are no field of a task', () => {
	it('are all named, with the cure for a list without a column of numbers', async () => {
		const { error } = await addTasks([{ Name: 'Ann', Phone: '+79161112233', City: 'Moscow' }]);
		expect(error?.message).toBe('The columns "Phone", "City" are not fields of a task');
		expect(error?.description).toMatch(
			/None of the columns is a number to call: "Name", "Phone", "City"\. Rename .* a_number, or choose 'Map Each Field'/,
		);
		expect(error?.description).toContain('Nothing was sent.');
	});

	it.each(['variables', 'ignore'])(
		'have the same cure with Unknown Fields %s',
		async (unknownFields) => {
			const { error } = await addTasks([{ Phone: '+79161112233' }], { unknownFields });
			expect(error?.message).toBe('The task has no number or extension');
			expect(error?.description).toMatch(/"Phone"\. Rename .*'Map Each Field'/);
			expect(fixture.sandbox.journal.api()).toEqual([]);
		},
	);

	it('are counted if they are many', async () => {
		const columns = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`c${i}`, i]));
		const { error } = await addTasks([{ a_number: '+79161112233', ...columns }]);
		expect(error?.message).toContain('and 290 more');
	});
});

describe('the value that is sent', () => {
	it('is that of the column before the default, and of the own variables before both', async () => {
		const json = [
			{ a_number: '+79161112233', lang: 'en', city: 'Moscow' },
			{ a_number: '+79162223344', lang: 'en', variables: { lang: 'de' } },
			{ a_number: '+79163334455' },
		];
		const tasks = await sentOf(json, {
			unknownFields: 'variables',
			options: {
				variables: {
					rows: [
						{ name: 'lang', value: 'ru' },
						{ name: 'offer', value: 'spring' },
					],
				},
			},
		});
		expect(tasks.map(({ variables }) => variables)).toEqual([
			{ lang: 'en', city: 'Moscow', offer: 'spring' },
			{ lang: 'de', offer: 'spring' },
			{ lang: 'ru', offer: 'spring' },
		]);
	});

	it.each([' ', '-', '—', '\u00a0', '\ufeff', null, ''])(
		'is the default where the number of the row is %j',
		async (number) => {
			const [task] = await sentOf([{ a_number: '+79161112233', b_number: number }], {
				options: { bNumber: '102' },
			});
			expect(task).toEqual({ a_number: '+79161112233', b_number: '102' });
		},
	);

	it('of a variable that is an object is the text that is measured', async () => {
		const [task] = await sentOf(
			[{ a_number: '+79161112233', address: { city: 'Moscow' }, variables: { tags: ['a', 'b'] } }],
			{ unknownFields: 'variables' },
		);
		expect(task.variables).toEqual({ address: '{"city":"Moscow"}', tags: '["a","b"]' });
		for (const column of ['variables', 'note']) {
			const long = { text: 'x'.repeat(200) };
			const { error } = await addTasks(
				[{ a_number: '+79161112233', [column]: column === 'note' ? long : { note: long } }],
				{ unknownFields: 'variables' },
			);
			expect(error?.message).toBe('The variable "note" has 211 characters');
		}
	});
});

describe('Consent Field', () => {
	const person = { a_number: '+79161112233' };

	it.each(['Agreed to Call', ' agreed_to_call', 'AGREED-TO-CALL', '\ufeffagreedToCall'])(
		'finds the column %j',
		async (column) => {
			const { json } = await addTasks([{ ...person, [column]: 'yes' }], {
				options: { consentField: 'agreed to call' },
			});
			expect(json[0].skipped).toBeUndefined();
			expect(sentTasks()).toEqual([person]);
		},
	);

	it('has no consent if one of two such columns says no', async () => {
		const { json } = await addTasks([{ ...person, agreed: 'yes', Agreed: 'no' }], {
			options: { consentField: 'agreed' },
		});
		expect(json[0].skipped).toBe('no consent');
	});

	it.each([
		['a column that no item has', 'agred', 'No item has the field "agred" of \'Consent Field\''],
		['an empty name', ' ', "'Consent Field' is set, but it is empty"],
		['a missing column', '={{ $json.cf }}', "'Consent Field' is set, but it is empty"],
	])('is refused for %s', async (_, consentField, message) => {
		const { error } = await addTasks([{ ...person, agreed: 'yes' }], { options: { consentField } });
		expect(error?.message).toBe(message);
		expect(error?.description).toContain('Nothing was sent.');
		expect(fixture.sandbox.journal.api()).toEqual([]);
	});

	it('is accepted if some items have the column', async () => {
		const { json } = await addTasks([person, { ...person, agreed: true }], {
			options: { consentField: 'agreed' },
		});
		expect(json.map(({ skipped }) => skipped)).toEqual(['no consent', undefined]);
	});
});
