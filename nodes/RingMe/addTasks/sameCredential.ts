import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';

/** The credential with the values of an item in its expressions. */
type GetCredentials = (itemIndex: number) => Promise<ICredentialDataDecryptedObject>;

/**
 * All items are sent with one credential, so it must be the same for all: its fields may contain
 * expressions with values of the item, such as the access token of another PBX.
 *
 * Reading it for each of many items takes n8n long. It is the same for all if it is the same where
 * there is no item, behind the last one.
 *
 * @param items by index; some may be missing
 * @throws ValidationError if the credential differs
 */
export async function requireSameCredential(getCredentials: GetCredentials, items: unknown[]) {
	const [firstIndex, ...otherIndexes] = [...items.keys()].filter((index) => index in items);
	if (otherIndexes.length === 0) return;
	const read = async (itemIndex: number) => {
		// A token can be renewed at any moment, so it is left out.
		const fields = { ...(await getCredentials(itemIndex)), oauthTokenData: undefined };
		return JSON.stringify(fields);
	};
	const first = await read(firstIndex);
	const withoutItem = await read(items.length).catch(() => undefined);
	if (withoutItem === first) return;
	for (const itemIndex of otherIndexes) {
		if ((await read(itemIndex)) === first) continue;
		throw new ValidationError(
			'The credential is not the same for all items',
			'It contains expressions with values of the items, but Add Tasks sends all items with one credential. Use Loop Over Items before this node, with a batch size of 1.',
		);
	}
}
