import type { IDataObject, IHookFunctions, ILoadOptionsFunctions } from 'n8n-workflow';

import { invalidResponseError, RequestError } from '../../shared/errors/requestError';
import { ValidationError } from '../../shared/errors/validationError';
import { paginate } from '../../shared/lists/pagination';
import type { Operation } from '../../shared/schema/operation';
import { PbxClient, toPathValues, type RequestOptions } from '../../shared/transport/client';
import { ConcurrencyLimiter } from '../../shared/transport/concurrencyLimiter';
import { agent } from '../../RingMe/resources/agent';
import { agentEvent } from '../../RingMe/resources/agentEvent';
import { client } from '../../RingMe/resources/client';
import { extension } from '../../RingMe/resources/extension';
import { extensionEvent } from '../../RingMe/resources/extensionEvent';
import { phoneEvent } from '../../RingMe/resources/phoneEvent';

/**
 * What a webhook is registered for: all extensions of the client (`phones`), one of them
 * (`extension/85219`), or an agent (`local/12`).
 */
export type Scope = string;
export const ALL_PHONES: Scope = 'phones';
export const extensionScope = (id: unknown): Scope => `extension/${String(id)}`;
export const isExtensionScope = (scope: Scope) => scope.startsWith('extension/');

/** A webhook on the PBX. */
export interface Registration {
	id: number;
	scope: Scope;
	event: string;
	url: string;
	method: string;
}

/** A webhook that should be on the PBX. */
export type DesiredWebhook = Omit<Registration, 'id'>;

const MAX_REQUESTS_IN_FLIGHT = 5;

/** `local/12` → `local agent 12`, `extension/85219` → `extension 85219`. */
export const formatScope = (scope: Scope) => {
	if (scope === ALL_PHONES) return 'all phones';
	return scope.replace('/', isExtensionScope(scope) ? ' ' : ' agent ');
};

/** Responses that mean that the PBX does not do this: not in this way, not for this user, or not at all. */
const REFUSALS = [400, 403, 404, 405, 422];

/** Whether the PBX refused a request for the webhooks of an extension. Nothing was executed. */
export const isExtensionRefusal = (error: unknown): error is RequestError =>
	error instanceof RequestError &&
	error.request.resource?.label === EXTENSION &&
	REFUSALS.some((status) => error.hasStatus(status));

const EXTENSION = 'extension';

/** The trigger's requests, at most five at a time. They throw RequestError. */
export class RegistrationClient {
	private readonly limiter = new ConcurrencyLimiter(MAX_REQUESTS_IN_FLIGHT);

	/** @param secrets values that no error message may contain, besides those of the credential */
	private constructor(
		private readonly pbx: PbxClient,
		private readonly secrets: string[],
	) {}

	static async create(context: IHookFunctions | ILoadOptionsFunctions, secrets: string[] = []) {
		const pbxClient = context.getNodeParameter('client', '') as string;
		const authentication = context.getNodeParameter('authentication', 'oAuth2');
		return new RegistrationClient(
			await PbxClient.create(context, authentication, pbxClient),
			secrets,
		);
	}

	get credentials() {
		return this.pbx.credentials;
	}

	/** All agents of the client, with the scope of their webhooks. */
	async agents(): Promise<Array<{ scope: Scope; name: string }>> {
		const types = ['local', 'remote'].map(async (type) => {
			const agents = await this.send(agent.operations.getMany, type);
			return agents.map(({ id, name }) => ({
				scope: `${type}/${String(id)}`,
				name: `${String(name ?? id)} (${type})`,
			}));
		});
		return (await Promise.all(types)).flat();
	}

	/** All extensions of the client; undefined if the PBX refuses to list them. */
	async extensions(): Promise<IDataObject[] | undefined> {
		const request = paginate(
			async (qs) => await this.send(extension.operations.getMany, ALL_PHONES, { http: { qs } }),
			{ limit: Infinity },
		);
		return await orRefused(request, [403, 404]);
	}

	/** The webhooks of a scope, whoever created them; none for an agent or extension that no longer exists. */
	async list(scope: Scope): Promise<Registration[]> {
		const request = this.send(operationsOf(scope).getMany, scope);
		const records = (await (scope === ALL_PHONES ? request : orRefused(request, [404]))) ?? [];
		return records.map(({ id, event_type, url, method }) => ({
			id: Number(id),
			scope,
			event: String(event_type),
			url: String(url),
			method: String(method),
		}));
	}

	/** @throws ValidationError for an agent that no longer exists */
	async create(webhook: DesiredWebhook): Promise<Registration> {
		const { scope, event, url, method } = webhook;
		const { create } = operationsOf(scope);
		const request = this.send(create, scope, {
			http: { body: { event_type: event, url, method } },
		});
		const isAgent = scope !== ALL_PHONES && !isExtensionScope(scope);
		const records = await (isAgent ? orRefused(request, [404]) : request);
		if (!records) {
			throw new ValidationError(
				`The PBX has no ${formatScope(scope)}`,
				"It may have been deleted. Remove it from 'Agents'.",
			);
		}
		const [{ id }] = records;
		if (typeof id !== 'number') throw invalidResponseError(create, records);
		return { ...webhook, id };
	}

	/** Deletes a webhook by its ID. One that no longer exists is fine. */
	async delete({ scope, id }: Registration): Promise<void> {
		await orRefused(this.send(operationsOf(scope).delete, scope, {}, id), [404]);
	}

	/** How many webhooks the PBX allows to all applications together; undefined if it does not say. */
	async quota(): Promise<number | undefined> {
		const [limits] = await this.send(client.operations.getLimits, ALL_PHONES);
		return typeof limits.event_limit === 'number' ? limits.event_limit : undefined;
	}

	private async send(
		operation: Operation,
		scope: Scope,
		options: Partial<RequestOptions> = {},
		eventId?: number,
	): Promise<IDataObject[]> {
		const [type, id] = scope.split('/');
		const values = toPathValues({
			agent_type: type,
			agent_id: id,
			extension_id: id,
			id: eventId,
			event_id: eventId,
		});
		const resource = isExtensionScope(scope) ? { label: EXTENSION, id } : undefined;
		return await this.limiter.run(
			async () =>
				await this.pbx.records(operation, values, { ...options, resource, secrets: this.secrets }),
		);
	}
}

function operationsOf(scope: Scope) {
	if (scope === ALL_PHONES) return phoneEvent.operations;
	return isExtensionScope(scope) ? extensionEvent.operations : agentEvent.operations;
}

/** The response, or undefined where the PBX responds with one of these statuses. */
async function orRefused<T>(request: Promise<T>, statuses: number[]): Promise<T | undefined> {
	return await request.catch(async (error: unknown) => {
		const isRefused =
			error instanceof RequestError && statuses.some((status) => error.hasStatus(status));
		return isRefused ? undefined : await Promise.reject(error as Error);
	});
}
