/**
 * Every endpoint of the contract, executed by n8n's engine with the built node against the sandbox PBX: once
 * with every parameter that the contract defines, once with only the required ones. The requests are
 * compared with the contract, not with the node's own definitions.
 */
import fc from 'fast-check';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { loadContract, type ApiOperation, type Contract } from '../../sandbox/http/contract.mts';
import { wavOf } from '../../sandbox/state/audio.mts';
import { ROOT } from '../harness/n8n.mts';
import type { RunResult } from '../harness/types.mts';
import { accessToken, setupFixture, links } from '../harness/fixture.mts';
import { Client, type Json } from '../sandbox/support/client.mts';
import { Requests, type Extent } from '../sandbox/support/requests.mts';
import { listEndpoints, type Endpoint } from './support/endpoints.mts';
import { BuiltNode, type NodeOperation } from './support/node.mts';
import {
	fillIn,
	isPaged,
	mergeAsExpressions,
	PAGING,
	toWireRequest,
	type FilledNode,
	type WireRequest,
} from './support/requests.mts';

/** `addTasks` has a test of its own, because several items become one request. */
const endpoints = listEndpoints().filter(({ id }) => id !== 'addTasks');

/** ID of the sandbox's only client. */
const CLIENT = '4321';

const fixture = setupFixture();
let node: BuiltNode;
let contract: Contract;
let client: Client;
beforeAll(async () => {
	contract = await loadContract();
	node = new BuiltNode(fixture.engine.n8n, fixture.engine.description('ringMe'));
	client = new Client(fixture.sandbox.url);
});

describe.each(endpoints)('$method $path', (endpoint) => {
	const { method, path } = endpoint;

	it(`sends every parameter of ${method} ${path} from the fields of each item`, async () => {
		await testEndpoint(endpoint, 'all');
	});

	it(`sends only the required parameters of ${method} ${path}`, async () => {
		await testEndpoint(endpoint, 'required');
	});
});

async function testEndpoint(endpoint: Endpoint, extent: Extent) {
	const operation = contract.byId.get(endpoint.id) as ApiOperation;
	const [nodeOperation, ...others] = node.operationsFor(endpoint);
	expect(others).toEqual([]);
	expect(nodeOperation).toBeDefined();
	const requests = new Requests(contract, fixture.sandbox, client, extent);
	const bodies = operation.body ? requests.body(operation) : fc.constant(undefined);
	await fc.assert(
		fc.asyncProperty(bodies, bodies, async (...twoBodies) => {
			const itemBodies = extent === 'all' ? twoBodies : twoBodies.slice(0, 1);
			const filled: FilledNode[] = [];
			for (const body of itemBodies) {
				const call = { ...(await requests.valid(operation, body ?? {})), body };
				const clientId = extent === 'all' ? CLIENT : undefined;
				filled.push(fillIn(node, nodeOperation, operation, call, clientId));
			}
			const result = await run(nodeOperation, filled, extent);
			expect(result.error?.message).toBeUndefined();
			checkRequests(operation, nodeOperation, filled, extent);
			checkOutput(operation, nodeOperation, result, itemBodies.length);
		}),
		{ numRuns: extent === 'all' ? 2 : 1, endOnFailure: true },
	);
}

async function run(
	{ choices }: NodeOperation,
	filled: FilledNode[],
	extent: Extent,
): Promise<RunResult> {
	const sets = filled.map(({ parameters }) => parameters);
	const { parameters, json } =
		extent === 'all'
			? mergeAsExpressions(sets, Object.keys(choices))
			: { parameters: sets[0], json: [{}] };
	const file = Buffer.from(wavOf(0.1, 440)).toString('base64');
	const data = { data: file, mimeType: 'audio/x-wav', fileName: 'a.wav' };
	fixture.sandbox.journal.clear();
	return await fixture.run(parameters, {
		items: json.map((fields) => ({ json: fields, binary: { data } })),
		credentials: {
			ringMeApi: {
				...accessToken(fixture.sandbox),
				pbxLogin: 'admin',
				pbxPassword: 'sandbox-password',
			},
		},
	});
}

