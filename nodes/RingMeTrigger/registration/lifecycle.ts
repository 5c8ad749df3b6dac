import { randomBytes } from 'crypto';
import type { IDataObject, IHookFunctions } from 'n8n-workflow';

import { IncompleteError } from '../../shared/errors/incompleteError';
import { RequestError } from '../../shared/errors/requestError';
import { toNodeError } from '../../shared/errors/toNodeError';
import { ValidationError } from '../../shared/errors/validationError';
import { requireValues } from '../../shared/parameters/requireValues';
import { reportSecretOf } from '../../shared/taskReports/taskReport';
import { reachabilityProblem } from '../../shared/webhook/reachability';
import { isTaskEvent } from '../events/events';
import { FILTERS } from '../events/filterFields';
import {
	isExtensionRefusal,
	isExtensionScope,
	RegistrationClient,
	type DesiredWebhook,
	type Registration,
} from './client';
import {
	extensionSelection,
	formatWebhooks,
	reconcile,
	refuseExtensions,
	registeredHere,
	selectedEvents,
	webhookUrlOf,
	type Reconciliation,
	type TriggerState,
} from './reconcile';

// n8n asks whether the webhooks are complete, has them created, and has them deleted. Each time the
// PBX is asked for the actual webhooks and only the difference is sent, so it does not matter how often
// that happens, after which crash, or by which of two processes.

/** Whether exactly the desired webhooks are registered. Changes nothing on the PBX. */
export async function isRegistered(hook: IHookFunctions): Promise<boolean> {
	// `register` checks what task events need.
	if (selectedEvents(hook).some(isTaskEvent)) return false;
	return await withClient(hook, async (client, state) => {
		if (!state.secret) return false;
		const { desired, unchanged, toCreate, toDelete } = await orAllPhones(hook, state, async () => {
			return await reconcile(hook, client, state);
		});
		const isComplete = desired.length > 0 && toCreate.length === 0 && toDelete.length === 0;
		if (isComplete) {
			state.registered = unchanged;
			state.instance = hook.getInstanceId();
		}
		return isComplete;
	});
}

/**
 * Deletes owned webhooks that are not desired and creates missing ones. If that fails, the created
 * ones are deleted again.
 *
 * @throws NodeApiError or NodeOperationError; it names webhooks that may be left
 */
export async function register(hook: IHookFunctions): Promise<boolean> {
	stateOf(hook).secret ??= randomBytes(32).toString('base64url');
	return await withClient(hook, async (client, state) => {
		requireValues(FILTERS, hook.getNodeParameter('filters', {}) as IDataObject);
		warnIfUnreachable(hook);
		if (selectedEvents(hook).some(isTaskEvent)) validateForTasks(client, hook);
		if (needsNoWebhooks(hook, state)) return true;
		await orAllPhones(hook, state, async () => await sendDifference(hook, client, state));
		return true;
	});
}

async function sendDifference(
	hook: IHookFunctions,
	client: RegistrationClient,
	state: TriggerState,
): Promise<void> {
	const before = await reconcile(hook, client, state);
	if (!before.desired.length && !selectedEvents(hook).some(isTaskEvent)) {
		throw new ValidationError(
			'No event is selected',
			"Select at least one event in 'Trigger On', and for agent events at least one agent.",
		);
	}
	await assertRoomForExtensions(client, before);
	state.instance = hook.getInstanceId();
	await deleteAll(client, before.toDelete, state);
	const created: Registration[] = [];
	for (const webhook of before.toCreate) {
		const [creation] = await Promise.allSettled([client.create(webhook)]);
		if (creation.status === 'rejected') {
			const leftovers = await rollback(hook, client, before, state);
			const cause = (await quotaErrorOf(client, creation.reason, before)) ?? creation.reason;
			throw withLeftovers(cause, leftovers);
		}
		created.push(creation.value);
	}
	state.registered = [...before.unchanged, ...created];
}

/** Does the work again with the webhooks of all phones if the PBX refuses those of extensions. */
async function orAllPhones<T>(
	hook: IHookFunctions,
	state: TriggerState,
	work: () => Promise<T>,
): Promise<T> {
	const [result] = await Promise.allSettled([work()]);
	if (result.status === 'fulfilled') return result.value;
	const { reason } = result as { reason: Error };
	const isRefused = isExtensionRefusal(reason);
	const isKnown = isRefused || reason instanceof QuotaError;
	if (!isKnown || extensionSelection(hook, state) === undefined) throw reason;
	refuseExtensions(hook, state, `${isRefused ? 'The PBX responded: ' : ''}${reason.message}.`);
	return await work();
}

/**
 * Deletes all owned webhooks. Those that cannot be deleted are named in the log and deleted at the next
 * activation or deactivation.
 *
 * @throws NodeApiError if webhooks may be left
 */
export async function unregister(hook: IHookFunctions): Promise<boolean> {
	return await withClient(hook, async (client, state) => {
		if (needsNoWebhooks(hook, state)) return true;
		const [reconciliation] = await Promise.allSettled([
			orAllPhones(hook, state, async () => await reconcile(hook, client, state)),
		]);
		if (reconciliation.status === 'rejected') {
			throw withLeftovers(reconciliation.reason, registeredHere(hook, state));
		}
		await deleteAll(client, reconciliation.value.owned, state);
		delete state.refusedSelection;
		return true;
	});
}

/** With only task events and none registered earlier, there is nothing to ask the PBX for. */
function needsNoWebhooks(hook: IHookFunctions, state: TriggerState): boolean {
	const events = selectedEvents(hook);
	return events.length > 0 && events.every(isTaskEvent) && !state.registered?.length;
}

