/** The engine harness behaves like n8n; tested with a small package of its own. */
import { fileURLToPath } from 'node:url';

import { binaryProperty } from './binary.mts';
import { createEngine, type Engine } from './engine.mts';
import { ThingServer } from './fixtures/server.mts';

const packageFolder = fileURLToPath(new URL('./fixtures/', import.meta.url));

let engine: Engine;
let server: ThingServer;

beforeEach(async () => {
	engine = await createEngine({ packageFolder });
	server = await ThingServer.open();
});
afterEach(async () => await server.close());

const sessionCredential = () => ({
	thingSessionApi: { baseUrl: server.baseUrl, user: 'ann', token: '' },
});
const oAuth2Credential = () => ({
	thingOAuth2Api: { baseUrl: server.baseUrl, clientId: 'id', clientSecret: 'hush' },
});
const getParts = (thingId: string) => ({
	operation: 'getParts',
	thingId: { __rl: true, mode: 'id', value: thingId },
});

describe('the realm of the tests', () => {
	it('runs tests in the realm of Node and of n8n', () => {
		const { NodeApiError } = engine.n8n.workflow;
		const error = new NodeApiError({ name: 'x' } as never, { message: 'no' });
		expect(error).toBeInstanceOf(Error);
		expect(structuredClone({ a: [new Date(0)] })).toStrictEqual({ a: [new Date(0)] });
		expect(process.getBuiltinModule('vm').runInThisContext('Error')).toBe(Error);
	});

	it('lets the node receive the failure of a socket as an Error', async () => {
		const { baseUrl } = server;
		await server.close();
		const { error, status } = await engine.run({
			node: 'thing',
			parameters: getParts('a'),
			credentials: { thingSessionApi: { baseUrl, user: 'ann', token: 'some' } },
		});
		server = await ThingServer.open();
		expect(status).toBe('error');
		expect(error?.message).toMatch(/refused/i);
	});
});

describe('the expression engine', () => {
	it('uses the vm expression engine on Node 24 and the legacy one before, unless the environment selects one', async () => {
		const node24 = Number(process.versions.node.split('.')[0]) >= 24;
		expect(process.env.N8N_EXPRESSION_ENGINE).toBe(engine.n8n.expressionEngine);
		if (!node24) expect(engine.n8n.expressionEngine).toBe('legacy');
		const { Expression } = engine.n8n.workflow;
		expect(Expression.getActiveImplementation()).toBe(engine.n8n.expressionEngine);
	});

	it('evaluates expressions in the isolate only with the vm engine', async () => {
		const bridges = engine.n8n.require('@n8n/expression-runtime') as {
			IsolatedVmBridge: { prototype: { execute: (...args: unknown[]) => unknown } };
		};
		const spy = jest.spyOn(bridges.IsolatedVmBridge.prototype, 'execute');
		try {
			await engine.run({
				node: 'thing',
				parameters: getParts('={{ $json.id }}'),
				json: [{ id: 'a' }],
				credentials: sessionCredential(),
			});
			if (engine.n8n.expressionEngine === 'vm') expect(spy).toHaveBeenCalled();
			else expect(spy).not.toHaveBeenCalled();
		} finally {
			spy.mockRestore();
		}
	});
});

