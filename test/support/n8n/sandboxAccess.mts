import { APPLICATIONS } from '../../../sandbox/oauth/tokens.mts';
import type { PbxAccess } from './editor.mts';

/**
 * How an application logs in to a sandbox PBX.
 *
 * @param clientId of one that every sandbox has; by default the one that may do everything
 */
export function sandboxAccess(
	{ url: baseUrl }: { url: string },
	clientId = APPLICATIONS[0].id,
): PbxAccess {
	const application = APPLICATIONS.find(({ id }) => id === clientId);
	if (!application) throw new Error(`The sandbox has no application ${clientId}`);
	return { baseUrl, clientId, clientSecret: application.secret };
}
