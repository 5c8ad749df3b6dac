/** A range that ends before it starts is refused before anything is sent, wherever the description has one. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { loadContract, type Contract } from '../../sandbox/http/contract.mts';
import { setupFixture } from '../harness/fixture.mts';
import { BuiltNode } from '../wire/support/node.mts';
import { validParameters } from '../wire/support/validParameters.mts';

const fixture = setupFixture();
let node: BuiltNode;
let contract: Contract;
beforeAll(async () => {
	contract = await loadContract();
	node = new BuiltNode(fixture.engine.n8n, fixture.engine.description('ringMe'));
});

async function expectRefused(parameters: INodeParameters, words: string[]) {
	fixture.sandbox.journal.clear();
	const { error } = await fixture.run(parameters);
	for (const word of words) expect(`${error?.message} ${error?.description}`).toContain(word);
	expect(fixture.sandbox.journal.all()).toEqual([]);
}

it('every operation with a start and an end refuses an end before the start', async () => {
	const tried: string[] = [];
	for (const operation of node.operations()) {
		const { query, body } = node.inputs(operation);
		const [start, end] = ['start_datetime', 'end_datetime'].map((key) =>
			[...query, ...body].find(({ name }) => name === key),
		);
		if (!start || !end) continue;
		const parameters = await validParameters(node, contract, fixture.sandbox, operation);
		const [name, isAdded] = [start.path[0], start.path.length > 1];
		const dates = {
			[start.path.at(-1) as string]: '2026-05-31T18:00:00Z',
			[end.path.at(-1) as string]: '2026-05-31T17:59:59Z',
		};
		await expectRefused({ ...parameters, ...(isAdded ? { [name]: dates } : dates) }, [
			'The date range ends (2026-05-31 17:59:59 UTC) before it starts (2026-05-31 18:00:00 UTC)',
			"Swap 'Start' and 'End', or correct one.",
		]);
		tried.push(`${operation.resource}.${operation.operation}`);
	}
	expect([...new Set(tried)]).toEqual(
		expect.arrayContaining([
			'callCenterReport.create',
			'fax.deleteMany',
			'recording.createArchive',
			'recording.deleteMany',
			'recording.getMany',
			'recording.getStatistics',
			'voicemail.deleteMany',
		]),
	);
});

describe('a condition of an interval', () => {
	const create = (intervalConditions: IDataObject, intervalTimezone = 'America/New_York') =>
		({
			resource: 'interval',
			operation: 'create',
			intervalName: 'Hours',
			intervalTimezone,
			intervalConditions,
		}) as INodeParameters;
	const json = (condition: IDataObject) => ({ json: [{ value: JSON.stringify([condition]) }] });

	it.each<[string, IDataObject]>([
		[
			'from a day to the day before',
			{ dateRange: [{ startDatetime: '2026-05-02T00:00:00', endDatetime: '2026-05-01T00:00:00' }] },
		],
		[
			'between two moments as JSON',
			json({ start_datetime: '2026-05-01 10:00:00', end_datetime: '2026-05-01T10:00:00Z' }),
		],
	])('%s is refused', async (_, conditions) => {
		await expectRefused(create(conditions), [
			"Condition 1 of 'Conditions' ends (",
			') before it starts (',
		]);
	});

	it.each<[string, IDataObject]>([
		['from Saturday to Monday', { week: [{ startDow: 7, endDow: 2 }] }],
		['from 22:00 to 06:00', { week: [{ startTime: '22:00', endTime: '06:00' }] }],
		['of one day', { dates: [{ startMday: 5, endMday: 5 }] }],
		['from 25 to 5', { dates: [{ startMday: 25, endMday: 5 }] }],
	])('%s is sent', async (_, conditions) => {
		const { error } = await fixture.run(create(conditions));
		expect(error).toBeUndefined();
	});

	it.each<[string, IDataObject]>([
		['a day', { rotation: [{ schedStartDate: '2026-05-31' }] }],
		[
			'a date and time',
			{ dateRange: [{ startDatetime: '2026-05-01', endDatetime: '2026-05-02' }] },
		],
	])('with %s is refused in a time zone that does not exist', async (_, conditions) => {
		await expectRefused(create(conditions, 'New York'), [
			'needs a time zone, and there is none named "New York"',
			'Enter its IANA name',
		]);
	});
});
