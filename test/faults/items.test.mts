/**
 * One run of the node with many items: how many requests are in flight, what a failed item stops, and
 * what Retry On Fail repeats.
 */
import type { FaultInput } from '../../sandbox/index.mts';
import { byId, links, setupFixture } from '../harness/fixture.mts';
import { settle } from '../support/settle.mts';
import { extensionGroups, groupItems, groupNames } from './support/extensionGroups.mts';
import {
	itemsWith,
	outcomeOfMessage,
	OUTCOME_UNKNOWN,
	reportedOutcomes,
} from './support/outcomes.mts';

const REJECTION: FaultInput = { kind: 'status', status: 400, body: { message: 'No room' } };
const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
const indexes = (count: number) => Array.from({ length: count }, (_, item) => item);

const fixture = setupFixture();
const groups = extensionGroups(fixture);
const requests = () => fixture.sandbox.journal.api();

async function expectNoFurtherRequests() {
	const { length } = requests();
	await settle();
	expect(requests()).toHaveLength(length);
}

describe('a run with many items', () => {
	it('has five requests in flight, and returns the items in input order', async () => {
		const hold = fixture.sandbox.faults.add({ kind: 'hold', times: Infinity });
		const running = groups.create(40);
		await hold.held(5);
		await settle();
		await hold.release();
		const { items } = await running;
		expect(fixture.sandbox.journal.maxInFlight).toBe(5);
		expect(links(items)).toEqual(indexes(40));
		expect(items.map(({ json }) => json.name)).toEqual(groupNames(40));
	});

	it('has one request for statistics in flight', async () => {
		const { items } = await fixture.run(
			{
				resource: 'recording',
				operation: 'getStatistics',
				startDatetime: '2026-01-01T00:00:00Z',
				endDatetime: '2026-01-31T00:00:00Z',
			},
			{ json: groupItems(6) },
		);
		expect(items).toHaveLength(6);
		expect(fixture.sandbox.journal.maxInFlight).toBe(1);
		expect(requests().every(({ status }) => status === 200)).toBe(true);
	});

	it('sends one request with Execute Once', async () => {
		const { items } = await groups.create(5, { settings: { executeOnce: true } });
		expect(items).toHaveLength(1);
		expect(groups.existing()).toEqual(['G0']);
	});
});

