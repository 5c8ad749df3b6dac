import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PbxError, badRequest, notFound } from './http/errors.mts';
import type { FaultInput } from './http/faults.mts';
import type { Pbx } from './pbx.mts';
import { Table } from './state/store.mts';
import type { AgentStatus } from './state/types.mts';
import { TelephonyInputError } from './telephony/index.mts';

/**
 * The control endpoint: what a test can do in the process, over HTTP. It is no part of the PBX's API,
 * has no authentication (the server listens on 127.0.0.1 only) and is neither journalled nor counted.
 */

const count = z.number().int().min(0).max(1_000_000_000);
const text = z.string().max(2000);

const fault = z
	.object({
		kind: z.enum([
			...(['status', 'rateLimit', 'statsBusy', 'slow', 'dropBefore', 'dropAfter'] as const),
			...(['refuse', 'truncate', 'html200', 'emptyBody', 'wrongShape', 'hugeBody'] as const),
			...(['redirect', 'tokenDeath', 'halfBatch', 'repeatPage', 'endless', 'capPerPage'] as const),
		]),
		match: z.object({ method: text, path: text, operationId: text }).partial().strict().optional(),
		/** `always` for every request. */
		times: z.union([count, z.literal('always')]).optional(),
		after: count.optional(),
		status: z.number().int().min(200).max(599).optional(),
		body: z.unknown(),
		headers: z.record(text, text).optional(),
		contentType: text.optional(),
		acts: z.boolean().optional(),
		retryAfter: count.optional(),
		reset: count.optional(),
		ms: z.number().min(0).max(600_000).optional(),
		bytes: z.number().int().min(0).max(200_000_000).optional(),
		to: text.optional(),
		n: z.number().int().min(1).max(10_000).optional(),
		onlyRefused: z.boolean().optional(),
	})
	.strict();

const advance = z
	.object({
		ms: z
			.number()
			.min(0)
			.max(400 * 86_400_000),
	})
	.strict();
const token = z.object({ token: text }).partial().strict();
const filter = z.object({ api: z.enum(['true', 'false']), last: z.coerce.number().int().min(1) });

/** Input in the shape of a schema. @throws PbxError 400 */
function read<S extends z.ZodTypeAny>(schema: S, input: unknown): z.output<S> {
	const result = schema.safeParse(input ?? {});
	if (result.success) return result.data as z.output<S>;
	const [issue] = result.error.issues;
	throw badRequest([issue.path.join('.'), issue.message].filter(Boolean).join(': '));
}

/** Runs a call of the telephony; its complaints about the input become 400. */
async function play(work: () => Promise<unknown>): Promise<object> {
	try {
		await work();
	} catch (error) {
		if (error instanceof TelephonyInputError) throw badRequest(error.message);
		throw error;
	}
	return { done: true };
}

/**
 * Logs an agent in or out as if at the phone; resolves when its addresses have been told.
 * @throws PbxError 404
 */
export async function setAgentStatus(pbx: Pbx, id: number, status: AgentStatus): Promise<void> {
	const agent = pbx.store.agents.update(id, { status });
	if (!agent) throw notFound('there is no such agent');
	await pbx.telephony.agentStatusChanged(agent, 'phone');
}

/** Registers `/_control/*`; `GET /_control/` names all of them. */
export function controlRoutes(app: FastifyInstance, pbx: Pbx): void {
	const { faults, journal, clock, oauth, store, telephony } = pbx;
	const controls: string[] = [];
	app.addHook('onRoute', ({ method, url }) => {
		if (/^\/_control\/\w/.test(url) && method !== 'HEAD') controls.push(`${String(method)} ${url}`);
	});
	app.get('/_control/', () => controls);

	app.get('/_control/faults', () => faults.list());
	app.post('/_control/faults', (request, reply) => {
		const { times, ...rest } = read(fault, request.body);
		const input = { ...rest, times: times === 'always' ? Infinity : times };
		return reply.code(201).send(faults.add(input as FaultInput));
	});
	app.delete('/_control/faults', (_request, reply) => {
		faults.clear();
		return reply.code(204).send();
	});

	app.get('/_control/journal', (request) => {
		const { api, last } = read(filter.partial(), request.query);
		const entries = api === 'true' ? journal.api() : journal.all();
		return last === undefined ? entries : entries.slice(-last);
	});
	app.delete('/_control/journal', (_request, reply) => {
		journal.clear();
		return reply.code(204).send();
	});

	app.get('/_control/clock', () => ({ mode: clock.mode, speed: clock.speed, now: clock.now() }));
	app.post('/_control/clock/advance', async (request) => {
		await clock.advance(read(advance, request.body).ms);
		return { now: clock.now() };
	});

	app.get<{ Params: { table: string } }>('/_control/state/:table', (request) => {
		const { table } = request.params;
		const found: unknown = Object.hasOwn(store, table) ? store[table as keyof typeof store] : null;
		if (found === null) throw notFound(`there is no table '${table}'`);
		return found instanceof Table
			? found.list().map((row: object) => ('audio' in row ? { ...row, audio: undefined } : row))
			: found;
	});

	const calls = {
		'calls/incoming': telephony.incomingCall,
		'calls/outgoing': telephony.outgoingCall,
		messages: telephony.message,
		voicemails: telephony.voicemail,
	} as Record<string, (input: unknown) => Promise<unknown>>;
	for (const [path, call] of Object.entries(calls)) {
		app.post(`/_control/${path}`, async (request) => {
			return await play(async () => await call.call(telephony, request.body));
		});
	}
	for (const [word, status] of [
		['login', 'available'],
		['logout', 'logged_out'],
	] as const) {
		app.post<{ Params: { id: string } }>(`/_control/agents/:id/${word}`, async (request) => {
			await setAgentStatus(pbx, Number(request.params.id), status);
			return { done: true };
		});
	}

	app.post('/_control/tokens/revoke', (request) => {
		const { token: one } = read(token, request.body);
		if (one === undefined) oauth.revokeAll();
		else if (!oauth.revoke(one)) throw notFound('there is no such token');
		return { done: true };
	});
	app.post('/_control/tokens/expire', () => {
		oauth.expireAll();
		return { done: true };
	});
	app.post('/_control/reset', () => {
		pbx.reset();
		return { done: true };
	});
	app.get('/_control/deliveries', () => telephony.deliveries);
	app.all('/_control/*', () => {
		throw new PbxError(404, 'There is no such control');
	});
}
