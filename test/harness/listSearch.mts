/** The lists of resource locators. */
import type { INode, INodeListSearchResult, INodeParameters } from 'n8n-workflow';

import { additionalData, node, workflowOf, type Parts } from './workflow.mts';

export interface ListSearchOptions {
	/** The node's name in the package. */
	node: string;
	/** What is set in the node so far. */
	parameters?: INodeParameters;
	/** What the user typed. */
	filter?: string;
	/** From the page before. */
	paginationToken?: string;
	/** Path of the parameter whose list is opened. */
	path?: string;
}

/** Calls one of the node's `methods.listSearch`, as the editor does for a node that was not run. */
export async function listSearch(
	parts: Parts,
	method: string,
	{ node: type, parameters = {}, filter, paginationToken, path = '' }: ListSearchOptions,
	credentials: INode['credentials'],
): Promise<INodeListSearchResult> {
	const temp = node(parts, 'Temp-Node', type, {
		parameters: structuredClone(parameters),
		credentials,
	});
	const search = parts.nodeTypes.getByNameAndVersion(temp.type).methods?.listSearch?.[method];
	if (!search) throw new Error(`The node has no list search "${method}"`);
	const workflow = workflowOf(parts, [temp]);
	const context = new parts.n8n.core.LoadOptionsContext(
		workflow,
		workflow.nodes[temp.name],
		additionalData(parts, { currentNodeParameters: structuredClone(parameters) }),
		path,
	);
	const result = await workflow.expression.withIsolate(
		async () => await search.call(context, filter, paginationToken),
	);
	const { paginationToken: next } = result;
	return next === undefined ? result : { ...result, paginationToken: String(next) };
}
