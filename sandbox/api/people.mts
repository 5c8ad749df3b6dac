import { badRequest, notFound } from '../http/errors.mts';
import type { Agent, AgentEvent, User, UserKind } from '../state/types.mts';
import { isNumber, isTimezone, isUrl, notEmpty, refersTo } from './checks.mts';
import { collection } from './collection.mts';
import type { Ctx, Handlers } from './context.mts';

/** Local agents sit at an extension, remote agents at an outside number; otherwise they are alike. */
function agents(type: Agent['agent_type'], word: 'Local' | 'Remote'): Handlers {
	return collection<Agent>({
		operations: {
			list: `list${word}Agents`,
			create: `create${word}Agent`,
			get: `get${word}Agent`,
			update: `update${word}Agent`,
			remove: `delete${word}Agent`,
		},
		table: (store) => store.agents,
		param: 'agent_id',
		belongs: (row) => row.agent_type === type,
		limit: type === 'local' ? 'extension_agent_limit' : 'remote_agent_limit',
		check(body, { store }) {
			notEmpty(body, 'name');
			refersTo(body, 'extension_id', store.extensions);
			refersTo(body, 'agent_sound_id', store.sounds);
			if (body.number !== undefined) isNumber(body.number, 'number');
		},
		make: (body) =>
			({
				agent_type: type,
				agent_sound_id: null,
				call_timeout: 60,
				extra_params: null,
				...body,
			}) as unknown as Omit<Agent, 'id'>,
		changed(row, before, ctx) {
			if (row.status !== before.status) ctx.pbx.telephony.agentStatusChanged(row, 'api');
		},
		removed(row, { store }) {
			for (const event of [...store.agentEvents.by(row.id)]) store.agentEvents.delete(event.id);
		},
		// The page says "object" and nothing more, see ASSUMPTIONS.md.
		view: (row) => ({ ...row, status: { status: row.status } }),
	});
}

function agentEvents(type: Agent['agent_type'], word: 'Local' | 'Remote'): Handlers {
	const agentOf = (ctx: Ctx) => {
		const agent = ctx.store.agents.get(Number(ctx.params.agent_id));
		return agent?.agent_type === type ? agent : undefined;
	};
	const handlers = collection<AgentEvent>({
		operations: {
			list: `list${word}AgentEvents`,
			create: `create${word}AgentEvent`,
			get: `get${word}AgentEvent`,
			update: `update${word}AgentEvent`,
			remove: `delete${word}AgentEvent`,
		},
		table: (store) => store.agentEvents,
		param: 'event_id',
		belongs: (row, ctx) => row.agent_id === agentOf(ctx)?.id,
		limit: 'event_limit',
		counted: ({ store }) => store.agentEvents.size + store.phoneEvents.size,
		check: (body) => isUrl(body, 'url'),
		make: (body, ctx) =>
			({ ...body, agent_id: agentOf(ctx)?.id }) as unknown as Omit<AgentEvent, 'id'>,
	});
	// An unknown agent is 404 also where a list or a creation would not look at a row.
	return Object.fromEntries(
		Object.entries(handlers).map(([id, handler]) => [
			id,
			(ctx: Ctx) => {
				if (!agentOf(ctx)) throw notFound();
				return handler(ctx);
			},
		]),
	);
}

function users(kind: UserKind, word: 'Client' | 'Extension' | 'ExtensionGroup'): Handlers {
	const limits = {
		client: 'user_client_limit',
		extension: 'user_extension_limit',
		extension_group: 'user_extension_group_limit',
	} as const;
	return collection<User>({
		operations: {
			list: `list${word}Users`,
			create: `create${word}User`,
			get: `get${word}User`,
			update: `update${word}User`,
			remove: `delete${word}User`,
		},
		table: (store) => store.users,
		param: 'user_id',
		belongs: (row) => row.kind === kind,
		limit: limits[kind],
		check(body, { store }, row) {
			notEmpty(body, 'name', 'login', 'password', 'email');
			isTimezone(body);
			refersTo(body, 'extension_id', store.extensions);
			refersTo(body, 'extension_group_id', store.extensionGroups);
			for (const field of ['email', 'email_for_notify']) {
				const value = body[field];
				if (value !== undefined && !/^[^@\s]+@[^@\s]+$/.test(String(value))) {
					throw badRequest(`${field} must be an e-mail address`);
				}
			}
			const taken = store.users.find((user) => user.login === body.login && user !== row);
			if (taken) throw badRequest(`login: '${taken.login}' is taken`);
		},
		make(body, { store }) {
			const { email_notify: _notify, email_for_notify: _address, ...fields } = body;
			return {
				kind,
				client_id: store.client.id,
				extension_id: null,
				extension_group_id: null,
				status: 'active',
				access: 'full',
				comment: null,
				timezone: store.client.timezone,
				extra_params: null,
				...fields,
			} as unknown as Omit<User, 'id'>;
		},
	});
}

/** Agents, their events, and users. */
export const people: Handlers = {
	...agents('local', 'Local'),
	...agents('remote', 'Remote'),
	...agentEvents('local', 'Local'),
	...agentEvents('remote', 'Remote'),
	...users('client', 'Client'),
	...users('extension', 'Extension'),
	...users('extension_group', 'ExtensionGroup'),
};
