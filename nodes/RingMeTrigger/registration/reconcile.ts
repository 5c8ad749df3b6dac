import type { IHookFunctions } from 'n8n-workflow';

import { ValidationError } from '../../shared/parameters/serialize';
import { EVENT, SECRET } from '../webhook/parsePayload';
import { EVENTS, isAgentEvent, isSelectable } from '../events';
import { PHONES, placeName, type Pbx, type Place, type Registration, type Wanted } from './client';

/** What n8n keeps for the node between its calls, also while the workflow is off. */
export interface Kept {
	/**
	 * Made once and not changed afterwards: n8n saves it only after the registrations are made, so with
	 * a new one at each activation the deliveries in between would be refused.
	 */
	secret?: string;
	registered?: Registration[];
	/** The n8n that made them. A workflow can be carried to another one with all that is kept for it. */
	instance?: string;
}

/** What should be registered, what is, and the difference. */
export interface Survey {
	wanted: Wanted[];
	/** All that is registered where we looked, by whomever. */
	found: Registration[];
	/**
	 * What carries this node's address, whatever its secret, and what we made under an earlier address
	 * and still carries that. All else belongs to other programs.
	 */
	ours: Registration[];
	/** Ours that are exactly as wanted, one for each. */
	kept: Registration[];
	/** Ours that are not. */
	surplus: Registration[];
	missing: Wanted[];
}

/** Looks at the PBX: at all phones, at the agents of this node, and wherever it had registered before. */
export async function survey(hook: IHookFunctions, pbx: Pbx, state: Kept): Promise<Survey> {
	const address = addressOf(hook);
	const { secret = '' } = state;
	const registered = registeredHere(hook, state);
	const wanted = await wantedBy(hook, pbx, (event) => {
		return `${address}?${EVENT}=${event}&${SECRET}=${secret}`;
	});
	const places = new Set([PHONES, ...[...wanted, ...registered].map(({ place }) => place)]);
	const found = (await Promise.all([...places].map(pbx.registrations))).flat();
	const ours = found.filter(
		(each) =>
			each.url.split('?')[0] === address ||
			registered.some((known) => same(known, each, ['id', 'place', 'url'])),
	);
	const match = (one: Wanted) =>
		ours.find((each) => same<Wanted>(each, one, ['place', 'event', 'url', 'method']));
	const kept = wanted.flatMap((one) => match(one) ?? []);
	return {
		wanted,
		found,
		ours,
		kept,
		surplus: ours.filter((each) => !kept.includes(each)),
		missing: wanted.filter((one) => !match(one)),
	};
}

const same = <T>(one: T, other: T, keys: Array<keyof T>) =>
	keys.every((key) => one[key] === other[key]);

/** What this n8n knows to have registered; not what another one did, which still lives there. */
export const registeredHere = (hook: IHookFunctions, { registered = [], instance }: Kept) =>
	instance === hook.getInstanceId() ? registered : [];

/** Where the PBX is to call: n8n's test address while a test event is awaited, else the real one. */
export function addressOf(hook: IHookFunctions): string {
	const address = hook.getNodeWebhookUrl('default');
	if (!address) throw new ValidationError('n8n has no webhook address for this node');
	return address;
}

async function wantedBy(hook: IHookFunctions, pbx: Pbx, urlFor: (event: string) => string) {
	const events = [...new Set(hook.getNodeParameter('events', []) as string[])];
	const wrong = events.find((event) => !isSelectable(event));
	if (wrong !== undefined) throw new ValidationError(`There is no event "${wrong}"`);
	const agents = events.some(isAgentEvent) ? await agentsOf(hook, pbx) : [];
	return events.flatMap((event): Wanted[] => {
		const places = isAgentEvent(event) ? agents : [PHONES];
		return places.map((place) => ({ place, event, url: urlFor(event), method: 'POST' }));
	});
}

async function agentsOf(hook: IHookFunctions, pbx: Pbx): Promise<Place[]> {
	if (hook.getNodeParameter('agentScope', 'all') === 'all') {
		return (await pbx.agents()).map(({ place }) => place);
	}
	const agents = [...new Set(hook.getNodeParameter('agents', []) as string[])];
	const wrong = agents.find((agent) => !/^(local|remote)\/\d+$/.test(agent));
	if (wrong === undefined) return agents;
	throw new ValidationError(
		`There is no agent "${wrong}"`,
		'An expression must give IDs like local/12 or remote/7.',
	);
}

/** Registrations as a person would look for them on the PBX. */
export const named = (registrations: Array<Wanted & { id?: number }>) =>
	registrations
		.map(({ event, place, id }) => {
			const name = EVENTS.find(({ value }) => value === event)?.name ?? event;
			return `${name} of ${placeName(place)}${id === undefined ? '' : ` (ID ${id})`}`;
		})
		.join(', ');
