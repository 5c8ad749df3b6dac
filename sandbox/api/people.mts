import { badRequest, notFound } from '../http/errors.mts';
import type { Agent, AgentEvent, User, UserKind } from '../state/types.mts';
import {
	assertEmail,
	assertExists,
	assertNotEmpty,
	assertPhoneNumber,
	assertTimeZone,
	assertUrl,
} from './checks.mts';
import { collection, countWebhooks } from './collection.mts';
import type { Context, Handlers } from './context.mts';

/** Local agents have an extension, remote agents an external number; otherwise they are alike. */
function agents(type: Agent['agent_type'], name: 'Local' | 'Remote'): Handlers {
	return collection<Agent>({
		operations: {
			list: `list${name}Agents`,
			create: `create${name}Agent`,
			get: `get${name}Agent`,
			update: `update${name}Agent`,
			remove: `delete${name}Agent`,
		},
		table: (store) => store.agents,
		idParameter: 'agent_id',
		includes: (row) => row.agent_type === type,
		limit: type === 'local' ? 'extension_agent_limit' : 'remote_agent_limit',
		validate(body, { pbx, store }) {
			assertNotEmpty(body, 'name');
			if (!pbx.deviates('unknownAgentExtension')) {
				assertExists(body, 'extension_id', store.extensions);
			}
			assertExists(body, 'agent_sound_id', store.sounds);
			if (body.number !== undefined) assertPhoneNumber(body.number, 'number');
		},
		toRow: (body) =>
			({
				agent_type: type,
				agent_sound_id: null,
				call_timeout: 60,
				extra_params: null,
				...body,
			}) as unknown as Omit<Agent, 'id'>,
		afterUpdate(row, previous, context) {
			if (row.status !== previous.status) context.pbx.telephony.agentStatusChanged(row, 'api');
		},
		afterDelete(row, { store }) {
			const events = [...store.agentEvents.findByIndex(row.id)];
			for (const event of events) store.agentEvents.delete(event.id);
		},
		// The API page gives only the type "object", see ASSUMPTIONS.md.
		toResponse: (row, { pbx }) =>
			pbx.deviates('agentStatusText') ? row : { ...row, status: { status: row.status } },
	});
}

function agentEvents(type: Agent['agent_type'], name: 'Local' | 'Remote'): Handlers {
	const findAgent = (context: Context) => {
		const agent = context.store.agents.get(Number(context.params.agent_id));
		return agent?.agent_type === type ? agent : undefined;
	};
	const handlers = collection<AgentEvent>({
		operations: {
			list: `list${name}AgentEvents`,
			create: `create${name}AgentEvent`,
			get: `get${name}AgentEvent`,
			update: `update${name}AgentEvent`,
			remove: `delete${name}AgentEvent`,
		},
		table: (store) => store.agentEvents,
		idParameter: 'event_id',
		includes: (row, context) => row.agent_id === findAgent(context)?.id,
		limit: 'event_limit',
		countForLimit: countWebhooks,
		validate: (body) => assertUrl(body, 'url'),
		toRow: (body, context) =>
			({ ...body, agent_id: findAgent(context)?.id }) as unknown as Omit<AgentEvent, 'id'>,
	});
	// An unknown agent gives a 404, also in the list and create operations, which look at no row.
	return Object.fromEntries(
		Object.entries(handlers).map(([id, handler]) => [
			id,
			(context: Context) => {
				if (!findAgent(context)) throw notFound();
				return handler(context);
			},
		]),
	);
}

function users(kind: UserKind, name: 'Client' | 'Extension' | 'ExtensionGroup'): Handlers {
	const limits = {
		client: 'user_client_limit',
		extension: 'user_extension_limit',
		extension_group: 'user_extension_group_limit',
	} as const;
	return collection<User>({
		operations: {
			list: `list${name}Users`,
			create: `create${name}User`,
			get: `get${name}User`,
			update: `update${name}User`,
			remove: `delete${name}User`,
		},
		table: (store) => store.users,
		idParameter: 'user_id',
		includes: (row) => row.kind === kind,
		limit: limits[kind],
		validate(body, { store }, row) {
			assertNotEmpty(body, 'name', 'login', 'password', 'email');
			assertTimeZone(body);
			assertExists(body, 'extension_id', store.extensions);
			assertExists(body, 'extension_group_id', store.extensionGroups);
			assertEmail(body, 'email');
			assertEmail(body, 'email_for_notify');
			const other = store.users.find((user) => user.login === body.login && user !== row);
			if (other) throw badRequest(`login: '${other.login}' is taken`);
		},
		toRow(body, { store }) {
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

/** Agents, their webhooks, and users. */
export const people: Handlers = {
	...agents('local', 'Local'),
	...agents('remote', 'Remote'),
	...agentEvents('local', 'Local'),
	...agentEvents('remote', 'Remote'),
	...users('client', 'Client'),
	...users('extension', 'Extension'),
	...users('extension_group', 'ExtensionGroup'),
};
