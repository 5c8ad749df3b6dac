/**
 * The same work for n8n in one process, and for n8n in queue mode: one main process, which takes webhooks, and two
 * workers, which run the executions. The steps build on each other.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { until } from '../../scripts/until.mts';
import { assertSame } from './support/executions.mts';
import { layGround, type Fleet, type Ground } from './support/queue.mts';
import { work, type Outcome } from './support/work.mts';

const STEP_MS = 300_000;

let ground: Ground;
let alone: Outcome;
let shared: Outcome;
let fleet: Fleet;

before(
	async () => {
		ground = await layGround();
	},
	{ timeout: 600_000 },
);

after(async () => {
	await ground?.stop();
});

test('regular mode: calls and lists arrive once', { timeout: STEP_MS }, async () => {
	fleet = await ground.start(0);
	alone = await work(fleet, ground.postgres);
	await fleet.stop();
});

test('queue mode: calls and lists arrive once', { timeout: STEP_MS }, async () => {
	fleet = await ground.start(2);
	shared = await work(fleet, ground.postgres);
});

test('the results are the same', () => {
	assertSame(shared.events, alone.events);
	assertSame(shared.tasks, alone.tasks);
	assertSame(shared.added.flat(), alone.added.flat());
});

test('each execution was run once, and both workers ran some of both', async () => {
	const { ofCalls, ofLists } = shared.executions;
	const wanted = [...ofCalls, ...ofLists].sort();
	// What a process prints may come a moment later.
	const begun = await until('the lines of all executions in the logs of the workers', async () => {
		const each = await fleet.begunBy();
		return each.flat().length >= wanted.length && each;
	});
	assert.deepEqual(begun.flat().sort(), wanted);
	for (const ids of begun) {
		const [calls, lists] = [ofCalls, ofLists].map((of) => ids.filter((id) => of.includes(id)));
		console.log(`A worker ran ${calls.length} executions of calls, ${lists.length} of lists.`);
		assert.ok(calls.length > 0 && lists.length > 0);
	}
});
