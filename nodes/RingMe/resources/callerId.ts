import { text } from '../../shared/schema/field';
import { get, put, resource } from '../../shared/schema/operation';

export const callerId = resource({
	label: 'Caller ID',
	noun: 'caller ID',
	description: 'Number that the called see where an extension has none of its own (ANI)',
	operations: {
		get: get('/client/{client_id}/ani/', 'Retrieve the outgoing number of the whole PBX'),
		update: put('/client/{client_id}/ani/', 'Set the outgoing number of the whole PBX', {
			required: [
				text('ani_number', 'Number', 'One of the phone numbers of the PBX', {
					placeholder: 'e.g. 74959998877',
				}),
			],
		}),
	},
});
