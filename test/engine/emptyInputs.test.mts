/**
 * What is set has a value. For every input of the built description that narrows, protects or addresses:
 * an expression that gives no usable value is an error of its item, and nothing is sent for it.
 */
import type { IDataObject, INodeParameters, INodeProperties } from 'n8n-workflow';

import { loadContract, type Contract } from '../../sandbox/http/contract.mts';
import { setupFixture } from '../harness/fixture.mts';
import { listEndpoints } from '../wire/support/endpoints.mts';
import { BuiltNode, type Input, type NodeOperation } from '../wire/support/node.mts';
import { validParameters } from '../wire/support/validParameters.mts';

/** What columns, forms and models give where there is no value. */
const EMPTY: Array<[string, unknown]> = [
	['undefined', undefined],
	['null', null],
	['empty text', ''],
	['blanks', ' \t\u00a0'],
	['invisible characters', '\ufeff\u200b'],
	['an empty list', []],
	['a list with empty text', ['']],
	['a list of lists without values', [[], [null]]],
	['an empty object', {}],
];

/** Their values are not known in a request that limits what it covers. */
const NARROWS_IN_BODY = new Set([
	'recording.createArchive.extension_id',
	'callCenterReport.create.queue_id',
]);

/** `addTasks` and `callAndWait` read their inputs themselves and have tests of their own. */
const endpoints = listEndpoints().filter(({ id }) => id !== 'addTasks');

const fixture = setupFixture();
let node: BuiltNode;
let contract: Contract;
beforeAll(async () => {
	contract = await loadContract();
	node = new BuiltNode(fixture.engine.n8n, fixture.engine.description('ringMe'));
});

/** The operation of an endpoint, with valid values of all its inputs. */
async function filledIn(endpoint: (typeof endpoints)[number]) {
	const [nodeOperation] = node.operationsFor(endpoint);
	const parameters = await validParameters(node, contract, fixture.sandbox, nodeOperation, '4321');
	return { nodeOperation, parameters };
}

/** Replaces the value of an input with an expression. */
function withExpression(
	parameters: INodeParameters,
	[first, second]: string[],
	{ type, typeOptions }: Pick<INodeProperties, 'type' | 'typeOptions'>,
): INodeParameters {
	const expression = '={{ $json.value }}';
	const value = (
		type === 'resourceLocator'
			? { __rl: true, mode: 'id', value: expression }
			: typeOptions?.multipleValues && type === 'string'
				? [expression]
				: expression
	) as INodeParameters;
	if (second === undefined) return { ...parameters, [first]: value };
	return { ...parameters, [first]: { ...(parameters[first] as INodeParameters), [second]: value } };
}

/** The inputs of an operation that narrow, protect or address. */
function guardedInputs(operation: NodeOperation): Input[] {
	const { query, body } = node.inputs(operation);
	const required = body.filter(({ path }) => path.length === 1);
	const narrowing = body.filter(({ name, path }) => {
		const key = `${operation.resource}.${operation.operation}.${name}`;
		return path.length > 1 && NARROWS_IN_BODY.has(key);
	});
	const path = node
		.shownInputs(operation)
		.filter(({ name }) => operation.url.includes('{') && isPathInput(operation, name))
		.map((property) => ({ name: property.name, path: [property.name], property }));
	const client = node
		.shownInputs(operation)
		.filter(({ name }) => name === 'client')
		.map((property) => ({ name: 'client', path: ['client'], property }));
	return [...query, ...required, ...narrowing, ...path, ...client].filter(
		// An empty collection of rows is that of the editor; rows have a test of their own.
		({ property }) => property.type !== 'fixedCollection',
	);
}

const isPathInput = (operation: NodeOperation, name: string) =>
	[...operation.url.matchAll(/\{(\w+)\}/g)].some(
		([, placeholder]) => node.pathInput(operation, placeholder)?.name === name,
	);

describe.each(endpoints)('$method $path', (endpoint) => {
	it(`sends nothing to ${endpoint.method} ${endpoint.path} for an input that is set and has no usable value`, async () => {
		const { nodeOperation, parameters } = await filledIn(endpoint);
		for (const input of guardedInputs(nodeOperation)) {
			const changed = withExpression(parameters, input.path, input.property);
			fixture.sandbox.journal.clear();
			const { items } = await fixture.run(changed, {
				json: EMPTY.map(([, value]) => ({ value }) as IDataObject),
				onError: 'continueRegularOutput',
			});
			const sent = fixture.sandbox.journal
				.all()
				.map(({ method, path, query }) => ({ method, path, query }));
			expect({ input: input.path.join('.'), sent }).toEqual({
				input: input.path.join('.'),
				sent: [],
			});
			expect(items.map(({ json }) => typeof json.error)).toEqual(EMPTY.map(() => 'string'));
		}
	});
});
