/**
 * One run of the node with many items: how many requests at a time, what stops when an item fails, and
 * what happens when n8n repeats the node.
 */
import { setTimeout as pause } from 'node:timers/promises';

import type { FaultInput } from '../../sandbox/index.mts';
import { byId, links, openBench } from '../harness/pbx.mts';
import { useBench } from './support/bench.mts';
import { reportedOutcomes } from './support/outcomes.mts';
import { createGroup, groupsOf, names } from './support/groups.mts';

const bench = useBench();

const { create, posts, added, onGroup } = groupsOf(bench);
const requests = () => bench.sandbox.journal.api();
const expectNoMore = async () => {
	const { length } = requests();
	await pause(50);
	expect(requests()).toHaveLength(length);
};

const refusal: FaultInput = { kind: 'status', status: 400, body: { message: 'No room' } };
const again = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };

describe('requests at a time', () => {
	it('are five, and all items come out in order', async () => {
		const slow = await openBench({ latencyMs: 20 });
		const json = names(40);
		const { items } = await slow.run(createGroup, { json });
		expect(slow.sandbox.journal.maxInFlight).toBe(5);
		expect(links(items)).toEqual(json.map((_, item) => item));
		expect(items.map((item) => item.json.name)).toEqual(json.map(({ name }) => name));
		await slow.sandbox.stop();
	});

	it('are one, for statistics', async () => {
		const { items } = await bench.run(
			{
				resource: 'recording',
				operation: 'getStatistics',
				recordingStartDatetime: '2026-01-01T00:00:00Z',
				recordingEndDatetime: '2026-01-31T00:00:00Z',
			},
			{ json: names(6) },
		);
		expect(items).toHaveLength(6);
		expect(bench.sandbox.journal.maxInFlight).toBe(1);
		expect(requests().every(({ status }) => status === 200)).toBe(true);
	});

	it("keep to n8n's own Batching", async () => {
		const batching = { batch: { batchSize: 1, batchInterval: 40 } };
		const { timeMs, items } = await create(4, {}, { requestOptions: { batching } });
		expect(items).toHaveLength(4);
		expect(timeMs).toBeGreaterThan(110);
		expect(bench.sandbox.journal.maxInFlight).toBe(1);
	});

	it('are those of the items that there are', async () => {
		const { items } = await create(5, { settings: { executeOnce: true } });
		expect(items).toHaveLength(1);
		expect(added()).toEqual(['G0']);
	});
});

