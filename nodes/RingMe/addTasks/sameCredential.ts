import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { ValidationError } from '../../shared/errors/validationError';
import { credentialKeyOf } from '../../shared/transport/client';

/** The credential with the values of an item in its expressions. */
type GetCredentials = (itemIndex: number) => Promise<ICredentialDataDecryptedObject>;

/**
 * All items are sent with one credential, so it must be the same for all: its fields may contain
 * expressions with values of the item, such as the access token of another PBX.
 *
 * n8n needs a moment for each item. But the credential is the same for all if it is the same where
 * there is no item, behind the last one.
 *
 * @param getCredentials fails for an item that does not exist
 * @param itemIndexes of the items to compare, in order
 * @throws ValidationError if the credential differs
 */
export async function requireSameCredential(getCredentials: GetCredentials, itemIndexes: number[]) {
	if (itemIndexes.length < 2) return;
	const read = async (itemIndex: number) => credentialKeyOf(await getCredentials(itemIndex));
	const [firstIndex, ...otherIndexes] = itemIndexes;
	const first = await read(firstIndex);
	const behindLast = itemIndexes[itemIndexes.length - 1] + 1;
	if ((await read(behindLast).catch(() => undefined)) === first) return;
	for (const itemIndex of otherIndexes) {
		if ((await read(itemIndex)) === first) continue;
		throw new ValidationError(
			'The credential is not the same for all items',
			'It contains expressions with values of the items, but Add Tasks sends all items with one credential. Use Loop Over Items before this node, with a batch size of 1.',
		);
	}
}

/** At most so many values, evenly spread, with the first and the last one. */
export const spread = <T>(values: T[], count: number) =>
	values.length <= count
		? values
		: Array.from(
				{ length: count },
				(_, index) => values[Math.round((index * (values.length - 1)) / (count - 1))],
			);
