/**
 * The RingMe Polling Trigger in a real n8n, polled by n8n's own schedule: while the PBX is down, while n8n is off, and
 * after n8n was killed in the middle of a poll. n8n polls once a minute, so each test takes up to a minute or two.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import type { Workflow } from '../support/n8n/editor.mts';
import { publishPolling } from '../support/n8n/publish.mts';
import { sandboxAccess } from '../support/n8n/sandboxAccess.mts';
import { startTestEnvironment, type TestEnvironment } from '../support/n8n/testEnvironment.mts';
import { createRecordFactory, type RecordFactory } from '../support/recordFactory.mts';
import { waitFor } from '../support/waitFor.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 900_000;
/** A poll every minute, and what n8n needs for an execution. */
const WAIT = { timeoutMs: 300_000 };
/** A list with more than one page of 100. */
const MANY = 130;
const FEW = 5;

const RECORDINGS = 'New Recording';
const CALLS = 'New Call';

let environment: TestEnvironment;
let records: RecordFactory;
let workflow: Workflow;
/** The IDs of all records that were added since the workflow was published, by trigger. */
const added: Record<string, string[]> = { [RECORDINGS]: [], [CALLS]: [] };

before(
	async () => {
		environment = await startTestEnvironment('polling');
		records = createRecordFactory(environment.sandbox);
		workflow = await createWorkflow();
	},
	{ timeout: 1_800_000 },
);

after(async () => {
	assert.deepEqual(environment?.sandbox.errors ?? [], []);
	await environment?.stop();
});

test('starts no workflow for what exists when it is published', { timeout: TEST_MS }, async () => {
	await publishPolling(environment.editor, workflow, Object.keys(added));
	assert.deepEqual(await reported(), { [RECORDINGS]: [], [CALLS]: [] });
});

test('reports what is new, more than a page of it', { timeout: TEST_MS }, async () => {
	addRecords(MANY);
	await waitForReports();
});

test('reports what happened while the PBX was down and n8n off', { timeout: TEST_MS }, async () => {
	const { faults, journal } = environment.sandbox;
	faults.add({ kind: 'status', status: 503, times: Infinity });
	const failures = () =>
		journal.find('GET', '/client/').filter(({ status }) => status === 503).length;
	const first = failures();
	addRecords(FEW);
	await waitFor('polls of both triggers that fail', () => failures() >= first + 2, WAIT);
	await environment.n8n.stop();
	faults.clear();
	addRecords(MANY);
	await environment.startAgain();
	await waitForReports();
});

test('reports what a poll had found when n8n was killed', { timeout: TEST_MS }, async () => {
	const { faults, journal } = environment.sandbox;
	addRecords(FEW);
	const hold = faults.add({ kind: 'hold', times: Infinity });
	await hold.held();
	environment.n8n.kill();
	await hold.release();
	faults.clear();
	await waitFor('the PBX to finish', () => journal.inFlight === 0);
	addRecords(FEW);
	await environment.startAgain();
	await waitForReports();
});

test('reports nothing a second time', { timeout: TEST_MS }, async () => {
	const { journal } = environment.sandbox;
	const polls = () => journal.find('GET', '/record/').length;
	const first = polls();
	await waitFor('two more polls', () => polls() >= first + 2, WAIT);
	assert.deepEqual(await reported(), sorted(added));
});

function addRecords(count: number) {
	for (let ago = count; ago > 0; ago--) {
		added[RECORDINGS].push(records.addRecording(ago * 1000));
		added[CALLS].push(records.addCall(ago * 1000));
	}
}

/** Waits until all records are reported, and checks that each was reported once. */
async function waitForReports() {
	const count = Object.values(added).flat().length;
	await waitFor(
		`${count} reported records`,
		async () => Object.values(await reported()).flat().length >= count,
		WAIT,
	);
	assert.deepEqual(await reported(), sorted(added));
}

/** The IDs of all reported records, by trigger. */
async function reported() {
	const runs = await environment.editor.waitForRuns(workflow, 0);
	const byTrigger = Object.keys(added).map((name): [string, string[]] => [
		name,
		runs
			.flatMap(({ nodes }) => (nodes[name] ?? []).flatMap(({ data }) => data?.main?.[0] ?? []))
			.map(({ json }) => String(json.recordId ?? json.callId)),
	]);
	assert.deepEqual(
		runs.map(({ status }) => status).filter((status) => status !== 'success'),
		[],
	);
	return sorted(Object.fromEntries(byTrigger));
}

const sorted = (ids: Record<string, string[]>) =>
	Object.fromEntries(Object.entries(ids).map(([name, each]) => [name, [...each].sort()]));

/** Both triggers in one workflow, which share its static data, and a node behind them. */
async function createWorkflow(): Promise<Workflow> {
	const { editor, sandbox } = environment;
	const ringMeOAuth2Api = await editor.createPbxCredential(sandboxAccess(sandbox));
	const trigger = (name: string, event: string, index: number) => ({
		id: randomUUID(),
		name,
		type: 'n8n-nodes-ringme.ringMePollingTrigger',
		typeVersion: 1,
		position: [0, index * 200],
		parameters: {
			event,
			minimumInterval: 1,
			pollTimes: { item: [{ mode: 'everyMinute' }] },
		},
		credentials: { ringMeOAuth2Api },
	});
	const next = { main: [[{ node: 'After', type: 'main', index: 0 }]] };
	return await editor.createWorkflow({
		name: 'Polls',
		nodes: [
			trigger(RECORDINGS, 'recording', 0),
			trigger(CALLS, 'call', 1),
			{
				id: randomUUID(),
				name: 'After',
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [260, 0],
				parameters: {},
			},
		],
		connections: { [RECORDINGS]: next, [CALLS]: next },
		settings: { executionOrder: 'v1' },
	});
}
