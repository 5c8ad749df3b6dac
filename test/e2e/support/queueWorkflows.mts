import { randomUUID } from 'node:crypto';

import type { Sandbox } from '../../../sandbox/index.mts';
import type { Editor, Workflow } from '../../support/n8n/editor.mts';
import { sandboxAccess } from '../../support/n8n/sandboxAccess.mts';

/** Creates the workflows that the test of the queue mode runs, with one credential for the PBX. */
export interface WorkflowFactory {
	/** The trigger `RingMe` with these events and nothing else */
	trigger(name: string, events: string[]): Promise<Workflow>;
	/**
	 * A webhook; `One Item per Person` of the list `people` in its body; `Add Tasks`.
	 *
	 * @param options of Add Tasks
	 */
	addTasks(name: string, options?: object): Promise<Workflow>;
}

export async function createWorkflowFactory(
	editor: Editor,
	sandbox: Sandbox,
): Promise<WorkflowFactory> {
	const ringMeOAuth2Api = await editor.createPbxCredential(sandboxAccess(sandbox));
	const create = async (name: string, nodes: Array<{ name: string; type: string }>) => {
		const links = nodes.slice(1).map(({ name: node }) => ({ node, type: 'main', index: 0 }));
		return await editor.createWorkflow({
			name,
			nodes: nodes.map((node, index) => ({
				id: randomUUID(),
				position: [index * 260, 0],
				...node,
				...(node.type.startsWith('n8n-nodes-ringme.') && { credentials: { ringMeOAuth2Api } }),
			})),
			connections: Object.fromEntries(
				links.map((link, index) => [nodes[index].name, { main: [[link]] }]),
			),
			settings: { executionOrder: 'v1' },
		});
	};
	return {
		trigger: async (name, events) => await create(name, [createTrigger(events)]),
		addTasks: async (name, options) => await create(name, createTaskNodes(options)),
	};
}

function createTrigger(events: string[]) {
	return {
		name: 'RingMe',
		type: 'n8n-nodes-ringme.ringMeTrigger',
		typeVersion: 2,
		webhookId: randomUUID(),
		parameters: { events },
	};
}

function createTaskNodes(options: object = {}) {
	const path = randomUUID();
	return [
		{
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: path,
			parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
		},
		{
			name: 'One Item per Person',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: 'body.people', options: {} },
		},
		{
			name: 'Add Tasks',
			type: 'n8n-nodes-ringme.ringMe',
			typeVersion: 1,
			parameters: {
				resource: 'taskScheduler',
				operation: 'addTasks',
				schedulerId: '1',
				taskInput: 'automatic',
				unknownFields: 'ignore',
				options,
			},
		},
	];
}
