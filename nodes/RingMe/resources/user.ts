import { comment, extraParams, timezone } from './common/fields';
import {
	choice,
	choices,
	boolean,
	email as emailField,
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

const userType = choice('user_type', 'User Type', 'What the user has access to', [
	{ value: 'client', label: 'Client', description: 'The whole PBX' },
	{ value: 'extension', label: 'Extension', description: 'One extension' },
	{
		value: 'extension_group',
		label: 'Extension Group',
		description: 'The extensions of one extension group',
	},
]);

const access = choice('access', 'Access', 'Access rights of the user', [
	{ value: 'full', label: 'Full', description: 'The user can view and change data' },
	{ value: 'read_only', label: 'Read Only', description: 'The user can only view data' },
]);
const status = choice('status', 'Status', 'Whether the user can log in', [
	{ value: 'active', label: 'Active' },
	{ value: 'blocked', label: 'Blocked' },
]);

const name = text('name', 'Name', 'Name of the user', { placeholder: 'e.g. Nathan Smith' });
const password = secret('password', 'Password', 'Password with which the user logs in');
const email = emailField('email', 'Email', 'Email address of the user', {
	placeholder: 'name@email.com',
});
const extension = locator(
	'extension_id',
	extensionLocator,
	'Extension',
	'Extension to which the user has access',
	ofExtension,
);
const extensionGroup = locator(
	'extension_group_id',
	extensionGroupLocator,
	'Extension Group',
	'Extension group to which the user has access',
	ofGroup,
);
const otherFields = [access, comment, extraParams, status, timezone];

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
			'Create a user who can log in to the PBX, with login, password and email',
			{
				required: [
					name,
					text('login', 'Login', 'Name with which the user logs in. It cannot be changed later.', {
						placeholder: 'e.g. nathan',
					}),
					password,
					email,
					extension,
					extensionGroup,
				],
				optional: [
					...otherFields,
					boolean(
						'email_notify',
						'Email Login Details',
						'Whether to email the login and password to the new user',
					),
					emailField(
						'email_for_notify',
						'Email for Login Details',
						"Email address to which the login details are sent, if it differs from 'Email'",
						{ placeholder: 'name@email.com' },
					),
				],
			},
		),
		delete: remove(itemPath, 'Delete a user permanently. The person can no longer log in.'),
		get: get(itemPath, 'Retrieve a user', { simplifiedFields }),
		getMany: list(collectionPath, 'Retrieve a list of users of one type', {
			simplifiedFields,
			optional: [
				integers('id', 'IDs', 'Return only users with these IDs'),
				strings('login', 'Logins', 'Return only users with these logins'),
				choices(
					'access',
					'Access',
					'Return only users with one of these access rights',
					access.choices ?? [],
					ofEither,
				),
				strings('comment', 'Comments', 'Return only users with exactly these comments', {
					commas: 'belong',
					...ofEither,
				}),
				strings('email', 'Emails', 'Return only users with these email addresses', {
					placeholder: 'name@email.com',
					commas: 'separate',
					...ofEither,
				}),
				integers(
					'extension_group_id',
					'Extension Group IDs',
					'Return only users of these extension groups',
					ofGroup,
				),
				integers(
					'extension_id',
					'Extension IDs',
					'Return only users of these extensions',
					ofExtension,
				),
				strings('name', 'Names', 'Return only users with these names', {
					commas: 'belong',
					...ofEither,
				}),
				choices(
					'status',
					'Statuses',
					'Return only users with one of these statuses',
					status.choices ?? [],
					ofEither,
				),
				strings('timezone', 'Time Zones', 'Return only users with these time zones', {
					commas: 'separate',
					...ofEither,
				}),
			],
		}),
		update: put(
			itemPath,
			'Update a user, for example to block it or set a new password. Only the fields you add are changed.',
			{ optional: [name, password, email, extension, extensionGroup, ...otherFields] },
		),
	},
});
