import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Deviation } from '../deviations.mts';
import type { Store } from '../state/store.mts';
import { renderAuthorizePage, renderMessagePage } from './page.mts';
import type { Application, OAuth, Session } from './tokens.mts';

type Fields = Record<string, string | undefined>;

export interface OAuthRoutesOptions {
	oauth: OAuth;
	store: Store;
	/** Whether a refresh requires the `redirect_uri`. */
	strictRefresh: boolean;
	/** Whether the PBX has this behavior. */
	deviates(deviation: Deviation): boolean;
	/** Counts a request towards the hourly limit. */
	countRequest(): void;
}

/** An error of the token endpoint, in the format of OAuth 2.0 (RFC 6749, section 5.2). */
interface TokenError {
	error: string;
	error_description?: string;
	/** Default 400. */
	statusCode?: number;
}

/** Registers `/oauth/authorize` and `/oauth/token`. The hourly limit of the API does not count them. */
export function registerOAuthRoutes(app: FastifyInstance, options: OAuthRoutesOptions): void {
	const { oauth } = options;

	app.get('/oauth/authorize', (request, reply) => {
		const fields = toFields(request.query);
		const error = checkAuthorizeRequest(oauth, fields);
		if (error) return sendHtml(reply, 400, renderMessagePage(error));
		return sendHtml(reply, 200, renderAuthorizePage(fields));
	});

	app.post('/oauth/authorize', (request, reply) => {
		const fields = toFields(request.form?.fields ?? request.body);
		const error = checkAuthorizeRequest(oauth, fields);
		if (error) return sendHtml(reply, 400, renderMessagePage(error));
		const redirect = new URL(fields.redirect_uri ?? '');
		if (fields.state !== undefined) redirect.searchParams.set('state', fields.state);
		if (fields.decision === 'deny') {
			redirect.searchParams.set('error', 'access_denied');
			return reply.redirect(redirect.href, 302);
		}
		const login = verifyPassword(options.store, fields.login, fields.password);
		if (login === undefined) {
			return sendHtml(reply, 401, renderAuthorizePage(fields, 'Wrong login or password.'));
		}
		const application = oauth.application(fields.client_id ?? '') as Application;
		const code = oauth.createCode(application, login, fields.redirect_uri ?? '');
		redirect.searchParams.set('code', code);
		return reply.redirect(redirect.href, 302);
	});

	app.post('/oauth/token', (request, reply) => {
		oauth.requests++;
		if (options.deviates('tokensCounted')) options.countRequest();
		// Some clients send the fields in the query instead of the body.
		const result = grantToken(options, {
			...(options.deviates('basicTokenRequests') && basicFields(request.headers.authorization)),
			...toFields(request.query),
			...toFields(request.form?.fields ?? request.body),
		});
		void reply.header('cache-control', 'no-store');
		if ('error' in result) {
			const { statusCode = 400, ...body } = result;
			return reply.code(statusCode).send(body);
		}
		return reply.send({
			access_token: result.accessToken,
			token_type: 'Bearer',
			expires_in: oauth.tokenLifeSeconds,
			...(result.refreshToken && { refresh_token: result.refreshToken }),
			scope: 'all',
		});
	});
}

const GRANT_TYPES = {
	trusted: 'client_credentials',
	public: 'authorization_code',
	password_credentials: 'password',
} as const;

function grantToken(options: OAuthRoutesOptions, fields: Fields): Session | TokenError {
	const { oauth, store } = options;
	const application = oauth.application(fields.client_id ?? '');
	if (!application || application.secret !== fields.client_secret) {
		return {
			error: 'invalid_client',
			error_description: 'Unknown application id or wrong secret',
			...(options.deviates('invalidClient401') && { statusCode: 401 }),
		};
	}
	if (fields.grant_type === 'refresh_token') return refreshToken(options, application, fields);
	if (!Object.values<string | undefined>(GRANT_TYPES).includes(fields.grant_type)) {
		return { error: fields.grant_type ? 'unsupported_grant_type' : 'invalid_request' };
	}
	if (fields.grant_type !== GRANT_TYPES[application.type]) return { error: 'unauthorized_client' };
	const isOtherScope = fields.scope !== undefined && fields.scope !== '' && fields.scope !== 'all';
	if (isOtherScope && !options.deviates('anyScope')) {
		return { error: 'invalid_scope', error_description: "The only scope is 'all'" };
	}
	if (application.type === 'trusted') return oauth.issue(application);
	if (application.type === 'public') {
		const uri = fields.redirect_uri ?? '';
		return oauth.redeem(fields.code ?? '', application, uri) ?? { error: 'invalid_grant' };
	}
	const login = verifyPassword(store, fields.username, fields.password);
	return login === undefined ? { error: 'invalid_grant' } : oauth.issue(application, login);
}

function refreshToken(
	{ oauth, strictRefresh }: OAuthRoutesOptions,
	application: Application,
	fields: Fields,
): Session | TokenError {
	if (application.type === 'trusted') return { error: 'unauthorized_client' };
	if (strictRefresh && !fields.redirect_uri) {
		return { error: 'invalid_request', error_description: 'redirect_uri is required' };
	}
	const session = oauth.refreshable(fields.refresh_token ?? '');
	const sameUri =
		!fields.redirect_uri || !session?.redirectUri || fields.redirect_uri === session.redirectUri;
	if (session?.app !== application || !sameUri) {
		// The PBX is documented to respond with 401 here, not with the usual 400.
		return { error: 'invalid_grant', statusCode: 401 };
	}
	oauth.end(session);
	return oauth.issue(application, session.login, session.redirectUri);
}

/** @returns the login of the active user with this login and password; undefined if there is none */
export function verifyPassword(
	store: Store,
	login: string | undefined,
	password: string | undefined,
): string | undefined {
	const user = store.users.find((candidate) => candidate.login === login);
	return user?.status === 'active' && user.password === password ? user.login : undefined;
}

/** Validates an authorization request. @returns an error message; undefined if it is valid */
function checkAuthorizeRequest(oauth: OAuth, fields: Fields): string | undefined {
	const application = oauth.application(fields.client_id ?? '');
	if (!application) return 'There is no such application.';
	if (application.type !== 'public') return 'This application is not a public one.';
	if (fields.response_type !== 'code') return "The response type must be 'code'.";
	// The redirect URIs of tests are not known in advance, so any URI of this machine is accepted.
	if (!/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\//.test(fields.redirect_uri ?? '')) {
		return 'This redirect address is not registered for the application.';
	}
	return undefined;
}

/** Application id and secret of an `Authorization: Basic` header. */
function basicFields(authorization = ''): Fields {
	const encoded = /^Basic +(\S+)$/i.exec(authorization)?.[1];
	if (encoded === undefined) return {};
	const [client_id, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
	return { client_id, client_secret: rest.join(':') };
}

/** The text fields of a query or a form. Of repeated fields the first is used. */
function toFields(source: unknown): Fields {
	if (typeof source !== 'object' || source === null) return {};
	return Object.fromEntries(
		Object.entries(source).map(([name, value]) => {
			const first: unknown = Array.isArray(value) ? value[0] : value;
			return [name, typeof first === 'string' ? first : undefined];
		}),
	);
}

function sendHtml(reply: FastifyReply, status: number, page: string): FastifyReply {
	return reply.code(status).type('text/html; charset=utf-8').send(page);
}
