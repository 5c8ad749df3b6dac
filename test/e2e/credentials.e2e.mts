/** A credential whose fields are expressions, in a real n8n: one node works with several PBXs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { startTestEnvironment, type TestEnvironment } from '../support/n8n/testEnvironment.mts';
import { startTestServer, type TestServer } from '../support/testServer.mts';
import { runForItems } from './support/runForItems.mts';

/** Only ends what hangs: machines differ in speed. */
const TEST_MS = 600_000;

let environment: TestEnvironment;
let pbxs: TestServer[];

before(
	async () => {
		environment = await startTestEnvironment('credentials');
		const startPbx = async () =>
			await startTestServer((_, response) => {
				response.setHeader('content-type', 'application/json');
				response.end('{"id":7}');
			});
		pbxs = [await startPbx(), await startPbx()];
	},
	{ timeout: 1_800_000 },
);

beforeEach(() => pbxs.forEach(({ requests }) => requests.splice(0)));

after(async () => {
	for (const pbx of pbxs ?? []) await pbx.stop();
	await environment?.stop();
});

const run = async (parameters: object) =>
	await runForItems(environment.editor, {
		name: 'Several PBXs',
		items: [0, 1, 0].map((index) => ({ url: pbxs[index].url, token: `token-${index}` })),
		parameters,
		credential: { baseUrl: '={{ $json.url }}', accessToken: '={{ $json.token }}' },
	});

const tokens = () =>
	pbxs.map(({ requests }) => requests.map(({ headers }) => headers.authorization));

test('sends to each PBX only its own token', { timeout: TEST_MS }, async () => {
	const extensionId = { __rl: true, mode: 'id', value: '7' };
	const { status } = await run({ resource: 'extension', operation: 'get', extensionId });
	assert.equal(status, 'success');
	assert.deepEqual(tokens(), [['Bearer token-0', 'Bearer token-0'], ['Bearer token-1']]);
});

test(
	'calls nobody if the items of Add Tasks belong to several PBXs',
	{ timeout: TEST_MS },
	async () => {
		const { nodes } = await run({
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			taskInput: 'automatic',
		});
		assert.equal(nodes.RingMe?.[0].error?.message, 'The credential is not the same for all items');
		assert.deepEqual(tokens(), [[], []]);
	},
);
