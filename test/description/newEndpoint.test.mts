// Adding an endpoint to the node touches one file, that of its resource. The test adds two invented
// endpoints to a copy of the package and checks them in the editor and in requests.

import { transform } from '@swc/core';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createEngine, type Engine } from '../harness/engine.mts';
import { ROOT } from '../harness/n8n.mts';
import { byId } from '../harness/fixture.mts';
import { startTestServer, type TestServer } from '../support/testServer.mts';
import { BuiltNode } from '../wire/support/node.mts';
import { rules } from './support/rules.mts';
import { textRules } from './support/texts.mts';

const RESOURCE = 'nodes/RingMe/resources/did';

/** The code that a contributor adds. */
const OPERATIONS = `
		block: post('/client/{client_id}/did/{did_id}/block/', 'Block inbound calls from some numbers', {
			action: 'Block callers of DID',
			required: [strings('number', 'Numbers', 'Numbers to block')],
			optional: [integers('hours', 'Hours', 'Hours of the day in which they are blocked')],
		}),
		getManyBlocked: list('/client/{client_id}/did/{did_id}/block/', 'Retrieve a list of blocked callers', {
			action: 'Get many blocked callers of DID',
			paged: true,
		}),`;

let folder: string;
let engine: Engine;
let server: TestServer;
const received: Array<{ request: string; body: unknown }> = [];

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'new-endpoint-'));
	for (const part of ['dist', 'package.json']) {
		await cp(join(ROOT, part), join(folder, part), { recursive: true });
	}
	await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
	const source = await readFile(join(ROOT, `${RESOURCE}.ts`), 'utf8');
	const changed = source
		.replace(/\toperations: \{/, `$&${OPERATIONS}`)
		.replace(
			/import \{.*\} from '(.*schema\/field)'/,
			"import { integers, locator, strings } from '$1'",
		)
		.replace(
			/import \{.*\} from '(.*schema\/operation)'/,
			"import { get, list, post, put, resource } from '$1'",
		);
	const { code } = await transform(changed, {
		jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
		module: { type: 'commonjs' },
	});
	await writeFile(join(folder, 'dist', `${RESOURCE}.js`), code);
	engine = await createEngine({ packageFolder: folder });

	server = await startTestServer(({ method, path, body }, response) => {
		received.push({ request: `${method} ${path}`, body: body && JSON.parse(body) });
		const page = new URL(path, 'http://pbx').searchParams.get('page');
		const list = page === '1' ? [{ id: 7 }, { id: 8 }] : [];
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify(method === 'POST' ? { id: 7 } : list));
	});
});

afterAll(async () => {
	await server?.stop();
	await rm(folder, { recursive: true, force: true });
});

beforeEach(() => received.splice(0));

const run = async (operation: string, parameters: object) =>
	await engine.run({
		node: 'ringMe',
		parameters: {
			authentication: 'accessToken',
			resource: 'did',
			operation,
			didId: byId(5),
			...parameters,
		},
		credentials: {
			ringMeApi: {
				baseUrl: server.url,
				accessToken: 'any',
			},
		},
	});

it('shows the new operations in the editor, and they follow every rule', () => {
	const node = new BuiltNode(engine.n8n, engine.description('ringMe'));
	const added = node.operations().filter(({ url }) => url.endsWith('/block/'));
	expect(added.map(({ operation, method }) => [operation, method])).toEqual([
		['block', 'POST'],
		['getManyBlocked', 'GET'],
	]);
	const labels = added.map((operation) =>
		node.shownInputs(operation).map(({ displayName }) => displayName),
	);
	for (const label of ['DID', 'Numbers', 'Additional Fields']) expect(labels[0]).toContain(label);
	for (const label of ['DID', 'Return All', 'Limit']) expect(labels[1]).toContain(label);
	const { properties } = node.description;
	for (const rule of Object.values(rules)) expect(rule(properties, node)).toEqual([]);
	for (const rule of Object.values(textRules)) expect(rule(properties)).toEqual([]);
});

it('sends the parameters of the new operation and links its output to the input item', async () => {
	const { items, error } = await run('block', {
		didNumber: ['79161112233'],
		didAdditionalFields: { hours: ['8', '9'] },
	});
	expect(error?.message).toBeUndefined();
	expect(items).toEqual([expect.objectContaining({ json: { id: 7 }, pairedItem: { item: 0 } })]);
	expect(received).toEqual([
		{
			request: 'POST /api/ver1.0/client/@me/did/5/block/',
			body: { number: ['79161112233'], hours: [8, 9] },
		},
	]);
});

it('requests the new list page by page', async () => {
	const { json } = await run('getManyBlocked', { returnAll: true });
	expect(json).toEqual([{ id: 7 }, { id: 8 }]);
	expect(received.map(({ request }) => request)).toEqual([
		'GET /api/ver1.0/client/@me/did/5/block/?page=1&per_page=100',
		'GET /api/ver1.0/client/@me/did/5/block/?page=2&per_page=2',
	]);
});
