import type { Credential } from '../../support/n8n/editor.mts';

/** Which agent, and which of OpenAI's APIs its model has. */
export interface AgentKind {
	version: number;
	responsesApi: boolean;
	/** *On Error* of its tools is *Continue* */
	continueOnFail?: boolean;
}

/** A RingMe node as a tool. */
export interface ToolNode {
	name: string;
	parameters: Record<string, unknown>;
}

const TRIGGER = 'When chat message received';
const AGENT = 'AI Agent';
const MODEL = 'Chat Model';

/** What the editor writes into an input for its button "Let the model define this parameter". */
export const fromAi = (key: string, type = 'string') =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', \`\`, '${type}') }}`;

/** The same in a resource locator, which switches to *By ID*. */
export const idFromAi = (key: string) => ({ __rl: true, mode: 'id', value: fromAi(key) });

/** A chat with an agent that has these tools. The question is pinned to the trigger, so that it can be run manually. */
export function agentWorkflow(
	{ version, responsesApi, continueOnFail }: AgentKind,
	question: string,
	tools: ToolNode[],
	{ openAiApi, ringMeOAuth2Api }: Record<'openAiApi' | 'ringMeOAuth2Api', Credential>,
) {
	const node = (
		name: string,
		type: string,
		typeVersion: number,
		properties: object,
		index: number,
	) => ({
		id: `node-${index}`,
		name,
		type,
		typeVersion,
		position: [200 * index, 0],
		parameters: {},
		...properties,
	});
	const nodes = [
		node(TRIGGER, '@n8n/n8n-nodes-langchain.chatTrigger', 1.4, { webhookId: 'agent-chat' }, 0),
		node(AGENT, '@n8n/n8n-nodes-langchain.agent', version, {}, 1),
		node(
			MODEL,
			'@n8n/n8n-nodes-langchain.lmChatOpenAi',
			1.3,
			{
				parameters: {
					model: { __rl: true, mode: 'id', value: 'scripted' },
					responsesApiEnabled: responsesApi,
				},
				credentials: { openAiApi },
			},
			2,
		),
		...tools.map(({ name, parameters }, index) =>
			node(
				name,
				'n8n-nodes-ringme.ringMeTool',
				1,
				{
					parameters,
					credentials: { ringMeOAuth2Api },
					...(continueOnFail && { onError: 'continueRegularOutput' }),
				},
				3 + index,
			),
		),
	];
	const to = (type: string) => ({ [type]: [[{ node: AGENT, type, index: 0 }]] });
	return {
		name: question,
		nodes,
		connections: {
			[TRIGGER]: to('main'),
			[MODEL]: to('ai_languageModel'),
			...Object.fromEntries(tools.map(({ name }) => [name, to('ai_tool')])),
		},
		pinData: {
			[TRIGGER]: [{ json: { sessionId: 'one', action: 'sendMessage', chatInput: question } }],
		},
		settings: { executionOrder: 'v1' },
	};
}

agentWorkflow.trigger = TRIGGER;
agentWorkflow.agent = AGENT;
