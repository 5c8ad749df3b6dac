/**
 * Every endpoint of the contract, run by n8n's engine with the built node against the sandbox PBX: once
 * with every parameter that the contract has, once with only those it requires. What stands on the
 * wire is compared with the contract, not with the node's rows.
 */
import fc from 'fast-check';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { loadContract, type ApiOperation, type Contract } from '../../sandbox/http/contract.mts';
import { wavOf } from '../../sandbox/state/audio.mts';
import { ROOT } from '../harness/n8n.mts';
import type { RunResult } from '../harness/types.mts';
import { accessToken, links, openBench, type Bench } from '../harness/pbx.mts';
import { Client, type Json } from '../sandbox/support/client.mts';
import { Requests, type Extent } from '../sandbox/support/requests.mts';
import { listEndpoints, type Endpoint } from './support/endpoints.mts';
import { BuiltNode, type Place } from './support/node.mts';
import {
	fillIn,
	fromItems,
	isPaged,
	onWire,
	PAGING,
	type Filled,
	type Wire,
} from './support/requests.mts';

/** The contract's `addTasks` is proven in a test of its own: many items become one request. */
const endpoints = listEndpoints().filter(({ id }) => id !== 'addTasks');

/** The sandbox's only client, under its number. */
const CLIENT = '4321';

let bench: Bench;
let node: BuiltNode;
let contract: Contract;
let client: Client;
beforeAll(async () => {
	[bench, contract] = await Promise.all([openBench({ statsMs: 1 }), loadContract()]);
	node = new BuiltNode(bench.engine.n8n, bench.engine.description('ringMe'));
	client = new Client(bench.sandbox.url);
});
beforeEach(() => bench.sandbox.reset());
afterEach(() => expect(bench.sandbox.errors).toEqual([]));
afterAll(async () => await bench.sandbox.stop());

describe.each(endpoints)('$method $path', (endpoint) => {
	it('with every parameter, from the fields of each item', async () => {
		await proven(endpoint, 'all');
	});

	it('with the required parameters alone', async () => {
		await proven(endpoint, 'required');
	});
});

async function proven(endpoint: Endpoint, extent: Extent) {
	const operation = contract.byId.get(endpoint.id) as ApiOperation;
	const [place, ...others] = node.find(endpoint);
	expect(others).toEqual([]);
	expect(place).toBeDefined();
	const requests = new Requests(contract, bench.sandbox, client, extent);
	const bodies = operation.body ? requests.body(operation) : fc.constant(undefined);
	await fc.assert(
		fc.asyncProperty(bodies, bodies, async (...given) => {
			const items = extent === 'all' ? given : given.slice(0, 1);
			const filled: Filled[] = [];
			for (const body of items) {
				const call = { ...(await requests.valid(operation, body ?? {})), body };
				filled.push(fillIn(node, place, operation, call, extent === 'all' ? CLIENT : undefined));
			}
			const result = await run(place, filled, extent);
			expect(result.error?.message).toBeUndefined();
			checkWire(operation, place, filled, extent);
			checkOutput(operation, place, result, items.length);
		}),
		{ numRuns: extent === 'all' ? 2 : 1, endOnFailure: true },
	);
}

async function run(place: Place, filled: Filled[], extent: Extent): Promise<RunResult> {
	const sets = filled.map(({ parameters }) => parameters);
	const { parameters, json } =
		extent === 'all'
			? fromItems(sets, Object.keys(place.choices))
			: { parameters: sets[0], json: [{}] };
	const file = Buffer.from(wavOf(0.1, 440)).toString('base64');
	const data = { data: file, mimeType: 'audio/x-wav', fileName: 'a.wav' };
	bench.sandbox.journal.clear();
	return await bench.run(parameters, {
		items: json.map((fields) => ({ json: fields, binary: { data } })),
		credentials: {
			ringMeApi: {
				...accessToken(bench.sandbox),
				pbxLogin: 'admin',
				pbxPassword: 'sandbox-password',
			},
		},
	});
}

const anyPage = { page: undefined, per_page: undefined };

/** Exactly the requests of the items, each accepted; in full mode with all that the contract has. */
function checkWire(operation: ApiOperation, place: Place, filled: Filled[], extent: Extent) {
	const journal = bench.sandbox.journal.api();
	expect(journal.map(({ operationId }) => operationId)).toEqual(journal.map(() => operation.id));
	expect(journal.map(({ status }) => status)).toEqual(journal.map(() => operation.success));
	const sent = journal.map(onWire);
	const first = isPaged(node, place, operation)
		? sent.filter(({ query }) => query.page[0] === '1')
		: sent;
	expect(sorted(first)).toEqual(sorted(filled.map(({ wire }) => wire)));
	// Further pages are asked for in the same words.
	const words = ({ query, ...rest }: Wire) => ({ ...rest, query: { ...query, ...anyPage } });
	for (const page of sent) expect(first.map(words)).toContainEqual(words(page));
	const names = new Set(operation.query.map(({ name }) => name));
	const required = operation.query.filter(({ required: is }) => is).map(({ name }) => name);
	const paging = isPaged(node, place, operation) ? PAGING : [];
	for (const { query, body } of first) {
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

/** Requests of several items arrive in no fixed order, and their fields in none. */
const sorted = <T,>(list: T[]) => {
	const key = (one: T) => inspect(one, { sorted: true, depth: null });
	return [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

const previewOf = ({ resource, operation }: Place) =>
	bench.engine.n8n.core.loadOutputSchema({
		nodeDir: join(ROOT, 'dist', 'nodes', 'RingMe'),
		version: 1,
		resource,
		operation,
	});

/** Objects, each linked to its item; deletions say so; files are files. */
function checkOutput(
	{ method, responseSchema: answer, success }: ApiOperation,
	place: Place,
	{ items }: RunResult,
	count: number,
) {
	const inputs = Array.from({ length: count }, (_, item) => item);
	for (const { json, pairedItem } of items) {
		expect(Object.prototype.toString.call(json)).toBe('[object Object]');
		expect(pairedItem).toEqual({ item: expect.any(Number) as number });
	}
	// The editor showed these fields before the first run.
	const shown = Object.keys(previewOf(place)?.properties ?? {});
	if (shown.length) {
		for (const { json } of items) expect(shown).toEqual(expect.arrayContaining(Object.keys(json)));
	}
	const linked = links(items);
	expect(linked).toEqual([...linked].sort());
	expect(inputs).toEqual(expect.arrayContaining(linked));
	if (method === 'DELETE') {
		expect(items.map(({ json }) => json)).toEqual(inputs.map(() => ({ deleted: true })));
	} else if (!answer) {
		expect(success).toBe(200);
		expect(items.map(({ binary }) => Object.keys(binary ?? {}))).toEqual(
			inputs.map(() => ['data']),
		);
	} else if (!node.shown(place).some(({ name }) => name === 'returnAll')) {
		expect(new Set(linked)).toEqual(new Set(inputs));
	}
}
