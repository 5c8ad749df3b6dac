/**
 * Adding an endpoint touches one file, the resource's. Shown by doing it: two endpoints that no PBX has
 * are written into the rows of a copy of the package, and are then complete in the editor and on the wire.
 */
import { transform } from '@swc/core';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createEngine, type Engine } from '../harness/engine.mts';
import { ROOT } from '../harness/n8n.mts';
import { byId } from '../harness/pbx.mts';
import { startTestServer, type TestServer } from '../support/testServer.mts';
import { BuiltNode } from '../wire/support/node.mts';
import { rules } from './support/rules.mts';

const RESOURCE = 'nodes/RingMe/resources/did';

/** What a contributor writes. */
const ROWS = `
		block: post('/client/{client_id}/did/{did_id}/block/', 'Refuse calls from some numbers', {
			action: 'Block callers of DID number',
			required: [texts('number', 'Numbers', 'Who is refused')],
			optional: [integers('hours', 'Hours', 'Hours of the day in which they are')],
		}),
		getManyBlocked: list('/client/{client_id}/did/{did_id}/block/', 'Retrieve many blocked callers', {
			action: 'Get many blocked callers of DID number',
			paged: true,
		}),`;

let folder: string;
let engine: Engine;
let server: TestServer;
const seen: Array<{ request: string; body: unknown }> = [];

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'new-endpoint-'));
	for (const part of ['dist', 'package.json']) {
		await cp(join(ROOT, part), join(folder, part), { recursive: true });
	}
	await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
	const source = await readFile(join(ROOT, `${RESOURCE}.ts`), 'utf8');
	const changed = source
		.replace(/\trows: \{/, `$&${ROWS}`)
		.replace(/import \{.*?\} from '.\/fields'/, "import { integers, pick, texts } from './fields'")
		.replace(
			/import \{.*?\} from '.\/rows'/,
			"import { get, list, post, put, resource } from './rows'",
		);
	const { code } = await transform(changed, {
		jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
		module: { type: 'commonjs' },
	});
	await writeFile(join(folder, 'dist', `${RESOURCE}.js`), code);
	engine = await createEngine({ packageFolder: folder });

	server = await startTestServer(({ method, path, body }, response) => {
		seen.push({ request: `${method} ${path}`, body: body && JSON.parse(body) });
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

beforeEach(() => seen.splice(0));

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
		timeoutMs: 20_000,
	});

it('the editor has all of them, by all rules', () => {
	const node = new BuiltNode(engine.n8n, engine.description('ringMe'));
	const made = node.places().filter(({ url }) => url.endsWith('/block/'));
	expect(made.map(({ operation, method }) => [operation, method])).toEqual([
		['block', 'POST'],
		['getManyBlocked', 'GET'],
	]);
	const labels = made.map((place) => node.shown(place).map(({ displayName }) => displayName));
	for (const label of ['DID', 'Numbers', 'Additional Fields']) expect(labels[0]).toContain(label);
	for (const label of ['DID', 'Return All', 'Limit']) expect(labels[1]).toContain(label);
	// Request Options are n8n's own.
	const properties = node.description.properties.filter(({ name }) => name !== 'requestOptions');
	for (const rule of Object.values(rules)) expect(rule(properties, node)).toEqual([]);
});

it('what is set goes out, and the answer comes back linked', async () => {
	const { items, error } = await run('block', {
		didNumber: ['79161112233'],
		didAdditionalFields: { hours: ['8', '9'] },
	});
	expect(error?.message).toBeUndefined();
	expect(items).toEqual([expect.objectContaining({ json: { id: 7 }, pairedItem: { item: 0 } })]);
	expect(seen).toEqual([
		{
			request: 'POST /api/ver1.0/client/@me/did/5/block/',
			body: { number: ['79161112233'], hours: [8, 9] },
		},
	]);
});

it('lists are paged', async () => {
	const { json } = await run('getManyBlocked', { returnAll: true });
	expect(json).toEqual([{ id: 7 }, { id: 8 }]);
	expect(seen.map(({ request }) => request)).toEqual([
		'GET /api/ver1.0/client/@me/did/5/block/?page=1&per_page=100',
		'GET /api/ver1.0/client/@me/did/5/block/?page=2&per_page=2',
	]);
});
