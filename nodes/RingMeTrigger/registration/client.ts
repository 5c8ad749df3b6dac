import type { IDataObject, IHookFunctions, ILoadOptionsFunctions } from 'n8n-workflow';

import { invalidResponseError, RequestError } from '../../shared/errors/requestError';
import { ValidationError } from '../../shared/errors/validationError';
import type { Operation } from '../../shared/schema/operation';
import { PbxClient, type RequestOptions } from '../../shared/transport/client';
import { ConcurrencyLimiter } from '../../shared/transport/concurrencyLimiter';
import { agent } from '../../RingMe/resources/agent';
import { agentEvent } from '../../RingMe/resources/agentEvent';
import { client } from '../../RingMe/resources/client';
import { phoneEvent } from '../../RingMe/resources/phoneEvent';

/** What a webhook is registered for: all extensions of the client (`phones`), or an agent (`local/12`). */
export type Scope = string;
export const ALL_PHONES: Scope = 'phones';

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

/** `local/12` → `local agent 12`. */
export const formatScope = (scope: Scope) =>
	scope === ALL_PHONES ? 'all phones' : scope.replace('/', ' agent ');

/** The trigger's requests, at most five at a time. They throw RequestError. */
export class RegistrationClient {
	private readonly limiter = new ConcurrencyLimiter(MAX_REQUESTS_IN_FLIGHT);

	/** @param secrets values that no error message may contain, besides those of the credential */
	private constructor(
		private readonly pbx: PbxClient,
		private readonly secrets: string[],
	) {}

	static async create(context: IHookFunctions | ILoadOptionsFunctions, secrets: string[] = []) {
		const { client: pbxClient } = context.getNodeParameter('options', {}) as { client?: string };
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

	/** The webhooks of a scope, whoever created them; none for an agent that no longer exists. */
	async list(scope: Scope): Promise<Registration[]> {
		const request = this.send(operationsOf(scope).getMany, scope);
		const records = (await (scope === ALL_PHONES ? request : orNotFound(request))) ?? [];
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
		const records = await (scope === ALL_PHONES ? request : orNotFound(request));
		if (!records) {
			throw new ValidationError(
				`The PBX has no ${formatScope(scope)}`,
				"It may have been deleted. Remove it from 'Agents'.",
			);
		}
		const [{ id }] = records;
		if (typeof id !== 'number') throw invalidResponseError(create.method, records);
		return { ...webhook, id };
	}

	/** Deletes a webhook by its ID. One that no longer exists is fine. */
	async delete({ scope, id }: Registration): Promise<void> {
		await orNotFound(this.send(operationsOf(scope).delete, scope, {}, id));
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
		id?: number,
	): Promise<IDataObject[]> {
		const [agent_type, agent_id] = scope.split('/');
		const values: Record<string, unknown> = { agent_type, agent_id, id, event_id: id };
		const toValue = (placeholder: string) => ({ label: placeholder, value: values[placeholder] });
		return await this.limiter.run(
			async () => await this.pbx.records(operation, toValue, { ...options, secrets: this.secrets }),
		);
	}
}

const operationsOf = (scope: Scope) =>
	scope === ALL_PHONES ? phoneEvent.operations : agentEvent.operations;

/** The response, or undefined where the PBX has no such record. */
async function orNotFound<T>(request: Promise<T>): Promise<T | undefined> {
	return await request.catch(async (error: unknown) => {
		const isNotFound = error instanceof RequestError && error.hasStatus(404);
		return isNotFound ? undefined : await Promise.reject(error as Error);
	});
}