describe('after an item has failed', () => {
	it('no further requests are sent, and the error has the outcome of each item', async () => {
		groups.addFault(7, REJECTION);
		const result = await groups.create(40);
		await expectNoFurtherRequests();
		expect(groups.requests().length).toBeLessThan(16);
		const outcomes = reportedOutcomes(result, 40);
		expect(itemsWith('succeeded', outcomes).map((item) => `G${item}`)).toEqual(groups.existing());
		expect(itemsWith('failed', outcomes)).toEqual([7]);
		expect(outcomes).not.toContain('unreported');
		expect(result.error).toMatchObject({ httpCode: '400', context: { itemIndex: 7 } });
		expect(result.error?.message).toContain('No room');
	});

	it('an item that waits for its retry is not sent again, and the run does not wait for it', async () => {
		// The delay of item 0 does not pass in this test.
		groups.addFault(0, { kind: 'rateLimit', retryAfter: 60 });
		groups.addFault(3, REJECTION);
		const result = await groups.create(20);
		await expectNoFurtherRequests();
		expect(result.error?.message).toContain('No room');
		expect(reportedOutcomes(result, 20)[0]).toBe('notSent');
		expect(groups.existing()).not.toContain('G0');
	});

	it('the node fails with its error, not with that of a deletion that was stopped because of it', async () => {
		const json = [
			{ start: '2026-01-01T00:00:00Z', end: '2026-12-31T00:00:00Z' },
			{ start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' },
		];
		fixture.sandbox.faults.add({ match: { method: 'DELETE' }, after: 1, ...REJECTION });
		const result = await fixture.run(
			{
				resource: 'recording',
				operation: 'deleteMany',
				startDatetime: '={{ $json.start }}',
				endDatetime: '={{ $json.end }}',
			},
			{ json },
		);
		await expectNoFurtherRequests();
		// The long range needs eleven requests.
		expect(requests().length).toBeLessThan(12);
		expect(result.status).toBe('error');
		expect(result.error).toMatchObject({ httpCode: '400', context: { itemIndex: 1 } });
	});

	it('each item has its result or its own error with Continue On Fail', async () => {
		groups.addFault(2, REJECTION);
		groups.addFault(4, { kind: 'dropAfter' });
		const result = await groups.create(8, { onError: 'continueRegularOutput' });
		expect(result.status).toBe('success');
		expect(links(result.items)).toEqual(indexes(8));
		const outcomes = reportedOutcomes(result, 8);
		expect(itemsWith('failed', outcomes)).toHaveLength(1);
		expect(itemsWith('unknown', outcomes)).toHaveLength(1);
		const errorItems = result.json.filter(({ error }) => error !== undefined);
		expect(errorItems).toHaveLength(2);
		for (const { error, message } of errorItems) {
			expect(message).toBeTruthy();
			if (outcomeOfMessage(error) === 'failed') expect(error).toContain('No room');
		}
		expect(groups.existing()).toHaveLength(7);
	});

	it('the error output has the error and the fields of the item that it belongs to', async () => {
		groups.addFault(0, REJECTION);
		const { output } = await groups.create(4, { onError: 'continueErrorOutput' });
		expect(output[0]).toHaveLength(3);
		expect(output[1]).toHaveLength(1);
		const [{ json, pairedItem }] = output[1];
		const { item } = pairedItem as { item: number };
		expect(json).toMatchObject({
			error: expect.stringContaining('No room'),
			name: `G${item}`,
		});
		expect(groups.existing()).toHaveLength(3);
		expect(groups.existing()).not.toContain(`G${item}`);
	});

	it('nothing is sent if the input of an item cannot be evaluated', async () => {
		const parameters = {
			extensionGroupName: "={{ $json.name === 'G4' ? $('Nobody').first() : $json.name }}",
		};
		const { error } = await groups.create(6, {}, parameters);
		await expectNoFurtherRequests();
		expect(error?.message).toBeTruthy();
		expect(requests()).toEqual([]);
		const { items } = await groups.create(6, { onError: 'continueRegularOutput' }, parameters);
		expect(items).toHaveLength(6);
		expect(groups.existing()).toEqual(['G0', 'G1', 'G2', 'G3', 'G5']);
	});
});

describe('Retry On Fail', () => {
	it('repeats only the items that were not executed', async () => {
		groups.addFault(2, REJECTION);
		const { items, status } = await groups.create(12, { settings: RETRY_ON_FAIL });
		expect(status).toBe('success');
		expect(links(items)).toEqual(indexes(12));
		expect(items.map(({ json }) => json.name)).toEqual(groupNames(12));
		expect(groups.existing()).toEqual(groupNames(12));
		expect(groups.requests()).toHaveLength(13);
	});

	it('repeats only the items that were not executed with Continue On Fail, too', async () => {
		groups.addFault(0, REJECTION);
		const { items } = await groups.create(6, {
			settings: RETRY_ON_FAIL,
			onError: 'continueRegularOutput',
		});
		expect(items.map(({ json }) => json.name)).toEqual(groupNames(6));
		expect(groups.existing()).toHaveLength(6);
		expect(groups.requests()).toHaveLength(7);
	});

	it('never repeats a write of unknown outcome', async () => {
		groups.addFault(1, { kind: 'dropAfter' });
		const result = await groups.create(6, { settings: { ...RETRY_ON_FAIL, maxTries: 5 } });
		expect(result.error?.message).toMatch(OUTCOME_UNKNOWN);
		expect(itemsWith('unknown', reportedOutcomes(result, 6))).toHaveLength(1);
		expect(new Set(groups.existing()).size).toBe(groups.existing().length);
		const [lost] = groups.requests().filter(({ fault }) => fault === 'dropAfter');
		const equalRequests = groups
			.requests()
			.filter(({ body }) => JSON.stringify(body) === JSON.stringify(lost.body));
		expect(equalRequests).toHaveLength(1);
	});

	it('repeats a deletion of unknown outcome, and accepts that the record is gone', async () => {
		const [, , , extension] = fixture.sandbox.store.extensions.list();
		fixture.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'DELETE' }, times: 4 });
		const { json, error } = await fixture.run(
			{ resource: 'extension', operation: 'delete', extensionId: byId(extension.id) },
			{ settings: RETRY_ON_FAIL },
		);
		expect(error).toBeUndefined();
		expect(json).toEqual([{ deleted: true }]);
		const statuses = requests().map(({ status }) => status);
		expect(statuses).toEqual([...Array(4).fill(undefined), 404]);
	});

	it('repeats a read', async () => {
		fixture.sandbox.faults.add({ kind: 'status', status: 400 });
		const { json } = await fixture.run(
			{ resource: 'extension', operation: 'getMany', limit: 2 },
			{ settings: RETRY_ON_FAIL },
		);
		expect(json).toHaveLength(2);
		expect(requests()).toHaveLength(2);
	});
});
