import { randomUUID } from 'node:crypto';

import type { Sandbox } from '../../../sandbox/index.mts';
import { APPLICATIONS } from '../../../sandbox/oauth/tokens.mts';
import type { Editor, Workflow } from '../../../scripts/n8n/editor.mts';

/**
 * Makes two workflows in n8n, with a credential for the PBX.
 *
 * @param events of the trigger `RingMe` that `told` consists of
 * @returns `told`, and `adding`: a webhook, from whose list `people` it takes `One Item per Person` for `Add Tasks`
 */
export async function makeWorkflows(
	editor: Editor,
	{ url }: Sandbox,
	events: string[],
): Promise<Record<'told' | 'adding', Workflow>> {
	const [{ id: clientId, secret: clientSecret }] = APPLICATIONS;
	const ringMeOAuth2Api = await editor.send<object>('POST', '/credentials', {
		...{ name: 'Sandbox PBX', type: 'ringMeOAuth2Api' },
		data: { baseUrl: url, grantType: 'clientCredentials', clientId, clientSecret },
	});
	const make = async (name: string, nodes: Array<{ name: string; type: string }>) => {
		const links = nodes.slice(1).map(({ name: node }) => ({ node, type: 'main', index: 0 }));
		return await editor.send<Workflow>('POST', '/workflows', {
			name,
			nodes: nodes.map((node, n) => ({
				...{ id: randomUUID(), position: [n * 260, 0], ...node },
				...(node.type.startsWith('n8n-nodes-ringme.') && { credentials: { ringMeOAuth2Api } }),
			})),
			connections: Object.fromEntries(links.map((to, n) => [nodes[n].name, { main: [[to]] }])),
			settings: { executionOrder: 'v1' },
		});
	};
	return {
		told: await make('Told of calls', [trigger(events)]),
		adding: await make('Adds tasks', addTasks()),
	};
}

function trigger(events: string[]) {
	return {
		...{ name: 'RingMe', type: 'n8n-nodes-ringme.ringMeTrigger', typeVersion: 2 },
		...{ webhookId: randomUUID(), parameters: { events } },
	};
}

function addTasks() {
	const path = randomUUID();
	return [
		{
			...{ name: 'Webhook', type: 'n8n-nodes-base.webhook', typeVersion: 2, webhookId: path },
			parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
		},
		{
			...{ name: 'One Item per Person', type: 'n8n-nodes-base.splitOut', typeVersion: 1 },
			parameters: { fieldToSplitOut: 'body.people', options: {} },
		},
		{
			...{ name: 'Add Tasks', type: 'n8n-nodes-ringme.ringMe', typeVersion: 1 },
			parameters: {
				...{ resource: 'taskScheduler', operation: 'addTasks', schedulerId: '1' },
				taskInput: 'automatic',
			},
		},
	];
}
