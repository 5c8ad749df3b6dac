import { comment, extraParams, timezone } from './common/fields';
import {
	choice,
	choices,
	boolean,
	integers,
	locator,
	secret,
	text,
	strings,
} from '../../shared/schema/field';
import { extensionGroupLocator, extensionLocator, userLocator } from '../../shared/schema/locators';
import { get, list, post, put, remove, resource } from '../../shared/schema/operation';

const ofExtension = { showWhen: { user_type: ['extension'] } };
const ofGroup = { showWhen: { user_type: ['extension_group'] } };
const ofEither = { showWhen: { user_type: ['extension', 'extension_group'] } };

const userType = choice('user_type', 'User Type', 'What the user may see and change', [
	{ value: 'client', label: 'Client', description: 'The whole PBX' },
	{ value: 'extension', label: 'Extension', description: 'One extension' },
	{
		value: 'extension_group',
		label: 'Extension Group',
		description: 'The extensions of one group',
	},
]);

const access = choice('access', 'Access', 'Whether the user may change things', [
	{ value: 'full', label: 'Full' },
	{ value: 'read_only', label: 'Read Only' },
]);
const status = choice('status', 'Status', 'Whether the user may log in', [
	{ value: 'active', label: 'Active' },
	{ value: 'blocked', label: 'Blocked' },
]);

const name = text('name', 'Name', 'Name of the person', { placeholder: 'e.g. Nathan Smith' });
const password = secret('password', 'Password', 'Password for logging in');
const email = text('email', 'Email', 'Email address of the person', {
	placeholder: 'name@email.com',
});
const extension = locator(
	'extension_id',
	extensionLocator,
	'Extension',
	'Extension of the user',
	ofExtension,
);
const group = locator(
	'extension_group_id',
	extensionGroupLocator,
	'Extension Group',
	'Group of the user',
	ofGroup,
);
const more = [access, comment, extraParams, status, timezone];

const simplifiedFields = [
	'id',
	'login',
	'name',
	'email',
	'status',
	'access',
	'client_id',
	'extension_id',
	'extension_group_id',
	'comment',
];

const collectionPath = '/client/{client_id}/user/{user_type}/';
const itemPath = '/client/{client_id}/user/{user_type}/{user_id}';

export const user = resource({
	label: 'User',
	description: 'People who can log in to the PBX',
	path: [userType, locator('user_id', userLocator)],
	operations: {
		create: post(
			collectionPath,
			'Add a person who can log in to the PBX, with login, password and email',
			{
				required: [
					name,
					text('login', 'Login', 'Name for logging in; it cannot be changed later', {
						placeholder: 'e.g. nathan',
					}),
					password,
					email,
					extension,
					group,
				],
				optional: [
					...more,
					boolean(
						'email_notify',
						'Email Login Details',
						'Whether to send the new user an email with login and password',
					),
					text(
						'email_for_notify',
						'Email for Login Details',
						'Where that email goes, if not to the email address of the user',
						{ placeholder: 'name@email.com' },
					),
				],
			},
		),
		delete: remove(itemPath, 'Remove a user for good; the person cannot log in any more'),
		get: get(itemPath, 'Retrieve one user by its ID', { simplifiedFields }),
		getMany: list(collectionPath, 'Retrieve a list of users of one type', {
			simplifiedFields,
			optional: [
				integers('id', 'IDs', 'Only users with these IDs'),
				strings('login', 'Logins', 'Only users with these logins'),
				choices(
					'access',
					'Access',
					'Only users with one of these rights',
					access.choices ?? [],
					ofEither,
				),
				strings('comment', 'Comments', 'Only users with exactly these comments', ofEither),
				strings('email', 'Emails', 'Only users with these email addresses', {
					placeholder: 'name@email.com',
					...ofEither,
				}),
				integers(
					'extension_group_id',
					'Extension Group IDs',
					'Only users of these groups',
					ofGroup,
				),
				integers('extension_id', 'Extension IDs', 'Only users of these extensions', ofExtension),
				strings('name', 'Names', 'Only users with these names', ofEither),
				choices(
					'status',
					'Statuses',
					'Only users with one of these statuses',
					status.choices ?? [],
					ofEither,
				),
				strings('timezone', 'Time Zones', 'Only users with these time zones', ofEither),
			],
		}),
		update: put(
			itemPath,
			'Block a user, set a new password or change other data; what you do not add stays as it is',
			{ optional: [name, password, email, extension, group, ...more] },
		),
	},
});
