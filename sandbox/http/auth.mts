import { verifyPassword } from '../oauth/routes.mts';
import type { Session } from '../oauth/tokens.mts';
import type { User } from '../state/types.mts';
import type { ApiOperation } from './contract.mts';
import { PbxError } from './errors.mts';
import type { Pbx } from './pbx.mts';

/** The authenticated sender of a request. */
export interface Caller {
	user: User;
	/** Absent with HTTP Basic. */
	session?: Session;
}

const unauthorized = () => new PbxError(401, 'Unauthorized', '401');

/** Operations that applications with the access level "Call API" may use, apart from reading. */
const CALL_API_WRITES = new Set([
	'createPhoneEvent',
	'updatePhoneEvent',
	'deletePhoneEvent',
	'deleteAllPhoneEvents',
	'createLocalAgentEvent',
	'updateLocalAgentEvent',
	'deleteLocalAgentEvent',
	'createRemoteAgentEvent',
	'updateRemoteAgentEvent',
	'deleteRemoteAgentEvent',
	'deleteRecord',
	'deleteRecords',
	'deleteVoicemail',
	'deleteVoicemails',
	'deleteFax',
	'deleteFaxes',
]);

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(authorization: string | undefined): string | undefined {
	return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Authenticates by access token. @throws PbxError 401, 403 */
export function authenticateByToken(pbx: Pbx, authorization: string | undefined): Caller {
	const session = pbx.oauth.session(bearerToken(authorization) ?? '');
	if (!session) throw unauthorized();
	return { session, user: findActiveUser(pbx, session.login) };
}

/**
 * Authenticates by login and password of a PBX user, as `/record/{uuid}/download/` requires.
 * @throws PbxError 401, 403
 */
export function authenticateByPassword(pbx: Pbx, authorization: string | undefined): Caller {
	const encoded = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
	const [login, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
	const verified = verifyPassword(pbx.store, login, rest.join(':'));
	if (verified === undefined) throw unauthorized();
	return { user: findActiveUser(pbx, verified) };
}

function findActiveUser(pbx: Pbx, login: string): User {
	const user = pbx.store.users.find((candidate) => candidate.login === login);
	if (!user) throw unauthorized();
	if (user.status === 'blocked') throw new PbxError(403, 'User is blocked', 'user_blocked');
	return user;
}

/** Checks that the caller may use this operation on this client. @throws PbxError 403, 404 */
export function authorize(
	pbx: Pbx,
	{ user, session }: Caller,
	operation: ApiOperation,
	clientId: string,
): void {
	if (user.kind !== 'client') {
		throw new PbxError(403, 'Access denied', 'access_denied');
	}
	if (clientId !== '@me' && clientId !== String(pbx.store.client.id)) {
		throw new PbxError(404, 'Client not found', 'client_not_found');
	}
	if (operation.method === 'GET') return;
	if (session?.app.access === 'call_api' && !CALL_API_WRITES.has(operation.id)) {
		throw new PbxError(
			403,
			'Application access type does not allow this request',
			'app_access_type_deny',
		);
	}
	if (user.access === 'read_only') {
		throw new PbxError(
			403,
			'User access type does not allow this request',
			'user_access_type_deny',
		);
	}
}
