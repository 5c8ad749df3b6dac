import { Ajv } from 'ajv';
import { fastify } from 'fastify';

/** What an agent offers its model: a name, what it does, and a JSON schema of its arguments. */
export interface Tool {
	name: string;
	description: string;
	parameters: Record<string, unknown>;
}

/** One request to the model, whichever of the two APIs it came by. */
export interface Asked {
	tools: Tool[];
	/** What the tools answered so far, oldest first */
	results: string[];
	/** All of it, as it was sent */
	raw: string;
}

export interface Call {
	tool: Tool;
	args: Record<string, unknown>;
}

/** What the model does in its turn: it calls tools or says something. */
export type Script = (asked: Asked) => Call[] | string;

/** A chat model without a mind: it does what the script says. */
export interface ChatModel {
	/** Base URL for n8n's OpenAI credential */
	url: string;
	/** Every request since the last script began, oldest first */
	asked: Asked[];
	/** Begins a new conversation. */
	play(script: Script): void;
	stop(): Promise<void>;
}

/** OpenAI's two APIs: the older one, and the one that n8n's node uses unless it is told not to. */
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
 * Serves both of OpenAI's APIs on 127.0.0.1, without streaming: a workflow that is run by hand does not stream.
 *
 * A script that throws is told to n8n as a refused request, which ends the run with its words.
 */
export async function startChatModel(): Promise<ChatModel> {
	const asked: Asked[] = [];
	let script: Script = () => 'Nobody told me what to say.';
	let calls = 0;

	const turn = ({ stream }: { stream?: boolean }, now: Asked) => {
		if (stream) throw new Error('This model does not stream.');
		asked.push(now);
		const answer = script(now);
		if (typeof answer === 'string') return { text: answer, calls: [] };
		const made = answer.map(({ tool, args }) => ({
			...{ id: `call_${++calls}`, name: tool.name },
			arguments: JSON.stringify(args),
		}));
		return { text: '', calls: made };
	};

	const app = fastify({ forceCloseConnections: true, bodyLimit: 10 * 1024 * 1024 });
	app.setErrorHandler((error: Error, _request, reply) =>
		// Not 500: that would be tried again.
		reply.code(400).send({ error: { message: error.message, type: 'invalid_request_error' } }),
	);

	app.post<{ Body: ChatRequest }>('/v1/chat/completions', ({ body }) => {
		const { text, calls: made } = turn(body, {
			tools: (body.tools ?? []).map((each) => each.function),
			results: body.messages
				.filter(({ role }) => role === 'tool')
				.map(({ content }) => words(content)),
			raw: JSON.stringify(body),
		});
		const toolCalls = made.map(({ id, ...call }) => ({ id, type: 'function', function: call }));
		return {
			...{ id: 'chatcmpl-1', object: 'chat.completion', created: now(), model: MODEL },
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
		const { text, calls: made } = turn(body, {
			tools: body.tools ?? [],
			results: body.input
				.filter(({ type }) => type === 'function_call_output')
				.map(({ output }) => words(output)),
			raw: JSON.stringify(body),
		});
		const status = 'completed';
		const message = {
			...{ id: 'msg_1', type: 'message', role: 'assistant', status },
			content: [{ type: 'output_text', text, annotations: [] }],
		};
		return {
			...{ id: 'resp_1', object: 'response', created_at: now(), model: MODEL, status },
			output: text
				? [message]
				: made.map(({ id, ...call }) => ({
						...{ id: `fc_${id}`, type: 'function_call', call_id: id, status },
						...call,
					})),
			usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
		};
	});

	return {
		url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/v1`,
		asked,
		play(next) {
			script = next;
			asked.length = 0;
		},
		stop: async () => await app.close(),
	};
}

const MODEL = 'scripted';

const now = () => Math.floor(Date.now() / 1000);

/** Text, or the parts of one. */
function words(content: unknown): string {
	if (typeof content === 'string') return content;
	const parts = Array.isArray(content) ? (content as Array<{ text?: string }>) : [];
	return parts.map(({ text = '' }) => text).join('');
}

/** A call of the only tool that says it does this, with arguments that fit its schema. */
export function call({ tools }: Asked, description: string, args: Record<string, unknown>): Call {
	const fitting = tools.filter((tool) => tool.description === description);
	if (fitting.length !== 1) {
		const offered = tools.map((tool) => `"${tool.description}"`).join(', ');
		throw new Error(`${fitting.length} tools say "${description}". There are: ${offered}`);
	}
	const [tool] = fitting;
	const ajv = new Ajv({ strict: false, allErrors: true });
	if (!ajv.validate(tool.parameters, args)) {
		throw new Error(`${tool.name} does not take ${JSON.stringify(args)}: ${ajv.errorsText()}`);
	}
	return { tool, args };
}
