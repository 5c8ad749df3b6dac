/**
 * The few nodes a workflow needs around the one under test; n8n-nodes-base is not installed.
 * They also stand for n8n's own simple nodes, so that exported workflows can run.
 */
import type { DynamicStructuredTool } from '@langchain/core/tools';
import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

export const START = 'harness.start';
export const PASS = 'harness.pass';
export const AGENT = 'harness.agent';

const description = (name: string, group: 'trigger' | 'transform') => ({
	displayName: name,
	name,
	group: [group],
	version: 1,
	description: 'Test node',
	defaults: { name },
	inputs: group === 'trigger' ? [] : ['main' as const],
	outputs: ['main' as const],
	properties: [],
});

async function passThrough(this: IExecuteFunctions) {
	return [this.getInputData()];
}

const start: INodeType = { description: description('start', 'trigger'), execute: passThrough };
const pass: INodeType = { description: description('pass', 'transform'), execute: passThrough };

/**
 * Stands for an AI agent: gets its tools as agents do, and calls the first one with the fields of each
 * item as arguments. The message of an error becomes the output, as agents show it to the model.
 */
const agent: INodeType = {
	description: {
		...description('agent', 'transform'),
		inputs: [{ type: 'main' }, { type: 'ai_tool', displayName: 'Tool' }],
	},
	async execute() {
		const tools = (await this.getInputConnectionData('ai_tool', 0)) as DynamicStructuredTool[];
		const [tool] = tools;
		const output: INodeExecutionData[] = [];
		for (const { json } of this.getInputData()) {
			const toolInfo = {
				name: tool.name,
				description: tool.description,
				arguments: Object.keys((tool.schema as { shape?: object }).shape ?? {}),
			};
			try {
				output.push({ json: { ...toolInfo, response: (await tool.invoke(json)) as string } });
			} catch (error) {
				output.push({ json: { ...toolInfo, error: (error as Error).message } });
			}
		}
		return [output];
	},
};

/** Node type names and the nodes behind them. */
export const testNodes: Record<string, INodeType> = {
	[START]: start,
	[PASS]: pass,
	[AGENT]: agent,
	'n8n-nodes-base.manualTrigger': start,
	'n8n-nodes-base.noOp': pass,
};
