import { destinationFilters } from './alias';
import { integers, locator } from '../../shared/schema/field';
import { didLocator, extensionLocator } from '../../shared/schema/locators';
import { get, list, put, resource } from '../../shared/schema/operation';

const itemPath = '/client/{client_id}/did/{did_id}';

export const did = resource({
	label: 'DID',
	noun: 'DID',
	nouns: 'DID numbers',
	description: 'External phone numbers of the PBX (DIDs) and the extensions they route to',
	path: [locator('did_id', didLocator)],
	operations: {
		get: get(itemPath, 'Retrieve a DID with its destination extensions'),
		getMany: list('/client/{client_id}/did/', 'Retrieve a list of DIDs', {
			paged: true,
			optional: [
				...destinationFilters,
				integers(
					'message_extension_id',
					'Text Message Extension IDs',
					'Return only DIDs that route text messages (SMS) to these extensions',
				),
			],
		}),
		update: put(
			itemPath,
			'Route the calls or text messages (SMS) of a DID to another extension. Only the fields you add are changed.',
			{
				optional: [
					locator(
						'extension_id',
						extensionLocator,
						'Extension',
						'Destination extension for calls to the DID',
					),
					locator(
						'message_extension_id',
						extensionLocator,
						'Text Message Extension',
						'Destination extension for text messages (SMS) to the DID',
					),
				],
			},
		),
	},
});
