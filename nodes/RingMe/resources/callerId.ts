import { phoneNumber } from '../../shared/schema/field';
import { get, put, resource } from '../../shared/schema/operation';

const path = '/client/{client_id}/ani/';

export const callerId = resource({
	label: 'Caller ID',
	noun: 'caller ID',
	description: 'Default outbound caller ID (ANI) for extensions without their own',
	operations: {
		get: get(path, 'Retrieve the default outbound caller ID'),
		update: put(path, 'Update the default outbound caller ID', {
			required: [
				phoneNumber('ani_number', 'Number', 'DID shown to the called party as the caller ID', {
					placeholder: 'e.g. 74959998877',
				}),
			],
		}),
	},
});
