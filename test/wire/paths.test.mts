/**
 * No value can change the endpoint of a request. In every placeholder of every path, each of these values
 * is sent as one encoded segment, or rejected before anything is sent.
 */
import fc from 'fast-check';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import {
	API_ROOT,
	loadContract,
	type ApiOperation,
	type Contract,
} from '../../sandbox/http/contract.mts';
import { wavOf } from '../../sandbox/state/audio.mts';
import { setupFixture } from '../harness/fixture.mts';
import { Client } from '../sandbox/support/client.mts';
import { Requests } from '../sandbox/support/requests.mts';
import { listEndpoints, placeholders } from './support/endpoints.mts';
import { BuiltNode, type NodeOperation } from './support/node.mts';
import { fillIn } from './support/requests.mts';

/** Values that are sent as one encoded segment. */
const UNUSUAL = ['/', '1/../../did/', '?', '#', 'a b', 'Ж', '%2e%2e', '\\'];

/** Values that are rejected: as a segment they would name another path, or nothing. */
const INVALID = ['', '.', '..', '\ud800'];

const fixture = setupFixture();
let node: BuiltNode;
let contract: Contract;
beforeAll(async () => {
	contract = await loadContract();
	node = new BuiltNode(fixture.engine.n8n, fixture.engine.description('ringMe'));
});

const cases = listEndpoints().flatMap((endpoint) =>
	placeholders(endpoint.path).map((placeholder) => ({ ...endpoint, placeholder })),
);

it.each(cases)(
	'sends any value of {$placeholder} in $method $path as one segment or rejects it',
	async (endpoint) => {
		const { id, placeholder } = endpoint;
		const [nodeOperation] = node.operationsFor(endpoint);
		const parameters = parametersFor(contract.byId.get(id) as ApiOperation, nodeOperation);
		const value = '={{ $json.value }}';
		if (placeholder === 'client_id') {
			parameters.client = value;
			const values = [...UNUSUAL, ...INVALID];
			// Add Tasks sends one request per client.
			const runs = id === 'addTasks' ? values.map((single) => [single]) : [values];
			for (const valuesOfRun of runs) {
				await testValues(endpoint.path, placeholder, parameters, valuesOfRun);
			}
		} else {
			const input = node.pathInput(nodeOperation, placeholder);
			parameters[input?.name ?? ''] =
				input?.type === 'resourceLocator' ? { __rl: true, mode: 'id', value } : value;
			await testValues(endpoint.path, placeholder, parameters, [...UNUSUAL, ...INVALID]);
		}
	},
);

it('sends any text as it is in one segment or rejects it', async () => {
	const didId = { __rl: true, mode: 'id', value: '={{ $json.value }}' };
	const parameters = { resource: 'did', operation: 'get', didId };
	const values = fc.array(fc.string({ unit: fc.nat(0xffff).map((n) => String.fromCharCode(n)) }));
	const ascii = fc.array(fc.string({ unit: 'binary-ascii' }));
	await fc.assert(
		fc.asyncProperty(fc.oneof(values, ascii), async (texts) => {
			const isInvalid = (text: string) =>
				/\p{Surrogate}/u.test(text) || /^\.{0,2}$/.test(text.trim());
			await testValues('/client/{client_id}/did/{did_id}', 'did_id', parameters, texts, isInvalid);
		}),
		{ numRuns: 20 },
	);
});

/** Operations with choices in their path. */
const operationsWithChoices = () =>
	node.operations().filter(({ choices }) => Object.keys(choices).length > 0);

it('sends the values of a choice from an expression and rejects any other', async () => {
	expect(operationsWithChoices().length).toBeGreaterThan(0);
	for (const nodeOperation of operationsWithChoices()) {
		for (const placeholder of placeholders(nodeOperation.url)) {
			const name = node.pathInput(nodeOperation, placeholder)?.name ?? '';
			if (!(name in nodeOperation.choices)) continue;
			// n8n then shows the inputs for every choice, and demands the required ones.
			const siblings = node
				.operations()
				.filter(
					({ resource, operation }) =>
						resource === nodeOperation.resource && operation === nodeOperation.operation,
				);
			const parameters = {
				...(Object.assign(
					{},
					...siblings.map((sibling) => parametersFor(apiOperationOf(sibling), sibling)),
				) as INodeParameters),
				[name]: '={{ $json.value }}',
			};
			const choices = new Set(siblings.map((sibling) => sibling.choices[name]));
			const values = [...choices, ...UNUSUAL, ...INVALID];
			const isInvalid = (value: string) => !choices.has(value);
			const path = nodeOperation.url;
			await testValues(path, placeholder, parameters, values, isInvalid);
		}
	}
});

