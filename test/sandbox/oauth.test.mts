import { startSandbox } from '../../sandbox/index.mts';
import { Client } from './support/client.mts';
import type { ClientResponse, Json } from './support/client.mts';
import { setupSandbox } from './support/setupSandbox.mts';

const SECRET = 'sandbox-secret';
const REDIRECT = 'http://localhost:5678/rest/oauth2-credential/callback';
const pbx = setupSandbox();

const postForm = async (
	path: string,
	fields: Record<string, string>,
	client = pbx.client,
): Promise<ClientResponse> =>
	await client.send(path, { method: 'POST', body: new URLSearchParams(fields) });

const requestToken = async (
	fields: Record<string, string>,
	client = pbx.client,
): Promise<ClientResponse> =>
	await postForm('/oauth/token', { client_secret: SECRET, ...fields }, client);

/** An access token of a trusted application. */
const trustedToken = async (client_id = 'sandbox-app'): Promise<string> => {
	const { json } = await requestToken({ grant_type: 'client_credentials', client_id });
	return (json as { access_token: string }).access_token;
};

const getUser = async (accessToken: string): Promise<ClientResponse> =>
	await pbx.client.request('GET', '/api/ver1.0/user/', { authorization: `Bearer ${accessToken}` });

describe('client credentials', () => {
	it('gives a trusted application a token that acts as its owner, without a refresh token', async () => {
		const response = await requestToken({
			grant_type: 'client_credentials',
			client_id: 'sandbox-app',
		});
		expect(response.status).toBe(200);
		expect(response.json).toEqual({
			access_token: expect.stringMatching(/^[\w-]{32}$/),
			token_type: 'Bearer',
			expires_in: 3600,
			scope: 'all',
		});
		const user = await getUser((response.json as { access_token: string }).access_token);
		expect(user.json).toMatchObject({ login: 'admin', client_id: 4321, extension_id: null });
		expect(pbx.sandbox.oauth.requests).toBe(1);
	});

	it('accepts client credentials in the query or as multipart, but not as HTTP Basic', async () => {
		const fields = {
			grant_type: 'client_credentials',
			client_id: 'sandbox-app',
			client_secret: SECRET,
		};
		const query = await pbx.client.send(`/oauth/token?${new URLSearchParams(fields)}`, {
			method: 'POST',
		});
		expect(query.status).toBe(200);
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) body.append(name, value);
		expect((await pbx.client.send('/oauth/token', { method: 'POST', body })).status).toBe(200);
		const basic = await pbx.client.send('/oauth/token', {
			method: 'POST',
			headers: { authorization: `Basic ${btoa(`sandbox-app:${SECRET}`)}` },
			body: new URLSearchParams({ grant_type: 'client_credentials' }),
		});
		expect(basic.status).toBe(400);
	});

	it.each([
		[{ client_id: 'nobody' }, 'invalid_client'],
		[{ client_id: 'sandbox-app', client_secret: 'wrong' }, 'invalid_client'],
		[{ client_id: 'sandbox-public' }, 'unauthorized_client'],
		[{ client_id: 'sandbox-app', scope: 'call_api' }, 'invalid_scope'],
		[{ client_id: 'sandbox-app', grant_type: 'magic' }, 'unsupported_grant_type'],
	])('refuses the client credentials %j with the error %s', async (fields, error) => {
		const response = await requestToken({
			grant_type: 'client_credentials',
			...(fields as object),
		});
		expect(response.status).toBe(400);
		expect(response.json).toMatchObject({ error });
	});
});

describe('an access token', () => {
	it('accepts an access token until it expires or is revoked', async () => {
		const first = await trustedToken();
		await pbx.sandbox.clock.advance(3_599_000);
		expect((await getUser(first)).status).toBe(200);
		await pbx.sandbox.clock.advance(1000);
		expect((await getUser(first)).status).toBe(401);
		const second = await trustedToken();
		pbx.sandbox.oauth.expireAll();
		expect((await getUser(second)).status).toBe(401);
		expect((await getUser('sandbox-token')).status).toBe(200);
		const third = await trustedToken();
		pbx.sandbox.oauth.revokeAll();
		expect((await getUser(third)).json).toEqual({ message: 'Unauthorized', status: '401' });
		expect((await getUser('sandbox-token')).status).toBe(401);
	});

	it('lists the session of a token, and refuses the token after the session was deleted', async () => {
		const accessToken = await trustedToken('sandbox-readonly');
		const sessions = async (query = {}) =>
			(await pbx.client.request('GET', '/api/ver1.0/client/@me/oauth/session/', { query }))
				.json as Json[];
		const session = (await sessions()).find(({ app_id }) => app_id === 'sandbox-readonly') as Json;
		expect(session.expires).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
		expect(JSON.stringify(await sessions())).not.toContain(accessToken);
		expect(await sessions({ user_id: [session.user_id] })).toEqual([session]);
		const path = `/api/ver1.0/client/@me/oauth/session/${String(session.id)}`;
		expect((await pbx.client.request('DELETE', path)).status).toBe(204);
		expect((await getUser(accessToken)).status).toBe(401);
		expect((await pbx.client.request('DELETE', path)).status).toBe(404);
	});
});

