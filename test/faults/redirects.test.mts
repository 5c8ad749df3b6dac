/** Redirects, and where the token goes. */
import { useBench } from './support/bench.mts';
import { inDoubt, KINDS, kinds, shown, TOKEN, useServers } from './support/hostile.mts';
import { http } from './support/rawServer.mts';

const bench = useBench({ seed: 'empty' });
const { serve, run } = useServers(bench);

describe('a redirect', () => {
	it.each(kinds)('to another host is told, and not followed: %s', async (kind) => {
		for (const status of [301, 302, 303, 307, 308]) {
			const other = await serve((socket) => void socket.end(http(200, '[]')));
			const location = `${other.url}/api/ver1.0/x?y=1`;
			const pbx = await serve((socket) => void socket.end(http(status, '', { location })));
			const result = await run(pbx, kind);
			expect(result.error?.message).toBe('The PBX sends the request to another address');
			expect(result.error?.description).toContain(new URL(other.url).origin);
			expect(shown(result)).not.toMatch(inDoubt);
			expect(other.requests).toEqual([]);
			expect(pbx.requests).toHaveLength(1);
		}
	});

	it('at the same host is followed by reads, with the token', async () => {
		const pbx = await serve((socket, { path }) => {
			if (path.startsWith('/moved')) return void socket.end(http(200, '{"id":5}'));
			socket.end(http(301, '', { location: '/moved?a=1&b=%D0%B6' }));
		});
		const { json } = await run(pbx, 'get');
		expect(json).toEqual([{ id: 5 }]);
		expect(pbx.requests.map(({ path }) => path)).toEqual([
			'/api/ver1.0/client/@me/extension/5',
			'/moved?a=1&b=%D0%B6',
		]);
		expect(pbx.requests[1].headers.authorization).toBe(`Bearer ${TOKEN}`);
	});

	it('at the same host is not followed by writes, which would lose their body', async () => {
		const pbx = await serve((socket) => void socket.end(http(302, '', { location: '/moved' })));
		const result = await run(pbx, 'create');
		expect(result.error?.message).toBe('The PBX sends the request to another address');
		expect(pbx.requests).toHaveLength(1);
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
	])('in a circle or to nowhere ends: %j', async (location) => {
		const pbx = await serve((socket) => void socket.end(http(302, '', { location })));
		const result = await run(pbx, 'get');
		expect(result.error).toBeDefined();
		expect(pbx.requests.length).toBeLessThanOrEqual(6);
	});
});

describe('the token', () => {
	it('goes to the PBX only, and not over plain http', async () => {
		const { error } = await bench.run(KINDS.get, {
			credentials: { ringMeApi: { baseUrl: 'http://pbx.example', accessToken: TOKEN } },
		});
		expect(error?.message).toBe('The Base URL of the credential cannot be used');
	});

	it('that was fetched under way is hidden, if the PBX repeats it', async () => {
		const pbx = await serve((socket, { path, headers }) => {
			if (path === '/oauth/token') {
				const access_token = `fresh-token-${pbx.requests.length}`;
				return void socket.end(http(200, JSON.stringify({ access_token, token_type: 'Bearer' })));
			}
			const { authorization } = headers;
			const status = authorization.endsWith('-1') ? 401 : 400;
			socket.end(http(status, JSON.stringify({ message: `Bad header: ${authorization}` })));
		});
		const oAuth2 = {
			baseUrl: pbx.url,
			grantType: 'clientCredentials',
			clientId: 'x',
			clientSecret: 'the-secret',
		};
		for (const kind of ['create', 'bulk'] as const) {
			const result = await bench.run(
				{ ...KINDS[kind], authentication: 'oAuth2' },
				{ credentials: { ringMeOAuth2Api: oAuth2 }, json: [{ a_number: '+442079460001' }] },
			);
			expect(shown(result)).toContain('Bad header: Bearer ***');
			expect(JSON.stringify([result.error, result.logs])).not.toContain('fresh-token');
		}
	});
});
