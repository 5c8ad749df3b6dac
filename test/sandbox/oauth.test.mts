import { startSandbox } from '../../sandbox/index.mts';
import type { Sandbox, SandboxOptions } from '../../sandbox/index.mts';
import { Client } from './support/client.mts';
import type { Answer, Json } from './support/client.mts';

const SECRET = 'sandbox-secret';
const REDIRECT = 'http://localhost:5678/rest/oauth2-credential/callback';
let sandbox: Sandbox;
let client: Client;

async function start(options: SandboxOptions = {}): Promise<void> {
	sandbox = await startSandbox({ clock: 'virtual', ...options });
	client = new Client(sandbox.url);
}

beforeEach(async () => await start());
afterEach(async () => {
	await sandbox.stop();
	expect(sandbox.errors).toEqual([]);
});

const form = async (path: string, fields: Record<string, string>): Promise<Answer> =>
	await client.send(path, { method: 'POST', body: new URLSearchParams(fields) });

const token = async (fields: Record<string, string>): Promise<Answer> =>
	await form('/oauth/token', { client_secret: SECRET, ...fields });

const trusted = async (client_id = 'sandbox-app'): Promise<string> =>
	((await token({ grant_type: 'client_credentials', client_id })).json as { access_token: string })
		.access_token;

const user = async (accessToken: string): Promise<Answer> =>
	await client.ask('GET', '/api/ver1.0/user/', { authorization: `Bearer ${accessToken}` });