/** @throws ValidationError for a credential or node with which no report of a task can be verified */
function validateForTasks({ credentials }: RegistrationClient, hook: IHookFunctions) {
	if (!reportSecretOf(credentials)) {
		throw new ValidationError(
			'Task events need an OAuth2 credential',
			"The reports of tasks are signed with a secret that comes from its client secret, and an access token has none. Choose 'OAuth2' as 'Authentication', in this node and in 'Add Tasks'.",
		);
	}
	if (!hook.getNode().webhookId) {
		throw new ValidationError(
			'The trigger has no webhook ID',
			'Open the workflow in the editor and save it, so that n8n gives it one.',
		);
	}
}

const stateOf = (hook: IHookFunctions) => hook.getWorkflowStaticData('node') as TriggerState;

/** Converts failures into n8n's errors and logs which webhooks may be left. */
async function withClient<T>(
	hook: IHookFunctions,
	work: (client: RegistrationClient, state: TriggerState) => Promise<T>,
): Promise<T> {
	const state = stateOf(hook);
	try {
		const secrets = state.secret ? [state.secret] : [];
		return await work(await RegistrationClient.create(hook, secrets), state);
	} catch (thrown) {
		const node = hook.getNode();
		// n8n logs the message of an error without its description.
		if (thrown instanceof IncompleteError) hook.logger.warn(`${node.name}: ${thrown.progress}`);
		const error = toNodeError(thrown, { node, itemIndex: 0 });
		throw error;
	}
}

const withLeftovers = (cause: unknown, webhooks: Array<DesiredWebhook & { id?: number }>) =>
	webhooks.length
		? new IncompleteError(cause, `Webhooks possibly left on the PBX: ${formatWebhooks(webhooks)}.`)
		: (cause as Error);

/**
 * Tries to delete all given webhooks and remembers those that are left.
 *
 * @throws the first failure, after all were tried
 */
async function deleteAll(
	client: RegistrationClient,
	webhooks: Registration[],
	state: TriggerState,
) {
	const results = await Promise.allSettled(
		webhooks.map(async (webhook) => await client.delete(webhook)),
	);
	const left = webhooks.filter((_, index) => results[index].status === 'rejected');
	state.registered = left;
	const failed = results.find((result) => result.status === 'rejected');
	if (failed) throw withLeftovers(failed.reason, left);
}

/**
 * Deletes what this activation created, including webhooks whose response was lost. Earlier ones stay.
 *
 * @returns the webhooks that may be left
 */
async function rollback(
	hook: IHookFunctions,
	client: RegistrationClient,
	{ actual, toCreate, unchanged }: Reconciliation,
	state: TriggerState,
): Promise<Array<DesiredWebhook & { id?: number }>> {
	const keyOf = ({ scope, id }: Registration) => `${scope} ${id}`;
	const earlier = new Set(actual.map(keyOf));
	const [reconciliation] = await Promise.allSettled([reconcile(hook, client, state)]);
	if (reconciliation.status === 'rejected') {
		state.registered = [...unchanged, ...(state.registered ?? [])];
		return toCreate;
	}
	const created = reconciliation.value.owned.filter((webhook) => !earlier.has(keyOf(webhook)));
	await Promise.allSettled([deleteAll(client, created, state)]);
	const left = state.registered ?? [];
	state.registered = [...unchanged, ...left];
	return left;
}

/** There are more webhooks than the PBX allows. */
class QuotaError extends ValidationError {
	constructor(quota: number, needed: number) {
		super(
			`The PBX allows ${quota} webhooks, and there is no room for the ${needed} that are needed`,
			"All applications of the PBX share them, including the webhooks of extensions and agents. List them with 'Get Many' of Phone Event, Extension Event and Agent Event in the RingMe node, and delete those that are no longer used.",
		);
	}
}

/** The limit of webhooks, and whether the desired ones exceed it; undefined if the PBX does not say. */
async function quotaFor(
	client: RegistrationClient,
	{ actual, toDelete, toCreate }: Reconciliation,
): Promise<{ quota: number; isExceeded: boolean } | undefined> {
	const [response] = await Promise.allSettled([client.quota()]);
	const quota = response.status === 'fulfilled' ? response.value : undefined;
	if (quota === undefined) return undefined;
	return { quota, isExceeded: actual.length - toDelete.length + toCreate.length > quota };
}

/**
 * Before anything is changed: many extensions may need more webhooks than the PBX allows.
 *
 * @throws QuotaError
 */
async function assertRoomForExtensions(client: RegistrationClient, before: Reconciliation) {
	if (!before.toCreate.some(({ scope }) => isExtensionScope(scope))) return;
	const room = await quotaFor(client, before);
	if (room?.isExceeded) throw new QuotaError(room.quota, before.toCreate.length);
}

/** The rejection of one webhook too many, with the numbers that explain it. */
async function quotaErrorOf(
	client: RegistrationClient,
	error: unknown,
	before: Reconciliation,
): Promise<QuotaError | undefined> {
	if (!(error instanceof RequestError) || error.details.kind !== 'http') return undefined;
	const room = await quotaFor(client, before);
	if (!room) return undefined;
	const { code = '', message } = error.details;
	const isReported = /limit.*reach|limit_exceeded/i.test(`${code} ${message}`);
	if (!room.isExceeded && !isReported) return undefined;
	return new QuotaError(room.quota, before.toCreate.length);
}

function warnIfUnreachable(hook: IHookFunctions) {
	const problem = reachabilityProblem(webhookUrlOf(hook));
	if (problem) hook.logger.warn(`${hook.getNode().name}: ${problem}`);
}
