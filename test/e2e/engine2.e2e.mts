/**
 * The package on n8n's Engine 2.0, an optional part of n8n that runs nodes without their custom operations. It needs
 * PostgreSQL, and credentials whose token it does not have to fetch.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import getPort from 'get-port';

import { accessToken } from '../harness/fixture.mts';
import type { RunResult } from '../support/n8n/editor.mts';
import { startTestEnvironment, type TestEnvironment } from '../support/n8n/testEnvironment.mts';
import { startPostgres, type Postgres } from './support/postgres.mts';
import { runForItems } from './support/runForItems.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 600_000;
/** More than two full requests. */
const PEOPLE = 1_100;
const BATCHES = [500, 500, 100];

let postgres: Postgres;
let environment: TestEnvironment;

before(
	async () => {
		postgres = await startPostgres();
		const { DB_POSTGRESDB_PASSWORD: password, DB_POSTGRESDB_PORT: port } = postgres.env;
		environment = await startTestEnvironment('engine2', {
			env: {
				N8N_ENABLED_MODULES: 'engine-v2',
				N8N_ENGINE_DATABASE_URL: `postgres://n8n:${password}@127.0.0.1:${port}/postgres`,
				N8N_ENGINE_HOST: '127.0.0.1',
				N8N_ENGINE_PORT: String(await getPort()),
				N8N_ENGINE_CONTROL_PLANE_PORT: String(await getPort()),
			},
		});
	},
	{ timeout: 1_800_000 },
);

beforeEach(() => environment.sandbox.reset());

after(async () => {
	assert.deepEqual(environment?.sandbox.errors ?? [], []);
	await environment?.stop();
	await postgres?.stop();
});

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const people = range(PEOPLE).map((index) => ({ a_number: `+44${7_700_900_000 + index}` }));

const itemsOf = ({ nodes }: RunResult) =>
	(nodes.RingMe?.[0].data?.main?.[0] ?? []).map(({ json, pairedItem }) => ({ json, pairedItem }));
const batchSizes = () =>
	environment.sandbox.journal
		.find('POST', '/tasks/')
		.map(({ body }) => (body as { tasks: unknown[] }).tasks.length);
const numbersInPbx = () => environment.sandbox.store.tasks.list().map((task) => task.a_number);

test(
	'adds a list in few requests, and links each task to its item',
	{ timeout: TEST_MS },
	async () => {
		const items = itemsOf(await addTasks());
		assert.deepEqual(batchSizes(), BATCHES);
		assert.deepEqual(
			items.map(({ json, pairedItem }) => [json.a_number, pairedItem]),
			people.map(({ a_number }, item) => [a_number, { item }]),
		);
	},
);

test(
	'names the outcomes when the response of a request is lost',
	{ timeout: TEST_MS },
	async () => {
		const { faults } = environment.sandbox;
		faults.add({ kind: 'dropAfter', match: { path: '/tasks/' }, after: 1 });
		const { status, nodes } = await addTasks();
		assert.equal(status, 'error');
		assert.match(String(nodes.RingMe?.[0].error?.message), /unknown/);
		assert.deepEqual(batchSizes(), BATCHES.slice(0, 2));
		assert.deepEqual(
			numbersInPbx(),
			people.slice(0, 1_000).map((task) => task.a_number),
		);
	},
);

test(
	'continues with an error for each item whose outcome is unknown',
	{ timeout: TEST_MS },
	async () => {
		const { faults } = environment.sandbox;
		faults.add({ kind: 'dropAfter', match: { path: '/tasks/' }, after: 1 });
		const items = itemsOf(await addTasks({}, { onError: 'continueRegularOutput' }));
		assert.deepEqual(
			items.map(({ json, pairedItem }) => ['error' in json, pairedItem]),
			range(PEOPLE).map((item) => [item >= 500 && item < 1_000, { item }]),
		);
		assert.match(String(items[500].json.error), /unknown/);
		assert.deepEqual(batchSizes(), BATCHES);
	},
);

test(
	"calls nobody where 'Skip People Added Before' has no memory",
	{ timeout: TEST_MS },
	async () => {
		const { nodes } = await addTasks({ options: { skipPeopleAddedBefore: true } });
		assert.match(
			String(nodes.RingMe?.[0].error?.message),
			/'Skip People Added Before' cannot be used/,
		);
		assert.deepEqual(numbersInPbx(), []);
	},
);

test("calls nobody for 'Call and Wait', which cannot wait here", { timeout: TEST_MS }, async () => {
	const { nodes } = await run({
		resource: 'taskScheduler',
		operation: 'callAndWait',
		schedulerId: '1',
		aNumber: '+447700900001',
		bNumber: '101',
	});
	assert.match(String(nodes.RingMe?.[0].error?.message), /cannot wait for a call here/);
	assert.deepEqual(numbersInPbx(), []);
});

test('returns all pages of a list for each item', { timeout: TEST_MS }, async () => {
	const { store } = environment.sandbox;
	const items = itemsOf(
		await run({ resource: 'extension', operation: 'getMany', returnAll: true }, {}, 2),
	);
	const ids = store.extensions.list().map(({ id }) => id);
	assert.deepEqual(
		items.map(({ json, pairedItem }) => [json.id, pairedItem]),
		[0, 1].flatMap((item) => ids.map((id) => [id, { item }])),
	);
});

const addTasks = async (parameters: object = {}, settings: object = {}) =>
	await run(
		{
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			taskInput: 'automatic',
			...parameters,
		},
		settings,
		PEOPLE,
	);

/**
 * Runs the node for a list of people.
 *
 * @param node its settings, such as those of its errors
 */
const run = async (parameters: object, node: object = {}, count = 1): Promise<RunResult> =>
	await runForItems(environment.editor, {
		name: 'Engine 2.0',
		items: people.slice(0, count),
		parameters,
		credential: accessToken(environment.sandbox),
		node,
		workflow: { engineType: 'v2' },
	});
