import type { IDataObject, IHookFunctions, ILoadOptionsFunctions } from 'n8n-workflow';

import { credentialType, exchange, ExchangeFailure } from '../../shared/transport/sendRequest';
import { secretsOf, type About } from '../../shared/errors/toNodeError';
import { recordsIn, unreadable } from '../../shared/transport/records';
import { fill, segment } from '../../shared/transport/path';
import { Gate } from '../../RingMe/execution/runState';
import { ValidationError } from '../../shared/parameters/serialize';
import { agent } from '../../RingMe/resources/agent';
import { agentEvent } from '../../RingMe/resources/agentEvent';
import { client } from '../../RingMe/resources/client';
import { phoneEvent } from '../../RingMe/resources/phoneEvent';
import type { Operation } from '../../shared/schema/operation';

/** Where events are registered: for all phones of the client (`phones`), or an agent: `local/12`. */
export type Place = string;
export const PHONES: Place = 'phones';

/** "Call this address when this happens", as the PBX has it. */
export interface Registration {
	id: number;
	place: Place;
	event: string;
	url: string;
	method: string;
}

export type Wanted = Omit<Registration, 'id'>;

const IN_FLIGHT = 5;

const rowsOf = (place: Place) => (place === PHONES ? phoneEvent.operations : agentEvent.operations);

/** `local/12` → `local agent 12`. */
export const placeName = (place: Place) =>
	place === PHONES ? 'all phones' : place.replace('/', ' agent ');

export type Pbx = Awaited<ReturnType<typeof pbxOf>>;

/**
 * The requests of the trigger, at most five at a time. They throw ExchangeFailure where the PBX
 * refuses or does not answer.
 *
 * @param about learns what an error must not show
 */
export async function pbxOf(context: IHookFunctions | ILoadOptionsFunctions, about: About) {
	const type = credentialType(context.getNodeParameter('authentication', 'oAuth2'));
	const options = context.getNodeParameter('options', {}) as { client?: string };
	const credentials = await context.getCredentials(type);
	about.secrets = secretsOf(credentials);
	const gate = new Gate(IN_FLIGHT);

	async function ask(
		row: Operation,
		place: Place,
		{ id, body }: { id?: number; body?: IDataObject } = {},
	) {
		const [agent_type, agent_id] = place.split('/');
		const client_id = options.client || credentials.client || '@me';
		const values: Record<string, unknown> = { client_id, agent_type, agent_id, id, event_id: id };
		const request = {
			method: row.method,
			path: fill(row.path, (name) => segment('PBX Client', values[name])),
			body,
			json: true,
			timeout: 30_000,
		};
		const answer = await gate.pass(() => exchange(context, credentials, type, request));
		return answer.body as unknown;
	}

	return {
		/** Every agent there is: place and name. */
		async agents(): Promise<Array<{ place: Place; name: string }>> {
			const { getMany } = agent.operations;
			const kinds = ['local', 'remote'].map(async (kind) =>
				recordsIn(getMany, await ask(getMany, kind)).map(({ id, name }) => ({
					place: `${kind}/${String(id)}`,
					name: `${String(name ?? id)} (${kind})`,
				})),
			);
			return (await Promise.all(kinds)).flat();
		},

		/** What is registered at a place, by whomever; nothing for an agent who is gone. */
		async registrations(place: Place): Promise<Registration[]> {
			const { getMany } = rowsOf(place);
			const request = ask(getMany, place);
			const answer = await (place === PHONES ? request : unlessGone(request, []));
			return recordsIn(getMany, answer).map(({ id, event_type, url, method }) => ({
				id: Number(id),
				place,
				event: String(event_type),
				url: String(url),
				method: String(method),
			}));
		},

		/** @throws InputProblem for an agent who is gone */
		async register(wanted: Wanted): Promise<Registration> {
			const { place, event: event_type, url, method } = wanted;
			const request = ask(rowsOf(place).create, place, { body: { event_type, url, method } });
			const answer = await (place === PHONES ? request : unlessGone(request, GONE));
			if (answer === GONE) {
				throw new ValidationError(
					`The PBX has no ${placeName(place)}`,
					'It may have been deleted. Take it out of Agents.',
				);
			}
			const id = (answer as { id?: unknown } | undefined)?.id;
			if (typeof id !== 'number') throw unreadable(rowsOf(place).create, answer);
			return { ...wanted, id };
		},

		/** Removes one registration by its id; one that is gone already is fine. */
		async remove({ place, id }: Registration): Promise<void> {
			await unlessGone(ask(rowsOf(place).delete, place, { id }), GONE);
		},

		/** How many registrations the PBX allows to all programs together, if it tells. */
		async limit(): Promise<number | undefined> {
			const [limits] = recordsIn(
				client.operations.getLimits,
				await ask(client.operations.getLimits, PHONES),
			);
			return typeof limits.event_limit === 'number' ? limits.event_limit : undefined;
		},
	};
}

const GONE = Symbol('gone');

/** The answer, or `otherwise` where the PBX answered 404. */
const unlessGone = async (request: Promise<unknown>, otherwise: unknown): Promise<unknown> =>
	await request.catch(async (thrown: unknown) => {
		const gone = thrown instanceof ExchangeFailure && thrown.failure.status === 404;
		return gone ? otherwise : await Promise.reject(thrown as Error);
	});
