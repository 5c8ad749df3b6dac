import assert from 'node:assert/strict';
import type { Sandbox } from '../../sandbox/index.mts';
import { EditorError, type Editor, type Workflow, type WorkflowNode } from '../n8n/editor.mts';
import { until } from '../until.mts';

const PACKAGE = 'n8n-nodes-ringme';
const CREDENTIAL_TYPE = 'ringMeOAuth2Api';

interface Place {
	editor: Editor;
	sandbox: Sandbox;
}

/** What has to work on every n8n, in order: later ones use the credential of the second. */
export const checks: Record<string, (place: Place) => Promise<void>> = {
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
		const credential = {
			name: 'PBX',
			type: CREDENTIAL_TYPE,
			data: {
				baseUrl: sandbox.url,
				grantType: 'clientCredentials',
				clientId: 'sandbox-app',
				clientSecret: 'sandbox-secret',
			},
		};
		const { id } = await editor.send<{ id: string }>('POST', '/credentials', credential);
		const test = async (data: object) =>
			await editor.send<{ status: string; message: string }>('POST', '/credentials/test', {
				credentials: { ...credential, id, data },
			});
		const good = await test(credential.data);
		assert.equal(good.status, 'OK', good.message);
		const bad = await test({ ...credential.data, baseUrl: `${sandbox.url}/nowhere` });
		assert.equal(bad.status, 'Error');
	},

	async 'Read a list'({ editor, sandbox }) {
		const items = await answer(editor, 'read', [
			await ringMe(editor, { resource: 'extension', operation: 'getMany', returnAll: true }),
		]);
		assert.equal(items.length, sandbox.store.extensions.size);
	},

	async 'Add Tasks'({ editor, sandbox }) {
		const before = sandbox.store.tasks.size;
		const people = {
			...{ name: 'People', type: 'n8n-nodes-base.splitOut', typeVersion: 1 },
			parameters: { fieldToSplitOut: 'body.people', options: {} },
		};
		const tasks = await ringMe(editor, {
			...{ resource: 'taskScheduler', operation: 'addTasks', schedulerId: '2' },
			...{ taskInput: 'automatic', unknownFields: 'variables' },
		});
		const list = ['447700900012', '447700900021', '447700900033'];
		const items = await answer(editor, 'tasks', [people, tasks], {
			people: list.map((number) => ({ a_number: number, b_number: '101', city: 'Riga' })),
		});
		assert.equal(sandbox.store.tasks.size - before, list.length);
		assert.deepEqual(
			items.map(({ a_number: number }) => number),
			list,
		);
	},

	async 'Error output'({ editor, sandbox }) {
		const ids = {
			...{ name: 'IDs', type: 'n8n-nodes-base.splitOut', typeVersion: 1 },
			parameters: { fieldToSplitOut: 'body.ids', options: {} },
		};
		const get = await ringMe(editor, {
			...{ resource: 'extension', operation: 'get' },
			extensionId: { __rl: true, mode: 'id', value: "={{ $json['body.ids'] }}" },
		});
		const after = {
			...{ name: 'After', type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} },
		};
		const nodes = [ids, { ...get, onError: 'continueErrorOutput' }, after];
		const [{ id }] = sandbox.store.extensions.list();
		const items = await answer(editor, 'errors', nodes, { ids: [id, 999] });
		assert.equal(items.length, 1);
		assert.equal(items[0].error, 'The PBX has no extension 999');
		assert.match(String(items[0].message), /^Check the ID/);
	},

	async 'Trigger delivery'({ editor, sandbox }) {
		const trigger = {
			...(await ringMe(editor, { events: ['dial-in'] })),
			...{ name: 'Trigger', type: `${PACKAGE}.ringMeTrigger`, typeVersion: 2 },
			webhookId: 'compat-trigger',
		};
		const workflow = await save(editor, 'trigger', [trigger]);
		await publish(editor, workflow);
		// n8n answers first, then registers on the PBX, and last keeps the secret that the deliveries bring.
		const { telephony } = sandbox;
		await until('n8n takes the call', async () => {
			await telephony.incomingCall({ from: '+447700900123', to: '101' });
			return telephony.deliveries.at(-1)?.status === 200;
		});
		const filter = encodeURIComponent(JSON.stringify({ workflowId: workflow.id }));
		const taken = telephony.deliveries.filter(({ status }) => status === 200).length;
		await until(`${taken} execution succeeded`, async () => {
			const { results } = await editor.send<{ results: Array<{ status: string }> }>(
				'GET',
				`/executions?filter=${filter}`,
			);
			return results.filter(({ status }) => status === 'success').length === taken;
		});
	},
};

type Node = WorkflowNode & { typeVersion: number; webhookId?: string; onError?: string };

async function ringMe(editor: Editor, parameters: Record<string, unknown>): Promise<Node> {
	const all = await editor.send<Array<{ id: string; name: string; type: string }>>(
		'GET',
		'/credentials',
	);
	const found = all.find(({ type }) => type === CREDENTIAL_TYPE);
	assert.ok(found, 'there is no credential');
	return {
		...{ name: 'RingMe', type: `${PACKAGE}.ringMe`, typeVersion: 1, parameters },
		credentials: { [CREDENTIAL_TYPE]: { id: found.id, name: found.name } },
	};
}

/** Runs nodes in a row behind a webhook, on the error output of those with one. @returns the items of the last one */
async function answer(
	editor: Editor,
	path: string,
	nodes: Node[],
	body: object = {},
): Promise<Array<Record<string, unknown>>> {
	const webhook: Node = {
		...{ name: 'Webhook', type: 'n8n-nodes-base.webhook', typeVersion: 2, webhookId: path },
		parameters: {
			...{ path, httpMethod: 'POST', responseMode: 'lastNode', responseData: 'allEntries' },
		},
	};
	await publish(editor, await save(editor, path, [webhook, ...nodes]));
	let items: Array<Record<string, unknown>> = [];
	await until('the workflow answers', async () => {
		const response = await fetch(`${editor.url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		// n8n publishes first and opens the address after that.
		if (response.status === 404) return false;
		assert.ok(response.ok, `${response.status}: ${await response.clone().text()}`);
		items = (await response.json()) as typeof items;
		return true;
	});
	return items;
}

async function save(editor: Editor, name: string, nodes: Node[]): Promise<Workflow> {
	const connections = Object.fromEntries(
		nodes.slice(1).map(({ name: to }, index) => [
			nodes[index].name,
			{
				main: [...(nodes[index].onError ? [[]] : []), [{ node: to, type: 'main', index: 0 }]],
			},
		]),
	);
	return await editor.send<Workflow>('POST', '/workflows', {
		// n8n 1 wants to be told that it is not active.
		...{ name, connections, settings: { executionOrder: 'v1' }, active: false },
		nodes: nodes.map((node, index) => ({ id: node.name, position: [index * 220, 0], ...node })),
	});
}

/** n8n 2 publishes a version of a workflow; before, a workflow was switched on. */
async function publish(editor: Editor, workflow: Workflow & { versionId?: string }): Promise<void> {
	try {
		await editor.publish(workflow);
	} catch (error) {
		if (!(error instanceof EditorError) || error.status !== 404) throw error;
		const { versionId } = workflow;
		await editor.send('PATCH', `/workflows/${workflow.id}`, { active: true, versionId });
	}
}
