import { randomBytes } from 'crypto';
import type { IHookFunctions } from 'n8n-workflow';

import { ExchangeFailure } from '../../shared/transport/sendRequest';
import { explain, type About } from '../../shared/errors/toNodeError';
import { ValidationError } from '../../shared/parameters/serialize';
import { pbxOf, type Pbx, type Registration } from './client';
import { addressOf, named, registeredHere, survey, type Kept, type Survey } from './reconcile';

/**
 * The life of the registrations. n8n asks whether they are complete, has them made, has them removed.
 * Each time the PBX is asked what is really there, and only the difference is sent: so it does not
 * matter how often it is asked, after which crash, or by which of two processes.
 */

/** Whether exactly what is wanted is registered. Changes nothing on the PBX. */
export async function isRegistered(hook: IHookFunctions): Promise<boolean> {
	return await onPbx(hook, async (pbx, state) => {
		if (!state.secret) return false;
		const { wanted, kept, missing, surplus } = await survey(hook, pbx, state);
		const complete = wanted.length > 0 && missing.length === 0 && surplus.length === 0;
		if (complete) Object.assign(state, { registered: kept, instance: hook.getInstanceId() });
		return complete;
	});
}

/**
 * Removes what is ours and not wanted, registers what is missing. If that cannot be completed, what
 * was made is removed again.
 *
 * @throws NodeApiError or NodeOperationError; it names what may be left
 */
export async function register(hook: IHookFunctions): Promise<boolean> {
	return await onPbx(hook, async (pbx, state, about) => {
		warnIfUnreachable(hook);
		state.secret ??= randomBytes(32).toString('base64url');
		const before = await survey(hook, pbx, state);
		if (!before.wanted.length) {
			throw new ValidationError(
				'There is nothing to listen to',
				'Choose at least one event, and for agent events at least one agent.',
			);
		}
		state.instance = hook.getInstanceId();
		await removeAll(pbx, before.surplus, state, about);
		const made: Registration[] = [];
		for (const one of before.missing) {
			const [answer] = await Promise.allSettled([pbx.register(one)]);
			if (answer.status === 'rejected') {
				await undo(hook, pbx, before, state, about);
				throw (await quotaReached(pbx, answer.reason, before)) ?? (answer.reason as Error);
			}
			made.push(answer.value);
		}
		state.registered = [...before.kept, ...made];
		return true;
	});
}

/**
 * Removes all that is ours. What cannot be removed is named in the log, and the next activation or
 * deactivation takes it up again.
 *
 * @throws NodeApiError if something may be left
 */
export async function unregister(hook: IHookFunctions): Promise<boolean> {
	return await onPbx(hook, async (pbx, state, about) => {
		about.rest = left(registeredHere(hook, state));
		const { ours } = await survey(hook, pbx, state);
		await removeAll(pbx, ours, state, about);
		return true;
	});
}

/** Gives errors in words a person can act on, without the request and its secrets. */
async function onPbx<T>(
	hook: IHookFunctions,
	work: (pbx: Pbx, state: Kept, about: About) => Promise<T>,
): Promise<T> {
	const state = hook.getWorkflowStaticData('node') as Kept;
	const about: About = { node: hook.getNode(), itemIndex: 0 };
	try {
		return await work(await pbxOf(hook, about), state, about);
	} catch (thrown) {
		about.secrets = [...(about.secrets ?? []), ...(state.secret ? [state.secret] : [])];
		// n8n logs the message of an error, not its details.
		if (about.rest) hook.logger.warn(`${about.node.name}: ${about.rest}`);
		const error = explain(thrown, about);
		throw error;
	}
}

const left = (registrations: Array<Omit<Registration, 'id'>>) =>
	registrations.length ? `May be left on the PBX: ${named(registrations)}.` : undefined;

/**
 * Tries all of them and remembers those that are left.
 *
 * @throws the first failure, after that
 */
async function removeAll(pbx: Pbx, registrations: Registration[], state: Kept, about: About) {
	const results = await Promise.allSettled(registrations.map(pbx.remove));
	state.registered = registrations.filter((_, n) => results[n].status === 'rejected');
	about.rest = left(state.registered);
	const failed = results.find((result) => result.status === 'rejected');
	if (failed) throw failed.reason as Error;
}

/**
 * Removes what this activation has made, also what it does not know of because the answer was lost.
 * What came before stays. A failure in here only shows in what it says to be left.
 */
async function undo(hook: IHookFunctions, pbx: Pbx, before: Survey, state: Kept, about: About) {
	about.rest = left(before.missing);
	const ids = new Set(before.found.map(({ place, id }) => `${place} ${id}`));
	await Promise.allSettled([
		survey(hook, pbx, state).then(async ({ ours }) => {
			const made = ours.filter(({ place, id }) => !ids.has(`${place} ${id}`));
			await removeAll(pbx, made, state, about);
		}),
	]);
	state.registered = [...before.kept, ...(state.registered ?? [])];
}

/** The refusal of one registration too many, with the numbers that explain it. */
async function quotaReached(pbx: Pbx, thrown: unknown, { found, surplus, missing }: Survey) {
	if (!(thrown instanceof ExchangeFailure) || thrown.failure.kind !== 'answered') return undefined;
	const [answer] = await Promise.allSettled([pbx.limit()]);
	const limit = answer.status === 'fulfilled' ? answer.value : undefined;
	const { word = '', message } = thrown.failure;
	const used = found.length - surplus.length;
	if (limit === undefined) return undefined;
	if (
		used + missing.length <= limit &&
		!/limit.*reach|limit_exceeded/i.test(`${word} ${message}`)
	) {
		return undefined;
	}
	return new ValidationError(
		`The PBX allows ${limit} registered events, and there is no room for the ${missing.length} that are needed`,
		`All programs that use the PBX share them, those of agents too. Phone Event: Get Many and Agent Event: Get Many of the RingMe node show them with their addresses; remove what nobody uses any more.`,
	);
}

/** Addresses that only this machine or its network can reach. */
const PRIVATE =
	/^https?:\/\/(localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\]|[^/:]+\.(local|localhost|internal)\b)/i;

function warnIfUnreachable(hook: IHookFunctions) {
	const address = addressOf(hook);
	const { origin } = new URL(address);
	const warn = (words: string) => hook.logger.warn(`${hook.getNode().name}: ${words}`);
	if (PRIVATE.test(address)) {
		warn(
			`The PBX cannot reach n8n at ${origin}, unless it runs in the same network. Set WEBHOOK_URL of n8n to its public https address.`,
		);
	} else if (!address.startsWith('https:')) {
		warn(
			`The PBX will call n8n at ${origin} unencrypted, if it can at all. Set WEBHOOK_URL of n8n to its public https address.`,
		);
	}
}
