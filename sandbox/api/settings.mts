import { badRequest, notFound } from '../http/errors.mts';
import type {
	DialRule,
	Interval,
	IntervalCondition,
	NetworkPermission,
	PhoneEvent,
} from '../state/types.mts';
import { DAY_MS, formatUtc, parseUtc, zoneOffset } from '../state/time.mts';
import { assertExists, assertNotEmpty, assertTimeZone, assertUrl, parsePeriod } from './checks.mts';
import { collection, countWebhooks } from './collection.mts';
import type { Context, Handlers } from './context.mts';

const dialRules = collection<DialRule>({
	operations: {
		list: 'listDialRuleSets',
		create: 'createDialRuleSet',
		get: 'getDialRuleSet',
		update: 'updateDialRuleSet',
		remove: 'deleteDialRuleSet',
	},
	table: (store) => store.dialRules,
	idParameter: 'dial_rules_id',
	limit: 'dial_rule_limit',
	validate: (body) => assertNotEmpty(body, 'name'),
	toRow: (body, { store }) =>
		({ client_id: store.client.id, dealer_id: null, ...body }) as unknown as Omit<DialRule, 'id'>,
	afterDelete({ id }, { store }) {
		if (store.client.dial_rule_id === id) store.client.dial_rule_id = null;
		for (const extension of store.extensions.values()) {
			if (extension.dial_rule_id === id) extension.dial_rule_id = null;
		}
	},
});

/** @throws PbxError 400 for a condition with an impossible date, or with only one end of a range */
function assertCondition(condition: IntervalCondition, index: number): void {
	const path = `conditions[${index}]`;
	if (Object.keys(condition).length === 0) throw badRequest(`${path} is empty`);
	for (const field of ['start_datetime', 'end_datetime'] as const) {
		const text = condition[field];
		if (text && parseUtc(text) === undefined) {
			throw badRequest(`${path}.${field}: there is no such date`);
		}
	}
	for (const part of ['datetime', 'time', 'dow', 'mday'] as const) {
		const start = condition[`start_${part}`] ?? null;
		const end = condition[`end_${part}`] ?? null;
		if ((start === null) !== (end === null)) {
			throw badRequest(`${path} needs both start_${part} and end_${part}`);
		}
	}
}

const intervals = collection<Interval>({
	operations: {
		list: 'listIntervals',
		create: 'createInterval',
		get: 'getInterval',
		update: 'updateInterval',
		remove: 'deleteInterval',
	},
	table: (store) => store.intervals,
	idParameter: 'interval_id',
	limit: 'interval_limit',
	toResponse: (row, { pbx }) =>
		pbx.deviates('conditionTypes')
			? { ...row, conditions: row.conditions.map((item) => ({ type: 'week', ...item })) }
			: row,
	validate(body) {
		assertNotEmpty(body, 'name');
		assertTimeZone(body);
		((body.conditions as IntervalCondition[] | undefined) ?? []).forEach(assertCondition);
	},
	toRow: (body, { store }) =>
		({
			client_id: store.client.id,
			dealer_id: null,
			extension_id: null,
			...body,
		}) as unknown as Omit<Interval, 'id'>,
	afterDelete({ id }, { store }) {
		for (const scheduler of store.taskSchedulers.values()) {
			if (scheduler.interval_id === id) scheduler.interval_id = null;
		}
	},
});

const IPV4_NETWORK =
	/^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(\/(\d{1,2}|(\d{1,3}\.){3}\d{1,3}))?$/;

function withNetworkCount(body: Record<string, unknown>): Record<string, unknown> {
	const addresses = body.network_address as string[] | undefined;
	return addresses ? { ...body, network_count: addresses.length } : body;
}

const networkPermissions = collection<NetworkPermission>({
	operations: {
		list: 'listNetworkPermissions',
		create: 'createNetworkPermission',
		get: 'getNetworkPermission',
		update: 'updateNetworkPermission',
		remove: 'deleteNetworkPermission',
	},
	table: (store) => store.networkPermissions,
	idParameter: 'group_id',
	limit: 'network_permission_limit',
	validate(body, { pbx }) {
		assertNotEmpty(body, 'name');
		for (const address of (body.network_address as string[] | undefined) ?? []) {
			const parts = IPV4_NETWORK.exec(address)?.slice(1, 5);
			const isRefused = pbx.deviates('networksOnly') && !address.includes('/');
			if (isRefused || !parts?.every((part) => Number(part) < 256)) {
				throw badRequest(`network_address: '${address.slice(0, 60)}' is not an address or network`);
			}
		}
	},
	toRow: (body, { store }) =>
		({
			client_id: store.client.id,
			network_address: [],
			network_count: 0,
			...withNetworkCount(body),
		}) as unknown as Omit<NetworkPermission, 'id'>,
	toPatch: withNetworkCount,
	afterDelete({ id }, { store }) {
		if (store.client.sip_network_permission_id === id) {
			store.client.sip_network_permission_id = null;
		}
	},
});