/** Query parameters that differ between the pages of one list. */
const anyPage = { page: undefined, per_page: undefined };

/** The PBX received exactly the expected requests and accepted each; with `all`, they had every parameter. */
function checkRequests(
	operation: ApiOperation,
	nodeOperation: NodeOperation,
	filled: FilledNode[],
	extent: Extent,
) {
	const journal = fixture.sandbox.journal.api();
	expect(journal.map(({ operationId }) => operationId)).toEqual(journal.map(() => operation.id));
	expect(journal.map(({ status }) => status)).toEqual(journal.map(() => operation.success));
	const sent = journal.map(toWireRequest);
	const isPagedOperation = isPaged(node, nodeOperation, operation);
	const firstPages = isPagedOperation ? sent.filter(({ query }) => query.page[0] === '1') : sent;
	expect(sorted(firstPages)).toEqual(sorted(filled.map(({ request }) => request)));
	// Requests for further pages differ only in the page.
	const withoutPage = ({ query, ...rest }: WireRequest) => ({
		...rest,
		query: { ...query, ...anyPage },
	});
	for (const request of sent) {
		expect(firstPages.map(withoutPage)).toContainEqual(withoutPage(request));
	}
	const names = new Set(operation.query.map(({ name }) => name));
	const required = operation.query
		.filter((parameter) => parameter.required)
		.map(({ name }) => name);
	const paging = isPagedOperation ? PAGING : [];
	for (const { query, body } of firstPages) {
		const fields = Object.keys((body as Json | undefined) ?? {});
		const { properties = {}, required: needed = [] } = operation.body?.schema ?? {};
		const isFile = (name: string) => properties[name].format === 'binary';
		const all = extent === 'all';
		expect(Object.keys(query).sort()).toEqual(
			[...(all ? names : new Set([...required, ...paging]))].sort(),
		);
		expect(fields.sort()).toEqual(
			(all ? Object.keys(properties) : needed).filter((name) => !isFile(name)).sort(),
		);
	}
}

/** The order of the requests of several items, and of their fields, is not defined. */
const sorted = <T,>(list: T[]) => {
	const key = (value: T) => inspect(value, { sorted: true, depth: null });
	return [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

const previewOf = ({ resource, operation }: NodeOperation) =>
	fixture.engine.n8n.core.loadOutputSchema({
		nodeDir: join(ROOT, 'dist', 'nodes', 'RingMe'),
		version: 1,
		resource,
		operation,
	});

/** Output items are objects that are linked to their input item: records, `deleted`, or files. */
function checkOutput(
	{ method, responseSchema, success }: ApiOperation,
	nodeOperation: NodeOperation,
	{ items }: RunResult,
	itemCount: number,
) {
	const inputs = Array.from({ length: itemCount }, (_, item) => item);
	for (const { json, pairedItem } of items) {
		expect(Object.prototype.toString.call(json)).toBe('[object Object]');
		expect(pairedItem).toEqual({ item: expect.any(Number) as number });
	}
	// The preview that the editor shows before the first run has every field of the output.
	const preview = Object.keys(previewOf(nodeOperation)?.properties ?? {});
	if (preview.length) {
		for (const { json } of items)
			expect(preview).toEqual(expect.arrayContaining(Object.keys(json)));
	}
	const linked = links(items);
	expect(linked).toEqual([...linked].sort());
	expect(inputs).toEqual(expect.arrayContaining(linked));
	if (method === 'DELETE') {
		expect(items.map(({ json }) => json)).toEqual(inputs.map(() => ({ deleted: true })));
	} else if (!responseSchema) {
		expect(success).toBe(200);
		expect(items.map(({ binary }) => Object.keys(binary ?? {}))).toEqual(
			inputs.map(() => ['data']),
		);
	} else if (!node.shownInputs(nodeOperation).some(({ name }) => name === 'returnAll')) {
		expect(new Set(linked)).toEqual(new Set(inputs));
	}
}