describe('after a failure', () => {
	it('nothing more is sent, and the error names what became of each item', async () => {
		onGroup(7, refusal);
		const result = await create(40);
		await expectNoMore();
		expect(posts().length).toBeLessThan(16);
		const outcomes = reportedOutcomes(result, 40);
		expect(
			outcomes.flatMap((outcome, item) => (outcome === 'succeeded' ? `G${item}` : [])),
		).toEqual(added());
		expect(outcomes).not.toContain('unreported');
		expect(result.error).toMatchObject({ message: 'The PBX refused: No room', httpCode: '400' });
		expect(result.error?.description).toContain('Failed: item 7.');
		expect(result.error?.context?.itemIndex).toBe(7);
	});

	it('what waits for its next try is not tried again, and does not keep the run waiting', async () => {
		onGroup(0, { kind: 'rateLimit', retryAfter: 30 });
		onGroup(3, refusal);
		const result = await create(20);
		expect(result.timeMs).toBeLessThan(20_000);
		await expectNoMore();
		expect(result.error?.message).toBe('The PBX refused: No room');
		const outcomes = reportedOutcomes(result, 20);
		expect(outcomes[0]).toBe('failed');
		expect(added()).not.toContain('G0');
	});

	it('with Continue On Fail each item has its result or its own error, linked', async () => {
		onGroup(2, refusal);
		onGroup(4, { kind: 'dropAfter' });
		const { items, status } = await create(8, { onError: 'continueRegularOutput' });
		expect(status).toBe('success');
		expect(links(items)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		const errors = items.flatMap(({ json }) => json.error ?? []);
		expect(errors).toHaveLength(2);
		expect(errors).toContain('The PBX refused: No room');
		expect(errors).toContainEqual(expect.stringContaining('unknown whether'));
		for (const { json } of items) if (json.error) expect(json.message).toBeTruthy();
		expect(added()).toHaveLength(7);
	});

	it('the error output gets the errors, with the items that they belong to', async () => {
		onGroup(0, refusal);
		const { output } = await create(4, { onError: 'continueErrorOutput' });
		expect(output[0]).toHaveLength(3);
		expect(output[1]).toHaveLength(1);
		const [{ json, pairedItem }] = output[1];
		const { item } = pairedItem as { item: number };
		expect(json).toMatchObject({ error: 'The PBX refused: No room', name: `G${item}` });
		expect(added()).toHaveLength(3);
		expect(added()).not.toContain(`G${item}`);
	});

	it('an input that cannot be read keeps all items from being sent', async () => {
		const unread = {
			extensionGroupName: "={{ $json.name === 'G4' ? $('Nobody').first() : $json.name }}",
		};
		const { error } = await create(6, {}, unread);
		await expectNoMore();
		expect(error?.message).toBeTruthy();
		expect(requests()).toEqual([]);
		const { items } = await create(6, { onError: 'continueRegularOutput' }, unread);
		expect(items).toHaveLength(6);
		expect(added()).toEqual(['G0', 'G1', 'G2', 'G3', 'G5']);
	});
});

describe('Retry On Fail', () => {
	it('does only what was not done', async () => {
		onGroup(2, refusal);
		const { items, status } = await create(12, { settings: again });
		expect(status).toBe('success');
		expect(links(items)).toEqual(names(12).map((_, item) => item));
		expect(items.map(({ json }) => json.name)).toEqual(names(12).map(({ name }) => name));
		expect(added()).toEqual(names(12).map(({ name }) => name));
		expect(posts()).toHaveLength(13);
	});

	it('with Continue On Fail, too', async () => {
		onGroup(0, refusal);
		const { items } = await create(6, { settings: again, onError: 'continueRegularOutput' });
		expect(items.map(({ json }) => json.name)).toEqual(names(6).map(({ name }) => name));
		expect(added()).toHaveLength(6);
		expect(posts()).toHaveLength(7);
	});

	it('never repeats what may have been done', async () => {
		onGroup(1, { kind: 'dropAfter' });
		const result = await create(6, { settings: { ...again, maxTries: 5 } });
		expect(result.error?.message).toContain('unknown whether');
		expect(reportedOutcomes(result, 6).filter((outcome) => outcome === 'unknown')).toHaveLength(1);
		expect(new Set(added()).size).toBe(added().length);
		const struck = posts().filter(({ fault }) => fault === 'dropAfter');
		expect(
			posts().filter(({ body }) => JSON.stringify(body) === JSON.stringify(struck[0].body)),
		).toHaveLength(1);
	});

	it('repeats what is safe to repeat, and knows a deletion that was done before', async () => {
		const targets = bench.sandbox.store.extensions.list().slice(3, 6);
		bench.sandbox.faults.add({ kind: 'dropAfter', match: { method: 'DELETE' }, times: 4 });
		const { json, error } = await bench.run(
			{ resource: 'extension', operation: 'delete', extensionId: byId(targets[0].id) },
			{ settings: again },
		);
		expect(error).toBeUndefined();
		expect(json).toEqual([{ deleted: true }]);
		expect(requests().map(({ status }) => status)).toEqual([...Array(4).fill(undefined), 404]);
	});

	it('reads anew', async () => {
		bench.sandbox.faults.add({ kind: 'status', status: 400 });
		const { json } = await bench.run(
			{ resource: 'extension', operation: 'getMany', limit: 2 },
			{ settings: again },
		);
		expect(json).toHaveLength(2);
		expect(requests()).toHaveLength(2);
	});
});