const phoneEvents = collection<PhoneEvent>({
	operations: {
		list: 'listPhoneEvents',
		create: 'createPhoneEvent',
		get: 'getPhoneEvent',
		update: 'updatePhoneEvent',
		remove: 'deletePhoneEvent',
	},
	table: (store) => store.phoneEvents,
	idParameter: 'id',
	limit: 'event_limit',
	countForLimit: countWebhooks,
	validate(body, { pbx, store }, row) {
		assertUrl(body, 'url');
		const isRegistered = store.phoneEvents.find(
			({ url, event_type }) => url === body.url && event_type === body.event_type,
		);
		if (!row && isRegistered && pbx.deviates('uniqueWebhooks')) {
			throw badRequest('url: it is registered for this event');
		}
	},
});

function updateClient({ store, body }: Context): object {
	assertTimeZone(body);
	assertUrl(body, 'call_interactive_url');
	assertExists(body, 'hold_music', store.sounds);
	assertExists(body, 'dial_rule_id', store.dialRules);
	assertExists(body, 'sip_network_permission_id', store.networkPermissions);
	return Object.assign(store.client, body);
}

/** The client, its limits, and settings that apply to the whole PBX. */
export const settings: Handlers = {
	...dialRules,
	...intervals,
	...networkPermissions,
	...phoneEvents,
	deleteAllPhoneEvents({ store }) {
		for (const event of store.phoneEvents.list()) store.phoneEvents.delete(event.id);
	},
	getClient: ({ store }) => store.client,
	getClientInfo: ({ store }) => store.client,
	updateClient,
	updateClientInfo: updateClient,
	getClientLimits: ({ store }) => store.limits,
	listVariables({ pbx, store, query }) {
		const rows = store.variables.list();
		const { variable } = query;
		if (pbx.deviates('variableMap')) {
			return { variables: Object.fromEntries(rows.map((row) => [row.var, row.value])) };
		}
		return {
			variables: variable === undefined ? rows : rows.filter((row) => row.var === variable),
		};
	},
	setVariables({ store, body }) {
		const variables = body.variables as Array<{ var?: string; value?: string }>;
		variables.forEach(({ var: name }, index) => {
			if (!name) throw badRequest(`variables[${index}].var is required`);
		});
		return {
			variables: variables.map(({ var: name = '', value = null }) =>
				store.variables.insert({ var: name, value }),
			),
		};
	},
	listOauthSessions({ pbx, store, query }) {
		const ids = query.user_id as number[] | undefined;
		const sessions = pbx.oauth.sessions().map((session) => ({
			id: session.id,
			app_id: session.app.id,
			user_id: store.users.find((user) => user.login === session.login)?.id,
			expires: formatUtc(
				Math.min(session.expiresAt, pbx.wallTime() + 365 * DAY_MS) +
					(pbx.deviates('localSessionDates')
						? zoneOffset(store.client.timezone, pbx.wallTime())
						: 0),
			),
		}));
		return ids?.length
			? sessions.filter(({ user_id: id }) => id !== undefined && ids.includes(id))
			: sessions;
	},
	deleteOauthSession({ pbx, params }) {
		const session = pbx.oauth.sessions().find(({ id }) => id === params.session_id);
		if (!session) throw notFound();
		pbx.oauth.end(session);
	},
	createCallCenterReport(context) {
		const { store, body } = context;
		parsePeriod(context, body, false);
		for (const id of (body.queue_id as number[] | undefined) ?? []) {
			if (store.extensions.get(id)?.type !== 'queue') {
				throw badRequest(`queue_id: there is no queue ${id}`);
			}
		}
		if (!String(body.emails).includes('@'))
			throw badRequest('emails must contain an email address');
		store.orders.insert({ kind: 'call_center_report', request: body, archive_uuid: null });
		return { queue_id: null, ...body };
	},
};
