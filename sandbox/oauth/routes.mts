import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Pbx } from '../pbx.mts';
import { authorizePage, messagePage } from './page.mts';
import type { Application, Session } from './tokens.mts';

type Fields = Record<string, string | undefined>;

/** A refusal of the token endpoint; the shape is OAuth 2.0's (RFC 6749, 5.2). */
interface Refusal {
	error: string;
	error_description?: string;
	/** 400 unless the facts say otherwise. */
	statusCode?: number;
}

/** `/oauth/authorize` and `/oauth/token`: outside the API's base, and not counted by the hourly limit. */
export function oauthRoutes(app: FastifyInstance, pbx: Pbx): void {
	app.get('/oauth/authorize', (request, reply) => {
		const fields = flatten(request.query);
		const problem = authorizeProblem(pbx, fields);
		return html(reply, problem ? 400 : 200, problem ? messagePage(problem) : authorizePage(fields));
	});

	app.post('/oauth/authorize', (request, reply) => {
		const fields = flatten(request.form?.fields ?? request.body);
		const problem = authorizeProblem(pbx, fields);
		if (problem) return html(reply, 400, messagePage(problem));
		const target = new URL(fields.redirect_uri ?? '');
		if (fields.state !== undefined) target.searchParams.set('state', fields.state);
		if (fields.decision === 'deny') {
			target.searchParams.set('error', 'access_denied');
		} else {
			if (!login(pbx, fields)) {
				return html(reply, 401, authorizePage(fields, 'Wrong login or password.'));
			}
			const application = pbx.oauth.application(fields.client_id ?? '') as Application;
			const code = pbx.oauth.code(application, fields.login ?? '', fields.redirect_uri ?? '');
			target.searchParams.set('code', code);
		}
		return reply.redirect(target.href, 302);
	});

	app.post('/oauth/token', (request, reply) => {
		pbx.oauth.requests++;
		// Integrators send the fields in the query, too (facts, section 1).
		const fields = { ...flatten(request.query), ...flatten(request.form?.fields ?? request.body) };
		const result = grant(pbx, fields);
		void reply.header('cache-control', 'no-store');
		if ('error' in result) {
			const { statusCode = 400, ...body } = result;
			return reply.code(statusCode).send(body);
		}
		return reply.send({
			access_token: result.accessToken,
			token_type: 'Bearer',
			expires_in: pbx.oauth.tokenLifeSeconds,
			...(result.refreshToken ? { refresh_token: result.refreshToken } : {}),
			scope: 'all',
		});
	});
}

const GRANT_OF = {
	trusted: 'client_credentials',
	public: 'authorization_code',
	password_credentials: 'password',
} as const;

function grant(pbx: Pbx, fields: Fields): Session | Refusal {
	const application = pbx.oauth.application(fields.client_id ?? '');
	if (!application || application.secret !== fields.client_secret) {
		return { error: 'invalid_client', error_description: 'Unknown application id or wrong secret' };
	}
	if (fields.grant_type === 'refresh_token') return refresh(pbx, application, fields);
	if (!Object.values<string | undefined>(GRANT_OF).includes(fields.grant_type)) {
		return { error: fields.grant_type ? 'unsupported_grant_type' : 'invalid_request' };
	}
	if (fields.grant_type !== GRANT_OF[application.type]) return { error: 'unauthorized_client' };
	if (fields.scope !== undefined && fields.scope !== '' && fields.scope !== 'all') {
		return { error: 'invalid_scope', error_description: "The only scope is 'all'" };
	}
	if (application.type === 'trusted') return pbx.oauth.issue(application);
	if (application.type === 'public') {
		const uri = fields.redirect_uri ?? '';
		return pbx.oauth.redeem(fields.code ?? '', application, uri) ?? { error: 'invalid_grant' };
	}
	const user = login(pbx, { login: fields.username, password: fields.password });
	return user ? pbx.oauth.issue(application, user) : { error: 'invalid_grant' };
}

function refresh(pbx: Pbx, application: Application, fields: Fields): Session | Refusal {
	if (application.type === 'trusted') return { error: 'unauthorized_client' };
	if (pbx.options.strictRefresh && !fields.redirect_uri) {
		return { error: 'invalid_request', error_description: 'redirect_uri is required' };
	}
	const session = pbx.oauth.refreshable(fields.refresh_token ?? '');
	const sameUri =
		!fields.redirect_uri || !session?.redirectUri || fields.redirect_uri === session.redirectUri;
	if (session?.app !== application || !sameUri) {
		// 401, not the usual 400 (page UC-13795333).
		return { error: 'invalid_grant', statusCode: 401 };
	}
	pbx.oauth.end(session);
	return pbx.oauth.issue(application, session.login, session.redirectUri);
}

/** The login of the user whose password this is, if the user may log in. */
export function login(pbx: Pbx, fields: Fields): string | undefined {
	const user = pbx.store.users.find((candidate) => candidate.login === fields.login);
	const good = user?.status === 'active' && user.password === fields.password;
	return good ? user.login : undefined;
}

/** Why this authorization request cannot be shown to anybody; undefined if it is in order. */
function authorizeProblem(pbx: Pbx, fields: Fields): string | undefined {
	const application = pbx.oauth.application(fields.client_id ?? '');
	if (!application) return 'There is no such application.';
	if (application.type !== 'public') return 'This application is not a public one.';
	if (fields.response_type !== 'code') return "The response type must be 'code'.";
	// Registered addresses are not known beforehand in a sandbox: any page of this machine is one.
	if (!/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\//.test(fields.redirect_uri ?? '')) {
		return 'This redirect address is not registered for the application.';
	}
	return undefined;
}

/** Text fields of a query or a form, the first of repeated ones. */
function flatten(source: unknown): Fields {
	if (typeof source !== 'object' || source === null) return {};
	return Object.fromEntries(
		Object.entries(source).map(([name, value]) => {
			const first: unknown = Array.isArray(value) ? value[0] : value;
			return [name, typeof first === 'string' ? first : undefined];
		}),
	);
}

function html(reply: FastifyReply, status: number, page: string): FastifyReply {
	return reply.code(status).type('text/html; charset=utf-8').send(page);
}
