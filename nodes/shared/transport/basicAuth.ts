import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { ValidationError } from '../errors/validationError';

/**
 * The Authorization header of a PBX user (RFC 7617, in UTF-8).
 *
 * @throws ValidationError where the credential has no login and password
 */
export function basicAuthorization({
	pbxLogin,
	pbxPassword,
}: ICredentialDataDecryptedObject): string {
	if (!pbxLogin || !pbxPassword) {
		throw new ValidationError(
			"The credential has no 'PBX Login' and 'PBX Password'",
			"Open the credential and enter both: they belong to a user of the PBX. Or use the operation 'Download', which only needs the token.",
		);
	}
	return `Basic ${Buffer.from(`${String(pbxLogin)}:${String(pbxPassword)}`).toString('base64')}`;
}
