import { randomUUID } from 'node:crypto';

import { accessToken } from '../../harness/fixture.mts';
import type { Editor, RunResult } from '../../support/n8n/editor.mts';

export interface ItemsRun {
	/** Name of the workflow. */
	name: string;
	items: object[];
	parameters: object;
	/** Fields of an access token credential. */
	credential: Partial<ReturnType<typeof accessToken>>;
	/** Further settings of the node, such as those of its errors. */
	node?: object;
	/** Further settings of the workflow. */
	workflow?: object;
}

/** Runs the RingMe node, under that name, for a list of items. */
export async function runForItems(
	editor: Editor,
	{ name, items, parameters, credential, node, workflow }: ItemsRun,
): Promise<RunResult> {
	const ringMeApi = await editor.createCredential('ringMeApi', 'Token', credential);
	const jsonOutput = JSON.stringify({ items });
	const nodes = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
		{
			name: 'List',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			parameters: { mode: 'raw', jsonOutput, options: {} },
		},
		{
			name: 'Items',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: 'items', options: {} },
		},
		{
			name: 'RingMe',
			type: 'n8n-nodes-ringme.ringMe',
			typeVersion: 1,
			parameters: { authentication: 'accessToken', ...parameters },
			credentials: { ringMeApi },
			...node,
		},
	];
	const to = (target: string) => ({ main: [[{ node: target, type: 'main', index: 0 }]] });
	const created = await editor.createWorkflow({
		name,
		nodes: nodes.map((each, index) => ({ id: randomUUID(), position: [index * 260, 0], ...each })),
		connections: { Start: to('List'), List: to('Items'), Items: to('RingMe') },
		settings: { executionOrder: 'v1', ...workflow },
	});
	return await editor.run(created);
}
