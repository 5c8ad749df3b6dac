/** The lists of resource locators and of fields with several choices. */
import type {
	INode,
	INodeListSearchResult,
	INodeParameters,
	INodePropertyOptions,
} from 'n8n-workflow';

import { additionalData, node, workflowOf, type Parts } from './workflow.mts';

export interface ListSearchOptions {
	/** Name of the node in the package. */
	node: string;
	/** Parameters that are set so far. */
	parameters?: INodeParameters;
	/** Text that the user typed. */
	filter?: string;
	/** Token from the previous page. */
	paginationToken?: string;
	/** Path of the parameter whose list is opened. */
	path?: string;
}

/** Calls one of the node's `methods.listSearch`, as the editor does for a node that was not run. */
export async function listSearch(
	parts: Parts,
	method: string,
	options: ListSearchOptions,
	credentials: INode['credentials'],
): Promise<INodeListSearchResult> {
	const { type, context, workflow } = editorContext(parts, options, credentials);
	const search = type.methods?.listSearch?.[method];
	if (!search) throw new Error(`The node has no list search "${method}"`);
	const result = await workflow.expression.withIsolate(
		async () => await search.call(context, options.filter, options.paginationToken),
	);
	const { paginationToken: next } = result;
	return next === undefined ? result : { ...result, paginationToken: String(next) };
}

/** Calls one of the node's `methods.loadOptions`, in the same way. */
export async function loadOptions(
	parts: Parts,
	method: string,
	options: ListSearchOptions,
	credentials: INode['credentials'],
): Promise<INodePropertyOptions[]> {
	const { type, context, workflow } = editorContext(parts, options, credentials);
	const load = type.methods?.loadOptions?.[method];
	if (!load) throw new Error(`The node has no options "${method}"`);
	return await workflow.expression.withIsolate(async () => await load.call(context));
}

function editorContext(
	parts: Parts,
	{ node: type, parameters = {}, path = '' }: ListSearchOptions,
	credentials: INode['credentials'],
) {
	const temp = node(parts, 'Temp-Node', type, {
		parameters: structuredClone(parameters),
		credentials,
	});
	const workflow = workflowOf(parts, [temp]);
	const context = new parts.n8n.core.LoadOptionsContext(
		workflow,
		workflow.nodes[temp.name],
		additionalData(parts, { currentNodeParameters: structuredClone(parameters) }),
		path,
	);
	return { type: parts.nodeTypes.getByNameAndVersion(temp.type), context, workflow };
}
