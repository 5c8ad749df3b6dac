/**
 * No value can change where a request goes. In every placeholder of every endpoint each of these values
 * arrives as one encoded segment, or is refused before anything is sent.
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
import { openBench, type Bench } from '../harness/pbx.mts';
import { Client } from '../sandbox/support/client.mts';
import { Requests } from '../sandbox/support/requests.mts';
import { listEndpoints, placeholders } from './support/endpoints.mts';
import { BuiltNode, type Place } from './support/node.mts';
import { fillIn } from './support/requests.mts';

/** What may reach the PBX, but only as the one segment it was meant to be. */
const STRANGE = ['/', '1/../../did/', '?', '#', 'a b', 'Ж', '%2e%2e', '\\'];

/** What must not reach it: it would name something else, or nothing. */
const REFUSED = ['', '.', '..', '\ud800'];

let bench: Bench;
let node: BuiltNode;
let contract: Contract;
beforeAll(async () => {
	[bench, contract] = await Promise.all([openBench({ statsMs: 1 }), loadContract()]);
	node = new BuiltNode(bench.engine.n8n, bench.engine.description('ringMe'));
});
beforeEach(() => bench.sandbox.reset());
afterEach(() => expect(bench.sandbox.errors).toEqual([]));
afterAll(async () => await bench.sandbox.stop());

const cases = listEndpoints().flatMap((endpoint) =>
	placeholders(endpoint.path).map((placeholder) => ({ ...endpoint, placeholder })),
);

it.each(cases)('$method $path: {$placeholder}', async (endpoint) => {
	const { id, placeholder } = endpoint;
	const [place] = node.find(endpoint);
	const parameters = parametersOf(contract.byId.get(id) as ApiOperation, place);
	const value = '={{ $json.value }}';
	if (placeholder === 'client_id') {
		parameters.options = { client: value };
		// An empty one is the credential's own.
		const values = [...STRANGE, ...REFUSED.filter((one) => one)];
		// Add Tasks has one client for all items.
		const runs = id === 'addTasks' ? values.map((one) => [one]) : [values];
		for (const each of runs) await hostile(endpoint.path, placeholder, parameters, each);
	} else {
		const input = node.pathInput(place, placeholder);
		parameters[input?.name ?? ''] =
			input?.type === 'resourceLocator' ? { __rl: true, mode: 'id', value } : value;
		await hostile(endpoint.path, placeholder, parameters, [...STRANGE, ...REFUSED]);
	}
});

it('any text arrives as it is, or is refused', async () => {
	const didId = { __rl: true, mode: 'id', value: '={{ $json.value }}' };
	const parameters = { resource: 'did', operation: 'get', didId };
	const values = fc.array(fc.string({ unit: fc.nat(0xffff).map((n) => String.fromCharCode(n)) }));
	const ascii = fc.array(fc.string({ unit: 'binary-ascii' }));
	await fc.assert(
		fc.asyncProperty(fc.oneof(values, ascii), async (given) => {
			const broken = (text: string) => /\p{Surrogate}/u.test(text) || /^\.{0,2}$/.test(text.trim());
			await hostile('/client/{client_id}/did/{did_id}', 'did_id', parameters, given, broken);
		}),
		{ numRuns: 20 },
	);
});

const kinds = () => node.places().filter(({ choices }) => Object.keys(choices).length > 0);

it('the same for choices that stand in a path, where an expression gives them', async () => {
	expect(kinds().length).toBeGreaterThan(0);
	for (const place of kinds()) {
		for (const placeholder of placeholders(place.url)) {
			const name = node.pathInput(place, placeholder)?.name ?? '';
			if (!(name in place.choices)) continue;
			// n8n shows the inputs of every kind then, and wants the required ones.
			const siblings = node
				.places()
				.filter(
					({ resource, operation }) => resource === place.resource && operation === place.operation,
				);
			const parameters = {
				...(Object.assign(
					{},
					...siblings.map((each) => parametersOf(operationOf(each), each)),
				) as INodeParameters),
				[name]: '={{ $json.value }}',
			};
			await hostile(place.url, placeholder, parameters, [...STRANGE, ...REFUSED]);
		}
	}
});

