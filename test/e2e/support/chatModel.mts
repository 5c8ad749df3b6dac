import { Ajv } from 'ajv';
import { fastify } from 'fastify';

/** A tool that an agent offers its model. */
export interface Tool {
	name: string;
	description: string;
	/** JSON schema of its arguments */
	parameters: Record<string, unknown>;
}

/** A request to the model by either API. */
export interface ModelRequest {
	tools: Tool[];
	/** The results of the tool calls so far, oldest first */
	results: string[];
	/** The whole body */
	raw: string;
}

export interface ToolCall {
	tool: Tool;
	args: Record<string, unknown>;
}

/** What the model does with a request: it calls tools or responds with a text. */
export type Script = (request: ModelRequest) => ToolCall[] | string;

/** A chat model that does what a script says. */
export interface ChatModel {
	/** Base URL for n8n's OpenAI credential */
	url: string;
	/** Every request since `start`, oldest first */
	requests: ModelRequest[];
	/** Starts a new conversation. */
	start(script: Script): void;
	stop(): Promise<void>;
}

/** OpenAI's two APIs: the older one, and the one that n8n's node uses by default. */
interface ChatRequest {
	messages: Array<{ role: string; content: unknown }>;
	tools?: Array<{ function: Tool }>;
	stream?: boolean;
}

interface ResponsesRequest {
	input: Array<{ type?: string; output?: unknown }>;
	tools?: Tool[];
	stream?: boolean;
}

/**
 * Serves both of OpenAI's APIs on 127.0.0.1, without streaming: a workflow that is run manually does not stream.
 *
 * An error that the script throws is sent to n8n, which ends the execution with its message.
 */
export async function startChatModel(): Promise<ChatModel> {
	const requests: ModelRequest[] = [];
	let script: Script = () => 'There is no script.';
	let callCount = 0;

	const respond = ({ stream }: { stream?: boolean }, request: ModelRequest) => {
		if (stream) throw new Error('This model does not stream.');
		requests.push(request);
		const result = script(request);
		if (typeof result === 'string') return { text: result, calls: [] };
		const calls = result.map(({ tool, args }) => ({
			id: `call_${++callCount}`,
			name: tool.name,
			arguments: JSON.stringify(args),
		}));
		return { text: '', calls };
	};

	const app = fastify({ forceCloseConnections: true, bodyLimit: 10 * 1024 * 1024 });
	app.setErrorHandler((error: Error, _request, reply) =>
		// Not 500, which would be retried.
		reply.code(400).send({ error: { message: error.message, type: 'invalid_request_error' } }),
	);

	app.post<{ Body: ChatRequest }>('/v1/chat/completions', ({ body }) => {
		const { text, calls } = respond(body, {
			tools: (body.tools ?? []).map((each) => each.function),
			results: body.messages
				.filter(({ role }) => role === 'tool')
				.map(({ content }) => textOf(content)),
			raw: JSON.stringify(body),
		});
		const toolCalls = calls.map(({ id, ...call }) => ({ id, type: 'function', function: call }));
		return {
			id: 'chatcmpl-1',
			object: 'chat.completion',
			created: now(),
			model: MODEL,
			choices: [
				{
					index: 0,
					message: {
						role: 'assistant',
						content: text || null,
						...(toolCalls.length > 0 && { tool_calls: toolCalls }),
					},
					finish_reason: toolCalls.length > 0 ? 'tool_calls' : 'stop',
				},
			],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
	});

	app.post<{ Body: ResponsesRequest }>('/v1/responses', ({ body }) => {
		const { text, calls } = respond(body, {
			tools: body.tools ?? [],
			results: body.input
				.filter(({ type }) => type === 'function_call_output')
				.map(({ output }) => textOf(output)),
			raw: JSON.stringify(body),
		});
		const status = 'completed';
		const message = {
			id: 'msg_1',
			type: 'message',
			role: 'assistant',
			status,
			content: [{ type: 'output_text', text, annotations: [] }],
		};
		return {
			id: 'resp_1',
			object: 'response',
			created_at: now(),
			model: MODEL,
			status,
			output: text
				? [message]
				: calls.map(({ id, ...call }) => ({
						id: `fc_${id}`,
						type: 'function_call',
						call_id: id,
						status,
						...call,
					})),
			usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
		};
	});

	return {
		url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/v1`,
		requests,
		start(newScript) {
			script = newScript;
			requests.length = 0;
		},
		stop: async () => await app.close(),
	};
}

const MODEL = 'scripted';

const now = () => Math.floor(Date.now() / 1000);

/** A content is a text or a list of parts. */
function textOf(content: unknown): string {
	if (typeof content === 'string') return content;
	const parts = Array.isArray(content) ? (content as Array<{ text?: string }>) : [];
	return parts.map(({ text = '' }) => text).join('');
}

/**
 * A call of the tool with a description.
 *
 * @throws Error unless one tool has that description, and its schema accepts the arguments
 */
export function callTool(
	{ tools }: ModelRequest,
	description: string,
	args: Record<string, unknown>,
): ToolCall {
	const matching = tools.filter((tool) => tool.description === description);
	if (matching.length !== 1) {
		const offered = tools.map((tool) => `"${tool.description}"`).join(', ');
		throw new Error(
			`${matching.length} tools have the description "${description}". There are: ${offered}`,
		);
	}
	const [tool] = matching;
	const ajv = new Ajv({ strict: false, allErrors: true });
	if (!ajv.validate(tool.parameters, args)) {
		throw new Error(`${tool.name} does not take ${JSON.stringify(args)}: ${ajv.errorsText()}`);
	}
	return { tool, args };
}
