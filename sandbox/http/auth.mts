import type { ApiOperation } from './contract.mts';
import { PbxError } from './errors.mts';
import { login } from '../oauth/routes.mts';
import type { Session } from '../oauth/tokens.mts';
import type { Pbx } from '../pbx.mts';
import type { User } from '../state/types.mts';

/** Who is asking. */
export interface Caller {
	user: User;
	/** Absent with HTTP Basic. */
	session?: Session;
}

const unauthorized = () => new PbxError(401, 'Unauthorized', '401');

/** What an application of the access level "Call API" may do besides reading (page UC-9863171). */
const CALL_API_MAY = new Set([
	...['createPhoneEvent', 'updatePhoneEvent', 'deletePhoneEvent', 'deleteAllPhoneEvents'],
	...['createLocalAgentEvent', 'updateLocalAgentEvent', 'deleteLocalAgentEvent'],
	...['createRemoteAgentEvent', 'updateRemoteAgentEvent', 'deleteRemoteAgentEvent'],
	...['deleteRecord', 'deleteRecords', 'deleteVoicemail', 'deleteVoicemails'],
	...['deleteFax', 'deleteFaxes'],
]);

/** The token of `Authorization: Bearer ...`, if there is one. */
export function bearerOf(authorization: string | undefined): string | undefined {
	return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Who the bearer of this token is. @throws PbxError 401 */
export function byToken(pbx: Pbx, authorization: string | undefined): Caller {
	const session = pbx.oauth.session(bearerOf(authorization) ?? '');
	if (!session) throw unauthorized();
	return { session, user: userOf(pbx, session.login) };
}

/** Login and password of a PBX user (`/record/{uuid}/download/`). @throws PbxError 401 */
export function byPassword(pbx: Pbx, authorization: string | undefined): Caller {
	const encoded = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
	const [name, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
	const found = login(pbx, { login: name, password: rest.join(':') });
	if (found === undefined) throw unauthorized();
	return { user: userOf(pbx, found) };
}

function userOf(pbx: Pbx, name: string): User {
	const user = pbx.store.users.find((candidate) => candidate.login === name);
	if (!user) throw unauthorized();
	if (user.status === 'blocked') throw new PbxError(403, 'User is blocked', 'user_blocked');
	return user;
}

/** Whether the caller may do this to this client. @throws PbxError 403, 404 */
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
	if (session?.app.access === 'call_api' && !CALL_API_MAY.has(operation.id)) {
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
