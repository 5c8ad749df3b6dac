import type { IDataObject, IHookFunctions } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';
import { EVENTS, isAgentEvent, isSelectable, isTaskEvent } from '../events/events';
import {
	filteredExtensions,
	isSameExtension,
	type ExtensionFilter,
} from '../../shared/parameters/extensions';
import {
	ALL_PHONES,
	extensionScope,
	formatScope,
	type DesiredWebhook,
	type Registration,
	type RegistrationClient,
	type Scope,
} from './client';

/** Query parameters of the registered URL. */
export const SECRET_PARAMETER = 'secret';
export const EVENT_PARAMETER = 'event';

/** Workflow static data of the node, which n8n also keeps while the workflow is not published. */
export interface TriggerState {
	/**
	 * Created once and never changed: n8n saves static data only after the webhooks are created, so
	 * with a new secret at each activation the deliveries in between would be rejected.
	 */
	secret?: string;
	registered?: Registration[];
	/** The n8n instance that registered them: a workflow can be copied to another with its static data. */
	instance?: string;
	/**
	 * The selection of events and extensions for which the PBX has no webhooks of extensions, so that
	 * those of all phones are registered until the workflow is unpublished.
	 */
	refusedSelection?: string;
}

/** The desired webhooks, the actual ones on the PBX, and the difference. */
export interface Reconciliation {
	desired: DesiredWebhook[];
	/** All webhooks in the scopes concerned, whoever created them. */
	actual: Registration[];
	/**
	 * Those of this node: with its URL, whatever the secret, or created by it under an earlier URL and
	 * unchanged since. All others belong to other applications.
	 */
	owned: Registration[];
	/** Owned ones that are as desired, one for each. */
	unchanged: Registration[];
	toDelete: Registration[];
	toCreate: DesiredWebhook[];
}

/**
 * Compares desired and actual webhooks: those of all phones, of this node's extensions and agents, and of
 * earlier scopes.
 */
export async function reconcile(
	hook: IHookFunctions,
	client: RegistrationClient,
	state: TriggerState,
): Promise<Reconciliation> {
	const webhookUrl = webhookUrlOf(hook);
	const { secret = '' } = state;
	const registered = registeredHere(hook, state);
	const desired = await desiredWebhooks(
		hook,
		client,
		state,
		(event) => `${webhookUrl}?${EVENT_PARAMETER}=${event}&${SECRET_PARAMETER}=${secret}`,
	);
	const scopes = new Set([ALL_PHONES, ...[...desired, ...registered].map(({ scope }) => scope)]);
	const lists = await Promise.all([...scopes].map(async (scope) => await client.list(scope)));
	const actual = lists.flat();
	const owned = actual.filter(
		(webhook) =>
			webhook.url.split('?')[0] === webhookUrl ||
			registered.some((known) => isEqual(known, webhook, ['id', 'scope', 'url'])),
	);
	const findOwned = (webhook: DesiredWebhook) =>
		owned.find((other) =>
			isEqual<DesiredWebhook>(other, webhook, ['scope', 'event', 'url', 'method']),
		);
	const unchanged = desired.flatMap((webhook) => findOwned(webhook) ?? []);
	return {
		desired,
		actual,
		owned,
		unchanged,
		toDelete: owned.filter((webhook) => !unchanged.includes(webhook)),
		toCreate: desired.filter((webhook) => !findOwned(webhook)),
	};
}

const isEqual = <T>(a: T, b: T, keys: Array<keyof T>) => keys.every((key) => a[key] === b[key]);

/** The webhooks that this n8n registered; not those of another instance, where they are still in use. */
export const registeredHere = (
	hook: IHookFunctions,
	{ registered = [], instance }: TriggerState,
) => (instance === hook.getInstanceId() ? registered : []);

/** n8n's test URL while it waits for a test event, else the production URL. */
export function webhookUrlOf(hook: IHookFunctions): string {
	const url = hook.getNodeWebhookUrl('default');
	if (!url) throw new ValidationError('n8n has no webhook URL for this node');
	return url;
}

/** The events in 'Trigger On', each once. */
export const selectedEvents = (hook: IHookFunctions) => [
	...new Set(hook.getNodeParameter('events', []) as string[]),
];

