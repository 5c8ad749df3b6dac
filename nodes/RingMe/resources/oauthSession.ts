import { integers, locator } from '../../shared/schema/field';
import { sessionLocator } from '../../shared/schema/locators';
import { list, remove, resource } from '../../shared/schema/operation';

export const oauthSession = resource({
	label: 'OAuth Session',
	noun: 'session',
	description: 'Access that applications have to the PBX on behalf of its users',
	path: [locator('session_id', sessionLocator)],
	operations: {
		delete: remove(
			'/client/{client_id}/oauth/session/{session_id}',
			'Delete a session permanently. Its token stops working immediately, even if it is the one of this credential.',
		),
		getMany: list(
			'/client/{client_id}/oauth/session/',
			'Retrieve a list of sessions with their user, application and expiry time',
			{
				optional: [integers('user_id', 'User IDs', 'Return only sessions of these users')],
			},
		),
	},
});
