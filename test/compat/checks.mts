import assert from 'node:assert/strict';
import {
	PBX_CREDENTIAL_TYPE,
	type Editor,
	type Workflow,
	type WorkflowNode,
} from '../support/n8n/editor.mts';
import { publishTrigger } from '../support/n8n/publish.mts';
import { sandboxAccess } from '../support/n8n/sandboxAccess.mts';
import type { TestEnvironment } from '../support/n8n/testEnvironment.mts';
import { waitFor } from '../support/waitFor.mts';

const PACKAGE = 'n8n-nodes-ringme';

type CheckedEnvironment = Pick<TestEnvironment, 'editor' | 'sandbox'>;
type Check = (environment: CheckedEnvironment) => Promise<void>;

/** What has to work on every n8n, in order: the later ones use the credential of the second. */
export const checks: Record<string, Check> = {
	async Load({ editor }) {
		const nodes = await editor.send<Array<{ name: string }>>('POST', '/node-types', {
			nodeInfos: [
				{ name: `${PACKAGE}.ringMe`, version: 1 },
				{ name: `${PACKAGE}.ringMeTrigger`, version: 2 },
			],
		});
		const names = nodes.map(({ name }) => name.replace(/^.*\./, ''));
		assert.deepEqual(names, ['ringMe', 'ringMeTrigger']);
	},

	async 'Credential test'({ editor, sandbox }) {
		const name = 'PBX';
		const access = sandboxAccess(sandbox);
		const { id } = await editor.createPbxCredential(access, name);
		const test = async (baseUrl: string) =>
			await editor.send<{ status: string; message: string }>('POST', '/credentials/test', {
				credentials: {
					id,
					name,
					type: PBX_CREDENTIAL_TYPE,
					data: { ...access, grantType: 'clientCredentials', baseUrl },
				},
			});
		const valid = await test(sandbox.url);
		assert.equal(valid.status, 'OK', valid.message);
		const invalid = await test(`${sandbox.url}/nowhere`);
		assert.equal(invalid.status, 'Error');
	},

	async 'Read a list'({ editor, sandbox }) {
		const items = await runBehindWebhook(editor, 'read', [
			await createRingMeNode(editor, {
				resource: 'extension',
				operation: 'getMany',
				returnAll: true,
			}),
		]);
		assert.equal(items.length, sandbox.store.extensions.size);
	},

	async 'Add Tasks'({ editor, sandbox }) {
		const sizeBefore = sandbox.store.tasks.size;
		const people = createSplitNode('People', 'body.people');
		const tasks = await createRingMeNode(editor, {
			resource: 'taskScheduler',
			operation: 'addTasks',
			schedulerId: '2',
			taskInput: 'automatic',
			unknownFields: 'variables',
		});
		const numbers = ['447700900012', '447700900021', '447700900033'];
		const items = await runBehindWebhook(editor, 'tasks', [people, tasks], {
			people: numbers.map((number) => ({ a_number: number, b_number: '101', city: 'Riga' })),
		});
		assert.equal(sandbox.store.tasks.size - sizeBefore, numbers.length);
		assert.deepEqual(
			items.map((item) => item.a_number),
			numbers,
		);
	},

	async 'Error output'({ editor, sandbox }) {
		const ids = createSplitNode('IDs', 'body.ids');
		const get = await createRingMeNode(editor, {
			resource: 'extension',
			operation: 'get',
			extensionId: { __rl: true, mode: 'id', value: "={{ $json['body.ids'] }}" },
		});
		const last = { name: 'Last', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} };
		const nodes = [ids, { ...get, onError: 'continueErrorOutput' }, last];
		const [{ id }] = sandbox.store.extensions.list();
		const items = await runBehindWebhook(editor, 'errors', nodes, { ids: [id, 999] });
		assert.equal(items.length, 1);
		assert.equal(items[0].error, 'The PBX has no extension 999');
		assert.match(String(items[0].message), /^Check the ID/);
	},

	async 'Trigger delivery'({ editor, sandbox }) {
		const trigger = {
			...(await createRingMeNode(editor, { events: ['dial-in'] })),
			name: 'Trigger',
			type: `${PACKAGE}.ringMeTrigger`,
			typeVersion: 2,
			webhookId: 'compat-trigger',
		};
		const workflow = await createWorkflow(editor, 'trigger', [trigger]);
		await publishTrigger(editor, sandbox, workflow, 1);
		await sandbox.telephony.incomingCall({ from: '+447700900123', to: '101' });
		const statuses = sandbox.telephony.deliveries.map(({ status }) => status);
		assert.deepEqual(statuses, [200]);
		const filter = encodeURIComponent(JSON.stringify({ workflowId: workflow.id }));
		await waitFor('one successful execution', async () => {
			const { results } = await editor.send<{ results: Array<{ status: string }> }>(
				'GET',
				`/executions?filter=${filter}`,
			);
			return results.length === 1 && results[0].status === 'success';
		});
	},
};

