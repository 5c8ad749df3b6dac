/** The credentials in n8n's engine: their test, and the Base URL. */
import { request } from 'node:http';
import { generate } from 'selfsigned';

import { accessToken, byId, setupFixture, oAuth2 } from '../harness/fixture.mts';
import { startTestServer, type Responder, type TestServer } from '../support/testServer.mts';

const fixture = setupFixture();

describe('the credentials', () => {
	it('tests an OAuth2 credential, and does not show a wrong secret', async () => {
		const valid = oAuth2(fixture.sandbox);
		expect(await fixture.engine.testCredential('ringMeOAuth2Api', valid)).toMatchObject({
			status: 'OK',
		});
		const invalid = await fixture.engine.testCredential('ringMeOAuth2Api', {
			...valid,
			clientSecret: 'wrong',
		});
		expect(invalid.status).toBe('Error');
		expect(JSON.stringify(invalid)).not.toContain('sandbox-secret');
	});

	it('tests an access token credential, and reports a wrong token', async () => {
		const valid = accessToken(fixture.sandbox);
		expect(await fixture.engine.testCredential('ringMeApi', valid)).toMatchObject({ status: 'OK' });
		expect(
			await fixture.engine.testCredential('ringMeApi', { ...valid, accessToken: 'wrong' }),
		).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('rejected the access token'),
		});
	});

	it.each(['/', '/api/ver1.0', '/api/ver1.0/'])(
		'accepts a Base URL that ends in %s',
		async (ending) => {
			const ringMeApi = { ...accessToken(fixture.sandbox), baseUrl: fixture.sandbox.url + ending };
			const { error } = await fixture.run(
				{ resource: 'extension', operation: 'getMany', limit: 1 },
				{ credentials: { ringMeApi } },
			);
			expect(error).toBeUndefined();
			expect(await fixture.engine.testCredential('ringMeApi', ringMeApi)).toMatchObject({
				status: 'OK',
			});
		},
	);

	it.each(['http://pbx.example.com', 'ftp://localhost', 'https://user@pbx.example.com', 'pbx'])(
		'rejects the Base URL %s before anything is sent',
		async (baseUrl) => {
			const ringMeApi = { ...accessToken(fixture.sandbox), baseUrl };
			const { error } = await fixture.run(
				{ resource: 'extension', operation: 'getMany' },
				{ credentials: { ringMeApi } },
			);
			expect(error?.message).toBe("The 'Base URL' of the credential is not valid");
		},
	);
});

describe('a credential with expressions', () => {
	const ringMeApi = { baseUrl: '={{ $json.url }}', accessToken: '={{ $json.token }}' };
	const respond: Responder = (_, response) => {
		response.setHeader('content-type', 'application/json');
		response.end('{"id":7}');
	};
	let servers: TestServer[];

	beforeEach(async () => {
		servers = [await startTestServer(respond), await startTestServer(respond)];
	});
	afterEach(
		async () => void (await Promise.all(servers.map(async (server) => await server.stop()))),
	);

	/** Items of two PBXs, by the index of the PBX. */
	const itemsOf = (...pbxs: number[]) =>
		pbxs.map((pbx) => ({ url: servers[pbx].url, token: `token-${pbx}`, a_number: '101' }));
	const tokens = () =>
		servers.map(({ requests }) => requests.map(({ headers }) => headers.authorization));

	it('has the values of each item: no PBX gets the token of another', async () => {
		const { error } = await fixture.run(
			{ resource: 'extension', operation: 'get', extensionId: byId(7) },
			{ json: itemsOf(0, 1, 0), credentials: { ringMeApi } },
		);
		expect(error).toBeUndefined();
		expect(tokens()).toEqual([['Bearer token-0', 'Bearer token-0'], ['Bearer token-1']]);
	});

	it.each(['addTasks', '=addTasks'])(
		'is refused by Add Tasks if it differs between items (operation %s)',
		async (operation) => {
			const parameters = { resource: 'taskScheduler', operation, schedulerId: '2' };
			const run = async (...pbxs: number[]) =>
				await fixture.run(
					{ ...parameters, taskInput: 'automatic', unknownFields: 'ignore' },
					{ json: itemsOf(...pbxs), credentials: { ringMeApi } },
				);
			const { error } = await run(0, 1, 0);
			expect(error?.message).toBe('The credential is not the same for all items');
			expect(tokens()).toEqual([[], []]);
			// With items of one PBX nothing differs, so its scheduler is read.
			const same = await run(0, 0);
			expect(same.error?.message).not.toBe(error?.message);
			expect(tokens()[0]).toContain('Bearer token-0');
			expect(tokens()[1]).toEqual([]);
		},
	);
});

describe('a PBX whose certificate no authority signed', () => {
	/** The sandbox behind HTTPS. */
	let server: TestServer;

	beforeAll(async () => {
		const { private: key, cert } = generate([{ name: 'commonName', value: 'localhost' }], {
			keySize: 2048,
			algorithm: 'sha256',
		});
		server = await startTestServer(
			({ method, path, headers, body }, outgoing) => {
				const forwarded = request(fixture.sandbox.url + path, { method, headers }, (response) => {
					outgoing.writeHead(response.statusCode ?? 500, response.headers);
					response.pipe(outgoing);
				});
				forwarded.end(body);
			},
			{ key, cert },
		);
	});
	afterAll(async () => await server.stop());

	const cases = ['ringMeApi', 'ringMeOAuth2Api'] as const;
	const run = async (type: (typeof cases)[number], ignoreSSLIssues: boolean) => {
		const plain = type === 'ringMeApi' ? accessToken(fixture.sandbox) : oAuth2(fixture.sandbox);
		const credential = { ...plain, baseUrl: server.url, ignoreSSLIssues };
		const { status } = await fixture.engine.testCredential(type, credential);
		const { error, items } = await fixture.run(
			{
				authentication: type === 'ringMeApi' ? 'accessToken' : 'oAuth2',
				resource: 'extension',
				operation: 'getMany',
				limit: 2,
			},
			{ credentials: { [type]: credential } },
		);
		return { status, message: error?.message, count: items.length };
	};

	it.each(cases)('is refused with %s, so that no token reaches somebody else', async (type) => {
		expect(await run(type, false)).toMatchObject({ status: 'Error', count: 0 });
		expect(server.requests).toEqual([]);
	});

	it.each(cases)("is accepted with %s and 'Ignore SSL Issues'", async (type) => {
		expect(await run(type, true)).toEqual({ status: 'OK', message: undefined, count: 2 });
	});
});
