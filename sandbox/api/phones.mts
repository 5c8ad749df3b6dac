import { badRequest } from '../http/errors.mts';
import type { Store } from '../state/store.mts';
import type { Alias, CallStatus, Did, Extension, ExtensionGroup } from '../state/types.mts';
import { assertExists, assertNotEmpty, assertPhoneNumber } from './checks.mts';
import { collection } from './collection.mts';
import type { Context, Handlers } from './context.mts';
import { nowUtc } from './context.mts';

/**
 * Completes the name of an extension: `101` becomes `1844*101`.
 * @throws PbxError 400 for other names, such as those with the prefix of another client
 */
function fullExtensionName(store: Store, input: unknown): string {
	const name = String(input);
	const { prefix } = store.client;
	const fullName = /^\d{2,4}$/.test(name) ? `${prefix}*${name}` : name;
	if (!fullName.startsWith(`${prefix}*`) || !/^\d{2,4}$/.test(fullName.slice(prefix.length + 1))) {
		throw badRequest(`name must be a number like 101 or ${prefix}*101`);
	}
	return fullName;
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
	idParameter: 'extension_id',
	limit: 'extension_limit',
	validate(body, { store }) {
		assertExists(body, 'extension_group_id', store.extensionGroups);
		assertExists(body, 'dial_rule_id', store.dialRules);
		if (body.message_did !== undefined) assertPhoneNumber(body.message_did, 'message_did');
		if (body.name === undefined) return;
		const name = fullExtensionName(store, body.name);
		if (store.extensions.find((extension) => extension.name === name)) {
			throw badRequest(`name: extension ${name} exists already`);
		}
	},
	toRow: (body, context) =>
		({
			client_id: context.store.client.id,
			domain: context.store.client.domain,
			create_date: nowUtc(context),
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
			name: fullExtensionName(context.store, body.name),
		}) as unknown as Omit<Extension, 'id'>,
	afterDelete({ id }, { store }) {
		const refersToExtension = <T extends { id: number; extension_id?: number | null }>(row: T) =>
			row.extension_id === id;
		for (const agent of store.agents.list()) {
			if (agent.agent_type === 'local' && refersToExtension(agent)) store.agents.delete(agent.id);
		}
		for (const user of store.users.filter(refersToExtension)) store.users.delete(user.id);
		for (const alias of store.aliases.filter(refersToExtension)) alias.extension_id = null;
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
	idParameter: 'ext_group_id',
	limit: 'extension_group_limit',
	validate: (body) => assertNotEmpty(body, 'name'),
	toRow: (body, { store }) =>
		({ client_id: store.client.id, extra_params: null, ...body }) as unknown as Omit<
			ExtensionGroup,
			'id'
		>,
	afterDelete({ id }, { store }) {
		for (const extension of store.extensions.values()) {
			if (extension.extension_group_id === id) extension.extension_group_id = null;
		}
		for (const user of store.users.list()) {
			if (user.extension_group_id === id) store.users.delete(user.id);
		}
	},
});

/** The row as it is sent. The API page gives only the type "object" for the domain. */
const withDomain = (row: Alias | Did, { pbx }: Context): object =>
	pbx.deviates('domainText') ? { ...row, domain: row.domain.name } : row;

const aliases = collection<Alias>({
	operations: { list: 'listAliases', get: 'getAlias', update: 'updateAlias' },
	table: (store) => store.aliases,
	idParameter: 'alias_id',
	toResponse: withDomain,
	validate: (body, { store }) => assertExists(body, 'extension_id', store.extensions),
});

const dids = collection<Did>({
	operations: { list: 'listDids', get: 'getDid', update: 'updateDid' },
	table: (store) => store.dids,
	idParameter: 'did_id',
	toResponse: withDomain,
	validate(body, { store }) {
		assertExists(body, 'extension_id', store.extensions);
		assertExists(body, 'message_extension_id', store.extensions);
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
	idParameter: 'id',
	validate: (body) => assertNotEmpty(body, 'name'),
	toRow: (body, context) =>
		({ create_dt: nowUtc(context), dealer_id: null, extra_params: {}, ...body }) as unknown as Omit<
			CallStatus,
			'id'
		>,
});

/** Extensions, extension groups, aliases, DIDs, call statuses and the outbound caller ID. */
export const phones: Handlers = {
	...extensions,
	...groups,
	...aliases,
	...dids,
	...callStatuses,
	getAni: ({ store }) => ({ default: store.client.ani }),
	updateAni({ store, body }) {
		assertPhoneNumber(body.ani_number, 'ani_number');
		store.client.ani = String(body.ani_number);
		return { default: store.client.ani };
	},
};
