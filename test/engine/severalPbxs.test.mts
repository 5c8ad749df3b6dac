/** Items of several PBXs in one run, and items that n8n could not start: what one says about the others. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { byId, links, setupFixture } from '../harness/fixture.mts';
import { startTestServer, type TestServer } from '../support/testServer.mts';

const fixture = setupFixture();

describe('items of several PBXs', () => {
	const servers: TestServer[] = [];
	afterEach(async () => {
		for (const server of servers.splice(0)) await server.stop();
	});

	/** A PBX with one extension, for one token. */
	async function startPbx(token: string) {
		const server = await startTestServer(({ headers }, response) => {
			response.setHeader('content-type', 'application/json');
			const isKnown = headers.authorization === `Bearer ${token}`;
			response.writeHead(isKnown ? 200 : 401);
			response.end(isKnown ? '{"id":7}' : '{"message":"Unknown token"}');
		});
		servers.push(server);
		return server;
	}

	const getExtension = async (json: IDataObject[], parameters: INodeParameters = {}) =>
		await fixture.run(
			{ resource: 'extension', operation: 'get', extensionId: byId(7), ...parameters },
			{
				json,
				onError: 'continueRegularOutput',
				credentials: {
					ringMeApi: { baseUrl: '={{ $json.url }}', accessToken: '={{ $json.token }}' },
				},
			},
		);
	const succeeded = (json: IDataObject[]) => json.map(({ error }) => error === undefined);

	it('get what their PBX says, whatever another one refuses', async () => {
		const [first, second] = [await startPbx('one'), await startPbx('two')];
		const items = [
			{ url: first.url, token: 'wrong' },
			...Array.from({ length: 12 }, () => ({ url: second.url, token: 'two' })),
		];
		const { json } = await getExtension(items);
		expect(succeeded(json)).toEqual([false, ...Array(12).fill(true)]);
	});

	it('of one PBX get what it says for their token', async () => {
		const { url } = await startPbx('one');
		const tokens = ['wrong', 'one', 'wrong', 'one', 'one', 'one', 'one', 'one'];
		const { json } = await getExtension(tokens.map((token) => ({ url, token })));
		expect(succeeded(json)).toEqual(tokens.map((token) => token === 'one'));
	});

	it('of one token send no more requests once the PBX has refused it', async () => {
		const server = await startPbx('one');
		const items = Array.from({ length: 40 }, () => ({ url: server.url, token: 'wrong' }));
		const { json } = await getExtension(items);
		expect(succeeded(json)).not.toContain(true);
		expect(server.requests.length).toBeLessThanOrEqual(10);
	});
});

describe('an item whose input cannot be evaluated', () => {
	const connectTo = "={{ $json.fails ? $('Nobody').first() : '+442079460001' }}";
	const start = async (json: IDataObject[], options = {}) =>
		await fixture.run(
			{
				resource: 'call',
				operation: 'start',
				callExtensionId: byId(fixture.sandbox.store.extensions.list()[0].id),
				callSrcNum: ['101'],
				callDstNum: connectTo,
			},
			{ json, ...options },
		);
	const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };

	it.each([
		['the second of two', [false, true]],
		['the first of two', [true, false]],
		['the only one', [true]],
		['the last of three', [false, false, true]],
		['one of many', [false, false, false, true, false, false]],
	])('stops all before the first phone rings: %s', async (_, fails) => {
		for (const settings of [{}, RETRY_ON_FAIL]) {
			const { error } = await start(
				fails.map((each) => ({ fails: each })),
				{ settings },
			);
			expect(error).toBeDefined();
			expect(fixture.sandbox.journal.find('POST', /./)).toEqual([]);
		}
	});

	it('stops nobody else with Continue On Fail', async () => {
		const { items } = await start([{ fails: false }, { fails: true }], {
			onError: 'continueRegularOutput',
		});
		expect(links(items)).toEqual([0, 1]);
		expect(fixture.sandbox.journal.find('POST', /./)).toHaveLength(1);
	});

	it('is not looked at with Execute Once', async () => {
		const { error } = await start([{ fails: false }, { fails: true }], {
			settings: { executeOnce: true },
		});
		expect(error).toBeUndefined();
		expect(fixture.sandbox.journal.find('POST', /./)).toHaveLength(1);
	});
});