describe('client credentials', () => {
	it('give a token without a refresh token, which acts as the owner', async () => {
		const answer = await token({ grant_type: 'client_credentials', client_id: 'sandbox-app' });
		expect(answer.status).toBe(200);
		expect(answer.json).toEqual({
			access_token: expect.stringMatching(/^[\w-]{32}$/),
			token_type: 'Bearer',
			expires_in: 3600,
			scope: 'all',
		});
		const me = await user((answer.json as { access_token: string }).access_token);
		expect(me.json).toMatchObject({ login: 'admin', client_id: 4321, extension_id: null });
		expect(sandbox.oauth.requests).toBe(1);
	});

	it('may come in the query or as multipart, but not as HTTP Basic', async () => {
		const fields = {
			grant_type: 'client_credentials',
			client_id: 'sandbox-app',
			client_secret: SECRET,
		};
		const query = await client.send(`/oauth/token?${new URLSearchParams(fields)}`, {
			method: 'POST',
		});
		expect(query.status).toBe(200);
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) body.append(name, value);
		expect((await client.send('/oauth/token', { method: 'POST', body })).status).toBe(200);
		const basic = await client.send('/oauth/token', {
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
	])('are refused as %j', async (fields, error) => {
		const answer = await token({ grant_type: 'client_credentials', ...(fields as object) });
		expect(answer.status).toBe(400);
		expect(answer.json).toMatchObject({ error });
	});
});

describe('a token', () => {
	it('dies after its life, and all die early on demand', async () => {
		const first = await trusted();
		await sandbox.clock.advance(3_599_000);
		expect((await user(first)).status).toBe(200);
		await sandbox.clock.advance(1000);
		expect((await user(first)).status).toBe(401);
		const second = await trusted();
		sandbox.oauth.expireAll();
		expect((await user(second)).status).toBe(401);
		expect((await user('sandbox-token')).status).toBe(200);
		const third = await trusted();
		sandbox.oauth.revokeAll();
		expect((await user(third)).json).toEqual({ message: 'Unauthorized', status: '401' });
		expect((await user('sandbox-token')).status).toBe(401);
	});

	it('is listed as a session and dies when that is deleted', async () => {
		const accessToken = await trusted('sandbox-readonly');
		const sessions = async (query = {}) =>
			(await client.ask('GET', '/api/ver1.0/client/@me/oauth/session/', { query })).json as Json[];
		const mine = (await sessions()).find((one) => one.app_id === 'sandbox-readonly') as Json;
		expect(mine.expires).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
		expect(JSON.stringify(await sessions())).not.toContain(accessToken);
		expect(await sessions({ user_id: [mine.user_id] })).toEqual([mine]);
		const path = `/api/ver1.0/client/@me/oauth/session/${String(mine.id)}`;
		expect((await client.ask('DELETE', path)).status).toBe(204);
		expect((await user(accessToken)).status).toBe(401);
		expect((await client.ask('DELETE', path)).status).toBe(404);
	});
});

describe('authorization code', () => {
	const ask = {
		response_type: 'code',
		client_id: 'sandbox-public',
		redirect_uri: REDIRECT,
		scope: 'all',
		state: 's<1>&',
	};
	const person = { login: 'admin', password: 'sandbox-password', decision: 'allow' };

	async function code(): Promise<string> {
		const answer = await form('/oauth/authorize', { ...ask, ...person });
		expect(answer.status).toBe(302);
		const target = new URL(answer.headers.get('location') ?? '');
		expect(target.origin + target.pathname).toBe(REDIRECT);
		expect(target.searchParams.get('state')).toBe('s<1>&');
		return target.searchParams.get('code') ?? '';
	}
	const redeem = async (one: string, redirect_uri = REDIRECT) =>
		await token({
			grant_type: 'authorization_code',
			client_id: 'sandbox-public',
			code: one,
			redirect_uri,
		});

	it('shows a page that a person can click through', async () => {
		const page = await client.send(`/oauth/authorize?${new URLSearchParams(ask)}`, {});
		expect(page.status).toBe(200);
		expect(page.headers.get('content-type')).toContain('text/html');
		expect(page.text).toContain('s&#60;1&#62;&#38;');
		expect(page.text).not.toContain('s<1>');
	});

	it('gives a token and a refresh token once', async () => {
		const one = await code();
		const answer = await redeem(one);
		expect(answer.json).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) });
		const again = await redeem(one);
		expect([again.status, again.json]).toEqual([400, { error: 'invalid_grant' }]);
		expect((await redeem(await code(), 'http://localhost:1/other')).status).toBe(400);
		const late = await code();
		await sandbox.clock.advance(600_000);
		expect((await redeem(late)).status).toBe(400);
	});

	it('is refreshed, with the old tokens dead and 401 for a bad refresh token', async () => {
		const first = (await redeem(await code())).json as Record<string, string>;
		const fields = { grant_type: 'refresh_token', client_id: 'sandbox-public' };
		const { refresh_token } = first;
		const wrong = await token({ ...fields, refresh_token, redirect_uri: 'http://localhost/' });
		expect([wrong.status, wrong.json]).toEqual([401, { error: 'invalid_grant' }]);
		const second = await token({ ...fields, refresh_token, redirect_uri: REDIRECT });
		expect(second.status).toBe(200);
		expect((await user(first.access_token)).status).toBe(401);
		expect((await user((second.json as Record<string, string>).access_token)).status).toBe(200);
		const again = await token({ ...fields, refresh_token });
		expect([again.status, again.json]).toEqual([401, { error: 'invalid_grant' }]);
	});

	it('refreshes a dead token', async () => {
		const { refresh_token } = (await redeem(await code())).json as Record<string, string>;
		sandbox.oauth.revokeAll();
		const fields = { grant_type: 'refresh_token', client_id: 'sandbox-public' };
		expect((await token({ ...fields, refresh_token })).status).toBe(200);
	});

	it('can insist on the redirect address, as the documentation has it', async () => {
		await sandbox.stop();
		await start({ strictRefresh: true });
		const { refresh_token } = (await redeem(await code())).json as Record<string, string>;
		const fields = { grant_type: 'refresh_token', client_id: 'sandbox-public', refresh_token };
		expect((await token(fields)).status).toBe(400);
		expect((await token({ ...fields, redirect_uri: REDIRECT })).status).toBe(200);
	});

	it('is denied by the person, by a wrong password and for a strange address', async () => {
		const denied = await form('/oauth/authorize', { ...ask, ...person, decision: 'deny' });
		expect(denied.headers.get('location')).toContain('error=access_denied');
		const wrong = await form('/oauth/authorize', { ...ask, ...person, password: 'x' });
		expect([wrong.status, wrong.headers.get('location')]).toEqual([401, null]);
		const strange = { ...ask, redirect_uri: 'https://evil.example/' };
		expect((await form('/oauth/authorize', { ...strange, ...person })).status).toBe(400);
		const notPublic = new URLSearchParams({ ...ask, client_id: 'sandbox-app' });
		expect((await client.send(`/oauth/authorize?${notPublic}`, {})).status).toBe(400);
	});
});

