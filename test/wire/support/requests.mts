/** From a request that the contract allows to a run of the node that should send exactly it. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { API_ROOT, type ApiOperation, type Schema } from '../../../sandbox/http/contract.mts';
import type { JournalEntry } from '../../../sandbox/http/journal.mts';
import type { Call } from '../../sandbox/support/client.mts';
import { enter } from './controls.mts';
import { fillPath, placeholders } from './endpoints.mts';
import type { BuiltNode, Input, Place } from './node.mts';

/** What goes over the wire, in a form that can be compared. */
export interface Wire {
	method: string;
	/** As sent: encoded, with the API's root. */
	path: string;
	/** Every value is a list, as a query cannot tell one value from a list of one. */
	query: Record<string, string[]>;
	body: unknown;
}

/** The parameters of the node, and what they should send. */
export interface Filled {
	parameters: INodeParameters;
	wire: Wire;
}

/** Query parameters that the node fills from Return All and Limit, if it offers no inputs for them. */
export const PAGING = ['page', 'per_page'];

export const LIMIT = 3;

/**
 * Fills in the node for a request.
 *
 * @param call what is to be sent, as the contract names it
 * @param client the PBX client to work with; without one the credential's
 * @throws Error where the node has no input for a parameter
 */
export function fillIn(
	node: BuiltNode,
	place: Place,
	operation: ApiOperation,
	call: Call,
	client?: string,
): Filled {
	const parameters = node.base(place);
	if (client) parameters.options = { client };
	const params: Record<string, unknown> = { client_id: client ?? '@me', ...call.params };
	for (const name of placeholders(operation.path)) {
		if (name === 'client_id') continue;
		const input = node.pathInput(place, name);
		if (!input) throw new Error(`nothing fills {${name}}`);
		parameters[input.name] = enter(input, {}, params[name]).stored as string;
	}
	const inputs = node.inputs(place);
	const paging = isPaged(node, place, operation);
	const queryOf = Object.fromEntries(operation.query.map(({ name, schema }) => [name, schema]));
	const asked = Object.entries(call.query ?? {}).filter(([name]) => !(paging && isPaging(name)));
	const query = set(parameters, inputs.query, queryOf, asked);
	const bodyOf = operation.body?.schema.properties ?? {};
	const body = set(parameters, inputs.body, bodyOf, Object.entries(call.body ?? {}), !client);
	if (operation.body?.mediaType === 'multipart/form-data') {
		const file = inputs.body.find(({ name }) => name === 'file');
		if (!file) throw new Error('nothing gives the file');
		put(parameters, file.at, 'data');
	}
	const limit = node.shown(place).some(({ name }) => name === 'limit');
	if (limit && client) parameters.limit = LIMIT;
	const pages = { page: 1, per_page: client ? LIMIT : 50 };
	return {
		parameters,
		wire: {
			method: operation.method,
			path: API_ROOT + fillPath(operation.path, params),
			query: queryOnWire({ ...query, ...(paging && pages) }),
			body: operation.body && body,
		},
	};
}

/** Whether the node pages through the list on its own. */
export function isPaged(node: BuiltNode, place: Place, { query }: ApiOperation): boolean {
	const offered = node.inputs(place).query.some(({ name }) => isPaging(name));
	return !offered && PAGING.every((name) => query.some((parameter) => parameter.name === name));
}

const isPaging = (name: string) => PAGING.includes(name);

/** What reached the PBX, as it is compared. Of a file only that it is one. */
export const onWire = ({ method, path, query, body }: JournalEntry): Wire => ({
	method,
	path,
	query: queryOnWire(query),
	body: withoutFile(body),
});

function withoutFile(body: unknown): unknown {
	if (typeof body !== 'object' || body === null || !('file' in body)) return body;
	const { file, ...fields } = body;
	if (typeof file !== 'object') throw new Error('the file is not a file');
	return fields;
}

const queryOnWire = (query: Record<string, unknown>) =>
	Object.fromEntries(
		Object.entries(query).map(([name, value]) => [name, [value].flat().map(String)]),
	);

/** Enters values into the inputs of their names, and gives what should go out. */
function set(
	parameters: INodeParameters,
	inputs: Input[],
	schemas: Record<string, Schema>,
	values: Array<[string, unknown]>,
	asJson?: boolean,
): Record<string, unknown> {
	const sent: Record<string, unknown> = {};
	for (const [name, value] of values) {
		const found = inputs.filter((input) => input.name === name);
		if (found.length !== 1) throw new Error(`${found.length} inputs for ${name}`);
		const entered = enter(found[0].property, schemas[name], value, asJson);
		put(parameters, found[0].at, entered.stored);
		sent[name] = entered.sent;
	}
	return sent;
}

function put(parameters: INodeParameters, [first, second]: string[], value: unknown) {
	if (second === undefined) parameters[first] = value as string;
	else parameters[first] = { ...(parameters[first] as INodeParameters), [second]: value as string };
}

const FIXED = new Set(['authentication', 'resource', 'operation', 'returnAll', 'limit']);

/**
 * One set of parameters for several items: every value is an expression that reads it from the item.
 *
 * @param fixed parameters that are not filled by expressions
 */
export function fromItems(sets: INodeParameters[], fixed: string[]) {
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
					: merge(values.map((each) => (each as IDataObject)[key])),
			]),
		);
	};
	const parameters = Object.fromEntries(
		Object.keys(sets[0]).map((name) => [
			name,
			FIXED.has(name) || fixed.includes(name)
				? sets[0][name]
				: merge(sets.map((each) => each[name])),
		]),
	) as INodeParameters;
	return { parameters, json };
}
