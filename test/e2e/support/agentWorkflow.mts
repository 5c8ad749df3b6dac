/** Which agent, and by which of OpenAI's APIs its model is asked. */
export interface AgentKind {
	version: number;
	responsesApi: boolean;
	/** *On Error* of its tools: Continue */
	toolsGoOn?: boolean;
}

/** A RingMe node as a tool: its name and what is filled in in it. */
export interface ToolNode {
	name: string;
	parameters: Record<string, unknown>;
}

export interface Credential {
	id: string;
	name: string;
}

const TRIGGER = 'When chat message received';
const AGENT = 'AI Agent';
const MODEL = 'Chat Model';

/** What the editor writes into an input when its button "Let the model define this parameter" is pressed. */
export const fromAi = (key: string, type = 'string') =>
	`={{ /*n8n-auto-generated-fromAI-override*/ $fromAI('${key}', \`\`, '${type}') }}`;

/** The same in a list to pick from, which turns to the id then. */
export const idFromAi = (key: string) => ({ __rl: true, mode: 'id', value: fromAi(key) });

/**
 * A chat with an agent that has these tools. What the person says is pinned to the trigger, so that it can be run
 * by hand.
 */
export function agentWorkflow(
	{ version, responsesApi, toolsGoOn }: AgentKind,
	question: string,
	tools: ToolNode[],
	{ openAiApi, ringMeOAuth2Api }: Record<'openAiApi' | 'ringMeOAuth2Api', Credential>,
) {
	const node = (name: string, type: string, typeVersion: number, more: object, at: number) => ({
		...{ id: `node-${at}`, name, type, typeVersion, position: [200 * at, 0] },
		...{ parameters: {}, ...more },
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
					...(toolsGoOn && { onError: 'continueRegularOutput' }),
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
