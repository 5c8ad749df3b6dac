import { destinationFilters } from './alias';
import { integers, locator } from '../../shared/schema/field';
import { didLocator, extensionLocator } from '../../shared/schema/locators';
import { get, list, put, resource } from '../../shared/schema/operation';

export const did = resource({
	label: 'DID',
	noun: 'DID number',
	description: 'Outside phone numbers of the PBX and the extensions they lead to',
	path: [locator('did_id', didLocator)],
	operations: {
		get: get('/client/{client_id}/did/{did_id}', 'Retrieve one phone number by its ID'),
		getMany: list('/client/{client_id}/did/', 'Retrieve a list of the phone numbers of the PBX', {
			paged: true,
			optional: [
				...destinationFilters,
				integers(
					'message_extension_id',
					'Message Extension IDs',
					'Only numbers whose text messages go to these extensions',
				),
			],
		}),
		update: put(
			'/client/{client_id}/did/{did_id}',
			'Lead the calls or the text messages of a phone number to another extension',
			{
				optional: [
					locator(
						'extension_id',
						extensionLocator,
						'Extension',
						'Extension that calls to the number lead to',
					),
					locator(
						'message_extension_id',
						extensionLocator,
						'Message Extension',
						'Extension that gets the text messages to the number',
					),
				],
			},
		),
	},
});
