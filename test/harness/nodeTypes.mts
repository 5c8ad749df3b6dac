/** The node types that a workflow can use: those of the package under test and those of the harness. */
import type { ExecuteContext, PackageDirectoryLoader } from 'n8n-core';
import type { INodeType, INodeTypes, IVersionedNodeType } from 'n8n-workflow';

import type { N8n } from './n8n.mts';

/**
 * Does what n8n does between a node's description and its execution: a declarative node gets an
 * `execute` that runs n8n-core's RoutingNode, and `<name>Tool` is the node as a tool of agents.
 */
export class NodeTypes implements INodeTypes {
	private readonly tools = new Map<INodeType, INodeType>();

	constructor(
		private readonly n8n: N8n,
		private readonly loader: PackageDirectoryLoader,
		private readonly others: Record<string, INodeType>,
	) {}

	/** `ringMe` and `n8n-nodes-ringme.ringMe` both name the node of the package under test. */
	fullName(name: string): string {
		return name.includes('.') ? name : `${this.loader.packageName}.${name}`;
	}

	getByName(name: string): INodeType | IVersionedNodeType {
		const full = this.fullName(name);
		if (full in this.others) return this.others[full];
		const [packageName, nodeName] = full.split('.');
		if (packageName !== this.loader.packageName) {
			throw new Error(`There is no node type "${name}" here: n8n's own nodes are not installed`);
		}
		return this.loader.getNode(nodeName).type;
	}

	getByNameAndVersion(name: string, version?: number): INodeType {
		const full = this.fullName(name);
		const asTool = full.endsWith('Tool') && !this.has(full);
		const type = this.n8n.workflow.NodeHelpers.getVersionedNodeType(
			this.getByName(asTool ? full.slice(0, -'Tool'.length) : full),
			version,
		);
		if (isDeclarative(type)) {
			const { RoutingNode } = this.n8n.core;
			type.execute = async function () {
				return (await new RoutingNode(this as unknown as ExecuteContext, type).runNode()) ?? [];
			};
		}
		return asTool ? this.asTool(type) : type;
	}

	/** The same types for an engine that ignores `customOperations`. */
	withoutCustomOperations(): INodeTypes {
		return {
			getByName: (name) => this.getByName(name),
			getByNameAndVersion: (name, version) =>
				Object.create(this.getByNameAndVersion(name, version), {
					customOperations: { value: undefined },
				}) as INodeType,
			getKnownTypes: () => this.getKnownTypes(),
		};
	}

	getKnownTypes() {
		return this.loader.known.nodes as object as ReturnType<INodeTypes['getKnownTypes']>;
	}

	private has(full: string): boolean {
		return full in this.others || full.split('.')[1] in this.loader.known.nodes;
	}

	/** The same node, connected to an agent instead of to other nodes. */
	private asTool(type: INodeType): INodeType {
		if (!type.description.usableAsTool) {
			throw new Error(`The node "${type.description.name}" is not usable as a tool`);
		}
		let tool = this.tools.get(type);
		if (!tool) {
			const description = {
				...type.description,
				name: `${type.description.name}Tool`,
				inputs: [],
				outputs: ['ai_tool' as const],
			};
			tool = Object.create(type, { description: { value: description } }) as INodeType;
			this.tools.set(type, tool);
		}
		return tool;
	}
}

/** Whether n8n runs the node by its description. A node with a webhook or methods needs `requestDefaults` for that. */
function isDeclarative(type: INodeType): boolean {
	if (type.execute || type.supplyData || type.poll || type.trigger) return false;
	return type.description.requestDefaults !== undefined || (!type.webhook && !type.methods);
}
