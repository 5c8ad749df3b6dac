import { randomBytes } from 'node:crypto';

/** How an application may get tokens (vendor's words; pages UC-9863171, UC-9764912). */
export type AppType = 'trusted' | 'public' | 'password_credentials';

export interface Application {
	id: string;
	secret: string;
	name: string;
	type: AppType;
	/** `call_api` may read everything and change next to nothing; `all` is for configuring too. */
	access: 'all' | 'call_api';
	/** The user who registered it: whom a trusted application's tokens act as. */
	owner: string;
}

export interface Session {
	/** What `/oauth/session/` calls it; not a secret. */
	id: string;
	app: Application;
	/** Login of the user it acts as. */
	login: string;
	accessToken: string;
	refreshToken?: string;
	redirectUri?: string;
	/** PBX time in ms; Infinity for the static token. */
	expiresAt: number;
}

interface Code {
	app: Application;
	login: string;
	redirectUri: string;
	expiresAt: number;
}

const CODE_LIFE_MS = 600_000;
const secret = () => randomBytes(24).toString('base64url');

/** The applications that are registered on a fresh sandbox. */
export const APPLICATIONS: Application[] = [
	app('sandbox-app', 'trusted', 'all', 'admin'),
	app('sandbox-callapi', 'trusted', 'call_api', 'admin'),
	app('sandbox-readonly', 'trusted', 'all', 'viewer'),
	app('sandbox-public', 'public', 'all', 'admin'),
	app('sandbox-password', 'password_credentials', 'all', 'admin'),
];

export const STATIC_TOKEN = 'sandbox-token';

function app(id: string, type: AppType, access: Application['access'], owner: string): Application {
	return { id, secret: 'sandbox-secret', name: id, type, access, owner };
}

/** Sessions, authorization codes and the rules by which they live and die. */
export class OAuth {
	private readonly byToken = new Map<string, Session>();
	private readonly byRefresh = new Map<string, Session>();
	private readonly codes = new Map<string, Code>();
	/** Token requests so far, refused ones too. */
	requests = 0;

	/**
	 * @param now PBX time in ms
	 * @param tokenLifeSeconds life of an access token
	 */
	constructor(
		private readonly now: () => number,
		readonly tokenLifeSeconds: number,
	) {
		this.reset();
	}

	/** Back to the start: only the static token lives. */
	reset(): void {
		this.byToken.clear();
		this.byRefresh.clear();
		this.codes.clear();
		this.requests = 0;
		this.keep({
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

	/** A new session; with a refresh token if the application's type has them. */
	issue(application: Application, login = application.owner, redirectUri?: string): Session {
		const session: Session = {
			id: randomBytes(8).toString('hex'),
			app: application,
			login,
			accessToken: secret(),
			refreshToken: application.type === 'trusted' ? undefined : secret(),
			redirectUri,
			expiresAt: this.now() + this.tokenLifeSeconds * 1000,
		};
		this.keep(session);
		return session;
	}

	/** The living session of an access token. */
	session(accessToken: string): Session | undefined {
		const session = this.byToken.get(accessToken);
		return session && session.expiresAt > this.now() ? session : undefined;
	}

	refreshable(refreshToken: string): Session | undefined {
		return this.byRefresh.get(refreshToken);
	}

	/** Sessions whose access token is alive. */
	sessions(): Session[] {
		return [...this.byToken.values()].filter((session) => session.expiresAt > this.now());
	}

	/** Ends a session: its access and its refresh token are dead. */
	end(session: Session): void {
		this.byToken.delete(session.accessToken);
		if (session.refreshToken) this.byRefresh.delete(session.refreshToken);
	}

	/** Kills one access token early; its refresh token stays good. */
	revoke(accessToken: string): boolean {
		return this.byToken.delete(accessToken);
	}

	/** Kills all access tokens early (the static one too); refresh tokens stay good. */
	revokeAll(): void {
		this.byToken.clear();
	}

	/** All access tokens reach the end of their life (not the static one). */
	expireAll(): void {
		for (const session of this.byToken.values()) {
			if (session.expiresAt !== Infinity) session.expiresAt = this.now();
		}
	}

	/** A one-time code for the redirect of the authorization page. */
	code(application: Application, login: string, redirectUri: string): string {
		const code = secret();
		const expiresAt = this.now() + CODE_LIFE_MS;
		this.codes.set(code, { app: application, login, redirectUri, expiresAt });
		return code;
	}

	/** Takes a code out: it works once, for its application and redirect address, for ten minutes. */
	redeem(code: string, application: Application, redirectUri: string): Session | undefined {
		const found = this.codes.get(code);
		this.codes.delete(code);
		const good =
			found?.app === application &&
			found.redirectUri === redirectUri &&
			found.expiresAt > this.now();
		return good ? this.issue(application, found.login, redirectUri) : undefined;
	}

	private keep(session: Session): void {
		if (this.byToken.size > 10_000) this.forgetExpired();
		this.byToken.set(session.accessToken, session);
		if (session.refreshToken) this.byRefresh.set(session.refreshToken, session);
	}

	private forgetExpired(): void {
		for (const session of this.byToken.values()) {
			if (session.expiresAt <= this.now()) this.byToken.delete(session.accessToken);
		}
	}
}