describe('the authorization code grant', () => {
	const authorization = {
		response_type: 'code',
		client_id: 'sandbox-public',
		redirect_uri: REDIRECT,
		scope: 'all',
		state: 's<1>&',
	};
	const person = { login: 'admin', password: 'sandbox-password', decision: 'allow' };

	/** Grants access in the person's name. */
	async function getCode(client = pbx.client): Promise<string> {
		const response = await postForm('/oauth/authorize', { ...authorization, ...person }, client);
		expect(response.status).toBe(302);
		const target = new URL(response.headers.get('location') ?? '');
		expect(target.origin + target.pathname).toBe(REDIRECT);
		expect(target.searchParams.get('state')).toBe('s<1>&');
		return target.searchParams.get('code') ?? '';
	}
	const redeem = async (code: string, redirect_uri = REDIRECT, client = pbx.client) =>
		await requestToken(
			{ grant_type: 'authorization_code', client_id: 'sandbox-public', code, redirect_uri },
			client,
		);

	it('shows a page for login and consent, in which the parameters are escaped', async () => {
		const page = await pbx.client.send(
			`/oauth/authorize?${new URLSearchParams(authorization)}`,
			{},
		);
		expect(page.status).toBe(200);
		expect(page.headers.get('content-type')).toContain('text/html');
		expect(page.text).toContain('s&#60;1&#62;&#38;');
		expect(page.text).not.toContain('s<1>');
	});

	it('exchanges a code once, in time and for the same redirect URI, for two tokens', async () => {
		const code = await getCode();
		const response = await redeem(code);
		expect(response.json).toMatchObject({
			token_type: 'Bearer',
			refresh_token: expect.any(String),
		});
		const again = await redeem(code);
		expect([again.status, again.json]).toEqual([400, { error: 'invalid_grant' }]);
		expect((await redeem(await getCode(), 'http://localhost:1/other')).status).toBe(400);
		const late = await getCode();
		await pbx.sandbox.clock.advance(600_000);
		expect((await redeem(late)).status).toBe(400);
	});

	it('refreshes tokens, which invalidates the old ones, and refuses a bad refresh token with 401', async () => {
		const first = (await redeem(await getCode())).json as Record<string, string>;
		const fields = { grant_type: 'refresh_token', client_id: 'sandbox-public' };
		const { refresh_token } = first;
		const wrong = await requestToken({
			...fields,
			refresh_token,
			redirect_uri: 'http://localhost/',
		});
		expect([wrong.status, wrong.json]).toEqual([401, { error: 'invalid_grant' }]);
		const second = await requestToken({ ...fields, refresh_token, redirect_uri: REDIRECT });
		expect(second.status).toBe(200);
		expect((await getUser(first.access_token)).status).toBe(401);
		expect((await getUser((second.json as Record<string, string>).access_token)).status).toBe(200);
		const again = await requestToken({ ...fields, refresh_token });
		expect([again.status, again.json]).toEqual([401, { error: 'invalid_grant' }]);
	});

	it('refreshes a revoked token', async () => {
		const { refresh_token } = (await redeem(await getCode())).json as Record<string, string>;
		pbx.sandbox.oauth.revokeAll();
		const fields = { grant_type: 'refresh_token', client_id: 'sandbox-public' };
		expect((await requestToken({ ...fields, refresh_token })).status).toBe(200);
	});

	it('requires the redirect URI in a refresh if the option strictRefresh is set', async () => {
		const sandbox = await startSandbox({ clock: 'virtual', strictRefresh: true });
		const client = new Client(sandbox.url);
		const redeemed = await redeem(await getCode(client), REDIRECT, client);
		const { refresh_token } = redeemed.json as Record<string, string>;
		const fields = { grant_type: 'refresh_token', client_id: 'sandbox-public', refresh_token };
		expect((await requestToken(fields, client)).status).toBe(400);
		expect((await requestToken({ ...fields, redirect_uri: REDIRECT }, client)).status).toBe(200);
		await sandbox.stop();
		expect(sandbox.errors).toEqual([]);
	});

	it('denies access if the person declines, or for a wrong password, redirect URI or application', async () => {
		const denied = await postForm('/oauth/authorize', {
			...authorization,
			...person,
			decision: 'deny',
		});
		expect(denied.headers.get('location')).toContain('error=access_denied');
		const wrong = await postForm('/oauth/authorize', {
			...authorization,
			...person,
			password: 'x',
		});
		expect([wrong.status, wrong.headers.get('location')]).toEqual([401, null]);
		const unknownRedirect = { ...authorization, redirect_uri: 'https://evil.example/' };
		expect((await postForm('/oauth/authorize', { ...unknownRedirect, ...person })).status).toBe(
			400,
		);
		const notPublic = new URLSearchParams({ ...authorization, client_id: 'sandbox-app' });
		expect((await pbx.client.send(`/oauth/authorize?${notPublic}`, {})).status).toBe(400);
	});
});

