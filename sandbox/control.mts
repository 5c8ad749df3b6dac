import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PbxError, badRequest, notFound } from './http/errors.mts';
import type { FaultInput } from './http/faults.mts';
import type { Pbx } from './http/pbx.mts';
import { registerPage } from './page/routes.mts';
import { Table } from './state/store.mts';
import { DAY_MS } from './state/time.mts';
import type { AgentStatus } from './state/types.mts';
import { TelephonyInputError, taskProgress } from './telephony/index.mts';
import type {
	CallInteractiveOptions,
	IncomingCallOptions,
	MenuCallOptions,
	MessageOptions,
	OutgoingCallOptions,
	TaskWebhookOptions,
	VoiceMenuOptions,
	VoicemailOptions,
} from './telephony/options.mts';

// The control endpoint offers over HTTP what a test can do in the process. It is not part of the PBX's
// API. It needs no authentication, as the server listens on 127.0.0.1 only, and its requests are neither
// recorded in the journal nor counted by the hourly limit.

const count = z.number().int().min(0).max(1_000_000_000);
const text = z.string().max(2000);

// Without `refuse`: a sandbox that refuses connections could not be told to accept them again.
const faultSchema = z
	.object({
		kind: z.enum([
			'status',
			'rateLimit',
			'statsBusy',
			'hold',
			'dropBefore',
			'dropAfter',
			'truncate',
			'html200',
			'emptyBody',
			'wrongShape',
			'hugeBody',
			'redirect',
			'tokenDeath',
			'halfBatch',
			'repeatPage',
			'endless',
			'capPerPage',
		]),
		match: z.object({ method: text, path: text, operationId: text }).partial().strict().optional(),
		/** JSON has no Infinity, so `always` means all requests. */
		times: z.union([count, z.literal('always')]).optional(),
		after: count.optional(),
		status: z.number().int().min(200).max(599).optional(),
		body: z.unknown(),
		headers: z.record(text, text).optional(),
		contentType: text.optional(),
		acts: z.boolean().optional(),
		retryAfter: count.optional(),
		reset: count.optional(),
		bytes: z.number().int().min(0).max(200_000_000).optional(),
		to: text.optional(),
		n: z.number().int().min(1).max(10_000).optional(),
		onlyRefused: z.boolean().optional(),
	})
	.strict();

const advanceSchema = z
	.object({
		ms: z
			.number()
			.min(0)
			.max(400 * DAY_MS),
	})
	.strict();
const revokeSchema = z.object({ token: text }).partial().strict();
const last = z.coerce.number().int().min(1).optional();
const journalSchema = z.object({ api: z.enum(['true', 'false']).optional(), last });
const deliveriesSchema = z.object({ last });

/** Validates input. @throws PbxError 400 */
function parse<S extends z.ZodTypeAny>(schema: S, input: unknown): z.output<S> {
	const result = schema.safeParse(input ?? {});
	if (result.success) return result.data as z.output<S>;
	const [issue] = result.error.issues;
	throw badRequest([issue.path.join('.'), issue.message].filter(Boolean).join(': '));
}

/** The last entries of a list, or all. */
const latest = <T,>(entries: readonly T[], count?: number) =>
	count === undefined ? entries : entries.slice(-count);

/**
 * Logs an agent in or out as if at the phone. Resolves when the agent's webhooks have been called.
 * @throws PbxError 404
 */
export async function setAgentStatus(pbx: Pbx, id: number, status: AgentStatus): Promise<void> {
	const agent = pbx.store.agents.update(id, { status });
	if (!agent) throw notFound('there is no such agent');
	await pbx.telephony.agentStatusChanged(agent, 'phone');
}

/** Registers `/_control/*`. `GET /_control/` lists all controls. */
export function registerControlRoutes(app: FastifyInstance, pbx: Pbx): void {
	const controls: string[] = [];
	app.addHook('onRoute', ({ method, url }) => {
		if (/^\/_control\/\w/.test(url) && method !== 'HEAD') controls.push(`${String(method)} ${url}`);
	});
	app.get('/_control/', () => controls);
	registerFaultControls(app, pbx);
	registerJournalControls(app, pbx);
	registerStateControls(app, pbx);
	registerTelephonyControls(app, pbx);
	registerTokenControls(app, pbx);
	registerPage(app, pbx);
	app.all('/_control/*', () => {
		throw new PbxError(404, 'There is no such control');
	});
}