it('sends any PBX client of the credential as one segment or rejects it', async () => {
	for (const value of [...UNUSUAL, ...INVALID.filter(Boolean)]) {
		fixture.sandbox.journal.clear();
		await fixture.run(
			{ resource: 'did', operation: 'get', didId: { __rl: true, mode: 'id', value: '1' } },
			{
				credentials: {
					ringMeApi: {
						baseUrl: fixture.sandbox.url,
						accessToken: 'sandbox-token',
						client: value,
					},
				},
			},
		);
		checkPaths('/client/{client_id}/did/{did_id}', 'client_id', [value]);
	}
});

const apiOperationOf = (nodeOperation: NodeOperation) =>
	contract.operations.find(
		({ method, path }) => method === nodeOperation.method && path === nodeOperation.path,
	) as ApiOperation;

/** The required parameters of an operation, with IDs of no record. */
function parametersFor(operation: ApiOperation, nodeOperation: NodeOperation): INodeParameters {
	const requests = new Requests(
		contract,
		fixture.sandbox,
		new Client(fixture.sandbox.url),
		'required',
	);
	if (operation.id === 'addTasks') {
		return {
			...node.baseParameters(nodeOperation),
			schedulerId: '1',
			taskInput: 'fields',
			aNumber: '101',
		};
	}
	const [body] = operation.body ? fc.sample(requests.body(operation), 1) : [];
	const day = '2026-01-10 08:00:00';
	const dates = operation.query.filter(({ required }) => required).map(({ name }) => [name, day]);
	const params = Object.fromEntries(placeholders(operation.path).map((name) => [name, '1']));
	delete params.client_id;
	const call = { params, query: Object.fromEntries(dates) as IDataObject, body };
	return fillIn(node, nodeOperation, operation, call).parameters;
}

const isInvalidSegment = (value: string) => INVALID.includes(value);

/** Runs one item for each value, and checks the paths of all requests. */
async function testValues(
	path: string,
	placeholder: string,
	parameters: INodeParameters,
	values: string[],
	isInvalid?: (value: string) => boolean,
) {
	const file = Buffer.from(wavOf(0.1, 440)).toString('base64');
	const data = { data: file, mimeType: 'audio/x-wav', fileName: 'a.wav' };
	fixture.sandbox.journal.clear();
	const { items } = await fixture.run(parameters, {
		items: values.map((value) => ({ json: { value }, binary: { data } })),
		onError: 'continueRegularOutput',
		credentials: {
			ringMeApi: {
				baseUrl: fixture.sandbox.url,
				accessToken: 'sandbox-token',
				client: '@me',
				pbxLogin: 'admin',
				pbxPassword: 'sandbox-password',
			},
		},
	});
	// For rejected values, the output is an error.
	const failed = items.filter(({ json }) => json.error !== undefined);
	const failedItems = new Set(
		failed.map(({ pairedItem }) => (pairedItem as { item: number }).item),
	);
	values.forEach((value, item) => {
		if ((isInvalid ?? isInvalidSegment)(value)) expect(failedItems).toContain(item);
	});
	checkPaths(path, placeholder, values, isInvalid);
}

function checkPaths(
	path: string,
	placeholder: string,
	values: string[],
	isInvalid = isInvalidSegment,
) {
	const allowed = values.filter((value) => !isInvalid(value)).map((value) => value.trim());
	const template = segmentsOf(API_ROOT + path);
	const others = template.map((part) => part.replace('{client_id}', '@me').replace(/^\{.*/, '1'));
	const index = template.indexOf(`{${placeholder}}`);
	for (const entry of fixture.sandbox.journal.all()) {
		const sent = segmentsOf(entry.path);
		expect(allowed).toContain(decodeURIComponent(sent[index]));
		expect(sent[index]).not.toMatch(/[^\w%.~!*'()@-]/);
		expect(sent.slice(0, index)).toEqual(others.slice(0, index));
		// Add Tasks reads the scheduler itself before it sends tasks.
		const isSchedulerRequest = path.endsWith('/tasks/') && entry.method === 'GET';
		expect(sent).toHaveLength(template.length - (isSchedulerRequest ? 2 : 0));
	}
	const received = fixture.sandbox.journal.all().map((entry) => segmentsOf(entry.path)[index]);
	expect(new Set(received.map(decodeURIComponent))).toEqual(new Set(allowed));
}

const segmentsOf = (path: string) => path.split('/');
