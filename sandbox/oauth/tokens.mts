import { randomBytes } from 'node:crypto';

/** How an application gets its tokens, in the vendor's terms. */
export type AppType = 'trusted' | 'public' | 'password_credentials';

export interface Application {
	id: string;
	secret: string;
	name: string;
	type: AppType;
	/** `call_api` may read everything and change very little; `all` may change everything. */
	access: 'all' | 'call_api';
	/** Login of the user who registered it. Tokens of a trusted application act as this user. */
	owner: string;
}

export interface Session {
	/** Identifier in `/oauth/session/`; not a secret. */
	id: string;
	app: Application;
	/** Login of the user that the session acts as. */
	login: string;
	accessToken: string;
	refreshToken?: string;
	redirectUri?: string;
	/** PBX time in epoch milliseconds; Infinity for the static token. */
	expiresAt: number;
}

/** A one-time authorization code. */
interface Code {
	app: Application;
	login: string;
	redirectUri: string;
	expiresAt: number;
}

const CODE_LIFETIME_MS = 600_000;
const randomSecret = () => randomBytes(24).toString('base64url');

/** The applications that are registered in every sandbox. */
export const APPLICATIONS: Application[] = [
	application('sandbox-app', 'trusted', 'all', 'admin'),
	application('sandbox-callapi', 'trusted', 'call_api', 'admin'),
	application('sandbox-readonly', 'trusted', 'all', 'viewer'),
	application('sandbox-public', 'public', 'all', 'admin'),
	application('sandbox-password', 'password_credentials', 'all', 'admin'),
];

/** Access token that never expires. */
export const STATIC_TOKEN = 'sandbox-token';

function application(
	id: string,
	type: AppType,
	access: Application['access'],
	owner: string,
): Application {
	return { id, secret: 'sandbox-secret', name: id, type, access, owner };
}

/** Sessions and authorization codes. */
export class OAuth {
	private readonly byToken = new Map<string, Session>();
	private readonly byRefresh = new Map<string, Session>();
	private readonly codes = new Map<string, Code>();
	/** Number of token requests so far, including refused ones. */
	requests = 0;

	/**
	 * @param now returns the PBX time in epoch milliseconds
	 * @param tokenLifeSeconds lifetime of an access token
	 */
	constructor(
		private readonly now: () => number,
		readonly tokenLifeSeconds: number,
	) {
		this.reset();
	}

	/** Deletes everything except the static token. */
	reset(): void {
		this.byToken.clear();
		this.byRefresh.clear();
		this.codes.clear();
		this.requests = 0;
		this.save({
			id: 'static',
			app: APPLICATIONS[0],
			login: 'admin',
			accessToken: STATIC_TOKEN,
			expiresAt: Infinity,
		});
	}

	application(id: string): Application | undefined {
		return APPLICATIONS.find((candidate) => candidate.id === id);
	}

	/** Creates a session, with a refresh token unless the application is a trusted one. */
	issue(application: Application, login = application.owner, redirectUri?: string): Session {
		const session: Session = {
			id: randomBytes(8).toString('hex'),
			app: application,
			login,
			accessToken: randomSecret(),
			refreshToken: application.type === 'trusted' ? undefined : randomSecret(),
			redirectUri,
			expiresAt: this.now() + this.tokenLifeSeconds * 1000,
		};
		this.save(session);
		return session;
	}

	/** The session of an access token that has not expired. */
	session(accessToken: string): Session | undefined {
		const session = this.byToken.get(accessToken);
		return session && session.expiresAt > this.now() ? session : undefined;
	}

	/** The session of a refresh token, even if its access token has expired. */
	refreshable(refreshToken: string): Session | undefined {
		return this.byRefresh.get(refreshToken);
	}

	/** Sessions whose access token has not expired. */
	sessions(): Session[] {
		return [...this.byToken.values()].filter((session) => session.expiresAt > this.now());
	}

	/** Ends a session: both of its tokens become invalid. */
	end(session: Session): void {
		this.byToken.delete(session.accessToken);
		if (session.refreshToken) this.byRefresh.delete(session.refreshToken);
	}

	/** Revokes an access token; its refresh token stays valid. @returns false for an unknown token */
	revoke(accessToken: string): boolean {
		return this.byToken.delete(accessToken);
	}

	/** Revokes all access tokens, including the static one; refresh tokens stay valid. */
	revokeAll(): void {
		this.byToken.clear();
	}

	/** Expires all access tokens except the static one. */
	expireAll(): void {
		for (const session of this.byToken.values()) {
			if (session.expiresAt !== Infinity) session.expiresAt = this.now();
		}
	}

	/** Creates a one-time code for the redirect of the authorization page. */
	createCode(application: Application, login: string, redirectUri: string): string {
		const code = randomSecret();
		const expiresAt = this.now() + CODE_LIFETIME_MS;
		this.codes.set(code, { app: application, login, redirectUri, expiresAt });
		return code;
	}

	/**
	 * Exchanges a code for a session. A code works once, for ten minutes, for its application and
	 * redirect URI.
	 */
	redeem(code: string, application: Application, redirectUri: string): Session | undefined {
		const issued = this.codes.get(code);
		this.codes.delete(code);
		const valid =
			issued?.app === application &&
			issued.redirectUri === redirectUri &&
			issued.expiresAt > this.now();
		return valid ? this.issue(application, issued.login, redirectUri) : undefined;
	}

	private save(session: Session): void {
		if (this.byToken.size > 10_000) this.deleteExpired();
		this.byToken.set(session.accessToken, session);
		if (session.refreshToken) this.byRefresh.set(session.refreshToken, session);
	}

	private deleteExpired(): void {
		for (const session of this.byToken.values()) {
			if (session.expiresAt <= this.now()) this.byToken.delete(session.accessToken);
		}
	}
}
