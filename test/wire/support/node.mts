/**
 * The node as n8n sees it: its built description, and which inputs n8n shows for it. The source of the
 * node is not used here.
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

/** An operation of the node, with the choices (`agentType`) that determine its endpoint. */
export interface NodeOperation {
	resource: string;
	operation: string;
	method: string;
	/** As in the description, with the placeholders of choices. */
	url: string;
	choices: Record<string, string>;
	/** As the contract has it: with choices instead of their placeholders. */
	path: string;
}

/** An operation as the description declares it; choices are optional. */
type DeclaredOperation = Omit<NodeOperation, 'choices' | 'path'> & Partial<NodeOperation>;

/** An input for one parameter of the request. */
export interface Input {
	/** Name on the wire. */
	name: string;
	/** Path of its value in the node's parameters. */
	path: string[];
	property: INodeProperties;
}

export interface Inputs {
	query: Input[];
	body: Input[];
}

/** Operations that are shortcuts for an endpoint which another operation covers with all its parameters. */
export const SHORTCUTS = [
	'taskScheduler.callAndWait',
	'extension.getDevices',
	'taskScheduler.getProgress',
	'taskScheduler.switchOff',
	'taskScheduler.switchOn',
];

export class BuiltNode {
	private readonly declared: DeclaredOperation[];
	private all: NodeOperation[] | undefined;

	constructor(
		private readonly n8n: N8n,
		readonly description: INodeTypeDescription,
	) {
		this.declared = description.properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ displayOptions, options = [] }) =>
				(options as INodePropertyOptions[])
					// Without a request: an operation that responds to a request of the PBX.
					.filter(({ routing }) => routing?.request)
					.map(({ value, routing }) => ({
						resource: String(displayOptions?.show?.resource?.[0]),
						operation: String(value),
						method: String(routing?.request?.method),
						url: String(routing?.request?.url),
					})),
			)
			.filter(({ resource, operation }) => !SHORTCUTS.includes(`${resource}.${operation}`));
	}

	/** Every operation with every combination of its choices. */
	operations(): NodeOperation[] {
		this.all ??= this.declared.flatMap((declared) => {
			let operations = [{ ...declared, choices: {} as Record<string, string> }];
			for (const input of this.choicesOf(declared)) {
				operations = operations.flatMap((operation) =>
					(input.options as INodePropertyOptions[]).map(({ value }) => ({
						...operation,
						choices: { ...operation.choices, [input.name]: String(value) },
					})),
				);
			}
			return operations.map((operation) => ({ ...operation, path: this.pathOf(operation) }));
		});
		return this.all;
	}

	/** The operations with the endpoint's method and path. There should be one. */
	operationsFor(endpoint: Endpoint): NodeOperation[] {
		return this.operations().filter(
			({ method, path }) => method === endpoint.method && path === endpoint.path,
		);
	}

	private pathOf(operation: Omit<NodeOperation, 'path'>): string {
		return operation.url.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
			const input = this.pathInput(operation, name);
			return (input && operation.choices[input.name]) ?? placeholder;
		});
	}

	/** The input for a placeholder. It has the same name, with the resource before it if that is unclear alone. */
	pathInput(operation: DeclaredOperation, placeholder: string): INodeProperties | undefined {
		const names = [camelCase(placeholder), camelCase(`${operation.resource}_${placeholder}`)];
		return this.shownInputs(operation).find(({ name }) => names.includes(name));
	}

	/** The inputs of an operation for parameters of the request. */
	inputs(operation: NodeOperation): Inputs {
		const inputs: Inputs = { query: [], body: [] };
		const add = (property: INodeProperties, path: string[]) => {
			const send = property.routing?.send;
			if (!send?.property) return;
			inputs[send.type ?? 'body'].push({ name: send.property, path, property });
		};
		for (const property of this.shownInputs(operation)) {
			add(property, [property.name]);
			if (property.type !== 'collection') continue;
			for (const member of property.options as INodeProperties[]) {
				if (this.isShown(operation, member)) add(member, [property.name, member.name]);
			}
		}
		return inputs;
	}

	/** Top-level inputs that the editor shows for an operation. */
	shownInputs(operation: DeclaredOperation): INodeProperties[] {
		return this.description.properties.filter((property) => this.isShown(operation, property));
	}

	/** The parameters that select the operation. */
	baseParameters({ resource, operation, choices = {} }: DeclaredOperation) {
		return {
			authentication: 'accessToken',
			resource,
			operation,
			...choices,
			returnAll: false,
		} as INodeParameters;
	}

	private isShown(operation: DeclaredOperation, property: INodeProperties) {
		const values = this.baseParameters(operation);
		return this.n8n.workflow.NodeHelpers.displayParameter(
			values,
			property,
			{ typeVersion: 1 },
			this.description,
			values,
		);
	}

	private choicesOf(operation: DeclaredOperation): INodeProperties[] {
		return placeholders(operation.url)
			.map((name) => this.pathInput(operation, name))
			.filter((input) => input?.type === 'options') as INodeProperties[];
	}
}

/** `agent_type` → `agentType`. */
export const camelCase = (name: string) =>
	name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The variants of rows of a fixed collection, without the one for JSON. */
export const variantsOf = ({ options = [] }: INodeProperties) =>
	(options as INodePropertyCollection[]).filter(({ name }) => name !== 'json');
