import { integers, locator } from '../../shared/schema/field';
import { sessionLocator } from '../../shared/schema/locators';
import { list, remove, resource } from '../../shared/schema/operation';

export const oauthSession = resource({
	label: 'OAuth Session',
	noun: 'login session',
	description: 'Programs that are logged in to the PBX, and until when',
	path: [locator('session_id', sessionLocator)],
	operations: {
		delete: remove(
			'/client/{client_id}/oauth/session/{session_id}',
			'Log a program out: its token stops working at once. It may be the one of this credential.',
		),
		getMany: list(
			'/client/{client_id}/oauth/session/',
			'Retrieve many sessions with their user, application and time of expiry',
			{
				optional: [
					integers('user_id', 'User IDs', 'Only sessions of these users. Empty: of all users.'),
				],
			},
		),
	},
});
