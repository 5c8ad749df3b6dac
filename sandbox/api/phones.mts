import { badRequest } from '../http/errors.mts';
import type { Store } from '../state/store.mts';
import type { Alias, CallStatus, Did, Extension, ExtensionGroup } from '../state/types.mts';
import { isNumber, notEmpty, refersTo } from './checks.mts';
import { collection } from './collection.mts';
import type { Handlers } from './context.mts';
import { nowUtc } from './context.mts';

/**
 * The full name of an extension: `101` becomes `1844*101`; another client's prefix is refused. Names are
 * digits, a star and digits (page UC-292454401).
 */
function extensionName(store: Store, given: unknown): string {
	const name = String(given);
	const { prefix } = store.client;
	const full = /^\d{2,4}$/.test(name) ? `${prefix}*${name}` : name;
	if (!full.startsWith(`${prefix}*`) || !/^\d{2,4}$/.test(full.slice(prefix.length + 1))) {
		throw badRequest(`name must be a number like 101 or ${prefix}*101`);
	}
	return full;
}

const extensions = collection<Extension>({
	operations: {
		list: 'listExtensions',
		create: 'createExtension',
		get: 'getExtension',
		update: 'updateExtension',
		remove: 'deleteExtension',
	},
	table: (store) => store.extensions,
	param: 'extension_id',
	limit: 'extension_limit',
	check(body, { store }) {
		refersTo(body, 'extension_group_id', store.extensionGroups);
		refersTo(body, 'dial_rule_id', store.dialRules);
		if (body.message_did !== undefined) isNumber(body.message_did, 'message_did');
		if (body.name === undefined) return;
		const name = extensionName(store, body.name);
		if (store.extensions.find((extension) => extension.name === name)) {
			throw badRequest(`name: extension ${name} exists already`);
		}
	},
	make: (body, ctx) =>
		({
			client_id: ctx.store.client.id,
			domain: ctx.store.client.domain,
			create_date: nowUtc(ctx),
			label: null,
			extension_group_id: null,
			caller_id_name: null,
			ani: null,
			ani_rfc3325: false,
			message_did: null,
			dial_rule_id: null,
			dial_rule_limit: null,
			did_as_transfer_caller_id: null,
			extra_params: null,
			...body,
			name: extensionName(ctx.store, body.name),
		}) as unknown as Omit<Extension, 'id'>,
	removed({ id }, { store }) {
		const gone = <T extends { id: number; extension_id?: number | null }>(row: T) =>
			row.extension_id === id;
		for (const agent of store.agents.list()) {
			if (agent.agent_type === 'local' && gone(agent)) store.agents.delete(agent.id);
		}
		for (const user of store.users.filter(gone)) store.users.delete(user.id);
		for (const alias of store.aliases.filter(gone)) alias.extension_id = null;
		for (const did of store.dids.list()) {
			if (did.extension_id === id) did.extension_id = null;
			if (did.message_extension_id === id) did.message_extension_id = null;
		}
	},
});

const groups = collection<ExtensionGroup>({
	operations: {
		list: 'listExtensionGroups',
		create: 'createExtensionGroup',
		get: 'getExtensionGroup',
		update: 'updateExtensionGroup',
		remove: 'deleteExtensionGroup',
	},
	table: (store) => store.extensionGroups,
	param: 'ext_group_id',
	limit: 'extension_group_limit',
	check: (body) => notEmpty(body, 'name'),
	make: (body, { store }) =>
		({ client_id: store.client.id, extra_params: null, ...body }) as unknown as Omit<
			ExtensionGroup,
			'id'
		>,
	removed({ id }, { store }) {
		for (const extension of store.extensions.values()) {
			if (extension.extension_group_id === id) extension.extension_group_id = null;
		}
		for (const user of store.users.list()) {
			if (user.extension_group_id === id) store.users.delete(user.id);
		}
	},
});

const aliases = collection<Alias>({
	operations: { list: 'listAliases', get: 'getAlias', update: 'updateAlias' },
	table: (store) => store.aliases,
	param: 'alias_id',
	check: (body, { store }) => refersTo(body, 'extension_id', store.extensions),
});

const dids = collection<Did>({
	operations: { list: 'listDids', get: 'getDid', update: 'updateDid' },
	table: (store) => store.dids,
	param: 'did_id',
	check(body, { store }) {
		refersTo(body, 'extension_id', store.extensions);
		refersTo(body, 'message_extension_id', store.extensions);
	},
});

const callStatuses = collection<CallStatus>({
	operations: {
		list: 'listCallStatuses',
		create: 'createCallStatus',
		get: 'getCallStatus',
		update: 'updateCallStatus',
		remove: 'deleteCallStatus',
	},
	table: (store) => store.callStatuses,
	param: 'id',
	check: (body) => notEmpty(body, 'name'),
	make: (body, ctx) =>
		({ create_dt: nowUtc(ctx), dealer_id: null, extra_params: {}, ...body }) as unknown as Omit<
			CallStatus,
			'id'
		>,
});

/** Extensions, their groups, the numbers that lead to them, and what is going on at them. */
export const phones: Handlers = {
	...extensions,
	...groups,
	...aliases,
	...dids,
	...callStatuses,
	getAni: ({ store }) => ({ default: store.client.ani }),
	updateAni({ store, body }) {
		isNumber(body.ani_number, 'ani_number');
		store.client.ani = String(body.ani_number);
		return { default: store.client.ani };
	},
	listActiveCalls: ({ store }) => ({ call_list: store.calls.list() }),
};
