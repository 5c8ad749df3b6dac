/** From a request that the contract allows to parameters of the node that should send exactly this request. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { API_ROOT, type ApiOperation, type Schema } from '../../../sandbox/http/contract.mts';
import type { JournalEntry } from '../../../sandbox/http/journal.mts';
import type { Call } from '../../sandbox/support/client.mts';
import { enterValue } from './controls.mts';
import { fillPath, placeholders } from './endpoints.mts';
import type { BuiltNode, Input, NodeOperation } from './node.mts';

/** A request on the wire, in a form that can be compared. */
export interface WireRequest {
	method: string;
	/** As sent: encoded, with the root of the API. */
	path: string;
	/** Every value is a list, because in a query one value is the same as a list of one. */
	query: Record<string, string[]>;
	body: unknown;
}

/** Parameters of the node, and the request that they should send. */
export interface FilledNode {
	parameters: INodeParameters;
	request: WireRequest;
}

/** Query parameters that the node sets by Return All and Limit, if it has no inputs for them. */
export const PAGING = ['page', 'per_page'];

export const LIMIT = 3;

/**
 * Fills in the node for a request.
 *
 * @param call the parameters to send, named as in the contract
 * @param client the PBX client; without one, that of the credential
 * @throws Error if the node has no input for a parameter
 */
export function fillIn(
	node: BuiltNode,
	nodeOperation: NodeOperation,
	operation: ApiOperation,
	call: Call,
	client?: string,
): FilledNode {
	const parameters = node.baseParameters(nodeOperation);
	if (client) parameters.client = client;
	const params: Record<string, unknown> = { client_id: client ?? '@me', ...call.params };
	for (const name of placeholders(operation.path)) {
		if (name === 'client_id') continue;
		const input = node.pathInput(nodeOperation, name);
		if (!input) throw new Error(`The node has no input for {${name}}`);
		parameters[input.name] = enterValue(input, {}, params[name]).stored as string;
	}
	const inputs = node.inputs(nodeOperation);
	const paging = isPaged(node, nodeOperation, operation);
	const querySchemas = Object.fromEntries(
		operation.query.map(({ name, schema }) => [name, schema]),
	);
	const queryValues = Object.entries(call.query ?? {}).filter(
		([name]) => !(paging && isPaging(name)),
	);
	const query = enterValues(parameters, inputs.query, querySchemas, queryValues);
	const bodySchemas = operation.body?.schema.properties ?? {};
	const body = enterValues(
		parameters,
		inputs.body,
		bodySchemas,
		Object.entries(call.body ?? {}),
		!client,
	);
	if (operation.body?.mediaType === 'multipart/form-data') {
		const file = inputs.body.find(({ name }) => name === 'file');
		if (!file) throw new Error('The node has no input for the file');
		setParameter(parameters, file.path, 'data');
	}
	const hasLimit = node.shownInputs(nodeOperation).some(({ name }) => name === 'limit');
	if (hasLimit && client) parameters.limit = LIMIT;
	const pages = { page: 1, per_page: client ? LIMIT : 50 };
	return {
		parameters,
		request: {
			method: operation.method,
			path: API_ROOT + fillPath(operation.path, params),
			query: queryOnWire({ ...query, ...(paging && pages) }),
			body: operation.body && body,
		},
	};
}

/** Whether the node requests the pages of the list itself. */
export function isPaged(
	node: BuiltNode,
	nodeOperation: NodeOperation,
	{ query }: ApiOperation,
): boolean {
	const hasInputs = node.inputs(nodeOperation).query.some(({ name }) => isPaging(name));
	return !hasInputs && PAGING.every((name) => query.some((parameter) => parameter.name === name));
}

const isPaging = (name: string) => PAGING.includes(name);

/** A request that reached the PBX, in the form that is compared: without the file of an upload. */
export const toWireRequest = ({ method, path, query, body }: JournalEntry): WireRequest => ({
	method,
	path,
	query: queryOnWire(query),
	body: withoutFile(body),
});

function withoutFile(body: unknown): unknown {
	if (typeof body !== 'object' || body === null || !('file' in body)) return body;
	const { file, ...fields } = body;
	if (typeof file !== 'object') throw new Error('The field "file" is not a file');
	return fields;
}

const queryOnWire = (query: Record<string, unknown>) =>
	Object.fromEntries(
		Object.entries(query).map(([name, value]) => [name, [value].flat().map(String)]),
	);

/** Enters values in the inputs with their names, and returns the values that should be sent. */
function enterValues(
	parameters: INodeParameters,
	inputs: Input[],
	schemas: Record<string, Schema>,
	values: Array<[string, unknown]>,
	asJson?: boolean,
): Record<string, unknown> {
	const sent: Record<string, unknown> = {};
	for (const [name, value] of values) {
		const [input, ...others] = inputs.filter((candidate) => candidate.name === name);
		if (!input || others.length) throw new Error(`The node needs exactly one input for ${name}`);
		const entered = enterValue(input.property, schemas[name], value, asJson);
		setParameter(parameters, input.path, entered.stored);
		sent[name] = entered.sent;
	}
	return sent;
}

function setParameter(parameters: INodeParameters, [first, second]: string[], value: unknown) {
	if (second === undefined) parameters[first] = value as string;
	else parameters[first] = { ...(parameters[first] as INodeParameters), [second]: value as string };
}

/** Parameters that never are expressions. */
const STATIC_PARAMETERS = new Set([
	'authentication',
	'resource',
	'operation',
	'returnAll',
	'limit',
]);

/**
 * Merges parameters for several items: every value becomes an expression that reads it from the item.
 *
 * @param staticNames parameters that do not become expressions
 */
export function mergeAsExpressions(sets: INodeParameters[], staticNames: string[]) {
	const json: IDataObject[] = sets.map(() => ({}));
	let count = 0;
	const merge = (values: unknown[]): unknown => {
		const [first] = values;
		if (typeof first !== 'object' || first === null) {
			const key = `v${count++}`;
			values.forEach((value, item) => (json[item][key] = value as string));
			return `={{ $json.${key} }}`;
		}
		if (Array.isArray(first)) {
			return first.map((_, index) => merge(values.map((list) => (list as unknown[])[index])));
		}
		return Object.fromEntries(
			Object.keys(first).map((key) => [
				key,
				key === '__rl' || key === 'mode'
					? (first as IDataObject)[key]
					: merge(values.map((value) => (value as IDataObject)[key])),
			]),
		);
	};
	const parameters = Object.fromEntries(
		Object.keys(sets[0]).map((name) => [
			name,
			STATIC_PARAMETERS.has(name) || staticNames.includes(name)
				? sets[0][name]
				: merge(sets.map((set) => set[name])),
		]),
	) as INodeParameters;
	return { parameters, json };
}