describe('the password grant', () => {
	const fields = { grant_type: 'password', client_id: 'sandbox-password', username: 'admin' };
	it('takes a right password only', async () => {
		expect((await token({ ...fields, password: 'sandbox-password' })).json).toHaveProperty(
			'refresh_token',
		);
		expect((await token({ ...fields, password: 'x' })).json).toEqual({ error: 'invalid_grant' });
	});

	it('lets a user of an extension read the own data and nothing of the client', async () => {
		const answer = await token({ ...fields, username: 'reception', password: 'sandbox-password' });
		const { access_token: accessToken } = answer.json as { access_token: string };
		expect((await user(accessToken)).json).toMatchObject({ extension_id: 85201, client_id: null });
		const denied = await client.ask('GET', '/api/ver1.0/client/@me/did/', {
			authorization: `Bearer ${accessToken}`,
		});
		expect([denied.status, denied.json]).toEqual([
			403,
			{ message: 'Access denied', status: 'access_denied' },
		]);
	});
});

describe('access levels', () => {
	const as = async (accessToken: string, method: string, path: string, body?: unknown) =>
		await client.ask(method, `/api/ver1.0/client/@me/${path}`, {
			authorization: `Bearer ${accessToken}`,
			body,
		});
	const group = { name: 'Night shift' };
	const event = { url: 'http://127.0.0.1:9/x', method: 'POST', event_type: 'answer' };

	it('let a Call API application read, and set events, and no more', async () => {
		const accessToken = await trusted('sandbox-callapi');
		expect((await as(accessToken, 'GET', 'extension/')).status).toBe(200);
		expect((await as(accessToken, 'POST', 'phone_events/', event)).status).toBe(201);
		const denied = await as(accessToken, 'POST', 'extension_group/', group);
		expect(denied.status).toBe(403);
		expect(denied.json).toMatchObject({ status: 'app_access_type_deny' });
	});

	it('let a read-only user read', async () => {
		const accessToken = await trusted('sandbox-readonly');
		expect((await as(accessToken, 'GET', 'extension/')).status).toBe(200);
		const denied = await as(accessToken, 'POST', 'phone_events/', event);
		expect(denied.status).toBe(403);
		expect(denied.json).toMatchObject({ status: 'user_access_type_deny' });
	});

	it('shut a blocked user out', async () => {
		const accessToken = await trusted();
		const admin = sandbox.store.users.find(({ login }) => login === 'admin');
		if (admin) admin.status = 'blocked';
		const answer = await user(accessToken);
		expect([answer.status, (answer.json as Json).status]).toEqual([403, 'user_blocked']);
	});
});

it('keeps secrets out of the journal', async () => {
	const accessToken = await trusted();
	await user(accessToken);
	const journal = JSON.stringify(sandbox.journal.all());
	expect(journal).not.toContain(SECRET);
	expect(journal).not.toContain(accessToken);
	expect(journal).toContain('client_credentials');
	const authorization = sandbox.journal.last()?.headers.authorization;
	expect(authorization).toMatch(/^Bearer #[0-9a-f]{8}$/);
});