describe('running a node', () => {
	it('links each output item to its input item', async () => {
		const { status, items, output } = await engine.run({
			node: 'thing',
			parameters: getParts('={{ $json.id }}'),
			json: [{ id: 'a' }, { id: 'b' }],
			credentials: sessionCredential(),
		});
		expect(status).toBe('success');
		expect(output).toHaveLength(1);
		expect(items.map(({ json, pairedItem }) => [json.part, pairedItem])).toEqual([
			['a-1', { item: 0 }],
			['a-2', { item: 0 }],
			['b-1', { item: 1 }],
			['b-2', { item: 1 }],
		]);
	});

	it('stops at the first failure with the message of the service', async () => {
		const { status, output, error } = await engine.run({
			node: 'thing',
			parameters: getParts('missing'),
			credentials: sessionCredential(),
		});
		expect(status).toBe('error');
		expect(output).toEqual([]);
		expect(error).toMatchObject({ description: 'no thing missing', httpCode: '404' });
	});

	it('outputs a failure as an item with Continue On Fail', async () => {
		const { status, items } = await engine.run({
			node: 'thing',
			parameters: getParts('={{ $json.id }}'),
			json: [{ id: 'missing' }, { id: 'b' }],
			credentials: sessionCredential(),
			onError: 'continueRegularOutput',
		});
		expect(status).toBe('success');
		expect(items).toHaveLength(3);
		expect(items[0].json.error).toMatch(/not be found/);
		expect(items[0].error).toBeInstanceOf(engine.n8n.workflow.NodeApiError);
	});

	it('outputs failures at the error output if the node has one', async () => {
		const { output } = await engine.run({
			node: 'thing',
			parameters: getParts('={{ $json.id }}'),
			json: [{ id: 'missing' }, { id: 'b' }],
			credentials: sessionCredential(),
			onError: 'continueErrorOutput',
		});
		expect(output.map((items) => items.length)).toEqual([2, 1]);
		expect(output[1][0].json.error).toMatch(/not be found/);
	});

	it('runs the node again with Retry On Fail', async () => {
		server.failureCount = 1;
		const { status, json } = await engine.run({
			node: 'thing',
			parameters: getParts('a'),
			credentials: sessionCredential(),
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(status).toBe('success');
		expect(json).toHaveLength(2);
		expect(server.requestsTo('/things/a/parts')).toHaveLength(2);
	});

	it('calls customOperations with all items and returns hints and log entries', async () => {
		const { json, hints, logs } = await engine.run({
			node: 'thing',
			parameters: { operation: 'count' },
			inputItemsCount: 3,
			credentials: sessionCredential(),
		});
		expect(json).toEqual([{ custom: true, count: 3 }]);
		expect(hints).toMatchObject([{ message: 'Counted here' }]);
		expect(logs).toContainEqual({ level: 'warn', message: 'counting', metadata: { items: 3 } });
		expect(server.requestsTo('/count')).toHaveLength(0);
	});

	it('cancels a run by its signal while a request waits for a response', async () => {
		const stop = new AbortController();
		server.onRequest = () => stop.abort();
		const { status } = await engine.run({
			node: 'thing',
			parameters: getParts('a'),
			credentials: sessionCredential(),
			signal: stop.signal,
		});
		expect(status).toBe('canceled');
		expect(server.requests).toHaveLength(1);
	});

	it.each(['default', 'filesystem'] as const)(
		'stores binary data in mode %s',
		async (binaryMode) => {
			const own = await createEngine({ packageFolder, binaryMode });
			const { items } = await own.run({
				node: 'thing',
				parameters: { operation: 'download' },
				credentials: sessionCredential(),
			});
			expect(items[0].binary?.data.id?.split(':')[0]).toBe(
				binaryMode === 'filesystem' ? 'filesystem-v2' : undefined,
			);
			expect([...(await own.readBinary(items[0]))]).toEqual([0, 255, 1]);
			const input = { json: {}, binary: { data: binaryProperty('abc', 'a.txt', 'text/plain') } };
			expect(String(await own.readBinary(input))).toBe('abc');
		},
	);

	it('runs whole workflows', async () => {
		const createNode = (name: string, type: string, more = {}) => ({
			id: name,
			name,
			type,
			typeVersion: 1,
			position: [0, 0] as [number, number],
			parameters: {},
			...more,
		});
		const result = await engine.runWorkflow(
			{
				nodes: [
					createNode('Go', 'n8n-nodes-base.manualTrigger'),
					createNode('Parts', 'n8n-nodes-fixture.thing', {
						parameters: getParts('={{ $json.id }}'),
					}),
					createNode('End', 'n8n-nodes-base.noOp'),
				],
				connections: {
					Go: { main: [[{ node: 'Parts', type: 'main', index: 0 }]] },
					Parts: { main: [[{ node: 'End', type: 'main', index: 0 }]] },
				},
			},
			{ json: [{ id: 'a' }], credentials: sessionCredential() },
		);
		expect(result.json).toEqual([{ part: 'a-1' }, { part: 'a-2' }]);
		expect(Object.keys(result.run.data.resultData.runData)).toEqual(['Go', 'Parts', 'End']);
	});

	it('measures the time of each run', async () => {
		const { runs, best, median, last } = await engine.time({
			node: 'thing',
			parameters: { operation: 'count' },
			inputItemsCount: 1000,
			credentials: sessionCredential(),
			repeat: 3,
		});
		expect(runs).toHaveLength(3);
		expect(best).toBeLessThanOrEqual(median);
		expect(last.json).toEqual([{ custom: true, count: 1000 }]);
	});
});

describe('credentials', () => {
	it('renews a session token after a 401 and stores it', async () => {
		const saved = await engine.credential('thingSessionApi', sessionCredential().thingSessionApi);
		const run = async () =>
			await engine.run({
				node: 'thing',
				parameters: getParts('a'),
				credentials: { thingSessionApi: saved },
			});

		expect((await run()).credentialsAfter.thingSessionApi.token).toBe('token-1');
		expect((await run()).status).toBe('success');
		expect(server.requestsTo('/login')).toHaveLength(1);

		server.tokens.clear();
		const { status, credentialsAfter } = await run();
		expect(status).toBe('success');
		expect(credentialsAfter.thingSessionApi.token).toBe('token-2');
		expect(server.requestsTo('/login')).toHaveLength(2);
		expect(server.requestsTo('/things/a/parts')).toHaveLength(4);
	});

	it('fetches, stores, reuses and renews an OAuth2 token', async () => {
		const saved = await engine.credential('thingOAuth2Api', {
			...oAuth2Credential().thingOAuth2Api,
			accessTokenUrl: 'http://127.0.0.1:1/ignored-because-hidden',
		});
		const run = async () =>
			await engine.run({
				node: 'thing',
				parameters: { ...getParts('a'), authentication: 'OAuth2' },
				credentials: { thingOAuth2Api: saved },
			});
		const first = await run();
		expect(first.error).toBeUndefined();
		expect(first.credentialsAfter.thingOAuth2Api).toMatchObject({
			clientSecret: 'hush',
			oauthTokenData: { access_token: 'token-1' },
		});
		expect(
			Object.fromEntries(new URLSearchParams(server.requestsTo('/oauth/token')[0].body)),
		).toMatchObject({
			grant_type: 'client_credentials',
			client_id: 'id',
			client_secret: 'hush',
		});
		await run();
		expect(server.requestsTo('/oauth/token')).toHaveLength(1);

		server.tokens.clear();
		const renewed = await run();
		expect(renewed.status).toBe('success');
		expect(renewed.credentialsAfter.thingOAuth2Api.oauthTokenData).toMatchObject({
			access_token: 'token-2',
		});
	});

	it('tests a credential like the Test button', async () => {
		expect(
			await engine.testCredential('thingSessionApi', sessionCredential().thingSessionApi),
		).toEqual({
			status: 'OK',
			message: 'Connection successful!',
		});
		expect(server.requestsTo('/login')).toHaveLength(1);
		const saved = await engine.credential('thingOAuth2Api', oAuth2Credential().thingOAuth2Api);
		expect((await engine.testCredential('thingOAuth2Api', saved)).status).toBe('OK');
		expect((await saved.data()).oauthTokenData).toMatchObject({ access_token: 'token-2' });
	});

	it('fetches a new token for a credential test, even if a token is stored', async () => {
		const saved = await engine.credential('thingSessionApi', {
			...sessionCredential().thingSessionApi,
			token: 'stale',
		});
		expect((await engine.testCredential('thingSessionApi', saved)).status).toBe('OK');
		expect(server.requests.map(({ path }) => path)).toEqual(['/login', '/me']);
		expect((await saved.data()).token).toBe('token-1');
	});

	it('returns the reason of a failed credential test', async () => {
		const wrong = { baseUrl: 'http://127.0.0.1:1', user: 'ann', token: '' };
		expect(await engine.testCredential('thingSessionApi', wrong)).toEqual({
			status: 'Error',
			message: 'ECONNREFUSED',
		});
		server.isLocked = true;
		expect(
			await engine.testCredential('thingSessionApi', sessionCredential().thingSessionApi),
		).toEqual({
			status: 'Error',
			message: 'This user is locked',
		});
	});

	it('stores credentials encrypted', async () => {
		const { id } = await engine.credential('thingOAuth2Api', oAuth2Credential().thingOAuth2Api);
		const helper = engine['parts'].credentials;
		const raw = (await helper.getCredentials({ id, name: '' }, 'thingOAuth2Api')).getDataToSave();
		expect(JSON.stringify(raw)).not.toContain('hush');
	});
});

describe('lists and tools', () => {
	it('searches a list with a filter, page by page', async () => {
		const options = {
			node: 'thing',
			parameters: { authentication: 'Session' },
			credentials: sessionCredential(),
		};
		expect(await engine.listSearch('searchThings', { ...options, filter: 'b' })).toEqual({
			results: [{ name: 'b 1', value: 'x' }],
			paginationToken: '2',
		});
		const second = await engine.listSearch('searchThings', {
			...options,
			filter: 'b',
			paginationToken: '2',
		});
		expect(second.results[0].name).toBe('b 2');
	});

	it('runs the node as a tool of an agent, without customOperations', async () => {
		const tool = await engine.runAsTool({
			node: 'thing',
			parameters: getParts("={{ $fromAI('thing', 'Which one', 'string') }}"),
			args: { thing: 'a' },
			credentials: sessionCredential(),
		});
		expect(tool).toMatchObject({
			arguments: ['thing'],
			response: [{ part: 'a-1' }, { part: 'a-2' }],
		});
		const counted = await engine.runAsTool({
			node: 'thing',
			parameters: { operation: 'count' },
			credentials: sessionCredential(),
		});
		expect(counted.response).toEqual([{ routed: true }]);
	});

	it('returns the error of a tool to the agent', async () => {
		const { response, error } = await engine.runAsTool({
			node: 'thing',
			parameters: getParts('missing'),
			credentials: sessionCredential(),
		});
		expect(response).toBeUndefined();
		expect(error).toContain('no thing missing');
	});
});
