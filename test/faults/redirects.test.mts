/** Redirects, and which hosts get the token. */
import { setupFixture } from '../harness/fixture.mts';
import { errorText } from './support/outcomes.mts';
import { httpResponse } from './support/rawServer.mts';
import { operationNames, OPERATIONS, setupRawServers, TOKEN } from './support/rawServerFixture.mts';

const fixture = setupFixture({ seed: 'empty' });
const { serve, run } = setupRawServers(fixture);

describe('a redirect', () => {
	it.each(operationNames)(
		'to another host is not followed by the operation "%s", and the error names the host',
		async (operation) => {
			for (const status of [301, 302, 303, 307, 308]) {
				const otherHost = await serve((socket) => void socket.end(httpResponse(200, '[]')));
				const location = `${otherHost.url}/api/ver1.0/x?y=1`;
				const server = await serve((socket) => {
					socket.end(httpResponse(status, '', { location }));
				});
				const result = await run(server, operation);
				expect(result.error).toMatchObject({ httpCode: String(status) });
				expect(result.error?.description).toContain(new URL(otherHost.url).origin);
				expect(/it is unknown whether/.test(errorText(result))).toBe(
					['create', 'update', 'delete'].includes(operation),
				);
				expect(otherHost.requests).toEqual([]);
				expect(server.requests).toHaveLength(1);
			}
		},
	);

	it('within the PBX is followed by reads, with the token', async () => {
		const server = await serve((socket, { path }) => {
			if (path.startsWith('/moved')) {
				socket.end(httpResponse(200, '{"id":5}'));
			} else {
				socket.end(httpResponse(301, '', { location: '/moved?a=1&b=%D0%B6' }));
			}
		});
		const { json } = await run(server, 'get');
		expect(json).toEqual([{ id: 5 }]);
		expect(server.requests.map(({ path }) => path)).toEqual([
			'/api/ver1.0/client/@me/extension/5',
			'/moved?a=1&b=%D0%B6',
		]);
		expect(server.requests[1].headers.authorization).toBe(`Bearer ${TOKEN}`);
	});

	it('within the PBX is not followed by writes, which would lose their body', async () => {
		const server = await serve((socket) => {
			socket.end(httpResponse(302, '', { location: '/moved' }));
		});
		const result = await run(server, 'create');
		expect(result.error).toMatchObject({ httpCode: '302' });
		expect(errorText(result)).toMatch(/it is unknown whether/);
		expect(errorText(result)).not.toMatch('another host');
		expect(server.requests).toHaveLength(1);
	});

	it.each([
		'/',
		'//',
		'http://',
		'x:y',
		'',
		'\\\\',
		'http://[',
		'/api/ver1.0/client/@me/extension/5',
	])('to %j, in a circle or to nowhere, fails after a few requests', async (location) => {
		const server = await serve((socket) => {
			socket.end(httpResponse(302, '', { location }));
		});
		const result = await run(server, 'get');
		expect(result.error).toBeDefined();
		expect(server.requests.length).toBeLessThanOrEqual(6);
	});
});

describe('the token', () => {
	it('is not sent over plain http to a host other than localhost', async () => {
		const { error, logs } = await fixture.run(OPERATIONS.get, {
			credentials: { ringMeApi: { baseUrl: 'http://pbx.example', accessToken: TOKEN } },
		});
		expect(error?.message).toContain("'Base URL'");
		expect(JSON.stringify([error, logs])).not.toContain(TOKEN);
	});

	it('is redacted in errors even if it was fetched during the run', async () => {
		const server = await serve((socket, { path, headers }) => {
			if (path === '/oauth/token') {
				const access_token = `fresh-token-${server.requests.length}`;
				socket.end(httpResponse(200, JSON.stringify({ access_token, token_type: 'Bearer' })));
				return;
			}
			const { authorization } = headers;
			const status = authorization.endsWith('-1') ? 401 : 400;
			const body = JSON.stringify({ message: `Bad header: ${authorization}` });
			socket.end(httpResponse(status, body));
		});
		const oAuth2 = {
			baseUrl: server.url,
			grantType: 'clientCredentials',
			clientId: 'x',
			clientSecret: 'the-secret',
		};
		for (const operation of ['create', 'addTasks'] as const) {
			const result = await fixture.run(
				{ ...OPERATIONS[operation], authentication: 'oAuth2' },
				{ credentials: { ringMeOAuth2Api: oAuth2 }, json: [{ a_number: '+442079460001' }] },
			);
			expect(errorText(result)).toContain('Bad header: Bearer ***');
			expect(JSON.stringify([result.error, result.logs])).not.toContain('fresh-token');
		}
	});
});