function registerFaultControls(app: FastifyInstance, { faults }: Pbx): void {
	app.get('/_control/faults', () => faults.list());
	app.post('/_control/faults', (request, reply) => {
		const { times, ...rest } = parse(faultSchema, request.body);
		const input = { ...rest, times: times === 'always' ? Infinity : times };
		return reply.code(201).send(faults.add(input as FaultInput));
	});
	app.post('/_control/faults/release', async () => {
		await faults.release();
		return { done: true };
	});
	app.delete('/_control/faults', (_request, reply) => {
		faults.clear();
		return reply.code(204).send();
	});
}

function registerJournalControls(app: FastifyInstance, { journal }: Pbx): void {
	app.get('/_control/journal', (request) => {
		const query = parse(journalSchema, request.query);
		return latest(query.api === 'true' ? journal.api() : journal.all(), query.last);
	});
	app.delete('/_control/journal', (_request, reply) => {
		journal.clear();
		return reply.code(204).send();
	});
}

function registerStateControls(app: FastifyInstance, pbx: Pbx): void {
	const { clock, store } = pbx;
	app.get('/_control/clock', () => ({ mode: clock.mode, speed: clock.speed, now: clock.now() }));
	app.post('/_control/clock/advance', async (request) => {
		await clock.advance(parse(advanceSchema, request.body).ms);
		return { now: clock.now() };
	});
	app.get<{ Params: { table: string } }>('/_control/state/:table', (request) => {
		const { table } = request.params;
		const value: unknown = Object.hasOwn(store, table) ? store[table as keyof typeof store] : null;
		if (value === null) throw notFound(`there is no table '${table}'`);
		if (!(value instanceof Table)) return value;
		return value.list().map((row: object) => ('audio' in row ? { ...row, audio: undefined } : row));
	});
	app.post('/_control/reset', () => {
		pbx.reset();
		return { done: true };
	});
}

function registerTelephonyControls(app: FastifyInstance, pbx: Pbx): void {
	const { store, telephony } = pbx;
	// The telephony validates its input itself.
	const controls: Record<string, (input: unknown) => unknown> = {
		'calls/incoming': async (input) =>
			void (await telephony.incomingCall(input as IncomingCallOptions)),
		'calls/outgoing': async (input) =>
			void (await telephony.outgoingCall(input as OutgoingCallOptions)),
		'calls/menu': async (input) => {
			const { call, ...record } = await telephony.menuCall(input as MenuCallOptions);
			return { callId: call.id, ...record };
		},
		messages: async (input) => await telephony.message(input as MessageOptions),
		voicemails: async (input) => void (await telephony.voicemail(input as VoicemailOptions)),
		'task-webhooks': (input) => telephony.setTaskWebhooks(input as TaskWebhookOptions),
		'call-interactive': (input) => telephony.setCallInteractive(input as CallInteractiveOptions),
		'voice-menus': (input) => telephony.setVoiceMenu(input as VoiceMenuOptions),
	};
	for (const [path, control] of Object.entries(controls)) {
		app.post(`/_control/${path}`, async (request) => {
			try {
				return (await control(request.body)) ?? { done: true };
			} catch (error) {
				if (error instanceof TelephonyInputError) throw badRequest(error.message);
				throw error;
			}
		});
	}
	const statuses = { login: 'available', logout: 'logged_out' } as const;
	for (const [action, status] of Object.entries(statuses)) {
		app.post<{ Params: { id: string } }>(`/_control/agents/:id/${action}`, async (request) => {
			await setAgentStatus(pbx, Number(request.params.id), status);
			return { done: true };
		});
	}
	app.get('/_control/task-webhooks', () => telephony.taskWebhooks);
	app.get('/_control/call-interactive', () => telephony.callInteractive);
	app.get('/_control/deliveries', (request) =>
		latest(telephony.deliveries, parse(deliveriesSchema, request.query).last),
	);
	app.get('/_control/task-schedulers', () =>
		store.taskSchedulers
			.list()
			.map(({ id, name, status }) => ({ id, name, status, ...taskProgress(store, id) })),
	);
	app.post('/_control/tasks/finish', async () => {
		await telephony.finishTasks();
		return { done: true };
	});
}

function registerTokenControls(app: FastifyInstance, { oauth }: Pbx): void {
	app.post('/_control/tokens/revoke', (request) => {
		const { token } = parse(revokeSchema, request.body);
		if (token === undefined) oauth.revokeAll();
		else if (!oauth.revoke(token)) throw notFound('there is no such token');
		return { done: true };
	});
	app.post('/_control/tokens/expire', () => {
		oauth.expireAll();
		return { done: true };
	});
}