async function desiredWebhooks(
	hook: IHookFunctions,
	client: RegistrationClient,
	state: TriggerState,
	urlFor: (event: string) => string,
): Promise<DesiredWebhook[]> {
	const events = selectedEvents(hook).filter((event) => !isTaskEvent(event));
	const unknownEvent = events.find((event) => !isSelectable(event));
	if (unknownEvent !== undefined) throw new ValidationError(`There is no event "${unknownEvent}"`);
	const agentScopes = events.some(isAgentEvent) ? await selectedAgents(hook, client) : [];
	const extensions = (await selectedExtensions(hook, client, state)) ?? [];
	const phoneScopes = (event: string) =>
		extensions
			.filter(({ type }) => type !== 'ivr' || IVR_EVENTS.includes(event))
			.map(({ id }) => extensionScope(id));
	const isByExtension = events.some((event) => !isAgentEvent(event) && phoneScopes(event).length);
	return events.flatMap((event) => {
		const ofPhones = isByExtension ? phoneScopes(event) : [ALL_PHONES];
		const scopes = isAgentEvent(event) ? agentScopes : ofPhones;
		return scopes.map((scope) => ({ scope, event, url: urlFor(event), method: 'POST' }));
	});
}

/** The events that an IVR reports. The PBX refuses webhooks for others. */
const IVR_EVENTS = ['dial-in', 'hangup'];

/**
 * What webhooks of extensions depend on: the selected phone events and the extensions of the filter, as
 * text to compare. Undefined without either, and if the PBX has refused them.
 */
export function extensionSelection(hook: IHookFunctions, state: TriggerState): string | undefined {
	const events = selectedEvents(hook).filter(
		(event) => !isTaskEvent(event) && !isAgentEvent(event),
	);
	const extensions = filteredExtensions(hook.getNodeParameter('filters', {}) as ExtensionFilter);
	const selection = JSON.stringify([events, extensions]);
	const isWanted = events.length && extensions.length && selection !== state.refusedSelection;
	return isWanted ? selection : undefined;
}

/** From now on, registers the webhooks of all phones. The filter ignores the events of other extensions. */
export function refuseExtensions(hook: IHookFunctions, state: TriggerState, reason: string) {
	state.refusedSelection = extensionSelection(hook, state);
	hook.logger.info(
		`${hook.getNode().name}: the webhooks are registered for all phones instead of the selected extensions, and events of other extensions are ignored. ${reason}`,
	);
}

/**
 * The extensions of the filter, of which webhooks are registered. Undefined where that has to be those
 * of all phones: without a filter, if the PBX refused others, and if one of them is not on the PBX.
 */
async function selectedExtensions(
	hook: IHookFunctions,
	client: RegistrationClient,
	state: TriggerState,
): Promise<IDataObject[] | undefined> {
	if (extensionSelection(hook, state) === undefined) return undefined;
	const all = await client.extensions();
	const matching = filteredExtensions(hook.getNodeParameter('filters', {}) as ExtensionFilter).map(
		(entered) => ({
			entered,
			extensions: all?.filter(({ id, name }) => isSameExtension(entered, id, name)) ?? [],
		}),
	);
	const missing = matching.find(({ extensions }) => !extensions.length);
	if (!missing) return [...new Set(matching.flatMap(({ extensions }) => extensions))];
	const reason = all ? `There is no extension "${missing.entered}"` : 'The PBX lists no extensions';
	refuseExtensions(hook, state, `${reason}.`);
	return undefined;
}

async function selectedAgents(hook: IHookFunctions, client: RegistrationClient): Promise<Scope[]> {
	if (hook.getNodeParameter('agentScope', 'all') === 'all') {
		return (await client.agents()).map(({ scope }) => scope);
	}
	const agents = [...new Set(hook.getNodeParameter('agents', []) as string[])];
	const invalid = agents.find((agent) => !/^(local|remote)\/\d+$/.test(agent));
	if (invalid === undefined) return agents;
	throw new ValidationError(
		`There is no agent "${invalid}"`,
		'An expression must return IDs like local/12 or remote/7.',
	);
}

/** `Call Ended of all phones (ID 9001), ...` */
export const formatWebhooks = (webhooks: Array<DesiredWebhook & { id?: number }>) =>
	webhooks
		.map(({ event, scope, id }) => {
			const name = EVENTS.find(({ value }) => value === event)?.name ?? event;
			return `${name} of ${formatScope(scope)}${id === undefined ? '' : ` (ID ${id})`}`;
		})
		.join(', ');
