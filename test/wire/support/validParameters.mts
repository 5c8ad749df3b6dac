/** Parameters of the node with a valid value in every input of an operation. */
import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';

import type { ApiOperation, Contract } from '../../../sandbox/http/contract.mts';
import type { Sandbox } from '../../../sandbox/index.mts';
import { Client } from '../../sandbox/support/client.mts';
import { Requests } from '../../sandbox/support/requests.mts';
import { listEndpoints } from './endpoints.mts';
import type { BuiltNode, NodeOperation } from './node.mts';
import { fillIn } from './requests.mts';

/** @param client the PBX client in the node's settings */
export async function validParameters(
	node: BuiltNode,
	contract: Contract,
	sandbox: Sandbox,
	nodeOperation: NodeOperation,
	client?: string,
): Promise<INodeParameters> {
	const endpoint = listEndpoints().find(
		({ method, path }) => method === nodeOperation.method && path === nodeOperation.path,
	);
	const operation = contract.byId.get(endpoint?.id ?? '') as ApiOperation;
	const requests = new Requests(contract, sandbox, new Client(sandbox.url), 'all');
	const [body] = operation.body ? fc.sample(requests.body(operation), 1) : [];
	const call = { ...(await requests.valid(operation, body ?? {})), body };
	return fillIn(node, nodeOperation, operation, call, client).parameters;
}
