/**
 * The node as n8n sees it: its built description, asked in n8n's own way which inputs are shown. Nothing of
 * the node's source is read here.
 */
import type {
	INodeParameters,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodeTypeDescription,
} from 'n8n-workflow';

import type { N8n } from '../../harness/n8n.mts';
import { placeholders, type Endpoint } from './endpoints.mts';

/** One operation of the node, with the choices (`agentType`) that fix which endpoint it is. */
export interface Place {
	resource: string;
	operation: string;
	method: string;
	/** As in the description, with the placeholders of choices. */
	url: string;
	choices: Record<string, string>;
}

/** An input that fills one parameter of the request. */
export interface Input {
	/** Name on the wire. */
	name: string;
	/** Where its value is stored among the node's parameters. */
	at: string[];
	property: INodeProperties;
}

export interface Inputs {
	query: Input[];
	body: Input[];
}

export class BuiltNode {
	private readonly operations: Array<Omit<Place, 'choices'>>;
	private all: Place[] | undefined;

	constructor(
		private readonly n8n: N8n,
		readonly description: INodeTypeDescription,
	) {
		this.operations = description.properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ displayOptions, options = [] }) =>
				(options as INodePropertyOptions[]).map(({ value, routing }) => ({
					resource: String(displayOptions?.show?.resource?.[0]),
					operation: String(value),
					method: String(routing?.request?.method),
					url: String(routing?.request?.url),
				})),
			);
	}

	/** Every operation with every combination of its choices. */
	places(): Place[] {
		this.all ??= this.operations.flatMap((each) => {
			let found: Place[] = [{ ...each, choices: {} }];
			for (const input of this.choicesOf(each)) {
				found = found.flatMap((place) =>
					(input.options as INodePropertyOptions[]).map(({ value }) => ({
						...place,
						choices: { ...place.choices, [input.name]: String(value) },
					})),
				);
			}
			return found;
		});
		return this.all;
	}

	/** The places that send the endpoint's method and path. There should be one. */
	find(endpoint: Endpoint): Place[] {
		return this.places().filter(
			(place) => place.method === endpoint.method && this.pathOf(place) === endpoint.path,
		);
	}

	/** The path of a place as the contract would write it: choices stand as words. */
	pathOf(place: Place): string {
		return place.url.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
			const input = this.pathInput(place, name);
			return (input && place.choices[input.name]) ?? placeholder;
		});
	}

	/** The input that fills a placeholder. It bears its name, where that says enough alone. */
	pathInput(place: Omit<Place, 'choices'>, placeholder: string): INodeProperties | undefined {
		const names = [camel(placeholder), camel(`${place.resource}_${placeholder}`)];
		return this.shown(place).find(({ name }) => names.includes(name));
	}

	/** The inputs of a place that fill parameters of the request. */
	inputs(place: Place): Inputs {
		const inputs: Inputs = { query: [], body: [] };
		const add = (property: INodeProperties, at: string[]) => {
			const send = property.routing?.send;
			if (!send?.property) return;
			inputs[send.type ?? 'body'].push({ name: send.property, at, property });
		};
		for (const property of this.shown(place)) {
			add(property, [property.name]);
			if (property.type !== 'collection') continue;
			for (const member of property.options as INodeProperties[]) {
				if (this.isShown(place, member)) add(member, [property.name, member.name]);
			}
		}
		return inputs;
	}

	/** Top-level inputs that the editor shows for a place. */
	shown(place: Omit<Place, 'choices'> & Partial<Place>): INodeProperties[] {
		return this.description.properties.filter((property) => this.isShown(place, property));
	}

	/** Parameters that say which endpoint it is. */
	base({ resource, operation, choices = {} }: Omit<Place, 'choices'> & Partial<Place>) {
		return {
			authentication: 'accessToken',
			resource,
			operation,
			...choices,
			returnAll: false,
		} as INodeParameters;
	}

	private isShown(place: Omit<Place, 'choices'> & Partial<Place>, property: INodeProperties) {
		const values = this.base(place);
		return this.n8n.workflow.NodeHelpers.displayParameter(
			values,
			property,
			{ typeVersion: 1 },
			this.description,
			values,
		);
	}

	private choicesOf(place: Omit<Place, 'choices'>): INodeProperties[] {
		return placeholders(place.url)
			.map((name) => this.pathInput(place, name))
			.filter((input) => input?.type === 'options') as INodeProperties[];
	}
}

/** `agent_type` → `agentType`. */
export const camel = (name: string) =>
	name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The kinds of rows that a fixed collection offers, without the one for JSON. */
export const formsOf = ({ options = [] }: INodeProperties) =>
	(options as INodePropertyCollection[]).filter(({ name }) => name !== 'json');
