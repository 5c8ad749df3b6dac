/** Screening of Add Tasks in n8n's engine: who is skipped, and what the output and the hints say. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { setupFixture, links, type Fixture } from '../harness/fixture.mts';

const fixture = setupFixture();

const person = (index: number): IDataObject => ({
	a_number: `+4420794600${10 + index}`,
	b_number: '101',
});

const addTasks = async (
	json: IDataObject[],
	taskOptions: IDataObject,
	parameters: IDataObject = {},
	options: Parameters<Fixture['run']>[1] = {},
) =>
	await fixture.run(
		{
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			options: taskOptions as INodeParameters,
			...(parameters as object),
		},
		{ json, ...options },
	);

const batches = () => fixture.sandbox.journal.find('POST', '/tasks/');
const sentNumbers = () =>
	batches().flatMap(({ body }) =>
		(body as { tasks: IDataObject[] }).tasks.map(({ a_number }) => a_number),
	);
const skippedOf = (json: IDataObject[]) => json.map(({ skipped }) => skipped);
const messagesOf = (hints: Array<{ message: string }>) => hints.map(({ message }) => message);

describe('Do Not Call', () => {
	it('skips people on the list, compared by digits, and links every output item in order', async () => {
		const { items, json, hints } = await addTasks(range(4).map(person), {
			doNotCall: ['+44 (20) 7946-0011', '', '442079460013'],
		});
		expect(links(items)).toEqual([0, 1, 2, 3]);
		expect(skippedOf(json)).toEqual([undefined, 'do not call', undefined, 'do not call']);
		expect(json[1]).toMatchObject({ a_number: '+442079460011', b_number: '101' });
		expect(sentNumbers()).toEqual(['+442079460010', '+442079460012']);
		expect(messagesOf(hints)).toContain('Skipped 2 of 4 tasks: 2 do not call.');
	});

	it('evaluates an expression that returns the list once, for any number of people', async () => {
		const json = range(3_000).map((index) => ({ a_number: `+7916${1_000_000 + index}` }));
		const list = JSON.stringify(range(2_000).map((index) => `+7916${1_000_500 + index}`));
		const { json: output } = await addTasks(json, { doNotCall: `={{ ${list} }}` });
		expect(output.filter(({ skipped }) => skipped)).toHaveLength(2_000);
		expect(sentNumbers()).toHaveLength(1_000);
	});

	it('sends nothing if everybody is on the list', async () => {
		const { json } = await addTasks([person(0)], { doNotCall: [person(0).a_number] });
		expect(skippedOf(json)).toEqual(['do not call']);
		expect(fixture.sandbox.journal.api()).toEqual([]);
	});
});

describe('Consent Field', () => {
	it.each([
		[true, true],
		['Yes', true],
		['1', true],
		[1, true],
		[false, false],
		['', false],
		['no', false],
		[null, false],
		[undefined, false],
	])('treats the value %j as consent: %j', async (value, isCalled) => {
		const { json } = await addTasks([{ ...person(0), agreed: value } as IDataObject], {
			consentField: 'agreed',
		});
		expect(skippedOf(json)).toEqual([isCalled ? undefined : 'no consent']);
		expect(sentNumbers()).toHaveLength(isCalled ? 1 : 0);
	});

	it('does not send the consent field, and does not validate people who are not called', async () => {
		const { json } = await addTasks(
			[
				{ ...person(0), agreed: true },
				{ name: 'No number', agreed: false },
			],
			{ consentField: 'agreed' },
		);
		expect(skippedOf(json)).toEqual([undefined, 'no consent']);
		expect((batches()[0].body as { tasks: IDataObject[] }).tasks).toEqual([person(0)]);
	});

	it('applies to each task of a JSON list', async () => {
		const tasks = [
			{ ...person(0), agreed: 'yes' },
			{ ...person(1), agreed: 'no' },
		];
		const { json } = await addTasks([{ tasks }], { consentField: 'agreed' }, { taskInput: 'json' });
		expect(skippedOf(json)).toEqual([undefined, 'no consent']);
		expect(sentNumbers()).toEqual([person(0).a_number]);
	});
});

it('adds nobody who was skipped when the node is run again after a failure', async () => {
	fixture.sandbox.faults.add({ kind: 'status', status: 503, match: { path: '/tasks/' } });
	const json = [person(0), person(1), person(0)];
	const { json: output } = await addTasks(
		json,
		{ skipDuplicates: true, doNotCall: [person(1).a_number] },
		{},
		{ settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 } },
	);
	expect(skippedOf(output)).toEqual(output.length ? [undefined, 'do not call', 'duplicate'] : []);
	expect(new Set(sentNumbers())).toEqual(new Set([person(0).a_number]));
});

describe('numbers', () => {
	it('lose spaces, brackets and dashes, and a hint says so', async () => {
		const { hints } = await addTasks(
			[{ a_number: '+44 (20) 7946–0001' }, { a_number: '+442079460002' }],
			{},
		);
		expect(sentNumbers()).toEqual(['+442079460001', '+442079460002']);
		expect(messagesOf(hints)).toContain(
			'Removed spaces, brackets and dashes from the numbers of 1 tasks.',
		);
	});

	it.each(['1844*101', 'front-desk', '101'])('stay as they are: %s', async (number) => {
		await addTasks([{ a_number: '+442079460001', b_number: number }], {});
		const [{ body }] = batches();
		expect((body as { tasks: IDataObject[] }).tasks[0].b_number).toBe(number);
	});
});

it('rejects variables of more than 200 characters before anything is sent', async () => {
	const variables = (length: number) => ({ ...person(0), variables: { note: 'x'.repeat(length) } });
	expect((await addTasks([variables(200)], {})).error).toBeUndefined();
	fixture.sandbox.reset();
	const { error } = await addTasks([variables(201)], {});
	expect(error?.message).toBe('The variable "note" has 201 characters');
	expect(fixture.sandbox.journal.api()).toEqual([]);
});

function range(count: number): number[] {
	return Array.from({ length: count }, (_, index) => index);
}