describe('the password grant', () => {
	const fields = { grant_type: 'password', client_id: 'sandbox-password', username: 'admin' };

	it('gives a token for the right login and password only', async () => {
		expect((await requestToken({ ...fields, password: 'sandbox-password' })).json).toHaveProperty(
			'refresh_token',
		);
		expect((await requestToken({ ...fields, password: 'x' })).json).toEqual({
			error: 'invalid_grant',
		});
	});

	it('lets the user of an extension read their own data, but not those of the client', async () => {
		const response = await requestToken({
			...fields,
			username: 'reception',
			password: 'sandbox-password',
		});
		const { access_token: accessToken } = response.json as { access_token: string };
		expect((await getUser(accessToken)).json).toMatchObject({
			extension_id: 85201,
			client_id: null,
		});
		const denied = await pbx.client.request('GET', '/api/ver1.0/client/@me/did/', {
			authorization: `Bearer ${accessToken}`,
		});
		expect([denied.status, denied.json]).toEqual([
			403,
			{ message: 'Access denied', status: 'access_denied' },
		]);
	});
});

describe('access levels', () => {
	const requestWith = async (accessToken: string, method: string, path: string, body?: unknown) =>
		await pbx.client.request(method, `/api/ver1.0/client/@me/${path}`, {
			authorization: `Bearer ${accessToken}`,
			body,
		});
	const group = { name: 'Night shift' };
	const event = { url: 'http://127.0.0.1:9/x', method: 'POST', event_type: 'answer' };

	it('lets a Call API application read everything and register webhooks, but nothing else', async () => {
		const accessToken = await trustedToken('sandbox-callapi');
		expect((await requestWith(accessToken, 'GET', 'extension/')).status).toBe(200);
		expect((await requestWith(accessToken, 'POST', 'phone_events/', event)).status).toBe(201);
		const denied = await requestWith(accessToken, 'POST', 'extension_group/', group);
		expect(denied.status).toBe(403);
		expect(denied.json).toMatchObject({ status: 'app_access_type_deny' });
	});

	it('lets a read-only user read, but change nothing', async () => {
		const accessToken = await trustedToken('sandbox-readonly');
		expect((await requestWith(accessToken, 'GET', 'extension/')).status).toBe(200);
		const denied = await requestWith(accessToken, 'POST', 'phone_events/', event);
		expect(denied.status).toBe(403);
		expect(denied.json).toMatchObject({ status: 'user_access_type_deny' });
	});

	it('refuses every request of a blocked user', async () => {
		const accessToken = await trustedToken();
		const admin = pbx.sandbox.store.users.find(({ login }) => login === 'admin');
		if (admin) admin.status = 'blocked';
		const response = await getUser(accessToken);
		expect([response.status, (response.json as Json).status]).toEqual([403, 'user_blocked']);
	});
});

it('keeps secrets and tokens out of the journal', async () => {
	const accessToken = await trustedToken();
	await getUser(accessToken);
	const journal = JSON.stringify(pbx.sandbox.journal.all());
	expect(journal).not.toContain(SECRET);
	expect(journal).not.toContain(accessToken);
	expect(journal).toContain('client_credentials');
	const authorization = pbx.sandbox.journal.last()?.headers.authorization;
	expect(authorization).toMatch(/^Bearer #[0-9a-f]{8}$/);
});
