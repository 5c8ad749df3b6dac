import { verifyPassword } from '../oauth/routes.mts';
import type { Session } from '../oauth/tokens.mts';
import type { User } from '../state/types.mts';
import { findExtension } from '../telephony/numbers.mts';
import type { ApiOperation } from './contract.mts';
import { notFound, PbxError } from './errors.mts';
import type { Pbx } from './pbx.mts';

/** The authenticated sender of a request. */
export interface Caller {
	user: User;
	/** Absent with HTTP Basic. */
	session?: Session;
}

const unauthorized = (pbx: Pbx) =>
	new PbxError(401, 'Unauthorized', pbx.deviates('plainUnauthorized') ? undefined : '401');

/** Operations that applications with the access level "Call API" may use, apart from reading. */
const CALL_API_WRITES = new Set([
	'createPhoneEvent',
	'updatePhoneEvent',
	'deletePhoneEvent',
	'deleteAllPhoneEvents',
	'createExtensionEvent',
	'deleteExtensionEvent',
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
	'startCall',
	'transferCall',
	'hangUpCall',
]);

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(authorization: string | undefined): string | undefined {
	return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Authenticates by access token. @throws PbxError 401, 403 */
export function authenticateByToken(pbx: Pbx, authorization: string | undefined): Caller {
	const session = pbx.oauth.session(bearerToken(authorization) ?? '');
	if (!session) throw unauthorized(pbx);
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
	if (verified === undefined) throw unauthorized(pbx);
	return { user: findActiveUser(pbx, verified) };
}

function findActiveUser(pbx: Pbx, login: string): User {
	const user = pbx.store.users.find((candidate) => candidate.login === login);
	if (!user) throw unauthorized(pbx);
	if (user.status === 'blocked') throw new PbxError(403, 'User is blocked', 'user_blocked');
	return user;
}

/** What the first segments of a path name: a client or an extension. */
export interface Realm {
	client_id?: string;
	extension_id?: string;
}

/**
 * Checks that the caller may use this operation on this client or extension.
 * @returns the id of the extension, if the path begins with one
 * @throws PbxError 403, 404
 */
export function authorize(
	pbx: Pbx,
	caller: Caller,
	operation: ApiOperation,
	realm: Realm,
): number | undefined {
	const { user } = caller;
	const isOfExtension = operation.path.startsWith('/extension/{extension_id}/');
	if (!isOfExtension) {
		if (user.kind !== 'client') throw accessDenied();
		if (realm.client_id !== '@me' && realm.client_id !== String(pbx.store.client.id)) {
			throw new PbxError(404, 'Client not found', 'client_not_found');
		}
	}
	const extension = isOfExtension
		? findOwnExtension(pbx, user, realm.extension_id ?? '')
		: undefined;
	assertAccess(caller, operation);
	return extension;
}

const accessDenied = () => new PbxError(403, 'Access denied', 'access_denied');

/** The extension that an id, `@` with a number, or `@me` means. @throws PbxError 403, 404 */
function findOwnExtension(pbx: Pbx, user: User, id: string): number {
	const { store } = pbx;
	if (id === '@me' && user.kind !== 'extension') {
		throw pbx.deviates('lowerRealmForbidden') ? accessDenied() : notFound();
	}
	const extension =
		id === '@me'
			? store.extensions.get(user.extension_id ?? 0)
			: findExtension(store, /^\d+$/.test(id) ? Number(id) : id.replace(/^@/, ''));
	if (!extension || (!/^\d+$/.test(id) && !id.startsWith('@'))) throw notFound();
	const isAllowed =
		user.kind === 'client' ||
		user.extension_id === extension.id ||
		(user.kind === 'extension_group' && user.extension_group_id === extension.extension_group_id);
	if (!isAllowed) throw accessDenied();
	return extension.id;
}

/** @throws PbxError 403 if the access level of the application or the user is too low */
function assertAccess({ user, session }: Caller, operation: ApiOperation): void {
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