it('the same for the client of the credential', async () => {
	for (const value of [...STRANGE, ...REFUSED.filter((one) => one)]) {
		bench.sandbox.journal.clear();
		await bench.run(
			{ resource: 'did', operation: 'get', didId: { __rl: true, mode: 'id', value: '1' } },
			{
				credentials: {
					ringMeApi: {
						baseUrl: bench.sandbox.url,
						accessToken: 'sandbox-token',
						client: value,
					},
				},
			},
		);
		checkPaths('/client/{client_id}/did/{did_id}', 'client_id', [value]);
	}
});

const operationOf = (place: Place) =>
	contract.operations.find(
		({ method, path }) => method === place.method && path === node.pathOf(place),
	) as ApiOperation;

/** What the operation needs, with ids that lead nowhere. */
function parametersOf(operation: ApiOperation, place: Place): INodeParameters {
	const requests = new Requests(contract, bench.sandbox, new Client(bench.sandbox.url), 'required');
	if (operation.id === 'addTasks') {
		return { ...node.base(place), schedulerId: '1', taskInput: 'fields', task: { aNumber: '101' } };
	}
	const [body] = operation.body ? fc.sample(requests.body(operation), 1) : [];
	const day = '2026-01-10 08:00:00';
	const dates = operation.query.filter(({ required }) => required).map(({ name }) => [name, day]);
	const params = Object.fromEntries(placeholders(operation.path).map((name) => [name, '1']));
	delete params.client_id;
	const call = { params, query: Object.fromEntries(dates) as IDataObject, body };
	return fillIn(node, place, operation, call).parameters;
}

/** Runs one item for each value, and looks at the paths of all that was sent. */
async function hostile(
	path: string,
	placeholder: string,
	parameters: INodeParameters,
	values: string[],
	refused?: (value: string) => boolean,
) {
	const file = Buffer.from(wavOf(0.1, 440)).toString('base64');
	const data = { data: file, mimeType: 'audio/x-wav', fileName: 'a.wav' };
	bench.sandbox.journal.clear();
	const { items } = await bench.run(parameters, {
		items: values.map((value) => ({ json: { value }, binary: { data } })),
		onError: 'continueRegularOutput',
		credentials: {
			ringMeApi: {
				baseUrl: bench.sandbox.url,
				accessToken: 'sandbox-token',
				client: '@me',
				pbxLogin: 'admin',
				pbxPassword: 'sandbox-password',
			},
		},
	});
	// None falls out: of what is refused is told.
	expect(new Set(items.map(({ pairedItem }) => (pairedItem as { item: number }).item)).size).toBe(
		values.length,
	);
	checkPaths(path, placeholder, values, refused);
}

function checkPaths(
	path: string,
	placeholder: string,
	values: string[],
	refused = (value: string) => REFUSED.includes(value),
) {
	const allowed = values.filter((value) => !refused(value)).map((value) => value.trim());
	const template = segmentsOf(API_ROOT + path);
	const others = template.map((part) => part.replace('{client_id}', '@me').replace(/^\{.*/, '1'));
	const index = template.indexOf(`{${placeholder}}`);
	for (const entry of bench.sandbox.journal.all()) {
		const sent = segmentsOf(entry.path);
		expect(allowed).toContain(decodeURIComponent(sent[index]));
		expect(sent[index]).not.toMatch(/[^\w%.~!*'()@-]/);
		expect(sent.slice(0, index)).toEqual(others.slice(0, index));
		// Add Tasks looks at the scheduler itself before anything is added.
		const isLook = path.endsWith('/tasks/') && entry.method === 'GET';
		expect(sent).toHaveLength(template.length - (isLook ? 2 : 0));
	}
	const arrived = bench.sandbox.journal.all().map((entry) => segmentsOf(entry.path)[index]);
	expect(new Set(arrived.map(decodeURIComponent))).toEqual(new Set(allowed));
}

const segmentsOf = (path: string) => path.split('/');