/**
 * Runs all checks and prints each result, with the error of what failed.
 *
 * @param n8n what is checked, for the output
 * @returns `ok` or `failed` for each check, in their order
 */
export async function runChecks(n8n: string, environment: CheckedEnvironment): Promise<string[]> {
	const results: string[] = [];
	for (const [name, check] of Object.entries(checks)) {
		const error = await check(environment).then(
			() => undefined,
			(thrown: Error) => thrown,
		);
		console.log(`  ${n8n}: ${name}: ${error ? `failed: ${error.message}` : 'ok'}`);
		results.push(error ? 'failed' : 'ok');
	}
	return results;
}

type Node = WorkflowNode & { typeVersion: number; webhookId?: string; onError?: string };

function createSplitNode(name: string, fieldToSplitOut: string): Node {
	return {
		name,
		type: 'n8n-nodes-base.splitOut',
		typeVersion: 1,
		parameters: { fieldToSplitOut, options: {} },
	};
}

async function createRingMeNode(
	editor: Editor,
	parameters: Record<string, unknown>,
): Promise<Node> {
	const all = await editor.send<Array<{ id: string; name: string; type: string }>>(
		'GET',
		'/credentials',
	);
	const credential = all.find(({ type }) => type === PBX_CREDENTIAL_TYPE);
	assert.ok(credential, 'there is no credential');
	return {
		name: 'RingMe',
		type: `${PACKAGE}.ringMe`,
		typeVersion: 1,
		parameters,
		credentials: { [PBX_CREDENTIAL_TYPE]: { id: credential.id, name: credential.name } },
	};
}

/**
 * Runs nodes in a row behind a webhook; after a node with an error output, that output is connected.
 *
 * @returns the items of the last node
 */
async function runBehindWebhook(
	editor: Editor,
	path: string,
	nodes: Node[],
	body: object = {},
): Promise<Array<Record<string, unknown>>> {
	const webhook: Node = {
		name: 'Webhook',
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		webhookId: path,
		parameters: {
			path,
			httpMethod: 'POST',
			responseMode: 'lastNode',
			responseData: 'allEntries',
		},
	};
	await editor.publish(await createWorkflow(editor, path, [webhook, ...nodes]));
	return await waitFor(`a response of the workflow "${path}"`, async () => {
		const response = await fetch(`${editor.url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		// n8n responds to the publishing before it listens.
		if (response.status === 404) return false;
		const text = await response.text();
		assert.ok(response.ok, `${response.status}: ${text}`);
		return JSON.parse(text) as Array<Record<string, unknown>>;
	});
}

async function createWorkflow(editor: Editor, name: string, nodes: Node[]): Promise<Workflow> {
	const connections = Object.fromEntries(
		nodes.slice(1).map(({ name: to }, index) => [
			nodes[index].name,
			{
				main: [...(nodes[index].onError ? [[]] : []), [{ node: to, type: 'main', index: 0 }]],
			},
		]),
	);
	return await editor.createWorkflow({
		name,
		nodes: nodes.map((node, index) => ({ id: node.name, position: [index * 220, 0], ...node })),
		connections,
		settings: { executionOrder: 'v1' },
		// n8n 1 requires it.
		active: false,
	});
}
